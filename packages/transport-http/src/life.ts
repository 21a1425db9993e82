// The life of a client's call, apart from its wire: its context, its time, and its one end, after which the finalizers run.
import type { CallFailed } from '@tenon/contract'
import {
  type Context,
  clockOf,
  deadlineExceeded,
  defect,
  type Ending,
  type Outcome,
  onEnding,
  report,
  type Scope,
  type Timer,
  withTimeout,
} from '@tenon/endpoint'
import type { Line } from './line.ts'
import type { ClientRequest, ClientResponse } from './message.ts'

export abstract class Life {
  protected readonly line: Line
  protected readonly resolve: (outcome: Outcome) => void
  readonly #scope: Scope | undefined
  protected ctx: Context
  #listening: Disposable | undefined
  protected request: ClientRequest | undefined
  protected response: ClientResponse | undefined
  /** What it waits for: that the stream opens, or that the body of one that is over ends. */
  protected timer: Timer | undefined
  protected done = false

  constructor(line: Line, ctx: Context, resolve: (outcome: Outcome) => void) {
    this.line = line
    this.resolve = resolve
    const limited = ctx.deadline === Number.POSITIVE_INFINITY && line.timeout < Number.POSITIVE_INFINITY
    this.#scope = limited && line.open === undefined ? withTimeout(ctx, line.timeout) : undefined
    this.ctx = this.#scope?.ctx ?? ctx
    // A stream may last longer than it may take to open.
    if (limited && line.open !== undefined)
      this.after(line.timeout, () => this.fail(deadlineExceeded(`no answer within ${line.timeout} ms`)))
  }

  /** Lets go of the connection, and of what reads from it. */
  protected abstract leave(outcome: Outcome): void

  protected after(ms: number, run: () => void): void {
    const clock = clockOf(this.ctx)
    this.timer = clock.at(clock.now() + ms, run)
  }

  /** From here on it ends with its context. */
  protected listen(): void {
    this.#listening = onEnding(this.ctx, this.#ended)
  }

  readonly #ended = (why: Ending): void => {
    this.fail(why)
  }

  protected fail(failure: CallFailed): void {
    this.finish({ _tag: 'Left', left: failure })
  }

  /** Runs a step of the user's, such as a hook; a throw is a `Defect`, and the end. */
  protected guard(step: () => void): void {
    try {
      step()
    } catch (cause) {
      this.broke(cause)
    }
  }

  protected broke(cause: unknown): void {
    report(undefined, { kind: 'defect', method: undefined, cause })
    this.finish({ _tag: 'Left', left: defect(cause) })
  }

  protected finish(outcome: Outcome): void {
    if (this.done) return
    this.done = true
    this.timer?.cancel()
    this.#listening?.[Symbol.dispose]()
    this.#scope?.[Symbol.dispose]()
    this.leave(outcome)
    const { finalize } = this.line
    if (finalize.length > 0) {
      const { request, response } = this
      const exchange = { outcome, ...(request && { request }), ...(response && { response }) }
      for (const finalizer of finalize) this.#quietly(() => finalizer(this.ctx, exchange))
    }
    this.resolve(outcome)
  }

  #quietly(run: () => void): void {
    try {
      run()
    } catch (cause) {
      report(undefined, { kind: 'defect', method: undefined, cause })
    }
  }
}
