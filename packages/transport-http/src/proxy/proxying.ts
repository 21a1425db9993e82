// One request through a proxy and its answer. Until the head of an answer goes on, whatever goes wrong is answered as a
// problem; after that all that can be said is that it broke off, so the connection is destroyed.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { cancelled, deadlineExceeded, type Failure, type Outcome } from '@tenon/endpoint'
import { writeBody } from '../answer.ts'
import { Answering } from '../answering.ts'
import { hasBody, worthDropping } from '../body.ts'
import type { Gate } from '../gate.ts'
import { bodyTooLarge, goingAway, type Refusal, slowBody, tooBusy } from '../refusal.ts'
import { newReply } from '../reply.ts'
import type { Params } from '../routes.ts'
import type { Attempt, Head } from './attempt.ts'
import { breakOff, Download, type DownloadOwner, writeHead } from './download.ts'
import { sendInterim } from './interim.ts'
import { unreachable } from './lost.ts'
import type { ProxyResponse } from './message.ts'
import { Passing } from './passing.ts'
import type { Plan } from './plan.ts'
import { Quiet } from './quiet.ts'
import { allowed, refusedRequest } from './refused.ts'
import { Upload, type UploadOwner } from './upload.ts'

const stay = (): void => {}

const done: Outcome = { _tag: 'Right', right: undefined }

export class Proxying extends Answering implements UploadOwner, DownloadOwner, Disposable {
  readonly #plan: Plan
  readonly #params: Params
  readonly #quiet: Quiet
  #upload: Upload | undefined
  #passing: Passing | undefined
  /** Whose answer goes on. */
  #attempt: Attempt | undefined
  #download: Download | undefined
  /** Does the client wait to be told that it may send its body? */
  #expects = false

  constructor(plan: Plan, req: IncomingMessage, res: ServerResponse, gate: Gate, params: Params) {
    super(plan.flow, req, res, gate, params)
    this.#plan = plan
    this.#params = params
    this.#quiet = new Quiet(plan.flow.clock, plan.limits.idle, () => this.#silent())
  }

  start(expects: boolean): void {
    const { open, forward } = this.#plan
    const { raw } = this.request
    this.gate.arrive()
    this.connection.add(this)
    open.enter(this)
    // Whoever listens keeps Node from destroying a connection that is silent: bodies are watched here.
    this.res.on('timeout', stay)
    const refusal = this.#enter() ?? refusedRequest(raw, this.#plan, this.deadline)
    if (refusal !== undefined) this.refuse(refusal)
    else if (raw.method === 'OPTIONS' && raw.headers['max-forwards'] === '0')
      this.send({ ...newReply(), status: 204, headers: { allow: allowed } }, done)
    else {
      this.#prepare(expects)
      if (this.answered) return
      if (this.deadline < Number.POSITIVE_INFINITY) this.timer = this.flow.clock.at(this.deadline, this.#late)
      this.running = true
      void forward(this.#passing as Passing, this.ctx).then(this.#settled)
    }
  }

  /** A body counts from its first byte here: it passes while it comes. */
  #enter(): Refusal | undefined {
    const { gate } = this
    if (gate.draining) return goingAway
    const full = gate.enter()
    if (full !== undefined) return tooBusy(full)
    this.held = true
    return undefined
  }

  #prepare(expects: boolean): void {
    const { raw } = this.request
    const { limits, before } = this.#plan
    if (hasBody(raw)) this.#upload = new Upload(raw, limits.body, this)
    this.#expects = expects && this.#upload !== undefined
    const arrived = { raw, params: this.#params, upload: this.#upload, expects: this.#expects }
    const passing = new Passing(this.#plan, arrived, this.#inform)
    this.#passing = passing
    try {
      for (const hook of before) this.ctx = hook(this.ctx, passing) ?? this.ctx
    } catch (cause) {
      this.fail(this.caught(cause), 'decode')
    }
  }

  readonly #inform = (status: number, lines: readonly string[]): void => {
    const { res } = this
    const { httpVersionMinor } = this.request.raw
    if (this.#download !== undefined || this.answered || httpVersionMinor === 0) return
    if (status !== 100) sendInterim(res, status, lines)
    else if (this.#expects) {
      res.writeContinue()
      this.#expects = false
    }
  }

  readonly #settled = (outcome: Outcome): void => {
    this.running = false
    if (this.answered) this.release()
    else if (outcome._tag === 'Left') this.fail(outcome.left, 'endpoint')
    else {
      const response = outcome.right as ProxyResponse
      const attempt = this.#passing?.take(response)
      if (attempt === undefined) {
        const why = 'a middleware around a proxy answers with what one of its calls answered'
        this.fail(this.caught(new TypeError(why)), 'endpoint')
      } else this.#answer(attempt, response as Head)
    }
  }

  #answer(attempt: Attempt, head: Head): void {
    const { res } = this
    const { raw: client } = this.request
    try {
      for (const hook of this.#plan.after) this.ctx = hook(this.ctx, head) ?? this.ctx
      this.close ||= this.gate.draining || !worthDropping(client, this.flow.limits.body)
      writeHead(head, client, res, this.close)
    } catch (cause) {
      this.fail(this.caught(cause), 'encode')
      return
    }
    this.#attempt = attempt
    this.sent = { status: head.status, headers: head.headers, body: undefined }
    if (this.flow.finalize.length > 0) res.once('finish', () => this.finalize(false))
    this.#quiet.start()
    this.#download = new Download(head, client, res, this)
    this.#download.start()
  }

  downloaded(): void {
    if (this.answered) return
    const { raw: client } = this.request
    // An answer that is whole before its request was: the rest of the body has no reader.
    if (this.#upload !== undefined && !client.complete) this.#attempt?.abandon()
    this.end(done)
    const rest = this.close && !this.broken && !worthDropping(client, this.flow.limits.body)
    if (rest) this.#download?.hurry()
    writeBody(client, this.res, undefined, 0, rest ? this.flow.clock : undefined)
  }

  brokeOff(): void {
    if (!this.answered) this.#break(unreachable('the answer of the target broke off', true))
  }

  /** What has begun cannot be answered with a failure any more: the client must see that it is not whole. */
  #break(failure: Failure): void {
    this.tell(failure, 'endpoint')
    this.end({ _tag: 'Left', left: failure })
    breakOff(this.request.raw, this.res)
  }

  #stopped(failure: Failure, refusal?: Refusal): void {
    if (this.answered) return
    // What is around may be about to call again.
    this.scope.cancel(cancelled(failure.message))
    this.#passing?.abandon()
    if (this.#download !== undefined) this.#break(failure)
    else if (refusal !== undefined) this.refuse(refusal)
    else this.fail(failure, 'endpoint')
  }

  #silent(): void {
    const { idle } = this.#plan.limits
    const failure = deadlineExceeded(`nothing moved for ${idle} ms`)
    const slow = this.#upload?.held === false && this.#download === undefined
    if (slow) this.close = true
    this.#stopped(failure, slow ? slowBody(idle) : undefined)
  }

  readonly #late = (): void => {
    if (this.answered) return
    const failure = deadlineExceeded()
    this.scope.cancel(failure)
    this.#stopped(failure)
  }

  moved(): void {
    this.#quiet.moved()
  }

  begun(): void {
    this.#quiet.start()
  }

  uploaded(): void {
    // From here on the target's time for a head counts.
    if (this.#download === undefined) this.#quiet.stop()
  }

  tooLarge(): void {
    this.close = true
    const refusal = bodyTooLarge(this.#plan.limits.body)
    this.#stopped(refusal.failure, refusal)
  }

  patient(): boolean {
    return !this.answered && !this.request.raw.complete
  }

  last(why: Refusal): void {
    this.close = true
    if (this.request.raw.complete || this.answered) return
    // Its body will never be whole.
    this.broken = true
    this.#stopped(why.failure, why)
  }

  closed(): void {
    if (!this.answered) {
      const why = cancelled('the client closed the connection')
      this.scope.cancel(why)
      this.#passing?.abandon()
      this.end({ _tag: 'Left', left: why })
    }
    this.finalize(true)
  }

  cancel(): void {
    if (!this.answered) this.scope.cancel(cancelled('the server is stopping'))
  }

  /** The proxy is closed. */
  [Symbol.dispose](): void {
    this.cancel()
    this.#stopped(cancelled('the proxy was closed'), goingAway)
  }

  protected override end(outcome: Outcome): void {
    this.#quiet.stop()
    this.#plan.open.leave(this)
    this.res.off('timeout', stay)
    // What is left of attempts, and an upload that nobody takes any more.
    if (outcome._tag === 'Left') this.#passing?.abandon()
    super.end(outcome)
  }

  protected override bytes(aborted: boolean): number {
    return this.#download?.bytes ?? super.bytes(aborted)
  }
}
