// One request and its answer: a small state machine, so that a call costs one object and no closures it can avoid.
// before -> body -> decode -> endpoint -> after -> encode -> send; whatever happens on the way, one answer leaves and
// the finalizers run once.
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  background,
  type Context,
  cancelled,
  deadlineExceeded,
  defect,
  type Failure,
  isInfrastructure,
  type Ok,
  type Outcome,
  report,
  type Scope,
  type Timer,
  withCancel,
  withDeadline,
} from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { complete, lengthOf, writeBody } from './answer.ts'
import { hasBody, readBody, refusedBody, worthDropping } from './body.ts'
import { type Connection, connectionOf, type Open } from './connection.ts'
import type { Flow } from './flow.ts'
import type { Gate } from './gate.ts'
import { HeaderMetadata } from './metadata.ts'
import { encodeProblem } from './problem.ts'
import {
  badTimeout,
  bodyTooLarge,
  goingAway,
  malformedRequest,
  type Refusal,
  slowBody,
  tooBusy,
  tooManyHeaders,
} from './refusal.ts'
import { newReply, Received, type Reply } from './reply.ts'

type Params = Readonly<Record<string, string | undefined>>
const noParams: Params = Object.freeze(Object.create(null))

/** `NaN` for what is no whole number of milliseconds. */
const milliseconds = (header: string): number => (/^\d{1,12}$/.test(header) ? Number(header) : Number.NaN)

export class Exchange implements Open {
  readonly #flow: Flow
  readonly #res: ServerResponse
  readonly #request: Received
  readonly #gate: Gate
  readonly #connection: Connection
  readonly #scope: Scope
  readonly #deadline: number
  #ctx: Context
  #timer: Timer | undefined
  #phase: 'starting' | 'reading' | 'running' | 'ended' = 'starting'
  /** Does it count among the gate's running ones? */
  #held = false
  /** Must the connection be closed after the answer? */
  #close = false
  /** Nothing more of the request can be read. */
  #broken = false
  #answered = false
  #outcome: Outcome | undefined
  #sent: Reply | undefined

  constructor(flow: Flow, req: IncomingMessage, res: ServerResponse, gate: Gate, params: Params = noParams) {
    const { clock, limits } = flow
    this.#flow = flow
    this.#res = res
    this.#gate = gate
    this.#request = new Received(req, params)
    this.#connection = connectionOf(req.socket)
    const asked = req.headers['request-timeout-ms'] as string | undefined
    const ms = asked === undefined ? limits.request : Math.min(limits.request, milliseconds(asked))
    const parent = background({ clock, metadata: new HeaderMetadata(req.headers) })
    this.#deadline = ms === Number.POSITIVE_INFINITY ? ms : clock.now() + ms
    this.#scope = this.#deadline < Number.POSITIVE_INFINITY ? withDeadline(parent, this.#deadline) : withCancel(parent)
    this.#ctx = this.#scope.ctx
  }

  /**
   * Takes the request. `expects`: the client waits for `100 Continue` before it sends its body. `refused`: it is not
   * taken at all.
   */
  start(expects: boolean, refused?: Refusal): void {
    const { raw } = this.#request
    this.#gate.inFlight++
    this.#connection.add(this)
    const refusal = refused ?? this.#enter() ?? this.#before() ?? this.#checkBody()
    if (this.#answered) return
    if (refusal !== undefined) {
      this.refuse(refusal)
    } else if (hasBody(raw)) {
      const { limits, clock } = this.#flow
      if (expects) this.#res.writeContinue()
      this.#phase = 'reading'
      this.#wait(Math.min(this.#deadline, clock.now() + limits.bodyTimeout))
      readBody(raw, limits.body, this.#read)
    } else {
      this.#wait(this.#deadline)
      this.#decode()
    }
  }

  #enter(): Refusal | undefined {
    const gate = this.#gate
    if (gate.draining) return goingAway
    if (gate.running >= gate.limit) return tooBusy(gate.limit)
    gate.running++
    this.#held = true
    const { headers } = this.#flow.limits
    if (this.#request.raw.rawHeaders.length > headers * 2) return tooManyHeaders(headers)
    return Number.isNaN(this.#deadline) ? badTimeout : undefined
  }

  #before(): undefined {
    try {
      for (const hook of this.#flow.before) this.#ctx = hook(this.#ctx, this.#request) ?? this.#ctx
    } catch (cause) {
      this.#fail(this.#caught(cause), 'decode')
    }
  }

  #checkBody(): Refusal | undefined {
    const { limits, media } = this.#flow
    return hasBody(this.#request.raw) ? refusedBody(this.#request.raw, limits.body, media) : undefined
  }

  /** Answers without asking the endpoint. */
  refuse(refusal: Refusal): void {
    const { failure, reason, status, headers } = refusal
    report(this.#flow.onTelemetry, { kind: 'server.rejected', transport: 'http', reason, failure })
    this.#close ||= !worthDropping(this.#request.raw, this.#flow.limits.body)
    this.#reply(failure, status, headers)
  }

  last(): void {
    this.#close = true
    if (this.#phase !== 'reading' || this.#request.raw.complete) return
    // Its body will never be whole.
    this.#broken = true
    this.refuse(malformedRequest)
  }

  closed(): void {
    if (!this.#answered) {
      const why = cancelled('the client closed the connection')
      this.#end({ _tag: 'Left', left: why })
      this.#scope.cancel(why)
    }
    this.#finalize(true)
  }

  cancel(): void {
    if (!this.#answered) this.#scope.cancel(cancelled('the server is stopping'))
  }

  #wait(until: number): void {
    if (until !== Number.POSITIVE_INFINITY) this.#timer = this.#flow.clock.at(until, this.#late)
  }

  readonly #late = (): void => {
    const { clock, limits } = this.#flow
    const reading = this.#phase === 'reading'
    this.#close ||= reading
    if (clock.now() >= this.#deadline) {
      const failure = deadlineExceeded()
      this.#fail(failure, 'endpoint')
      this.#scope.cancel(failure)
    } else if (reading) this.refuse(slowBody(limits.bodyTimeout))
    else this.#wait(this.#deadline)
  }

  readonly #read = (body: Buffer | undefined): void => {
    if (this.#answered) return
    if (body === undefined) {
      this.#close = true
      this.refuse(bodyTooLarge(this.#flow.limits.body))
    } else {
      this.#request.body = body
      this.#decode()
    }
  }

  #decode(): void {
    this.#phase = 'starting'
    try {
      const decoded = this.#flow.decode(this.#request, this.#ctx)
      if ('then' in decoded) decoded.then(this.#decoded, (cause) => this.#fail(this.#caught(cause), 'decode'))
      else this.#decoded(decoded)
    } catch (cause) {
      this.#fail(this.#caught(cause), 'decode')
    }
  }

  readonly #decoded = (input: Either<Failure, unknown>): void => {
    if (this.#answered) return
    if (input._tag === 'Left') this.#fail(input.left, 'decode')
    else {
      this.#phase = 'running'
      void this.#flow.run(input.right, this.#ctx).then(this.#settled)
    }
  }

  readonly #settled = (outcome: Outcome): void => {
    this.#phase = 'ended'
    if (this.#answered) this.#dropped(outcome)
    else if (outcome._tag === 'Left') this.#fail(outcome.left, 'endpoint')
    else this.#encode(outcome)
  }

  #encode(outcome: Ok<unknown>): void {
    const { after, encode } = this.#flow
    const reply = newReply()
    try {
      for (const hook of after) this.#ctx = hook(this.#ctx, reply) ?? this.#ctx
      const encoding = encode(outcome.right, reply, this.#ctx)
      if (encoding === undefined) this.#send(reply, outcome)
      else
        encoding.then(
          () => this.#send(reply, outcome),
          (cause) => this.#fail(this.#caught(cause), 'encode'),
        )
    } catch (cause) {
      this.#fail(this.#caught(cause), 'encode')
    }
  }

  /** An outcome that nobody waited for any more. One that only says that it was told to stop is no news. */
  #dropped(outcome: Outcome): void {
    this.#release()
    const { onTelemetry, method, clock } = this.#flow
    if (outcome._tag === 'Left' && /^(?:cancelled|deadline_exceeded)$/.test(outcome.left.code)) return
    report(onTelemetry, { kind: 'timeout.late', method, late: Math.max(0, clock.now() - this.#deadline), outcome })
  }

  #fail(failure: Failure, where: 'decode' | 'endpoint' | 'encode'): void {
    if (this.#answered) return
    if (where !== 'endpoint' || isInfrastructure(failure))
      for (const listener of this.#flow.onError) this.#guarded(() => listener(failure, this.#ctx, where))
    this.#reply(failure, 0, undefined)
  }

  #reply(failure: Failure, status: number, headers: Readonly<Record<string, string>> | undefined): void {
    if (this.#answered) return
    const { encodeError, afterError } = this.#flow
    let reply: Reply = { status, headers: { ...headers }, body: undefined }
    if (!this.#guarded(() => encodeError(failure, reply, this.#ctx))) {
      reply = { status, headers: { ...headers }, body: undefined }
      encodeProblem(failure, reply)
    }
    for (const hook of afterError)
      this.#guarded(() => {
        this.#ctx = hook(this.#ctx, reply, failure) ?? this.#ctx
      })
    this.#send(reply, { _tag: 'Left', left: failure })
  }

  #send(reply: Reply, outcome: Outcome): void {
    if (this.#answered) return
    const close = this.#close || this.#gate.draining
    const { limits, clock, finalize } = this.#flow
    try {
      complete(reply, close)
      this.#res.writeHead(reply.status, reply.headers as Record<string, string | string[]>)
    } catch (cause) {
      // A status or a header that no wire can carry; nothing has left yet.
      reply = newReply()
      outcome = { _tag: 'Left', left: this.#caught(cause) }
      encodeProblem(outcome.left, reply)
      complete(reply, close)
      this.#res.writeHead(reply.status, reply.headers as Record<string, string | string[]>)
    }
    this.#sent = reply
    if (finalize.length > 0) this.#res.once('finish', () => this.#finalize(false))
    this.#end(outcome)
    const rest = close && !this.#broken && !worthDropping(this.#request.raw, limits.body)
    writeBody(this.#request.raw, this.#res, reply, rest ? clock : undefined)
  }

  /** The call is over; its answer may still be on the way. */
  #end(outcome: Outcome): void {
    this.#answered = true
    this.#outcome = outcome
    this.#timer?.cancel()
    this.#scope[Symbol.dispose]()
    this.#gate.inFlight--
    if (this.#phase !== 'running') this.#release()
    if (this.#flow.finalize.length === 0) this.#connection.remove(this, this.#res)
  }

  #release(): void {
    if (this.#held) this.#gate.running--
    this.#held = false
  }

  #finalize(aborted: boolean): void {
    const { finalize } = this.#flow
    this.#connection.remove(this, this.#res)
    if (this.#outcome === undefined) return
    const sent = this.#sent
    const exchange = {
      request: this.#request,
      outcome: this.#outcome,
      status: sent?.status ?? 499,
      bytes: aborted || this.#request.method === 'HEAD' ? 0 : lengthOf(sent?.body),
      headers: sent?.headers ?? {},
      aborted,
    }
    this.#outcome = undefined
    for (const finalizer of finalize) this.#guarded(() => finalizer(this.#ctx, exchange))
  }

  #caught(cause: unknown): Failure {
    const { onTelemetry, method } = this.#flow
    report(onTelemetry, { kind: 'defect', method, cause })
    return defect(cause)
  }

  /** Somebody's function that must not change what happens. */
  #guarded(run: () => void): boolean {
    try {
      run()
      return true
    } catch (cause) {
      this.#caught(cause)
      return false
    }
  }
}
