// One call on a server: before -> decode -> endpoint -> after -> encode -> send.
import { unavailable } from '@tenon/contract'
import {
  cancelled,
  deadlineExceeded,
  type Ending,
  type Failure,
  type Ok,
  type Outcome,
  reportLate,
  type Stream,
  type Timer,
} from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { Answering } from './answering.ts'
import { unreadable } from './headers.ts'
import { badHeaders, badTimeout, bodyTooLarge, noReply, type Refusal, tooBusy, tooManyHeaders } from './refusal.ts'
import { Conversation } from './stream/conversation.ts'
import { creditHeader, numberOf } from './stream/frame.ts'

const stopped = unavailable('the server stopped before the call had ended')

export class Exchange extends Answering {
  #timer: Timer | undefined
  /** What it speaks with its caller while one of the two sides sends a stream. */
  #talk: Conversation | undefined

  /** Takes the request. `refused`: it is not taken at all. */
  start(refused?: Refusal): void {
    this.flow.stats.requests++
    this.gate.arrive()
    const refusal = refused ?? this.#admit()
    if (refusal !== undefined) {
      this.refuse(refusal)
      this.release()
      return
    }
    const { deadline } = this.ctx
    if (deadline <= this.flow.clock.now()) {
      this.fail(deadlineExceeded(), 'decode')
      this.release()
      return
    }
    // First, so that a hook that takes long is not forgotten. A timer costs less than to listen for the end of the context.
    if (deadline !== Number.POSITIVE_INFINITY)
      this.#timer = this.flow.clock.at(deadline, () => this.#end(deadlineExceeded()))
    try {
      for (const hook of this.flow.before) this.ctx = hook(this.ctx, this.request) ?? this.ctx
      if (this.flow.readItem !== undefined) {
        this.#run(this.#speak().reading(this.flow.readItem))
        return
      }
      const decoded = this.flow.decode(this.request, this.ctx)
      if ('then' in decoded) decoded.then(this.#decoded, (cause) => this.#broke(cause, 'decode'))
      else this.#decoded(decoded)
    } catch (cause) {
      this.#broke(cause, 'decode')
    }
  }

  left(why: Ending): void {
    if (!this.answered) this.#end(why)
  }

  cut(): void {
    // Its caller hears of the server and not of the cancellation.
    this.#timer?.cancel()
    this.scope.cancel(cancelled(stopped.message))
    const talk = this.#talk
    if (talk?.sends === true) talk.breakOff(stopped)
    else this.fail(stopped, 'endpoint')
    // An endpoint that does not listen must not keep whoever drains.
    this.over({ _tag: 'Left', left: stopped })
  }

  #admit(): Refusal | undefined {
    const { limits } = this.flow
    const full = this.gate.enter()
    if (full !== undefined) return tooBusy(full)
    this.held = true
    if (this.request.raw.headers === unreadable) return badHeaders
    if (this.headers === undefined) return tooManyHeaders(limits.headers)
    // Nobody could ever end it.
    if (this.reply === undefined && (this.flow.gives === true || this.flow.readItem !== undefined)) return noReply
    if (this.request.body.length > limits.body) return bodyTooLarge(limits.body)
    return Number.isNaN(this.asked) ? badTimeout : undefined
  }

  /** The time is up, or the caller has left: it is answered now, whatever the endpoint does. */
  #end(why: Ending): void {
    // First, because what an answered call leaves behind hears of nothing any more.
    this.scope.cancel(why)
    const talk = this.#talk
    if (talk?.sends === true) talk.breakOff(why)
    else this.fail(why, 'endpoint')
  }

  readonly #decoded = (input: Either<Failure, unknown>): void => {
    if (this.answered) this.release()
    else if (input._tag === 'Left') {
      this.fail(input.left, 'decode')
      this.release()
    } else this.#run(input.right)
  }

  #run(input: unknown): void {
    void this.flow.run(input, this.ctx).then(this.#settled)
  }

  readonly #settled = (outcome: Outcome): void => {
    if (this.answered) this.#dropped(outcome)
    else if (outcome._tag === 'Left') this.fail(outcome.left, 'endpoint')
    else if (this.flow.gives === true) {
      this.#opened(outcome.right as Stream<unknown, Failure>)
      return
    } else this.#succeeded(outcome)
    this.release()
  }

  #succeeded(outcome: Ok<unknown>): void {
    const { after, encode } = this.flow
    const reply = { headers: {}, body: undefined }
    try {
      for (const hook of after) this.ctx = hook(this.ctx, reply) ?? this.ctx
      const encoding = encode(outcome.right, reply, this.ctx)
      if (encoding === undefined) this.answer(reply, outcome)
      else
        encoding.then(
          () => this.answer(reply, outcome),
          (cause) => this.fail(this.caught(cause), 'encode'),
        )
    } catch (cause) {
      this.fail(this.caught(cause), 'encode')
    }
  }

  #opened(source: Stream<unknown, Failure>): void {
    const reply = { headers: {}, body: undefined }
    try {
      for (const hook of this.flow.after) this.ctx = hook(this.ctx, reply) ?? this.ctx
    } catch (cause) {
      this.#broke(cause, 'encode')
      return
    }
    const credit = numberOf(this.request.raw, creditHeader)
    this.#speak().sending(source, Number.isNaN(credit) ? 0 : credit, reply.headers, (outcome) => {
      this.release()
      this.over(outcome)
    })
  }

  #speak(): Conversation {
    this.#talk ??= new Conversation({
      link: this.link,
      to: this.request.reply,
      ctx: this.ctx,
      limit: this.flow.limits.body,
      encode: (output, reply) => void this.flow.encode(output, reply, this.ctx),
      encodeError: (failure) => this.failed(failure),
      instead: (failure) => {
        const told = this.instead(failure)
        this.tellUnsent(told)
        return told
      },
      gone: (why) => this.left(why),
    })
    return this.#talk
  }

  #broke(cause: unknown, where: 'decode' | 'encode'): void {
    this.fail(this.caught(cause), where)
    this.release()
  }

  /** An outcome that nobody waited for any more. One that only says that it was told to stop is no news. */
  #dropped(outcome: Outcome): void {
    const { onTelemetry, method, clock, gives } = this.flow
    if (outcome._tag === 'Right' && gives === true)
      (outcome.right as AsyncIterable<unknown>)
        [Symbol.asyncIterator]()
        .return?.()
        .catch(() => undefined)
    reportLate(onTelemetry, method, clock.now() - this.ctx.deadline, outcome)
  }

  protected override over(outcome: Outcome): void {
    this.#timer?.cancel()
    super.over(outcome)
    this.#talk?.close()
    this.scope[Symbol.dispose]()
  }
}
