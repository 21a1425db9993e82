// One request and its answer: a small state machine, so that a call costs one object and no closures it can avoid.
// before -> body -> decode -> endpoint -> after -> encode -> send; whatever happens on the way, one answer leaves and
// the finalizers run once.
import { cancelled, deadlineExceeded, type Failure, type Ok, type Outcome, reportLate } from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { Answering } from './answering.ts'
import { Body, type Reading, refusedBody } from './body.ts'
import { Incoming, nothing } from './incoming.ts'
import { badTimeout, goingAway, type Refusal, slowBody, tooBusy, tooManyAtOnce, tooManyHeaders } from './refusal.ts'
import { newReply } from './reply.ts'
import { inTurn, isLarge } from './turns.ts'

export class Exchange extends Answering implements Reading {
  /** The body, while it comes. */
  #body: Body | undefined

  /**
   * Takes the request. `expects`: the client waits for `100 Continue` before it sends its body. `refused`: it is not
   * taken at all.
   */
  start(expects: boolean, refused?: Refusal): void {
    const { raw } = this.request
    this.gate.arrive()
    this.connection.add(this)
    const refusal = refused ?? this.#admit() ?? this.#before() ?? this.check()
    if (this.answered) return
    if (refusal !== undefined) {
      this.refuse(refusal)
    } else if (this.bodied) {
      const { limits } = this.flow
      if (expects) this.res.writeContinue()
      this.#wait(Math.min(this.deadline, this.began + limits.bodyTimeout))
      this.#body = new Body(raw, limits.body, this.gate, this)
    } else {
      if (raw instanceof Incoming) raw.taker = nothing
      this.#wait(this.deadline)
      this.#decode()
    }
  }

  #admit(): Refusal | undefined {
    const { gate } = this
    if (gate.draining) return goingAway
    const { headers, pipelined } = this.flow.limits
    // One connection must not hold the places of others, either.
    if (this.connection.open > pipelined) return tooManyAtOnce(pipelined)
    // Whoever sends a byte a second must not hold the places of others: a body comes first, a place is taken after it.
    const full = this.bodied ? gate.full : this.#enter()
    if (full !== undefined) return tooBusy(full)
    if (this.request.raw.rawHeaders.length > headers * 2) return tooManyHeaders(headers)
    return Number.isNaN(this.deadline) ? badTimeout : undefined
  }

  #enter(): number | undefined {
    const full = this.gate.enter()
    this.held = full === undefined
    return full
  }

  #before(): undefined {
    try {
      for (const hook of this.flow.before) this.ctx = hook(this.ctx, this.request) ?? this.ctx
    } catch (cause) {
      this.fail(this.caught(cause), 'decode')
    }
  }

  /** Why it is not worth reading on. It may have been answered, too. */
  protected check(): Refusal | undefined {
    const { limits, media } = this.flow
    return this.bodied ? refusedBody(this.request.raw, limits.body, media) : undefined
  }

  last(why: Refusal): void {
    this.close = true
    if (this.#body === undefined || this.request.raw.complete) return
    // Its body will never be whole.
    this.broken = true
    this.refuse(why)
  }

  closed(): void {
    if (!this.answered) {
      const why = cancelled('the client closed the connection')
      this.scope.cancel(why)
      this.end({ _tag: 'Left', left: why })
    }
    this.finalize(true)
  }

  cancel(): void {
    if (!this.answered) this.scope.cancel(cancelled('the server is stopping'))
  }

  protected override end(outcome: Outcome): void {
    this.#body?.stop()
    this.#body = undefined
    super.end(outcome)
  }

  #wait(until: number): void {
    if (until !== Number.POSITIVE_INFINITY) this.timer = this.flow.clock.at(until, () => this.#late())
  }

  #late(): void {
    const { clock, limits } = this.flow
    const reading = this.#body !== undefined
    this.close ||= reading
    if (clock.now() >= this.deadline) {
      const failure = deadlineExceeded()
      // First, because what an answered call leaves behind hears of nothing any more.
      this.scope.cancel(failure)
      this.fail(failure, 'endpoint')
    } else if (reading) this.refuse(slowBody(limits.bodyTimeout))
    else this.#wait(this.deadline)
  }

  read(body: Buffer | Refusal): void {
    this.#body = undefined
    if (!Buffer.isBuffer(body)) {
      this.close = true
      this.refuse(body)
      return
    }
    const full = this.#enter()
    if (full === undefined) {
      this.request.body = body
      if (isLarge(body.length)) inTurn(() => this.#decode())
      else this.#decode()
    } else this.refuse(tooBusy(full))
  }

  #decode(): void {
    if (this.answered) return
    try {
      const decoded = this.flow.decode(this.request, this.ctx)
      if ('then' in decoded)
        decoded.then(
          (input) => this.#decoded(input),
          (cause) => this.fail(this.caught(cause), 'decode'),
        )
      else this.#decoded(decoded)
    } catch (cause) {
      this.fail(this.caught(cause), 'decode')
    }
  }

  #decoded(input: Either<Failure, unknown>): void {
    if (this.answered) return
    if (input._tag === 'Left') this.fail(input.left, 'decode')
    else {
      this.running = true
      void this.flow.run(input.right, this.ctx).then((outcome) => this.#settled(outcome))
    }
  }

  #settled(outcome: Outcome): void {
    this.running = false
    if (this.answered) this.dropped(outcome)
    else if (outcome._tag === 'Left') this.fail(outcome.left, 'endpoint')
    else this.succeeded(outcome)
  }

  protected succeeded(outcome: Ok<unknown>): void {
    const { after, encode } = this.flow
    const reply = newReply()
    try {
      for (const hook of after) this.ctx = hook(this.ctx, reply) ?? this.ctx
      const encoding = encode(outcome.right, reply, this.ctx, this.request)
      if (encoding === undefined) this.send(reply, outcome)
      else
        encoding.then(
          () => this.send(reply, outcome),
          (cause) => this.fail(this.caught(cause), 'encode'),
        )
    } catch (cause) {
      this.fail(this.caught(cause), 'encode')
    }
  }

  /** An outcome that nobody waited for any more. */
  protected dropped(outcome: Outcome): void {
    this.release()
    const { onTelemetry, method, clock } = this.flow
    reportLate(onTelemetry, method, clock.now() - this.deadline, outcome)
  }
}
