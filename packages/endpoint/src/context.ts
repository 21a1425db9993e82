// What every call carries: signal, deadline, metadata, attempt, and the typed fields that guards provide. Contexts are
// values: each function here makes another one, or reads one. The signal is made when somebody reads it.
import { type Attempt, Carried, type Context, carried, copyFields } from './carried.ts'
import { type Clock, systemClock } from './clock.ts'
import { type Ending, type EndingListener, Life } from './life.ts'
import { type Metadata, metadata, noMetadata, passedOn } from './metadata.ts'

type Fields = Record<string, unknown>

/** What a call without a caller starts from. */
export interface BackgroundOptions {
  /** Default: the system's. All contexts made from this one share it. */
  readonly clock?: Clock | undefined
  /** In milliseconds of the clock. Default: `Infinity`. */
  readonly deadline?: number | undefined
  /** Ends the call when it aborts. */
  readonly signal?: AbortSignal | undefined
  /** What came in with the call: only the allow-list of it passes on to the next hop. */
  readonly metadata?: Metadata | undefined
}

const noOptions: BackgroundOptions = {}

/** A context with nobody above it: where a server, a job or a test starts. */
export function background(options: BackgroundOptions = noOptions): Context {
  const { clock = systemClock, deadline = Number.POSITIVE_INFINITY, signal, metadata: received = noMetadata } = options
  return new Carried(new Life(clock, undefined, deadline, signal), received, noMetadata, undefined)
}

// A class: see `Lived` in scope.ts.
class Listening implements Disposable {
  readonly #life: Life
  readonly #listener: EndingListener
  constructor(life: Life, listener: EndingListener) {
    this.#life = life
    this.#listener = listener
  }
  [Symbol.dispose](): void {
    this.#life.unlisten(this.#listener)
  }
}

/** The same call with more metadata, which this hop's client sends. Keys are lower-cased. */
export function withMetadata<C extends Context>(ctx: C, more: Readonly<Record<string, string>>): C {
  const from = carried(ctx)
  const entries = Object.entries(more)
  return Carried.reword(from, metadata(from.metadata, entries), metadata(Carried.own(from), entries)) as unknown as C
}

/** The same call as this attempt. */
export const withAttempt = <C extends Context>(ctx: C, attempt: Attempt | undefined): C =>
  Carried.retry(carried(ctx), attempt) as unknown as C

/**
 * The same call with more fields. A field that is there already, or one of the context's own, is a TypeError: two
 * providers of one key are a mistake in the composition.
 */
export function extend<C extends Context, P extends object>(ctx: C, fields: P): C & P {
  const from = carried(ctx)
  const to = copyFields(from, Carried.bare(from)) as unknown as Fields
  for (const key of Object.keys(fields)) {
    if (key in to) clash(key)
    to[key] = (fields as Fields)[key]
  }
  return to as unknown as C & P
}

/** For the kernel: two providers of one key, or a provider of the context's own. */
export function clash(key: string): never {
  throw new TypeError(`two middlewares provide "${key}", or it is one of the context's own fields`)
}

/** For the kernel: the same call without its fields. */
export const bare = (ctx: Carried): Carried => Carried.bare(ctx)

/** What a client sends with this call: what was set for this hop, and of what came in only the keys in `allow`. */
export function outgoing(ctx: Context, allow: readonly string[] = passedOn): Metadata {
  const from = carried(ctx)
  const own = Carried.own(from)
  if (from.metadata.size === own.size) return own
  const passed: [string, string][] = []
  for (const key of allow) {
    const value = from.metadata.get(key)
    if (value !== undefined && !own.has(key)) passed.push([key, value])
  }
  return passed.length === 0 ? own : metadata(passed, own)
}

/** The clock that this call's deadline is measured on. */
export const clockOf = (ctx: Context): Clock => Carried.life(carried(ctx)).clock

/**
 * The deadline of a stream that is opened by this call: that of the context without what a `timeout` allows for the
 * opening. What a client tells the server of a stream.
 */
export const lastingDeadline = (ctx: Context): number => Carried.life(carried(ctx)).lasting

/** Why the call ended before its time, `undefined` while it goes on. Cheaper than the signal. */
export const endedBy = (ctx: Context): Ending | undefined => Carried.life(carried(ctx)).ended

/** Tells `listener` when the call ends before its time (at once when it has). Cheaper than the signal; dispose to stop. */
export function onEnding(ctx: Context, listener: EndingListener): Disposable {
  const life = Carried.life(carried(ctx))
  life.listen(listener)
  return new Listening(life, listener)
}

/** Waits `ms` milliseconds of the call's clock; `false` when the call ended before. Leaves no timer or listener behind. */
export function pause(ctx: Context, ms: number): Promise<boolean> {
  const life = Carried.life(carried(ctx))
  return new Promise((resolve) => {
    if (life.ended !== undefined) return resolve(false)
    const ended = (): void => {
      timer.cancel()
      resolve(false)
    }
    const timer = life.clock.at(life.clock.now() + ms, () => {
      life.unlisten(ended)
      resolve(true)
    })
    life.listen(ended)
  })
}

/** For the kernel: the life behind a context. */
export const lifeOf = (ctx: Context): Life => Carried.life(carried(ctx))

/** For the kernel: the same context in another life. */
export const relive = <C extends Context>(ctx: C, life: Life): C => Carried.relive(carried(ctx), life) as unknown as C

/** For the kernel: the context a call starts with. */
export function derive(
  parent: Context | undefined,
  timeout: number | undefined,
  signal: AbortSignal | undefined,
  more: Readonly<Record<string, string>> | undefined,
): { readonly ctx: Context; readonly life: Life } {
  const above = parent === undefined ? undefined : lifeOf(parent)
  const clock = above?.clock ?? systemClock
  const deadline = timeout === undefined ? Number.POSITIVE_INFINITY : clock.now() + timeout
  const life = new Life(clock, above, deadline, signal)
  const passed = parent === undefined ? noMetadata : outgoing(parent)
  const own = more === undefined ? passed : metadata(passed, Object.entries(more))
  return { ctx: new Carried(life, own, own, undefined), life }
}
