// Contracts as an HTTP server: options, routes, and a server that listens.
import {
  type Clock,
  hooksOption,
  knownOptions,
  type OptionNames,
  systemClock,
  type TelemetryListener,
  wholeOption,
} from '@tenon/endpoint'
import { type CorsOptions, corsPolicy } from './cors.ts'
import type { Surroundings } from './flow.ts'
import { type BodyFormat, checkedFormats } from './formats.ts'
import { Gate } from './gate.ts'
import type { ErrorListener, Hooks, ServerAfter, ServerAfterError, ServerBefore, ServerFinalizer } from './hooks.ts'
import { type ServerLimits, serverLimits } from './limits.ts'
import type { RequestListener, Target } from './listener.ts'
import { type AnyImplementation, addMethods } from './methods.ts'
import { openapiRoutes, type ServeOpenApi } from './openapi.ts'
import { addListener, taking } from './router.ts'
import { routes } from './routes.ts'
import { listen, type Running } from './running.ts'
import { Pulse } from './stream/pulse.ts'
import type { ServerTls } from './tls.ts'

/** How implementations are served. */
export interface ServeOptions {
  /** Default: 0, a free one. */
  readonly port?: number
  /** Default: `'127.0.0.1'`, this machine only; `'0.0.0.0'` or `'::'` for all its addresses. */
  readonly host?: string
  /**
   * Which pages of other origins may call this server and read its answers, those of `routes` and refusals included. Default:
   * none. Preflights are answered before anything else is asked.
   */
  readonly cors?: CorsOptions
  /** Default: none, plain HTTP. HTTP/1.1 is spoken over it. */
  readonly tls?: ServerTls
  /**
   * Bodies of other forms than JSON: `[grpc.protobuf()]`. A request's content type says what its body is, `accept` what the answer
   * is to be; failures stay problem documents. Default: none.
   */
  readonly formats?: readonly BodyFormat[]
  readonly limits?: ServerLimits
  /**
   * Milliseconds that a stream may be silent: then a comment is sent, so that proxies keep its connection and clients
   * know that the server is there. Default: 15,000. It is told to clients in the header `heartbeat-ms`.
   */
  readonly heartbeat?: number | 'unbounded'
  /** Milliseconds that disposing waits for calls in flight. Default: 10,000. */
  readonly grace?: number
  readonly before?: Hooks<ServerBefore>
  readonly after?: Hooks<ServerAfter>
  readonly afterError?: Hooks<ServerAfterError>
  readonly finalize?: Hooks<ServerFinalizer>
  readonly onError?: Hooks<ErrorListener>
  /**
   * Listeners for further routes. What `server(...)` makes counts among `concurrent` beside its own limits, and answers
   * 503 while the server drains. A function of yours (`'GET /metrics'`, a readiness probe) does neither: it is not
   * limited, and still answers then.
   */
  readonly routes?: Readonly<Record<string, RequestListener>>
  /**
   * Serves the OpenAPI document of all that is served, at `/openapi.json`, also while the server drains; by option with
   * a page for people. Default: false.
   */
  readonly openapi?: boolean | ServeOpenApi
  /** Default: the system's. Deadlines and slow bodies are measured on it. */
  readonly clock?: Clock
  /** Hears of refusals (`server.rejected`), late results (`timeout.late`) and defects. Default: the diagnostics channels. */
  readonly onTelemetry?: TelemetryListener
}

const named: OptionNames<ServeOptions> = {
  port: true,
  host: true,
  cors: true,
  tls: true,
  formats: true,
  limits: true,
  heartbeat: true,
  grace: true,
  before: true,
  after: true,
  afterError: true,
  finalize: true,
  onError: true,
  routes: true,
  openapi: true,
  clock: true,
  onTelemetry: true,
}

/**
 * Serves one or several implementations; it listens when the promise resolves. Methods without `http` are at
 * `POST /<contract>/<method>`. A `serverStream` answers with server-sent events, a method whose input is a stream with 501.
 * Rejects with an `Error` that names the port where it cannot listen.
 *
 * @throws TypeError (as a rejection) for bad options, and for two methods with the same route, naming both.
 */
export async function serve(
  implementations: AnyImplementation | readonly AnyImplementation[],
  options: ServeOptions = {},
): Promise<Running> {
  const who = 'http.serve'
  knownOptions(who, options, named)
  const { port = 0, host = '127.0.0.1', clock = systemClock, onTelemetry } = options
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new TypeError(
      `${who}: port is a whole number from 0 to 65535 and not ${typeof port === 'string' ? JSON.stringify(port) : String(port)}`,
    )
  if (typeof host !== 'string' || host === '') throw new TypeError(`${who}: host is a name or an address`)
  const grace = wholeOption(`${who}: grace`, options.grace, { value: 10_000, unit: 'milliseconds', min: 0 })
  const limits = serverLimits(who, options.limits)
  const heartbeat = wholeOption(`${who}: heartbeat`, options.heartbeat, {
    value: 15_000,
    unit: 'milliseconds',
    min: 2,
    unbounded: true,
  })
  const around: Surroundings = {
    before: hooksOption(who, options.before),
    after: hooksOption(who, options.after),
    afterError: hooksOption(who, options.afterError),
    finalize: hooksOption(who, options.finalize),
    onError: hooksOption(who, options.onError),
    limits,
    clock,
    onTelemetry,
  }
  const formats = checkedFormats(`${who}: formats`, options.formats)
  const streams = { clock, pulse: new Pulse(clock, heartbeat), unread: limits.unread, lasts: limits.stream }
  const open = new Gate(limits)
  const table = routes<Target>()
  const all = Array.isArray(implementations) ? implementations : [implementations]
  for (const implementation of all as readonly AnyImplementation[]) {
    if (typeof implementation?.endpoints !== 'object')
      throw new TypeError(`${who}: what is served is made by implement(contract, endpoints)`)
    addMethods(table, implementation, around, streams, open, formats)
  }
  const contracts = (all as readonly AnyImplementation[]).map(({ contract }) => contract)
  const own = openapiRoutes(contracts, options.openapi)
  for (const [route, listener] of [...Object.entries(own), ...Object.entries(options.routes ?? {})])
    addListener(table, who, route, listener, open, onTelemetry)
  const cors = options.cors && corsPolicy(`${who}: cors`, options.cors, onTelemetry)
  return listen(taking(table, around, open, limits.requestsPerConnection, cors), open, {
    port,
    host,
    grace,
    tls: options.tls,
    limits,
    onTelemetry,
  })
}
