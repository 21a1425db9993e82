// The life of a client's call, apart from its wire: its context, its time, its hooks, and its one end.
import { Metadata } from '@grpc/grpc-js'
import {
  type Context,
  clockOf,
  deadlineExceeded,
  type Ending,
  type Failure,
  lastingDeadline,
  type Outcome,
  onEnding,
  report,
  type Scope,
  type Timer,
  withTimeout,
} from '@tenon/endpoint'
import { unreached } from './channel.ts'
import type { ClientAnswer, ClientCall } from './hooks.ts'
import { type Ended, type Line, thrown } from './line.ts'
import { oversizeAtClient } from './oversize.ts'
import { failureOf } from './status.ts'

/** A call that grpc-js has begun. */
export interface Begun {
  cancel(): void
}

export abstract class Life {
  protected readonly line: Line
  protected readonly resolve: (outcome: Outcome) => void
  /** Has the call a time of its own, because its caller gave it none? */
  readonly #scope: Scope | undefined
  protected readonly caller: Context
  protected ctx: Context
  protected exchange: ClientCall
  protected begun: Begun | undefined
  #listening: Disposable | undefined
  /** Of a stream: until it must have opened. */
  #opening: Timer | undefined
  protected answer: ClientAnswer | undefined
  protected over = false

  constructor(line: Line, ctx: Context, resolve: (outcome: Outcome) => void) {
    this.line = line
    this.resolve = resolve
    this.caller = ctx
    const own = ctx.deadline === Number.POSITIVE_INFINITY && line.timeout < Number.POSITIVE_INFINITY
    this.#scope = own && !this.streams ? withTimeout(ctx, line.timeout) : undefined
    this.ctx = this.#scope?.ctx ?? ctx
    this.exchange = { path: line.path, metadata: new Metadata() }
    if (own && this.streams) {
      const clock = clockOf(ctx)
      const late = (): void => this.#ended(deadlineExceeded(`no answer within ${line.timeout} ms`))
      this.#opening = clock.at(clock.now() + line.timeout, late)
    }
  }

  /** Is what comes back a stream? */
  protected get streams(): boolean {
    return this.line.kind === 'serverStream' || this.line.kind === 'duplex'
  }

  /** From here on it ends with its context. */
  protected listen(): void {
    this.#listening = onEnding(this.ctx, this.#ended)
  }

  readonly #ended = (why: Ending): void => {
    this.fail(why)
    this.begun?.cancel()
  }

  /** What the call failed with, by what grpc-js says of it. */
  protected failureOf(cause: unknown): Failure {
    const { code, details, metadata } = cause as Partial<Ended>
    if (typeof code !== 'number')
      return this.line.decodeFailure({ code: 'unavailable', message: String((cause as Error)?.message) })
    // grpc-js's own clock may be first by a millisecond; what it says then is about its insides.
    if (code === 4 && details?.startsWith('Deadline exceeded after ')) return deadlineExceeded()
    // Where the peer's timer was before ours, all that it can do is to reset the stream: nobody here has cancelled.
    if (code === 1 && this.#late()) return deadlineExceeded()
    const { channel, message } = this.line
    const told = code === 8 ? oversizeAtClient(details ?? '', message) : unreached(channel, code, details)
    return this.line.decodeFailure(
      failureOf({ code, details: told ?? details ?? '', metadata: metadata ?? new Metadata() }),
    )
  }

  /** Is its time over, to the millisecond that peers are told it in? */
  #late(): boolean {
    const until = this.streams ? lastingDeadline(this.caller) : this.ctx.deadline
    return clockOf(this.ctx).now() >= until - 1
  }

  protected fail(failure: Failure): void {
    this.finish({ _tag: 'Left', left: failure })
  }

  protected finish(outcome: Outcome): void {
    if (this.over) return
    this.close()
    this.finalize(outcome)
    this.resolve(outcome)
  }

  /** The call is over, or its stream has opened. */
  protected close(): void {
    this.over = true
    this.#opening?.cancel()
    this.#listening?.[Symbol.dispose]()
    this.#scope?.[Symbol.dispose]()
  }

  protected after(): void {
    const answer = this.answer as ClientAnswer
    for (const hook of this.line.after) this.ctx = hook(this.ctx, answer) ?? this.ctx
  }

  protected finalize(outcome: Outcome): void {
    const { finalize, after } = this.line
    const { answer } = this
    // Of one message they have run before it was decoded.
    if (this.streams && answer !== undefined && after.length > 0) this.#quietly(() => this.after())
    const exchange = { outcome, call: this.exchange, ...(answer !== undefined && { answer }) }
    for (const hook of finalize) this.#quietly(() => hook(this.ctx, exchange))
  }

  /** Runs a step of the user's, such as a hook; a throw ends the call. */
  protected guard(run: () => void): void {
    try {
      run()
    } catch (cause) {
      this.broke(cause)
    }
  }

  protected broke(cause: unknown): void {
    this.fail(thrown(cause, this.line.method))
    this.begun?.cancel()
  }

  #quietly(run: () => void): void {
    try {
      run()
    } catch (cause) {
      report(undefined, { kind: 'defect', method: this.line.method, cause })
    }
  }
}
