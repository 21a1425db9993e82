// Calls that are made together and sent together. Each stays a call of its own: its deadline, its cancellation, its
// failure; what they share is one HTTP request.
import { unavailable } from '@tenon/contract'
import {
  background,
  type Clock,
  type Context,
  clockOf,
  defect,
  endedBy,
  type Failure,
  type Outcome,
  onEnding,
  report,
  type Scope,
  type Timer,
  wholeOption,
  withCancel,
  withMetadata,
  withTimeout,
} from '@tenon/endpoint'
import type { Shared } from '../client-options.ts'
import type { ClientResponse } from '../message.ts'
import { addMetadata } from '../outgoing.ts'
import type { Read } from './answer.ts'
import type { Outgoing } from './remote.ts'

/** When calls go together. */
export interface RpcBatching {
  /** Milliseconds that the first call waits for others. Default: 0, for those that are made in the same turn of the event loop. */
  readonly window?: number
  /** Calls of one batch; the last of them sends it. Default: 20. */
  readonly max?: number
  /** Bytes of one batch; a longer call goes alone. Default: 262,144. */
  readonly bytes?: number
}

type Rules = Required<RpcBatching>

/** The option `batch`, checked; `undefined` where calls go one by one. */
export function batching(who: string, given: boolean | RpcBatching | undefined): Rules | undefined {
  if (given === undefined || given === false) return undefined
  if (given !== true && (typeof given !== 'object' || given === null))
    throw new TypeError(`${who}: batch is true, false or { window, max, bytes } and not ${String(given)}`)
  const { window, max, bytes, ...rest } = given === true ? {} : given
  for (const name of Object.keys(rest))
    throw new TypeError(`${who}: batch has no "${name}"; it has window, max and bytes`)
  return {
    window: wholeOption(`${who}: batch.window`, window, { value: 0, unit: 'milliseconds', min: 0 }),
    max: wholeOption(`${who}: batch.max`, max, { value: 20, unit: 'calls', min: 1 }),
    bytes: wholeOption(`${who}: batch.bytes`, bytes, { value: 262_144, unit: 'bytes', min: 1 }),
  }
}

/** How the two kinds of requests are sent. */
export interface Senders {
  readonly one: (call: Outgoing, ctx: Context) => Promise<Outcome>
  readonly many: (calls: readonly Batched[], ctx: Context) => Promise<Outcome>
}

/** One call of a batch. */
export class Batched {
  readonly outgoing: Outgoing
  readonly ctx: Context
  done = false
  readonly #scope: Scope | undefined
  #listening: Disposable | undefined
  readonly #resolve: (outcome: Outcome) => void

  constructor(
    outgoing: Outgoing,
    ctx: Context,
    timeout: number,
    resolve: (outcome: Outcome) => void,
    over: () => void,
  ) {
    this.outgoing = outgoing
    const forever = ctx.deadline === Number.POSITIVE_INFINITY && timeout < Number.POSITIVE_INFINITY
    this.#scope = forever ? withTimeout(ctx, timeout) : undefined
    this.ctx = this.#scope?.ctx ?? ctx
    this.#resolve = resolve
    // It may tell at once.
    this.#listening = onEnding(this.ctx, (why) => {
      this.fail(why)
      over()
    })
  }

  /** What the batch's answer holds for this call. */
  answer(read: Read, response: ClientResponse): void {
    if (this.done) return
    try {
      const outcome = this.outgoing.method.reading(read, response, this.ctx)
      if ('then' in outcome)
        outcome.then(
          (settled) => this.finish(settled),
          (cause) => this.#broke(cause),
        )
      else this.finish(outcome)
    } catch (cause) {
      this.#broke(cause)
    }
  }

  fail(failure: Failure): void {
    this.finish({ _tag: 'Left', left: failure })
  }

  finish(outcome: Outcome): void {
    if (this.done) return
    this.done = true
    this.#listening?.[Symbol.dispose]()
    this.#scope?.[Symbol.dispose]()
    this.#resolve(outcome)
  }

  #broke(cause: unknown): void {
    report(undefined, { kind: 'defect', method: undefined, cause })
    this.fail(defect(cause))
  }
}

/** A batch in the making. */
interface Group {
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly calls: Batched[]
  bytes: number
  timer: Timer | undefined
  scope: Scope | undefined
}

export class Batcher {
  readonly #rules: Rules
  readonly #shared: Shared
  readonly #senders: Senders
  /** Those that wait for more calls, by the metadata they carry. */
  readonly #open = new Map<string, Group>()
  #waiting = 0

  constructor(rules: Rules, shared: Shared, senders: Senders) {
    this.#rules = rules
    this.#shared = shared
    this.#senders = senders
  }

  async call(call: Outgoing, ctx: Context): Promise<Outcome> {
    const { allow, metadata, wire, timeout } = this.#shared
    const ended = endedBy(ctx)
    if (ended !== undefined) return { _tag: 'Left', left: ended }
    const headers: Record<string, string> = {}
    const refused = addMetadata(headers, ctx, allow, metadata)
    if (refused !== undefined) return { _tag: 'Left', left: refused }
    if (this.#waiting >= wire.most)
      return { _tag: 'Left', left: unavailable(`${this.#waiting} calls to ${wire.origin} wait to be sent`) }
    return new Promise((resolve) => {
      const group = this.#groupFor(headers, clockOf(ctx), call.text.length)
      group.calls.push(new Batched(call, ctx, timeout, resolve, () => this.#left(group)))
      group.bytes += call.text.length
      this.#waiting++
      if (group.calls.length >= this.#rules.max) this.#send(group)
    })
  }

  #groupFor(headers: Readonly<Record<string, string>>, clock: Clock, bytes: number): Group {
    // Whoever sends one call's authorization with another's call has mixed up two callers.
    const key = JSON.stringify(headers)
    const open = this.#open.get(key)
    if (open !== undefined && open.clock === clock && open.bytes + bytes <= this.#rules.bytes) return open
    if (open !== undefined) this.#send(open)
    const group: Group = { key, headers, clock, calls: [], bytes: 0, timer: undefined, scope: undefined }
    this.#open.set(key, group)
    const send = (): void => this.#send(group)
    // After all promises of this turn have settled: a middleware takes some.
    if (this.#rules.window === 0) queueMicrotask(() => process.nextTick(send))
    else group.timer = clock.at(clock.now() + this.#rules.window, send)
    return group
  }

  #send(group: Group): void {
    if (this.#open.get(group.key) !== group) return
    this.#open.delete(group.key)
    this.#waiting -= group.calls.length
    group.timer?.cancel()
    const calls = group.calls.filter(({ done }) => !done)
    const [first] = calls
    if (first === undefined) return
    if (calls.length === 1) {
      void this.#senders.one(first.outgoing, first.ctx).then((outcome) => first.finish(outcome))
      return
    }
    const deadline = Math.max(...calls.map(({ ctx }) => ctx.deadline))
    const ctx = withMetadata(background({ clock: group.clock, deadline }), group.headers)
    const scope = withCancel(ctx)
    group.scope = scope
    void this.#senders.many(calls, scope.ctx).then((outcome) => {
      scope[Symbol.dispose]()
      if (outcome._tag === 'Left') for (const call of calls) call.fail(outcome.left)
    })
  }

  /** A call of the group ended before it was answered; with the last of them the request ends, too. */
  #left(group: Group): void {
    if (group.scope !== undefined && group.calls.every(({ done }) => done)) group.scope.cancel()
  }
}
