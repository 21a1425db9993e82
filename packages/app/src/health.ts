// A small server for probes and operators: `/livez`, `/readyz`, and whatever routes it is given, such as `/metrics`.
// It stands first in an app, so that it answers while the others start and drain.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clock, knownOptions, type OptionNames, systemClock } from '@tenon/endpoint'
import { functionOption, numberOption } from '@tenon/policy'
import { answer, problem } from './answer.ts'
import { type Check, checker } from './checks.ts'
import type { AppState, Service, Starting } from './service.ts'

/** A listener of node:http, such as the handler of a metrics page. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** Options of {@link health}. */
export interface HealthOptions {
  /** 0 takes any that is free: `url` says which. */
  readonly port: number
  /** Default `127.0.0.1`: nobody else sees it. In a container, `0.0.0.0` or `::`. */
  readonly host?: string
  /** More pages by their exact path. */
  readonly routes?: Readonly<Record<string, Listener>>
  /** What must be true, beside the app being ready, for `/readyz` to say yes. */
  readonly checks?: Readonly<Record<string, Check>>
  /** Milliseconds each check has. Default 1,000. */
  readonly checkTimeout?: number
  /** Default `systemClock`. */
  readonly clock?: Clock
}

/** The service that {@link health} makes. */
export interface Health extends Service, AsyncDisposable {
  readonly name: string
  /** `http://host:port` once it has started. */
  readonly url: string | undefined
  start(starting: Pick<Starting, 'app' | 'state'>): Promise<void>
  drain(options: { readonly signal: AbortSignal }): Promise<void>
}

/** Connections at once; probes need two or three. */
const connections = 100

const named: OptionNames<HealthOptions> = {
  port: true,
  host: true,
  routes: true,
  checks: true,
  checkTimeout: true,
  clock: true,
}

/**
 * Answers `/livez` with 200 as long as the process can answer, and `/readyz` with 200 when the app is ready and every
 * check says yes, else with 503. Plain text, `?verbose` for a line each, JSON for those who accept it.
 *
 * @throws TypeError or RangeError on a bad option. Its start rejects when it cannot listen.
 */
export function health(options: HealthOptions): Health {
  knownOptions('health', options, named)
  const { host = '127.0.0.1', clock = systemClock } = options
  const port = numberOption('health', 'port', options.port, { min: 0, max: 65_535, whole: true })
  const timeout = numberOption('health', 'checkTimeout', options.checkTimeout ?? 1_000, {
    above: 0,
    unit: 'milliseconds',
  })
  const routes = new Map(Object.entries(options.routes ?? {}))
  for (const [path, listener] of routes) {
    if (!path.startsWith('/') || path === '/livez' || path === '/readyz')
      throw new TypeError(
        `health: "routes" must have paths that begin with / and are not /livez or /readyz, but one was ${JSON.stringify(path)}`,
      )
    functionOption('health', `routes["${path}"]`, listener)
  }
  for (const [name, check] of Object.entries(options.checks ?? {})) functionOption('health', `checks["${name}"]`, check)
  const check = checker(options.checks ?? {}, timeout, clock)

  let server: Server | undefined
  let url: string | undefined
  let state: () => AppState = () => 'starting'
  let app = ''

  const probe = async (request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> => {
    const live = pathname === '/livez'
    const now = live ? 'alive' : state()
    // What the app is not ready for needs no asking of others.
    const checks = now === 'ready' ? await check() : []
    const ok = live || (now === 'ready' && checks.every((result) => result.ok))
    answer(request, response, { app, ok, state: now, checks })
  }
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const pathname = (request.url ?? '').replace(/\?.*$/s, '')
    const listener = routes.get(pathname)
    // Probes are rare, and a connection kept alive after the last answer would hold up the drain until it times out.
    response.setHeader('connection', 'close')
    try {
      if (listener !== undefined) return await listener(request, response)
      if (pathname !== '/livez' && pathname !== '/readyz') return problem(request, response, 404)
      if (request.method !== 'GET' && request.method !== 'HEAD') return problem(request, response, 405)
      await probe(request, response, pathname)
    } catch {
      problem(request, response, 500)
    }
  }

  const close = async (signal?: AbortSignal): Promise<void> => {
    const closing = server
    if (closing === undefined) return
    const cut = (): void => closing.closeAllConnections()
    signal?.addEventListener('abort', cut)
    if (signal === undefined || signal.aborted) cut()
    try {
      if (closing.listening) await once(closing.close(), 'close')
    } finally {
      signal?.removeEventListener('abort', cut)
    }
  }

  return {
    name: 'health',
    get url() {
      return url
    },
    async start(starting) {
      if (server !== undefined) throw new TypeError('health: it has been started before; make another one')
      app = starting.app
      state = starting.state
      server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, respond)
      server.maxConnections = connections
      await once(server.listen(port, host), 'listening')
      const bound = (server.address() as AddressInfo).port
      url = `http://${host.includes(':') ? `[${host}]` : host}:${bound}`
    },
    drain: ({ signal }) => close(signal),
    [Symbol.asyncDispose]: () => close(),
  }
}
