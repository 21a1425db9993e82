// One call on the server's side: before -> decode -> endpoint -> after -> encode -> send. Whatever happens, it ends once with
// one status, and the finalizers run once. grpc-js tells of a client that left and of a deadline only by an event.
import type { ServerDuplexStream, ServerReadableStream, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js'
import { encodeUndeclared, unavailable } from '@tenon/contract'
import {
  background,
  type Context,
  cancelled,
  deadlineExceeded,
  defect,
  type Failure,
  isInfrastructure,
  type Outcome,
  report,
  reportLate,
  type Scope,
  type Timer,
  withCancel,
  withDeadline,
} from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import type { Flow } from './flow.ts'
import { goingAway, tooBusy, tooMuchMetadata } from './gate.ts'
import { isLater, type Message } from './line.ts'
import { received } from './metadata.ts'
import { Seen } from './seen.ts'
import { type FailedStatus, statusOf } from './status.ts'

/** A call as grpc-js hands it to a server, of any kind. */
export type AnyCall =
  | ServerUnaryCall<Message, Message>
  | ServerReadableStream<Message, Message>
  | ServerWritableStream<Message, Message>
  | ServerDuplexStream<Message, Message>

export abstract class Answering {
  protected readonly flow: Flow
  protected readonly scope: Scope
  protected ctx: Context
  protected readonly info: Seen
  protected over = false
  readonly #deadline: number
  #timer: Timer | undefined
  /** Does it count among the gate's running ones? */
  #held = false
  #running = false
  readonly #excess: boolean

  constructor(flow: Flow, call: AnyCall) {
    const { clock, limits, kind } = flow
    this.flow = flow
    this.info = new Seen(call, flow.before.length + flow.after.length + flow.finalize.length > 0)
    const asked = Number(call.getDeadline())
    const left =
      asked === Number.POSITIVE_INFINITY || Number.isNaN(asked) ? Number.POSITIVE_INFINITY : asked - Date.now()
    const streams = kind === 'serverStream' || kind === 'duplex'
    const ms = streams ? left : Math.min(limits.request, left)
    this.#deadline = ms === Number.POSITIVE_INFINITY ? ms : clock.now() + ms
    const metadata = received(call.metadata, limits.metadata)
    this.#excess = metadata === undefined
    const parent = background({ clock, metadata })
    this.scope = ms === Number.POSITIVE_INFINITY ? withCancel(parent) : withDeadline(parent, this.#deadline)
    this.ctx = this.scope.ctx
    flow.gate.inFlight++
    flow.gate.calls.add(this)
    const events: NodeJS.EventEmitter = call
    events.on('cancelled', this.#cancelled)
    events.on('error', this.#broken)
  }

  /** Sends the last of it. Called once. */
  protected abstract finish(status: FailedStatus | undefined, value: Message | undefined): void
  /** Answers where the endpoint has opened a stream or given a value; `run` has not ended the call by itself. */
  protected abstract succeeded(value: unknown): void

  /** Takes the call, or tells why not. */
  protected admitted(): boolean {
    const { gate, limits } = this.flow
    if (gate.draining) return this.refuse('draining', goingAway)
    if (gate.running >= gate.limit) return this.refuse('too-busy', tooBusy(gate.limit))
    if (this.#excess) return this.refuse('metadata-too-large', tooMuchMetadata(limits.metadata))
    if (this.#deadline <= this.flow.clock.now()) {
      this.failed(deadlineExceeded(), 'decode')
      return false
    }
    gate.running++
    this.#held = true
    if (this.#deadline !== Number.POSITIVE_INFINITY) this.#timer = this.flow.clock.at(this.#deadline, this.#late)
    try {
      for (const hook of this.flow.before) this.ctx = hook(this.ctx, this.info) ?? this.ctx
      return true
    } catch (cause) {
      this.failed(this.caught(cause), 'decode')
      return false
    }
  }

  protected refuse(reason: string, failure: Failure): false {
    report(this.flow.onTelemetry, { kind: 'server.rejected', transport: 'grpc', reason, failure })
    this.failed(failure, 'decode')
    return false
  }

  protected decoded(message: Message): void {
    try {
      const decoding = this.flow.decode(message, this.ctx)
      if (isLater(decoding)) decoding.then(this.input, (cause) => this.failed(this.caught(cause), 'decode'))
      else this.input(decoding)
    } catch (cause) {
      this.failed(this.caught(cause), 'decode')
    }
  }

  protected readonly input = (input: Either<Failure, unknown>): void => {
    if (this.over) return
    if (input._tag === 'Left') {
      this.failed(input.left, 'decode')
      return
    }
    this.#running = true
    void this.flow.run(input.right, this.ctx).then(this.#settled)
  }

  readonly #settled = (outcome: Outcome): void => {
    this.#running = false
    if (this.over) this.#dropped(outcome)
    else if (!this.after(outcome)) return
    else if (outcome._tag === 'Left') this.failed(outcome.left, 'endpoint')
    else this.succeeded(outcome.right)
  }

  /** Runs the `after` hooks; false where one broke, and the call has ended with that. */
  protected after(outcome: Outcome): boolean {
    try {
      for (const hook of this.flow.after) this.ctx = hook(this.ctx, this.info, outcome) ?? this.ctx
      return true
    } catch (cause) {
      this.failed(this.caught(cause), 'encode')
      return false
    }
  }

  protected failed(failure: Failure, where: 'decode' | 'endpoint' | 'encode'): void {
    if (this.over) return
    if (where !== 'endpoint' || isInfrastructure(failure))
      for (const listener of this.flow.onError) this.#guarded(() => listener(failure, this.ctx, where))
    this.#end({ _tag: 'Left', left: failure }, this.status(failure), undefined)
  }

  protected answered(value: Message | undefined, output: unknown): void {
    if (!this.over) this.#end({ _tag: 'Right', right: output }, undefined, value)
  }

  protected status(failure: Failure): FailedStatus {
    const { encodeFailure, domain = this.info.path.split('/', 2)[1] ?? '' } = this.flow
    const { trailers } = this.info
    try {
      return statusOf(encodeFailure(failure, this.ctx), domain, trailers)
    } catch (cause) {
      return statusOf(encodeUndeclared(this.caught(cause)), domain, trailers)
    }
  }

  #end(outcome: Outcome, status: FailedStatus | undefined, value: Message | undefined): void {
    this.over = true
    this.#timer?.cancel()
    this.#guarded(() => this.finish(status, value))
    this.scope[Symbol.dispose]()
    if (!this.#running) this.#release()
    const { gate, finalize } = this.flow
    for (const finalizer of finalize) this.#guarded(() => finalizer(this.ctx, this.info, outcome))
    gate.calls.delete(this)
    if (--gate.inFlight === 0) gate.idle()
  }

  #release(): void {
    if (this.#held) this.flow.gate.running--
    this.#held = false
  }

  /** The server's time is up. */
  cut(): void {
    const failure = unavailable('the server stopped before the call had ended')
    this.scope.cancel(cancelled(failure.message))
    this.failed(failure, 'endpoint')
  }

  readonly #late = (): void => {
    const failure = deadlineExceeded()
    // First, because what an answered call leaves behind hears of nothing any more.
    this.scope.cancel(failure)
    this.failed(failure, 'endpoint')
  }

  /** The call has left grpc-js: it was sent, or its client is gone. */
  protected abstract gone(): void

  readonly #cancelled = (): void => {
    this.gone()
    if (this.over) return
    const why = this.flow.clock.now() >= this.#deadline - 1 ? deadlineExceeded() : cancelled('the client gave up')
    this.scope.cancel(why)
    this.failed(why, 'endpoint')
  }

  /** What the connection under a call throws at it: there is nobody left to answer. */
  readonly #broken = (cause: unknown): void => {
    if (this.over) return
    this.scope.cancel(cancelled(`the connection broke: ${(cause as Error)?.message ?? cause}`))
    this.failed(cancelled('the connection broke'), 'endpoint')
  }

  #dropped(outcome: Outcome): void {
    this.#release()
    const { onTelemetry, method, clock } = this.flow
    reportLate(onTelemetry, method, clock.now() - this.#deadline, outcome)
  }

  protected caught(cause: unknown): Failure {
    const { onTelemetry, method } = this.flow
    report(onTelemetry, { kind: 'defect', method, cause })
    return defect(cause)
  }

  #guarded(run: () => void): void {
    try {
      run()
    } catch (cause) {
      this.caught(cause)
    }
  }
}
