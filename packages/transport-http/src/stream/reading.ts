// The reader's side of a stream: items decoded one by one, over one connection, or over several where the method offers
// to go on after an item and the connection breaks.
import { type Codecs, type Resumption, retryAfterOf } from '@tenon/contract'
import {
  type Context,
  cancelled,
  clockOf,
  endedBy,
  type Failure,
  type MethodInfo,
  type Outcome,
  pause,
  report,
  type Scope,
  systemRandom,
  type TelemetryListener,
  withCancel,
} from '@tenon/endpoint'
import type { Backoff } from '@tenon/policy'
import { badAnswer } from '../codec.ts'
import { parseText } from '../json.ts'
import type { Inbox } from './inbox.ts'

/** What the streams of a method share on the reader's side. */
export interface Way {
  readonly method: MethodInfo
  readonly coded: Pick<Codecs, 'decodeOutput'>
  readonly resumption: Resumption | undefined
  /** Connections that may be tried in a row, without an item between them. */
  readonly attempts: number
  readonly backoff: Backoff
  /** Opens the stream once more: its inbox, or a failure. */
  readonly open: (input: unknown, ctx: Context) => Promise<Outcome>
  /** Is the client closed? */
  readonly closed: () => boolean
  readonly onTelemetry: TelemetryListener | undefined
}

type Step = IteratorResult<Outcome, undefined>

const done: Step = { done: true, value: undefined }
const left = (failure: Failure): Step => ({ done: false, value: { _tag: 'Left', left: failure } })
const stopped: Outcome = { _tag: 'Left', left: cancelled('the reader of the stream stopped') }

export class Reading implements AsyncIterator<Outcome, undefined> {
  readonly #way: Way
  readonly #ctx: Context
  #inbox: Inbox
  /** What a further connection asks for. */
  #input: unknown
  /** Connections that were tried since the last item. */
  #tried = 0
  #resuming: Promise<Step | undefined> | undefined
  /** Ends the waits between connections, and the calls that open them. */
  #scope: Scope | undefined
  #over = false
  /** When the connection was opened. */
  #opened: number

  constructor(way: Way, inbox: Inbox, input: unknown, ctx: Context) {
    this.#way = way
    this.#inbox = inbox
    this.#input = input
    this.#ctx = ctx
    this.#opened = clockOf(ctx).now()
  }

  async next(): Promise<Step> {
    for (;;) {
      const step = await this.#inbox.next()
      if (step.kind === 'item') return this.#item(step.data)
      if (step.kind === 'end') return done
      const { resumption, attempts } = this.#way
      if (!step.again || resumption === undefined || attempts === 0 || this.#over) return left(step.failure)
      this.#resuming ??= this.#resume(step.failure).finally(() => {
        this.#resuming = undefined
      })
      const ended = await this.#resuming
      if (ended !== undefined) return ended
    }
  }

  return(): Promise<Step> {
    this.#over = true
    this.#scope?.cancel()
    this.#inbox.close(stopped)
    return Promise.resolve(done)
  }

  #item(data: string): Step {
    const { coded, resumption } = this.#way
    const parsed = data === '' ? nothing : parseText(data, 'an item')
    const value = parsed.wrong === undefined ? coded.decodeOutput(parsed.value) : badAnswer(parsed.wrong)
    if (value._tag === 'Left') this.#inbox.close(value)
    else if (resumption !== undefined) {
      this.#tried = 0
      this.#input = resumption.next(this.#input, value.right)
    }
    return { done: false, value }
  }

  /** Opens the stream after the last item; what it ends with where that does not succeed. */
  async #resume(broken: Failure): Promise<Step | undefined> {
    const { method, attempts, backoff, open, closed, onTelemetry } = this.#way
    this.#scope ??= withCancel(this.#ctx)
    const { ctx } = this.#scope
    const clock = clockOf(ctx)
    let asked = this.#inbox.retry
    let failure = broken
    // One that held so long is no failed attempt, though it was silent.
    if (clock.now() - this.#opened > steady) this.#tried = 0
    for (let wait = 0; ; ) {
      const ended = endedBy(ctx)
      if (ended !== undefined) return left(ended)
      if (closed()) return left(failure)
      const hint = asked ?? retryAfterOf(failure)
      asked = undefined
      wait =
        hint === undefined
          ? backoff.next(this.#tried + 1, wait, systemRandom)
          : Math.min(Math.max(hint, hints.least), hints.most)
      const spent =
        this.#tried >= attempts ? 'attempts' : clock.now() + wait >= this.#ctx.deadline ? 'deadline' : undefined
      if (spent !== undefined) {
        report(onTelemetry, { kind: 'retry.exhausted', method, attempts: this.#tried, why: spent, failure })
        return left(failure)
      }
      this.#tried++
      report(onTelemetry, { kind: 'retry.attempt', method, attempt: this.#tried + 1, wait, failure })
      if (!(await pause(ctx, wait))) continue
      const outcome = await open(this.#input, ctx)
      if (outcome._tag === 'Right') {
        this.#inbox = outcome.right as Inbox
        this.#opened = clock.now()
        if (this.#over) this.#inbox.close(stopped)
        return undefined
      }
      failure = outcome.left
      // Whatever else it says, it will say again.
      if (failure.code !== 'unavailable' && failure.code !== 'deadline_exceeded') return left(failure)
    }
  }
}

const nothing = { value: undefined, wrong: undefined }

/** What a server may ask of its clients, in milliseconds: not to hammer it, and not to wait for ever. */
const hints = { least: 100, most: 300_000 }

/** Milliseconds after which a connection counts as one that held, items or not. */
const steady = 30_000
