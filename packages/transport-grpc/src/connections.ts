// The connections of a server. grpc-js is handed each one by us, because it neither bounds their number, nor lets go of one
// that speaks no HTTP/2, nor destroys any when told to (`forceShutdown` without channelz): a drain would never end.
import { createServer, type Socket } from 'node:net'
import type { Server, ServerCredentials } from '@grpc/grpc-js'

export interface Connections {
  readonly port: number
  /** Takes no more; resolves when all are closed. */
  close(): Promise<void>
  /** Cuts those that are left. */
  destroy(): void
}

export interface Where {
  readonly port: number
  readonly host: string
  readonly most: number
}

/** Listens, and hands what comes to the server. Rejects with an `Error` that names the port. */
export function accept(
  server: Server,
  how: ServerCredentials,
  { port: wanted, host, most }: Where,
): Promise<Connections> {
  const injector = server.createConnectionInjector(how)
  const open = new Set<Socket>()
  const listener = createServer({ noDelay: true }, (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    // HTTP/2 hears of it too; where a handshake has not ended, nobody does.
    socket.on('error', () => {})
    injector.injectConnection(socket)
  })
  if (most !== Number.POSITIVE_INFINITY) listener.maxConnections = most
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
