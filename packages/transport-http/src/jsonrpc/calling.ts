// One call of a message and its response: before -> decode -> endpoint -> after -> encode, as for a whole HTTP exchange.
import type { WireFailure } from '@tenon/contract'
import {
  type CheckedLimits,
  type Clock,
  type Context,
  defect,
  extend,
  type Failure,
  isInfrastructure,
  type MethodInfo,
  type Outcome,
  report,
  reportLate,
  type TelemetryListener,
} from '@tenon/endpoint'
import type { ErrorListener } from '../hooks.ts'
import { wireOf } from '../problem.ts'
import type { ServerRequest } from '../reply.ts'
import type { Called, RpcAfter, RpcAfterError, RpcBefore, RpcErrorEncoder, RpcReply } from './call.ts'
import { errorOf, methodNotFound, numberOf, type RpcError, standardMessage } from './error.ts'
import type { RpcLimits } from './limits.ts'
import type { Element, RpcRequest } from './message.ts'
import type { Prepared } from './method.ts'

/** What all calls of a server share. */
export interface Service {
  readonly methods: ReadonlyMap<string, Prepared>
  readonly beforeCall: readonly RpcBefore[]
  readonly after: readonly RpcAfter[]
  readonly afterError: readonly RpcAfterError[]
  readonly onError: readonly ErrorListener[]
  readonly encodeError: RpcErrorEncoder | undefined
  readonly limits: CheckedLimits<RpcLimits>
  readonly clock: Clock
  readonly onTelemetry: TelemetryListener | undefined
}

/** What the calls of one HTTP request share. */
export interface Shared {
  readonly request: ServerRequest
  readonly reply: RpcReply
  /** Bytes that the answer may still have. */
  room: number
}

type Where = Parameters<ErrorListener>[2]

export class Calling {
  readonly request: RpcRequest | undefined
  outcome: Outcome | undefined
  /** Its response; none for a notification, and before there is one. */
  response: string | undefined
  readonly #service: Service
  readonly #shared: Shared
  readonly #element: Element
  #method: Prepared | undefined
  #begun = false
  #ctx: Context & Called

  constructor(service: Service, shared: Shared, element: Element, ctx: Context) {
    this.request = element.request
    this.#service = service
    this.#shared = shared
    this.#element = element
    this.#ctx = ctx as Context & Called
  }

  async run(): Promise<void> {
    const { beforeCall, methods, after } = this.#service
    const { request } = this
    const { wrong } = this.#element
    let where: Where = 'decode'
    try {
      this.#begin()
      if (wrong !== undefined || request === undefined) {
        this.#fail(wrong as Failure, where)
        return
      }
      this.#before(beforeCall)
      const method = methods.get(request.method)
      this.#method = method
      if (method === undefined) {
        this.#fail(methodNotFound(request.method), where)
        return
      }
      this.#before(method.before)
      const decoding = method.decode(request.params, this.#ctx)
      const decoded = 'then' in decoding ? await decoding : decoding
      if (this.outcome !== undefined) return
      if (decoded._tag === 'Left') {
        this.#fail(decoded.left, where)
        return
      }
      where = 'endpoint'
      const outcome = await method.run(decoded.right, this.#ctx)
      if (this.outcome !== undefined) this.#dropped(outcome)
      else if (outcome._tag === 'Left') this.#fail(outcome.left, where)
      else if (this.#element.id === undefined) this.outcome = outcome
      else {
        where = 'encode'
        for (const hook of after) this.#ctx = (hook(this.#ctx, this.#shared.reply) ?? this.#ctx) as Context & Called
        const encoding = method.encode(outcome.right, this.#ctx)
        const encoded = encoding instanceof Promise ? await encoding : encoding
        this.#respond(outcome, `"result":${JSON.stringify(encoded) ?? 'null'}`)
      }
    } catch (cause) {
      this.#fail(this.#caught(cause), where)
    }
  }

  /** The HTTP request is over, and with it the call. */
  end(why: Failure): void {
    this.outcome ??= { _tag: 'Left', left: why }
  }

  /** Responds to what `end` has ended, if it has begun or not. */
  conclude(): void {
    if (this.outcome?._tag !== 'Left' || this.response !== undefined || this.#element.id === undefined) return
    const { left } = this.outcome
    this.outcome = undefined
    this.#guarded(() => this.#begin())
    this.#fail(left, 'endpoint')
  }

  #begin(): void {
    if (this.#begun || this.request === undefined) return
    this.#begun = true
    this.#ctx = extend(this.#ctx as Context, { rpc: this.request })
  }

  #before(hooks: readonly RpcBefore[]): void {
    for (const hook of hooks) this.#ctx = (hook(this.#ctx, this.#shared.request) ?? this.#ctx) as Context & Called
  }

  #fail(failure: Failure, where: Where): void {
    if (this.outcome !== undefined) return
    const { onError, afterError } = this.#service
    const silent = this.#element.id === undefined
    // Nobody else hears of what became of a notification.
    if (silent || where !== 'endpoint' || isInfrastructure(failure))
      for (const listener of onError) this.#guarded(() => listener(failure, this.#ctx, where))
    const outcome: Outcome = { _tag: 'Left', left: failure }
    if (silent) {
      this.outcome = outcome
      return
    }
    const wire = this.#wireOf(failure)
    const error = errorText(this.#service, failure, wire, numberOf(failure), this.#ctx, this.#shared.reply)
    for (const hook of afterError)
      this.#guarded(() => {
        this.#ctx = (hook(this.#ctx, this.#shared.reply, failure) ?? this.#ctx) as Context & Called
      })
    this.#respond(outcome, error)
  }

  #wireOf(failure: Failure): WireFailure {
    try {
      return (this.#method?.encodeFailure ?? wireOf)(failure)
    } catch (cause) {
      // A codec written by hand, and details that are not of its type.
      return wireOf(this.#caught(cause))
    }
  }

  #respond(outcome: Outcome, member: string): void {
    if (this.outcome !== undefined) return
    const response = `{"jsonrpc":"2.0",${member},"id":${this.#element.id}}`
    const room = this.#shared.room - Buffer.byteLength(response)
    if (room < 0 && !isTooLarge(outcome)) {
      this.#fail(tooLarge(this.#service.limits.answer), 'encode')
      return
    }
    this.#shared.room = Math.max(0, room)
    this.outcome = outcome
    this.response = response
  }

  /** An outcome that nobody waited for any more. */
  #dropped(outcome: Outcome): void {
    const { onTelemetry, clock } = this.#service
    reportLate(onTelemetry, this.#info, clock.now() - this.#ctx.deadline, outcome)
  }

  get #info(): MethodInfo | undefined {
    return this.#method?.info
  }

  #caught(cause: unknown): Failure {
    return caught(this.#service, this.#info, cause)
  }

  /** Somebody's function that must not change what happens. */
  #guarded(run: () => void): void {
    try {
      run()
    } catch (cause) {
      this.#caught(cause)
    }
  }
}

const tooLargeTag = 'AnswerTooLarge'

const tooLarge = (limit: number): Failure => ({
  _tag: tooLargeTag,
  code: 'internal',
  message: `the answer may have ${limit} bytes`,
})

const isTooLarge = (outcome: Outcome): boolean => outcome._tag === 'Left' && outcome.left._tag === tooLargeTag

function caught(
  { onTelemetry }: Pick<Service, 'onTelemetry'>,
  method: MethodInfo | undefined,
  cause: unknown,
): Failure {
  report(onTelemetry, { kind: 'defect', method, cause })
  return defect(cause)
}

/** The `error` member of a response. What the user's encoder breaks is written as if there were none. */
export function errorText(
  service: Pick<Service, 'encodeError' | 'onTelemetry'>,
  failure: Failure,
  wire: WireFailure,
  number: number | undefined,
  ctx: Context & Partial<Called>,
  reply: RpcReply,
): string {
  const { encodeError } = service
  try {
    const error = errorOf(wire, number)
    encodeError?.(failure, error, ctx, reply)
    return member(error)
  } catch (cause) {
    const broken = caught(service, undefined, cause)
    try {
      return member(errorOf(wire, number))
    } catch {
      return member(errorOf(wireOf(broken)))
    }
  }
}

const member = ({ code, message, data }: RpcError): string => {
  if (!Number.isSafeInteger(code)) throw new TypeError(`an error's code is a whole number and not ${String(code)}`)
  return `"error":${JSON.stringify({ code, message: message === '' ? standardMessage(code) : message, data })}`
}
