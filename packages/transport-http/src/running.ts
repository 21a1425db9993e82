// A listening server: its connections, its limits, its end.
import { createServer, type ServerOptions as HttpOptions, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net'
import { type CheckedLimits, report, systemClock, type TelemetryListener } from '@tenon/endpoint'
import { connectionOf } from './connection.ts'
import type { Gate } from './gate.ts'
import { Incoming } from './incoming.ts'
import type { ServerLimits } from './limits.ts'
import { endKindly } from './lingering.ts'
import { encodeProblem } from './problem.ts'
import { headersTooLarge, malformedRequest, noProxy, type Refusal, slowHeaders, tlsOnPlain } from './refusal.ts'
import { newReply } from './reply.ts'
import { socketsOf } from './sockets.ts'
import { type ServerCertificate, type ServerTls, secured } from './tls.ts'

/** A server that listens. Dispose it, or drain it with a limit of your own. */
export interface Running extends AsyncDisposable {
  /** `http://127.0.0.1:8080`, `https://` with TLS; loopback where it listens on all addresses. */
  readonly url: string
  readonly port: number
  /** Requests without an answer. */
  readonly inFlight: number
  /**
   * Stops accepting, closes idle connections, answers further requests on open ones with 503 and `connection: close`,
   * and resolves when all calls have ended and all connections are closed. When the signal aborts, what is left is
   * cancelled and its connections are destroyed. Harmless when repeated.
   */
  drain(options?: { readonly signal?: AbortSignal }): Promise<void>
  /**
   * Replaces the certificate, authorities and `sni` for connections to come, after a renewal; those that are open go on. What
   * clients are asked for stays as it was.
   *
   * @throws TypeError for what cannot be used, and on a server without `tls`; then nothing changes.
   */
  setTls(tls: ServerCertificate & Pick<ServerTls, 'sni'>): void
  /** Drains, and cancels what is left after `grace`. */
  [Symbol.asyncDispose](): Promise<void>
}

export interface ListenOptions {
  readonly port: number
  readonly host: string
  readonly grace: number
  readonly tls: ServerTls | undefined
  readonly limits: CheckedLimits<ServerLimits>
  readonly onTelemetry: TelemetryListener | undefined
}

export type Take = (req: IncomingMessage, res: ServerResponse, expects: boolean) => void

export async function listen(take: Take, gate: Gate, options: ListenOptions): Promise<Running> {
  const { limits, host, grace } = options
  const settings: HttpOptions = {
    IncomingMessage: Incoming,
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeout,
    // Exchanges watch their bodies themselves, to the millisecond; this one catches what is sent after an answer.
    requestTimeout: limits.headersTimeout + limits.bodyTimeout + 1_000,
    // The sockets' timers are ours to set: see `look` of Connection.
    keepAliveTimeout: 0,
    // The router looks at the host, at its form, too.
    requireHostHeader: false,
    connectionsCheckingInterval: Math.min(1_000, Math.max(20, Math.ceil(limits.headersTimeout / 4))),
  }
  const tls = options.tls && secured('http.serve', options.tls, settings, options.onTelemetry)
  const server = tls?.server ?? createServer(settings)
  // Node drops what is above; one more shows that there was something.
  server.maxHeadersCount = limits.headers + 1
  server.maxConnections = limits.connections
  const sockets = socketsOf(server, tls !== undefined)
  const taking = (req: IncomingMessage, res: ServerResponse, expects: boolean): void => {
    // What Node tells the client of the server's own setting. Not documented: if it is not heeded, a hint is missing.
    ;(res as { _keepAliveTimeout?: number })._keepAliveTimeout = limits.keepAlive
    take(req, res, expects)
  }
  server.on('request', (req, res) => taking(req, res, false))
  server.on('checkContinue', (req, res) => taking(req, res, true))
  server.on('checkExpectation', (req, res) => taking(req, res, false))
  // Without a listener Node closes without a word.
  server.on('connect', (_, socket: Socket) => turnAway(noProxy, socket, options.onTelemetry))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (sockets.speaks(socket as Socket)) malformed(error, socket as Socket, limits, options.onTelemetry)
    // A handshake that failed, which was told already.
    else socket.destroy()
  })
  const port = await bound(server, options)
  const unwatch = sockets.watch({
    idle: limits.keepAlive,
    // A client that does not read its answer.
    open: limits.request === Number.POSITIVE_INFINITY ? undefined : limits.request + limits.bodyTimeout + 5_000,
  })

  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    gate.drain()
    // Not http's own close: it destroys connections whose answer is written but not yet sent.
    const ended = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()))
    sockets.retire()
    // It also stops the timer that looks for slow connections; nothing is open any more.
    return ended.then(() => {
      unwatch()
      server.close(() => {})
    })
  }
  const drain = ({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> => {
    closed ??= close()
    if (signal?.aborted) sockets.destroy()
    signal?.addEventListener('abort', sockets.destroy)
    return closed.then(() => signal?.removeEventListener('abort', sockets.destroy))
  }
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${hostOf(host)}:${port}`,
    port,
    get inFlight() {
      return gate.inFlight
    },
    drain,
    setTls(next) {
      if (tls === undefined) throw new TypeError('http.serve: setTls: this server speaks no TLS')
      tls.replace(next)
    },
    [Symbol.asyncDispose]: () => {
      const timer = systemClock.at(systemClock.now() + grace, sockets.destroy)
      return drain().then(() => timer.cancel())
    },
  }
}

const hostOf = (host: string): string =>
  host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host

function bound(server: NetServer, { port, host }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => {
      const why =
        cause.code === 'EADDRINUSE'
          ? `port ${port} of ${host} is in use`
          : `cannot listen on port ${port} of ${host} (${cause.code ?? cause.message})`
      reject(new Error(`http.serve: ${why}`, { cause }))
    }
    server.once('error', failed)
    server.listen({ port, host }, () => {
      server.off('error', failed)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

const gone: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'HPE_INVALID_EOF_STATE'])

function malformed(
  error: NodeJS.ErrnoException,
  socket: Socket,
  limits: CheckedLimits<ServerLimits>,
  onTelemetry: TelemetryListener | undefined,
): void {
  // Node counts from a request's first byte to its last, whoever reads it.
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && connectionOf(socket).patient()) return
  const { refused } = connectionOf(socket)
  // It is given time to read its answer, whatever else it sends: a reset would take that away.
  if (refused && !gone.has(error.code)) return
  if (!socket.writable || gone.has(error.code)) socket.destroy()
  else {
    const refusal =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? headersTooLarge(limits.headerBytes)
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? slowHeaders(limits.headersTimeout)
          : isHandshake(error)
            ? tlsOnPlain
            : malformedRequest
    turnAway(refusal, socket, onTelemetry)
  }
}

/** Does it begin as TLS does: a record of a handshake, of version 3 (RFC 8446, 5.1)? */
const isHandshake = ({ rawPacket }: NodeJS.ErrnoException & { readonly rawPacket?: Uint8Array }): boolean =>
  rawPacket?.[0] === 0x16 && rawPacket[1] === 0x03

/** Ends a connection on which nothing more can be read. What was asked before is answered first, and then nothing else. */
function turnAway(refusal: Refusal, socket: Socket, onTelemetry: TelemetryListener | undefined): void {
  if (!connectionOf(socket).finish(refusal)) return
  const { failure, reason } = refusal
  report(onTelemetry, { kind: 'server.rejected', transport: 'http', reason, failure })
  // Of a tunnel nobody else hears.
  socket.on('error', () => {})
  socket.write(plainAnswer(refusal))
  endKindly(socket)
}

/** A whole answer as text, for a connection that Node has no request of. */
function plainAnswer({ status, failure }: Refusal): string {
  const reply = newReply()
  reply.status = status
  encodeProblem(failure, reply)
  const body = String(reply.body)
  const { title } = JSON.parse(body) as { title: string }
  const type = String(reply.headers['content-type'])
  return `HTTP/1.1 ${status} ${title}\r\nconnection: close\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
