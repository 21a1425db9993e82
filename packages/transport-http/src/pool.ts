// The connections of a client: one undici pool per client, or a dispatcher that somebody else owns.
import { type CheckedLimits, report, systemClock, type TelemetryListener, wholeOption } from '@tenon/endpoint'
import { type Dispatcher, Pool } from 'undici'
import { type ClientTls, clientTls } from './client-tls.ts'

/** How a client connects. */
export interface ConnectionOptions {
  /** Connections to the host. Default: 500. */
  readonly connections?: number
  /** Calls that may wait for a connection; further ones fail with `Unavailable` at once. Default: 1,000. */
  readonly queue?: number
  /** Milliseconds an idle connection is kept; the server's `keep-alive: timeout` shortens it. Default: 90,000. */
  readonly keepAlive?: number
  /** Milliseconds a connection may take to be made. Default: 5,000. */
  readonly connectTimeout?: number
  readonly tls?: ClientTls
  /** An undici dispatcher (an `Agent`, a `MockAgent`) to send with instead of an own pool. The client does not close it. */
  readonly dispatcher?: Dispatcher
  /** Hears of a peer that cannot be reached and is back (`client.connection`). Default: the diagnostics channel. */
  readonly onTelemetry?: TelemetryListener
}

/** Where calls go, and the connections they take. */
export interface Wire extends AsyncDisposable {
  readonly dispatcher: Dispatcher
  readonly origin: string
  /** The path of the client's url, without a slash at its end. */
  readonly base: string
  /** Requests that undici has and has not finished with. */
  pending: number
  readonly most: number
  /** Was it disposed? */
  closed: boolean
}

/** Milliseconds that calls in flight are given when a client is closed; then they fail. */
const grace = 5_000

const positive = (value: number, unit: string): { value: number; unit: string; min: number } => ({
  value,
  unit,
  min: 1,
})

/** How many connections, and for how long, checked. */
export type ConnectionLimits = CheckedLimits<
  Pick<ConnectionOptions, 'connections' | 'queue' | 'keepAlive' | 'connectTimeout'>
>

export const connectionLimits = (who: string, given: ConnectionOptions): ConnectionLimits => ({
  connections: wholeOption(`${who}: connections`, given.connections, positive(500, 'connections')),
  queue: wholeOption(`${who}: queue`, given.queue, { ...positive(1_000, 'calls'), min: 0 }),
  keepAlive: wholeOption(`${who}: keepAlive`, given.keepAlive, positive(90_000, 'milliseconds')),
  connectTimeout: wholeOption(`${who}: connectTimeout`, given.connectTimeout, positive(5_000, 'milliseconds')),
})

export function wire(who: string, url: string, options: ConnectionOptions): Wire {
  const { origin, base } = address(who, url)
  const { connections, queue, keepAlive, connectTimeout } = connectionLimits(who, options)
  const { dispatcher, tls, onTelemetry } = options
  const held = { origin, base, pending: 0, most: connections + queue, closed: false }
  if (dispatcher !== undefined) return { ...held, dispatcher, [Symbol.asyncDispose]: async () => {} }
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    keepAliveTimeout: keepAlive,
    keepAliveMaxTimeout: keepAlive,
    // The deadline of the call counts: undici's own timers would only add to it.
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
    connect: { ...clientTls(who, tls), timeout: connectTimeout },
  })
  watch(pool, origin, onTelemetry)
  const made: Wire = {
    ...held,
    dispatcher: pool,
    [Symbol.asyncDispose]() {
      made.closed = true
      return close(pool)
    },
  }
  return made
}

function address(who: string, url: string): { origin: string; base: string } {
  if (url === undefined) throw new TypeError(`${who}: url is missing; it is http(s)://host:port, perhaps with a path`)
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.search !== '' || parsed.hash !== '')
    throw new TypeError(`${who}: url is http(s)://host:port, perhaps with a path, and not ${JSON.stringify(url)}`)
  if (parsed.username !== '' || parsed.password !== '')
    throw new TypeError(`${who}: url may hold no user and password; set an authorization header in a before hook`)
  return { origin: parsed.origin, base: parsed.pathname.replace(/\/+$/, '') }
}

function watch(pool: Pool, peer: string, onTelemetry: TelemetryListener | undefined): void {
  let lost = false
  const turn = (state: 'connected' | 'lost'): void => {
    if (lost === (state === 'lost')) return
    lost = !lost
    report(onTelemetry, { kind: 'client.connection', transport: 'http', peer, state })
  }
  pool.on('connectionError', () => turn('lost'))
  pool.on('connect', () => turn('connected'))
}

async function close(pool: Pool): Promise<void> {
  if (pool.destroyed) return
  const timer = systemClock.at(systemClock.now() + grace, () => void pool.destroy())
  // It rejects when it was closed before.
  await pool.close().catch(() => {})
  timer.cancel()
}
