// JSON-RPC 2.0 over HTTP, the server's side: implementations or methods by hand as a Node request listener.
import { statusOf } from '@tenon/contract'
import {
  type Clock,
  type Failure,
  hooksOption,
  knownOptions,
  type OptionNames,
  systemClock,
  type TelemetryListener,
} from '@tenon/endpoint'
import { Exchange } from '../exchange.ts'
import type { Flow } from '../flow.ts'
import type { Gate } from '../gate.ts'
import type { ErrorListener, Hooks, ServerBefore, ServerFinalizer } from '../hooks.ts'
import { governable, type RequestListener, type Target } from '../listener.ts'
import { wireOf } from '../problem.ts'
import { notAllowed } from '../refusal.ts'
import type { Reply, ServerRequest } from '../reply.ts'
import { failing } from '../router.ts'
import type { RpcAfter, RpcAfterError, RpcBefore, RpcErrorEncoder, RpcFinalizer } from './call.ts'
import { errorText, type Service } from './calling.ts'
import { numberOf, rpcCodeOf, standardErrors } from './error.ts'
import { Handling, handlingOver } from './handling.ts'
import { type RpcLimits, rpcLimits } from './limits.ts'
import { readMessage } from './message.ts'
import { fullName, prepareMethods, type RpcName, type RpcServed } from './method.ts'

/** How methods are served. */
export interface RpcServerOptions {
  /** What a contract's method is called on the wire. Default: `<contract>/<method>`. `({ name }) => name` for bare names. */
  readonly name?: RpcName
  /** Runs once a HTTP request, before its body is read; sees the request, may add to the context. */
  readonly before?: Hooks<ServerBefore>
  /** Runs for every call, between the reading of the message and decode. */
  readonly beforeCall?: Hooks<RpcBefore>
  readonly after?: Hooks<RpcAfter>
  readonly afterError?: Hooks<RpcAfterError>
  readonly finalize?: Hooks<RpcFinalizer>
  /** Also hears of every failure of a notification: nobody else does. */
  readonly onError?: Hooks<ErrorListener>
  /** May change what an error says: its number, its message, its data. A throw is a `Defect`, and the error stays as it was. */
  readonly encodeError?: RpcErrorEncoder
  /**
   * The media types that a body may have, in UTF-8; others are answered with 415. Default: `application/json`,
   * `application/json-rpc` and `application/jsonrequest`.
   */
  readonly media?: readonly string[]
  readonly limits?: RpcLimits
  /** Default: the system's. */
  readonly clock?: Clock
  /** Hears of refusals (`server.rejected`), late results (`timeout.late`) and defects. Default: the diagnostics channels. */
  readonly onTelemetry?: TelemetryListener
}

const usual: readonly string[] = ['application/json', 'application/json-rpc', 'application/jsonrequest']

const named: OptionNames<RpcServerOptions> = {
  name: true,
  before: true,
  beforeCall: true,
  after: true,
  afterError: true,
  finalize: true,
  onError: true,
  encodeError: true,
  media: true,
  limits: true,
  clock: true,
  onTelemetry: true,
}

/**
 * A Node request listener that answers JSON-RPC 2.0: calls, notifications and batches, of the methods of one or several
 * implementations, or of methods by hand. Stands among the `routes` of `http.serve`, which then governs it, or alone in
 * `http.createServer`. Takes POST only. Methods with streams are answered with -32601, events are not there.
 *
 * @throws TypeError for bad options, and for two methods with one name, naming both.
 */
export function server(served: RpcServed, options: RpcServerOptions = {}): RequestListener {
  const who = 'jsonrpc.server'
  knownOptions(who, options, named)
  const { name = fullName, encodeError, media = usual, clock = systemClock, onTelemetry } = options
  for (const [option, given] of Object.entries({ name, encodeError }))
    if (given !== undefined && typeof given !== 'function')
      throw new TypeError(`${who}: ${option} is a function and not ${String(given)}`)
  if (!Array.isArray(media) || media.length === 0 || media.some((type) => typeof type !== 'string'))
    throw new TypeError(`${who}: media is a list of media types and not ${JSON.stringify(media)}`)
  const limits = rpcLimits(who, options.limits)
  const service: Service = {
    methods: prepareMethods(who, served, name),
    beforeCall: hooksOption(who, options.beforeCall),
    after: hooksOption(who, options.after),
    afterError: hooksOption(who, options.afterError),
    onError: hooksOption(who, options.onError),
    encodeError,
    limits,
    clock,
    onTelemetry,
  }
  const handled = new WeakMap<ServerRequest, Handling>()
  const finalizers: readonly RpcFinalizer[] = hooksOption(who, options.finalize)
  const around: Omit<Flow, 'run' | 'decode'> = {
    method: undefined,
    encode(handling, reply): undefined {
      ;(handling as Handling).write(reply)
    },
    encodeError: (failure, reply, ctx) => {
      const handling = handlingOver(ctx)
      if (handling === undefined) refused(service, failure, reply, ctx)
      else handling.conclude(failure, reply)
    },
    media,
    before: hooksOption(who, options.before),
    after: [],
    // Of what was in the middle of its calls they have heard call by call.
    afterError: service.afterError.map((hook) => (ctx, reply, failure) => {
      if (handlingOver(ctx) === undefined) return hook(ctx as never, reply, failure)
    }),
    onError: service.onError.map((listener) => (failure, ctx, where) => {
      if (handlingOver(ctx) === undefined) listener(failure, ctx, where)
    }),
    finalize: finalizers.map(
      (finalizer): ServerFinalizer =>
        (ctx, exchange) => {
          const told = handled.get(exchange.request)?.told
          finalizer(ctx, { ...exchange, calls: told?.calls ?? [], outcome: told?.outcome ?? exchange.outcome })
        },
    ),
    limits,
    clock,
    onTelemetry,
  }
  const wrongVerb: Flow = { ...failing, ...around, before: [], afterError: [], onError: [], finalize: [] }
  const take = (open: Gate): Target => {
    const flow: Flow = {
      ...around,
      run: (handling, ctx) => (handling as Handling).run(ctx) as never,
      decode(request) {
        const message = readMessage(request.body, limits)
        if (message._tag === 'Left') return message
        const handling = new Handling(service, open, message.right, request)
        if (finalizers.length > 0) handled.set(request, handling)
        return { _tag: 'Right', right: handling }
      },
    }
    return (req, res, params, expects) => {
      if (req.method === 'POST') new Exchange(flow, req, res, open, params).start(expects)
      else new Exchange(wrongVerb, req, res, open, params).start(false, notAllowed('POST'))
    }
  }
  return governable(limits, take)
}

/** Answers where there is no call to answer: with one error whose id is null. */
function refused(service: Service, failure: Failure, reply: Reply, ctx: Parameters<Flow['encodeError']>[2]): void {
  const own = numberOf(failure)
  const status = reply.status !== 0 ? reply.status : own === undefined ? statusOf(failure.code) : 200
  // No method was asked: that a body is too large is not the fault of its params.
  const noCall = failure.code === 'invalid_argument' || failure.code === 'unimplemented'
  const number = own ?? (noCall ? standardErrors.invalidRequest.code : rpcCodeOf(failure.code))
  const error = errorText(service, failure, wireOf(failure), number, ctx, reply)
  if (reply.status === 0) reply.status = status
  reply.headers['content-type'] ??= 'application/json'
  reply.body = `{"jsonrpc":"2.0",${error},"id":null}`
}
