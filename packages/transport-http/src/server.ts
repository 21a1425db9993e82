// The low level of serving: one endpoint as a Node request listener, its codecs and hooks in the user's hands.
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
import { encodeJson } from './codec.ts'
import { Exchange } from './exchange.ts'
import type { Flow } from './flow.ts'
import type {
  ErrorListener,
  Hooks,
  ServerAfter,
  ServerAfterError,
  ServerBefore,
  ServerFinalizer,
  ServerProvider,
} from './hooks.ts'
import { type RequestLimits, requestLimits } from './limits.ts'
import { governable, type RequestListener } from './listener.ts'
import { encodeProblem } from './problem.ts'
import type { Reply, ServerRequest } from './reply.ts'

type Needed<R> = unknown extends R
  ? { readonly before?: Hooks<ServerBefore> }
  : { readonly before: ServerProvider<R> | readonly [...ServerBefore[], ServerProvider<R>] }

/** How an endpoint is served. Where it needs something of its context, the last `before` hook provides that. */
export type ServerOptions<I, O, E extends Failure = Failure, R = unknown> = Needed<R> & {
  /** The endpoint's input, from the request; a Left is answered as that failure, a throw is a `Defect`. */
  readonly decode: (request: ServerRequest, ctx: Context) => Either<Failure, I> | Promise<Either<Failure, I>>
  /** Writes the output into the reply. Default: `encodeJson`. A throw is a `Defect`; nothing of its reply is sent. */
  readonly encode?: (output: O, reply: Reply, ctx: Context) => void | Promise<void>
  /** Writes a failure into the reply. Default: `encodeProblem`, which is used where this throws, too. */
  readonly encodeError?: (failure: E | Failure | Defect, reply: Reply, ctx: Context) => void
  readonly after?: Hooks<ServerAfter>
  readonly afterError?: Hooks<ServerAfterError>
  readonly finalize?: Hooks<ServerFinalizer>
  readonly onError?: Hooks<ErrorListener>
  /** The media types that a body may have; others are answered with 415 before the body is read. Default: any. */
  readonly media?: readonly string[]
  readonly limits?: RequestLimits
  /** Default: the system's. */
  readonly clock?: Clock
  /** Hears of refusals (`server.rejected`), late results (`timeout.late`) and defects. Default: the diagnostics channels. */
  readonly onTelemetry?: TelemetryListener
}

const named: OptionNames<ServerOptions<unknown, unknown>> = {
  before: true,
  decode: true,
  encode: true,
  encodeError: true,
  after: true,
  afterError: true,
  finalize: true,
  onError: true,
  media: true,
  limits: true,
  clock: true,
  onTelemetry: true,
}

/**
 * A Node request listener for one endpoint: before -> decode -> endpoint -> after -> encode. For every request it makes
 * a context: metadata are its headers, the deadline is `limits.request` or the caller's `request-timeout-ms`, and it is
 * cancelled when the client leaves. Nothing is sent before the whole answer is known.
 */
export function server<I, O, E extends Failure, R = unknown>(
  endpoint: Endpoint<I, O, E, R>,
  options: ServerOptions<I, O, E, R>,
): RequestListener {
  const who = 'http.server'
  knownOptions(who, options, named)
  const { decode, encode = encodeJson, encodeError = encodeProblem, media, clock = systemClock, onTelemetry } = options
  for (const [name, step] of Object.entries({ decode, encode, encodeError }))
    if (typeof step !== 'function') throw new TypeError(`${who}: ${name} is a function and not ${String(step)}`)
  const limits = requestLimits(who, options.limits)
  const flow: Flow = {
    run: runner(endpoint as never),
    method: endpoint.method,
    decode: decode as Flow['decode'],
    encode: encode as Flow['encode'],
    encodeError: encodeError as Flow['encodeError'],
    before: hooksOption(who, options.before as Hooks<ServerBefore> | undefined),
    after: hooksOption(who, options.after),
    afterError: hooksOption(who, options.afterError),
    finalize: hooksOption(who, options.finalize),
    onError: hooksOption(who, options.onError),
    media,
    limits,
    clock,
    onTelemetry,
  }
  return governable(
    limits,
    (open) => (req, res, params, expects) => new Exchange(flow, req, res, open, params).start(expects),
  )
}
