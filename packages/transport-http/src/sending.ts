// One call of a client and its answer: an undici handler, so that a call costs one object and one promise.
// encode -> before -> send -> after -> decode; whatever happens on the way, the finalizers run once.
import { type CallFailed, remote, unavailable } from '@tenon/contract'
import { clockOf, deadlineExceeded, endedBy, type Failure, lastingDeadline, type Outcome } from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import type { Dispatcher } from 'undici'
import { Chunks } from './chunks.ts'
import { Life } from './life.ts'
import type { Intake, Tap } from './line.ts'
import { failureOf, wasStale } from './lost.ts'
import type { ClientRequest, ClientResponse } from './message.ts'
import { addMetadata } from './outgoing.ts'
import { inTurn, isLarge } from './turns.ts'

type Controller = Dispatcher.DispatchController

/** Milliseconds that the end of a body may take when all that it says has come. */
const linger = 1_000

const aborted: Error = Object.assign(new Error('the call is over'), { stack: '' })

export class Sending extends Life implements Dispatcher.DispatchHandler, Tap {
  #input: unknown
  #controller: Controller | undefined
  #chunks: Chunks | undefined
  #intake: Intake | undefined
  #status = 0
  #headers: ClientResponse['headers'] = {}
  #again = false

  start(input: unknown): void {
    this.#input = input
    const { encode, wire, verb, allow, metadata } = this.line
    const ended = endedBy(this.ctx)
    if (ended !== undefined) {
      this.finish({ _tag: 'Left', left: ended })
      return
    }
    const request: ClientRequest = {
      method: verb,
      path: wire.base === '' ? '/' : wire.base,
      headers: {},
      body: undefined,
    }
    this.guard(() => {
      const refused = addMetadata(request.headers, this.ctx, allow, metadata)
      if (refused !== undefined) {
        this.fail(refused)
        return
      }
      const encoded = encode(input, request, this.ctx)
      if (encoded !== undefined && 'then' in encoded)
        encoded.then(
          (outcome) => this.guard(() => this.#encoded(outcome, request)),
          (cause) => this.broke(cause),
        )
      else this.#encoded(encoded, request)
    })
  }

  #encoded(outcome: Either<Failure, unknown> | undefined, request: ClientRequest): void {
    if (outcome?._tag === 'Left') {
      this.finish(outcome)
      return
    }
    this.request = request
    for (const hook of this.line.before) this.ctx = hook(this.ctx, request) ?? this.ctx
    this.listen()
    this.#send(request)
  }

  #send(request: ClientRequest): void {
    const { wire, open } = this.line
    const ctx = this.ctx
    if (this.done) return
    const until = open === undefined ? ctx.deadline : lastingDeadline(ctx)
    if (until < Number.POSITIVE_INFINITY) {
      const left = Math.floor(until - clockOf(ctx).now())
      if (left < 1) {
        this.fail(deadlineExceeded())
        return
      }
      request.headers['request-timeout-ms'] = String(Math.ceil(left * (this.line.share ?? 1)))
    }
    if (wire.pending >= wire.most) {
      this.fail(unavailable(`${wire.pending} calls to ${wire.origin} are on the way or wait for a connection`))
      return
    }
    wire.pending++
    const { method, path, body = null } = request
    const headers = request.headers as Record<string, string | string[]>
    try {
      wire.dispatcher.dispatch({ origin: wire.origin, method, path, headers, body }, this)
    } catch (cause) {
      // undici answers through the handler; somebody's own dispatcher may throw.
      wire.pending--
      throw cause
    }
  }

  onRequestStart(controller: Controller): void {
    if (this.done) controller.abort(aborted)
    else this.#controller = controller
  }

  onResponseStart(controller: Controller, status: number, headers: ClientResponse['headers']): void {
    if (this.done || status < 200) return
    this.#status = status
    this.#headers = headers
    if (this.line.open !== undefined) this.guard(() => this.#open(status, headers))
    if (this.done || this.#intake !== undefined) return
    if (Number(headers['content-length']) > this.line.response && this.request?.method !== 'HEAD')
      this.#tooLarge(controller)
  }

  #open(status: number, headers: ClientResponse['headers']): void {
    const { open, after } = this.line
    const head = { status, headers, body: none }
    const intake = open?.(head, this, this.ctx)
    if (intake === undefined) return
    this.#intake = intake
    this.response = head
    this.timer?.cancel()
    for (const hook of after) this.ctx = hook(this.ctx, head) ?? this.ctx
    this.resolve({ _tag: 'Right', right: intake })
  }

  pause(): void {
    this.#controller?.pause()
  }
  resume(): void {
    this.#controller?.resume()
  }
  close(outcome: Outcome): void {
    this.finish(outcome)
  }
  settle(outcome: Outcome): void {
    const controller = this.#controller
    this.#controller = undefined
    this.finish(outcome)
    // undici lets go of the connection at the end of the body, which follows at once as a rule.
    if (controller !== undefined) this.after(linger, () => controller.abort(aborted))
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.done) return
    const intake = this.#intake
    if (intake !== undefined) {
      this.guard(() => intake.push(chunk))
      return
    }
    this.#chunks ??= new Chunks()
    this.#chunks.push(chunk)
    if (this.#chunks.size > this.line.response) this.#tooLarge(controller)
  }

  onResponseEnd(): void {
    this.line.wire.pending--
    this.#controller = undefined
    if (this.done) {
      this.timer?.cancel()
      return
    }
    if (this.#intake !== undefined) {
      this.#lost(this.#expired() ?? unavailable(`the stream of ${this.line.wire.origin} broke off before its end`))
      return
    }
    if (isLarge(this.#chunks?.size ?? 0)) inTurn(() => this.#whole())
    else this.#whole()
  }

  #whole(): void {
    if (this.done) return
    const response = { status: this.#status, headers: this.#headers, body: this.#chunks?.whole() ?? none }
    this.response = response
    this.guard(() => {
      for (const hook of this.line.after) this.ctx = hook(this.ctx, response) ?? this.ctx
      const decoded = this.line.decode(response, this.ctx, this.#input)
      if ('then' in decoded)
        decoded.then(
          (outcome) => this.finish(outcome),
          (cause) => this.broke(cause),
        )
      else this.finish(decoded)
    })
  }

  onResponseError(_: Controller, error: Error): void {
    const { wire, idempotent } = this.line
    wire.pending--
    this.#controller = undefined
    if (this.done) {
      this.timer?.cancel()
      return
    }
    const begun = this.#status !== 0
    if (!begun && idempotent && !this.#again && wasStale(error)) {
      this.#again = true
      this.guard(() => this.#send(this.request as ClientRequest))
    } else {
      const failure = this.#expired() ?? failureOf(error, wire.origin, begun)
      if (this.#intake === undefined) this.fail(failure)
      else this.#lost(failure)
    }
  }

  /** The other side was told whole milliseconds: where less than one is left, its time is up, and that is why it ended. */
  #expired(): CallFailed | undefined {
    const until = this.line.open === undefined ? this.ctx.deadline : lastingDeadline(this.ctx)
    return until - clockOf(this.ctx).now() < 1 ? deadlineExceeded() : undefined
  }

  /** The connection of a stream is gone before the stream has ended: what has come is still read. */
  #lost(failure: CallFailed): void {
    this.#intake?.broke(failure)
    this.fail(failure)
  }

  #tooLarge(controller: Controller): void {
    const message = `the answer may have ${this.line.response} bytes`
    this.fail(remote({ code: 'internal', tag: 'AnswerTooLarge', message }))
    controller.abort(aborted)
  }

  protected override leave(outcome: Outcome): void {
    if (outcome._tag === 'Left') this.#intake?.over(outcome.left)
    // Frees the socket: undici closes a connection whose answer nobody reads.
    this.#controller?.abort(aborted)
    this.#controller = undefined
  }
}

const none: Buffer = Buffer.alloc(0)
