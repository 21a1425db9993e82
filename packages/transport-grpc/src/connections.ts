// The connections of a server. grpc-js is handed each one by us, because it neither bounds their number, nor lets go of one
// that speaks no HTTP/2, nor destroys any when told to (`forceShutdown` without channelz): a drain would never end. TLS is ours
// for the same reasons: a handshake has a time, and whoever fails is told of.
import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { type Server, ServerCredentials } from '@grpc/grpc-js'
import type { TelemetryListener } from '@tenon/endpoint'
import { brokenConnection, brokenHandshake, tooManyConnections } from './refused.ts'

export interface Connections {
  readonly port: number
  /** Takes no more; resolves when all are closed. */
  close(): Promise<void>
  /** Cuts those that are left. */
  destroy(): void
}

/** TLS of a server. */
export interface ServerTls {
  readonly cert: string | Buffer
  readonly key: string | Buffer
  /** Who signs the certificates of clients; with it, clients must show one (mTLS). */
  readonly ca?: string | Buffer
}

export interface Where {
  readonly port: number
  readonly host: string
  readonly tls: ServerTls | undefined
  readonly limits: { readonly connections: number; readonly handshake: number }
  readonly onTelemetry: TelemetryListener | undefined
}

/** Listens, and hands what comes to the server. Rejects with an `Error` that names the port. */
export function accept(server: Server, { port: wanted, host, tls, limits, onTelemetry }: Where): Promise<Connections> {
  const { connections: most, handshake } = limits
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  const open = new Set<Socket>()
  const take = (socket: Socket): void => {
    // HTTP/2 hears of it too.
    socket.on('error', (cause) => brokenConnection(onTelemetry, cause))
    injector.injectConnection(socket)
  }
  const listener =
    tls === undefined
      ? createServer({ noDelay: true }, take)
      : createTlsServer(
          {
            ...tls,
            requestCert: tls.ca !== undefined,
            ALPNProtocols: ['h2'],
            handshakeTimeout: handshake,
            noDelay: true,
          },
          take,
        ).on('tlsClientError', (cause, socket) => {
          brokenHandshake(onTelemetry, cause, handshake)
          // Node does not, where it took too long.
          socket.destroy()
        })
  listener.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    // While a handshake goes on, nobody hears of it.
    socket.on('error', () => {})
  })
  if (most !== Number.POSITIVE_INFINITY) listener.maxConnections = most
  listener.on('drop', () => tooManyConnections(onTelemetry, most))
  return new Promise((resolve, reject) => {
    listener.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE'
          ? `port ${wanted} of ${host} is in use`
          : `cannot listen on port ${wanted} of ${host} (${cause.message})`
      reject(new Error(`grpc.serve: ${why}`, { cause }))
    })
    listener.listen(wanted, host, () => {
      const { port } = listener.address() as { readonly port: number }
      const closed = new Promise<void>((done) => listener.once('close', done))
      resolve({
        port,
        close() {
          if (listener.listening) listener.close()
          return closed
        },
        destroy() {
          for (const socket of open) socket.destroy()
        },
      })
    })
  })
}
