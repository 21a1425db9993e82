// The inside of an endpoint: one function of input and context, so that running it needs no closures, and where
// everything unexpected becomes a Defect.
import type { Context } from './carried.ts'
import type { Endpoint } from './endpoint.ts'
import { defect, type Failure } from './failure.ts'
import type { MethodInfo } from './method.ts'
import type { Outcome } from './result.ts'
import { report } from './telemetry.ts'

/** May answer at once or later; may throw, reject or answer rubbish where it was made of somebody's function. */
export interface Core {
  (input: unknown, ctx: Context): Outcome | PromiseLike<Outcome>
  /** It never throws, rejects or answers rubbish: nothing has to look after it. */
  readonly safe?: boolean
}

export type AnyEndpoint = Endpoint<never, unknown, Failure, never>

/** Runs an endpoint to its outcome. Never throws, never rejects. */
export type Settled = (input: unknown, ctx: Context) => Promise<Outcome>

const key: unique symbol = Symbol('tenon.core')
const run: unique symbol = Symbol('tenon.run')
interface Kernel {
  [key]?: Core
  [run]?: Settled
}

/** Is it something to wait for? */
export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'

/** A real promise of it: somebody's thenable may do anything in its `then`. */
export const promised = <A>(value: PromiseLike<A>): Promise<A> =>
  value instanceof Promise ? value : Promise.resolve(value)

/** An endpoint of this core. */
export function fromCore(core: Core, method: MethodInfo | undefined): AnyEndpoint {
  const settled = settling(core, method)
  const made = ((input: unknown) => (ctx: Context) => () => settled(input, ctx)) as unknown as AnyEndpoint & Kernel
  made[key] = core
  made[run] = settled
  if (method !== undefined) (made as { method?: MethodInfo }).method = method
  return made
}

/** The core of an endpoint; a plain function of an endpoint's shape gets one. */
export function coreOf(endpoint: AnyEndpoint): Core {
  const core = (endpoint as Kernel)[key]
  if (core !== undefined) return core
  if (typeof endpoint !== 'function') throw new TypeError(`this is no endpoint: ${describe(endpoint)}`)
  return (input, ctx) => {
    const reader: unknown = (endpoint as Endpoint<unknown, unknown, Failure>)(input)
    if (typeof reader !== 'function') throw plain('an input', reader, 'a function of the context')
    const task: unknown = reader(ctx)
    if (typeof task !== 'function') throw plain('its context', task, 'a task')
    const answer: unknown = task()
    if (isPromise(answer)) return answer as PromiseLike<Outcome>
    throw new TypeError(`the endpoint's task answered ${describe(answer)} and not a promise`)
  }
}

/** What to say of a function that is called as an endpoint and is none. */
function plain(given: string, answer: unknown, due: string): TypeError {
  // Nobody else hears of its failure.
  if (isPromise(answer)) answer.then(undefined, () => {})
  const was = isPromise(answer) ? 'a promise' : describe(answer)
  return new TypeError(
    `this is no endpoint: given ${given} it answered ${was} and not ${due}; endpoint(f) makes one of a plain function`,
  )
}

/** An endpoint as one function that runs it. */
export const settledOf = (endpoint: AnyEndpoint): Settled =>
  (endpoint as Kernel)[run] ?? settling(coreOf(endpoint), endpoint.method)

const describe = (value: unknown): string =>
  value === null
    ? 'null'
    : typeof value === 'object'
      ? 'an object'
      : typeof value === 'function'
        ? 'a function'
        : String(value)

/** The outcome of something unexpected, reported once, where it is caught. */
export function caught(cause: unknown, method: MethodInfo | undefined): Outcome {
  report(undefined, { kind: 'defect', method, cause })
  return { _tag: 'Left', left: defect(cause) }
}

/** The outcome itself, or a Defect where it is none. */
export function check(answer: unknown, method: MethodInfo | undefined): Outcome {
  const tag = (answer as { _tag?: unknown } | null | undefined)?._tag
  if (tag === 'Right') return answer as Outcome
  if (tag === 'Left') {
    const left = (answer as { left?: unknown }).left as { _tag?: unknown; code?: unknown } | null | undefined
    if (typeof left?._tag === 'string' && typeof left.code === 'string') return answer as Outcome
    return caught(new TypeError(`a failure needs a _tag and a code; this one is ${describe(left)}`), method)
  }
  return caught(new TypeError(`an endpoint answers ok(value) or fail(failure) and not ${describe(answer)}`), method)
}

/** This core as a {@link Settled}. A new function each time: its owner may add to it. */
export function settling(core: Core, method: MethodInfo | undefined): Settled {
  if (core.safe === true)
    return (input, ctx) => {
      const answer = core(input, ctx)
      return answer instanceof Promise ? answer : Promise.resolve(answer as Outcome)
    }
  // Made once an endpoint and not once a call (measured: 15 ns and 170 bytes).
  const checked = (answer: unknown): Outcome => check(answer, method)
  const failed = (cause: unknown): Outcome => caught(cause, method)
  return (input, ctx) => {
    try {
      const answer = core(input, ctx)
      return isPromise(answer) ? promised(answer).then(checked, failed) : Promise.resolve(check(answer, method))
    } catch (cause) {
      return Promise.resolve(caught(cause, method))
    }
  }
}
