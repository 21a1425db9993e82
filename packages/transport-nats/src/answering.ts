// The answering half of a call on a server: whatever happens, one answer leaves, and the finalizers run once.
import {
  background,
  type Context,
  defect,
  type Ending,
  type Failure,
  isInfrastructure,
  type Metadata,
  type Outcome,
  report,
  type Scope,
  withCancel,
  withDeadline,
} from '@tenon/endpoint'
import type { NatsMessage } from './connection.ts'
import { encodeFailure, isMarked, markFailure } from './failure.ts'
import type { Flow } from './flow.ts'
import type { Gate } from './gate.ts'
import { lowered } from './headers.ts'
import type { Link } from './link.ts'
import type { Reply, ServerRequest } from './message.ts'
import type { Refusal } from './refusal.ts'

const noHeaders: Metadata = new Map()

export abstract class Answering {
  protected readonly flow: Flow
  protected readonly link: Link
  protected readonly gate: Gate
  protected readonly request: ServerRequest
  protected readonly scope: Scope
  protected ctx: Context
  /** Absent where there are more lines than may be. */
  protected readonly headers: Metadata | undefined
  protected readonly asked: number
  protected answered = false
  /** Does it count among the gate's running ones? */
  protected held = false
  #over = false
  readonly #started: number
  readonly #ended: (call: Answering) => void
  #sent: Reply | undefined

  constructor(flow: Flow, link: Link, gate: Gate, raw: NatsMessage, ended: (call: Answering) => void) {
    const { clock, limits } = flow
    this.flow = flow
    this.link = link
    this.gate = gate
    this.#ended = ended
    this.#started = clock.now()
    this.headers = lowered(raw.headers, limits.headers)
    const headers = this.headers ?? noHeaders
    this.request = {
      subject: raw.subject,
      reply: raw.reply === '' ? undefined : raw.reply,
      headers,
      body: raw.data,
      raw,
    }
    const timeout = headers.get('request-timeout-ms')
    this.asked =
      timeout === undefined ? Number.POSITIVE_INFINITY : /^\d{1,12}$/.test(timeout) ? Number(timeout) : Number.NaN
    // A stream may last as long as its caller says.
    const ms = flow.gives === true ? this.asked : Math.min(limits.request, this.asked)
    const parent = background({ clock, metadata: headers })
    this.scope = ms < Number.POSITIVE_INFINITY ? withDeadline(parent, this.#started + ms) : withCancel(parent)
    this.ctx = this.scope.ctx
  }

  /** The subject that the answer goes to. */
  get reply(): string | undefined {
    return this.request.reply
  }

  /** The caller has left. */
  abstract left(why: Ending): void
  /** The server's time is up. */
  abstract cut(): void

  /** Answers without asking the endpoint. */
  protected refuse({ failure, reason }: Refusal): void {
    report(this.flow.onTelemetry, { kind: 'server.rejected', transport: 'nats', reason, failure })
    this.answer(this.failed(failure), { _tag: 'Left', left: failure })
  }

  protected fail(failure: Failure, where: 'decode' | 'endpoint' | 'encode'): void {
    if (this.answered) return
    this.tell(failure, where)
    this.answer(this.failed(failure), { _tag: 'Left', left: failure })
  }

  protected tell(failure: Failure, where: 'decode' | 'endpoint' | 'encode'): void {
    if (where !== 'endpoint' || isInfrastructure(failure))
      for (const listener of this.flow.onError) this.guarded(() => listener(failure, this.ctx, where))
  }

  /** A failure as a reply that nobody can take for a success, whatever the encoder does. */
  protected failed(failure: Failure): Reply {
    let reply: Reply = { headers: {}, body: undefined }
    if (!this.guarded(() => this.flow.encodeError(failure, reply, this.ctx))) {
      reply = { headers: {}, body: undefined }
      encodeFailure(failure, reply)
    }
    if (!isMarked(reply.headers)) markFailure(failure, reply.headers)
    for (const hook of this.flow.afterError)
      this.guarded(() => {
        this.ctx = hook(this.ctx, reply, failure) ?? this.ctx
      })
    return reply
  }

  /** Sends the one answer and ends the call. */
  protected answer(reply: Reply, outcome: Outcome): void {
    if (this.answered) return
    this.answered = true
    this.over(this.#left(reply) ? outcome : (this.#unsent ?? outcome))
  }

  /** What the caller hears instead of what could not be sent for this reason. */
  protected instead(failure: Failure): Failure {
    if (failure._tag !== 'InvalidArgument') return failure
    const message = `the answer is too large: ${failure.message}`
    const large: Failure = { _tag: 'AnswerTooLarge', code: 'internal', message }
    this.tell(large, 'encode')
    return large
  }

  protected tellUnsent(failure: Failure): void {
    report(this.flow.onTelemetry, { kind: 'server.rejected', transport: 'nats', reason: 'answer-not-sent', failure })
  }

  #unsent: Outcome | undefined

  #left(reply: Reply): boolean {
    const { reply: to } = this.request
    if (to === undefined) return true
    let failure = this.link.send(to, reply.body, reply.headers)
    if (failure?._tag === 'InvalidArgument') {
      const large = this.instead(failure)
      this.#unsent = { _tag: 'Left', left: large }
      const instead = this.failed(large)
      failure = this.link.send(to, instead.body, instead.headers)
      if (failure === undefined) this.#sent = instead
    } else if (failure === undefined) this.#sent = reply
    else this.#unsent = { _tag: 'Left', left: failure }
    if (failure === undefined) return this.#unsent === undefined
    // Nobody hears it: the caller will, by its deadline or by its own connection.
    this.tellUnsent(failure)
    return false
  }

  /** All is over. Only once. */
  protected over(outcome: Outcome): void {
    if (this.#over) return
    this.#over = true
    this.answered = true
    const { stats, clock, finalize } = this.flow
    stats.spent += clock.now() - this.#started
    if (outcome._tag === 'Left') stats.failed(outcome.left.code, outcome.left.message)
    const reply = this.#sent
    for (const finalizer of finalize)
      this.guarded(() => finalizer(this.ctx, { request: this.request, outcome, ...(reply && { reply }) }))
    this.#ended(this)
    this.gate.depart()
  }

  protected release(): void {
    if (!this.held) return
    this.held = false
    this.gate.leave()
  }

  /** Does what may throw: `true` when it did not. */
  protected guarded(step: () => void): boolean {
    try {
      step()
      return true
    } catch (cause) {
      this.caught(cause)
      return false
    }
  }

  protected caught(cause: unknown): Failure {
    report(this.flow.onTelemetry, { kind: 'defect', method: this.flow.method, cause })
    return defect(cause)
  }
}
