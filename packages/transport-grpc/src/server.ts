// The low level of serving: one endpoint as a unary handler for a service of the user's own, its codecs and hooks in their hands.
import type { handleUnaryCall } from '@grpc/grpc-js'
import { encodeUndeclared, type WireFailure } from '@tenon/contract'
import {
  type Clock,
  type Context,
  type Defect,
  type Endpoint,
  type Failure,
  hooksOption,
  knownOptions,
  type OptionNames,
  runner,
  systemClock,
  type TelemetryListener,
} from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import type { Flow } from './flow.ts'
import { gate } from './gate.ts'
import type { ErrorListener, Hooks, ServerAfter, ServerBefore, ServerFinalizer, ServerProvider } from './hooks.ts'
import { type RequestLimits, requestLimits } from './limits.ts'
import { handlerOf } from './methods.ts'

type Needed<R> = unknown extends R
  ? { readonly before?: Hooks<ServerBefore> }
  : { readonly before: ServerProvider<R> | readonly [...ServerBefore[], ServerProvider<R>] }

/** How an endpoint is served. Where it needs something of its context, the last `before` hook provides that. */
export type ServerOptions<I, O, E extends Failure, R, Req, Res> = Needed<R> & {
  /** The endpoint's input, from the message; a Left is answered as that failure, a throw is a `Defect`. */
  readonly decode: (message: Req, ctx: Context) => Either<Failure, I> | Promise<Either<Failure, I>>
  /** The message, from the output. A throw is a `Defect`. */
  readonly encode: (output: O, ctx: Context) => Res | Promise<Res>
  /**
   * What crosses of a failure: its code is the status, the rest travels as google.rpc.Status. Default: code, tag, message
   * and what is known to be harmless; of a `Defect` only that it was one. It holds where this throws, too.
   */
  readonly encodeError?: (failure: E | Failure | Defect, ctx: Context) => WireFailure
  /** What google.rpc.ErrorInfo has as its domain. Default: the service's name in the path. */
  readonly domain?: string
  readonly after?: Hooks<ServerAfter>
  readonly finalize?: Hooks<ServerFinalizer>
  readonly onError?: Hooks<ErrorListener>
  readonly limits?: RequestLimits
  /** Default: the system's. Deadlines are measured on it. */
  readonly clock?: Clock
  /** Hears of refusals (`server.rejected`), late results (`timeout.late`) and defects. Default: the diagnostics channels. */
  readonly onTelemetry?: TelemetryListener
}

const named: OptionNames<ServerOptions<unknown, unknown, Failure, unknown, unknown, unknown>> = {
  before: true,
  decode: true,
  encode: true,
  encodeError: true,
  domain: true,
  after: true,
  finalize: true,
  onError: true,
  limits: true,
  clock: true,
  onTelemetry: true,
}

/**
 * A handler for `addService` of a grpc-js server: before -> decode -> endpoint -> after -> encode. For every call it makes a
 * context: metadata are the call's, the deadline is `limits.request` or the caller's, and it is cancelled when the client
 * leaves. Whatever the endpoint does, the call ends with one status. The server around it, its end included, is the user's.
 *
 * @throws TypeError for bad options.
 */
export function server<I, O, E extends Failure, R, Req, Res>(
  endpoint: Endpoint<I, O, E, R>,
  options: ServerOptions<I, O, E, R, Req, Res>,
): handleUnaryCall<Req, Res> {
  const who = 'grpc.server'
  knownOptions(who, options, named)
  const { decode, encode, encodeError = encodeUndeclared, domain, clock = systemClock, onTelemetry } = options
  for (const [name, step] of Object.entries({ decode, encode, encodeError }))
    if (typeof step !== 'function') throw new TypeError(`${who}: ${name} is a function and not ${String(step)}`)
  const limits = requestLimits(who, options.limits)
  const flow: Flow = {
    kind: 'unary',
    run: runner(endpoint as never),
    method: endpoint.method,
    domain,
    decode: decode as Flow['decode'],
    encode: encode as Flow['encode'],
    encodeFailure: encodeError as Flow['encodeFailure'],
    before: hooksOption(who, options.before as Hooks<ServerBefore> | undefined),
    after: hooksOption(who, options.after),
    finalize: hooksOption(who, options.finalize),
    onError: hooksOption(who, options.onError),
    limits,
    clock,
    onTelemetry,
    gate: gate(limits.concurrent),
    unread: undefined,
  }
  return handlerOf(flow) as handleUnaryCall<Req, Res>
}
