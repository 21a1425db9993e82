// The answering half of an exchange: whatever happens, one reply leaves, and the finalizers run once.
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  background,
  type Context,
  defect,
  type Failure,
  isInfrastructure,
  type Outcome,
  report,
  type Scope,
  type Timer,
  withCancel,
  withDeadline,
} from '@tenon/endpoint'
import { complete, lengthOf, writeBody } from './answer.ts'
import { hasBody, worthDropping } from './body.ts'
import { type Connection, connectionOf, type Open } from './connection.ts'
import type { Flow } from './flow.ts'
import type { Gate } from './gate.ts'
import { HeaderMetadata } from './metadata.ts'
import { encodeProblem } from './problem.ts'
import { type Refusal, unreadAnswer } from './refusal.ts'
import { newReply, Received, type Reply } from './reply.ts'

type Params = Readonly<Record<string, string | undefined>>
const noParams: Params = Object.freeze(Object.create(null))

/** `NaN` for what is no whole number of milliseconds. */
const milliseconds = (header: string): number => (/^\d{1,12}$/.test(header) ? Number(header) : Number.NaN)

export abstract class Answering implements Open {
  protected readonly flow: Flow
  protected readonly res: ServerResponse
  protected readonly request: Received
  protected readonly gate: Gate
  protected readonly connection: Connection
  protected readonly scope: Scope
  /** Has the request a body? */
  protected readonly bodied: boolean
  /** When it came, in milliseconds of the clock. */
  protected readonly began: number
  /** When the endpoint must have answered, in milliseconds of the clock; `NaN` where the caller asked for no number. */
  protected readonly deadline: number
  /** When the call must be over. Later than the deadline only where the answer is a stream. */
  protected readonly until: number
  protected ctx: Context
  protected timer: Timer | undefined
  /** Does it count among the gate's running ones? */
  protected held = false
  /** Does the endpoint run? */
  protected running = false
  /** Must the connection be closed after the answer? */
  protected close = false
  /** Nothing more of the request can be read. */
  protected broken = false
  protected answered = false
  /** What was sent, its head at least. */
  protected sent: Reply | undefined
  #outcome: Outcome | undefined

  constructor(flow: Flow, req: IncomingMessage, res: ServerResponse, gate: Gate, params: Params = noParams) {
    const { clock, limits } = flow
    this.flow = flow
    this.res = res
    this.gate = gate
    this.request = new Received(req, params)
    this.connection = connectionOf(req.socket)
    this.bodied = hasBody(req)
    const { headers } = req
    const asked = headers['request-timeout-ms'] as string | undefined
    const wanted = asked === undefined ? Number.POSITIVE_INFINITY : milliseconds(asked)
    const ms = Math.min(limits.request, wanted)
    const parent = background({ clock, metadata: new HeaderMetadata(headers) })
    const now = clock.now()
    this.began = now
    this.deadline = now + ms
    this.until = flow.lasts === undefined ? this.deadline : now + Math.min(flow.lasts, wanted)
    this.scope = this.until < Number.POSITIVE_INFINITY ? withDeadline(parent, this.until) : withCancel(parent)
    this.ctx = this.scope.ctx
  }

  abstract closed(): void
  abstract last(why: Refusal): void
  abstract cancel(): void

  /** Answers without asking the endpoint. */
  refuse(refusal: Refusal): void {
    const { failure, reason, status, headers } = refusal
    report(this.flow.onTelemetry, { kind: 'server.rejected', transport: 'http', reason, failure })
    this.close ||= refusal.close === true || !worthDropping(this.request.raw, this.flow.limits.body)
    this.#reply(failure, status, headers)
  }

  protected fail(failure: Failure, where: 'decode' | 'endpoint' | 'encode'): void {
    if (this.answered) return
    this.tell(failure, where)
    this.#reply(failure, 0, undefined)
  }

  protected tell(failure: Failure, where: 'decode' | 'endpoint' | 'encode'): void {
    if (where !== 'endpoint' || isInfrastructure(failure))
      for (const listener of this.flow.onError) this.guarded(() => listener(failure, this.ctx, where))
  }

  #reply(failure: Failure, status: number, headers: Readonly<Record<string, string>> | undefined): void {
    if (this.answered) return
    const reply = this.problem(failure, status, headers)
    for (const hook of this.flow.afterError)
      this.guarded(() => {
        this.ctx = hook(this.ctx, reply, failure) ?? this.ctx
      })
    this.send(reply, { _tag: 'Left', left: failure })
  }

  protected problem(failure: Failure, status: number, headers?: Readonly<Record<string, string>>): Reply {
    const reply: Reply = { status, headers: { ...headers }, body: undefined }
    if (this.guarded(() => this.flow.encodeError(failure, reply, this.ctx))) return reply
    const plain: Reply = { status, headers: { ...headers }, body: undefined }
    encodeProblem(failure, plain)
    return plain
  }

  protected send(reply: Reply, outcome: Outcome): void {
    if (this.answered) return
    const close = this.close || this.gate.draining
    const { limits, clock, finalize } = this.flow
    let bytes: number
    try {
      bytes = complete(reply, close)
      this.res.writeHead(reply.status, reply.headers as Record<string, string | string[]>)
    } catch (cause) {
      // A status or a header that no wire can carry; nothing has left yet.
      reply = newReply()
      outcome = { _tag: 'Left', left: this.caught(cause) }
      encodeProblem(outcome.left, reply)
      bytes = complete(reply, close)
      this.res.writeHead(reply.status, reply.headers as Record<string, string | string[]>)
    }
    this.sent = reply
    if (finalize.length > 0) this.res.once('finish', () => this.finalize(false))
    this.end(outcome)
    const rest = close && !this.broken && !worthDropping(this.request.raw, limits.body)
    writeBody(this.request.raw, this.res, reply.body, bytes, rest ? clock : undefined)
    // Most often the kernel takes all of it at once.
    if (this.res.writableLength > 0) this.waits(bytes)
  }

  /** So many bytes wait for the client to read them. */
  protected waits(bytes: number): void {
    const { reason, failure } = unreadAnswer
    for (let n = this.gate.waiting.add(this.res, this.request.raw.socket, bytes); n > 0; n--)
      report(this.flow.onTelemetry, { kind: 'server.rejected', transport: 'http', reason, failure })
  }

  /** The call is over; its answer may still be on the way. */
  protected end(outcome: Outcome): void {
    this.answered = true
    this.#outcome = outcome
    this.timer?.cancel()
    this.scope[Symbol.dispose]()
    this.gate.depart()
    if (!this.running) this.release()
    if (this.flow.finalize.length === 0) this.connection.remove(this, this.res)
  }

  protected release(): void {
    if (this.held) this.gate.leave()
    this.held = false
  }

  protected finalize(aborted: boolean): void {
    const { finalize } = this.flow
    this.connection.remove(this, this.res)
    if (this.#outcome === undefined) return
    const sent = this.sent
    const exchange = {
      request: this.request,
      outcome: this.#outcome,
      status: sent?.status ?? 499,
      bytes: this.bytes(aborted),
      headers: sent?.headers ?? {},
      aborted,
    }
    this.#outcome = undefined
    for (const finalizer of finalize) this.guarded(() => finalizer(this.ctx, exchange))
  }

  /** Bytes of the body that were sent. */
  protected bytes(aborted: boolean): number {
    return aborted || this.request.method === 'HEAD' ? 0 : lengthOf(this.sent?.body)
  }

  protected caught(cause: unknown): Failure {
    const { onTelemetry, method } = this.flow
    report(onTelemetry, { kind: 'defect', method, cause })
    return defect(cause)
  }

  /** Somebody's function that must not change what happens. */
  protected guarded(run: () => void): boolean {
    try {
      run()
      return true
    } catch (cause) {
      this.caught(cause)
      return false
    }
  }
}
