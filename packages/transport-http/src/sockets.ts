// The connections of a server, those included whose handshake is not over.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { connectionOf } from './connection.ts'

export interface Sockets {
  /** Is HTTP spoken on it, so that it can be answered? */
  speaks(socket: Socket): boolean
  /** Closes each as soon as nothing is open on it. */
  retire(): void
  destroy(): void
}

/** Who a connection is with: what its TLS and the TCP under it have in common. */
const remoteOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`

export function socketsOf(server: Server, secure: boolean): Sockets {
  const spoken = new Set<Socket>()
  const shaking = new Map<string, Socket>()
  const speak = (socket: Socket): void => {
    spoken.add(socket)
    socket.once('close', () => spoken.delete(socket))
  }
  if (secure) {
    server.on('connection', (socket: Socket) => {
      const remote = remoteOf(socket)
      shaking.set(remote, socket)
      socket.once('close', () => {
        if (shaking.get(remote) === socket) shaking.delete(remote)
      })
    })
    server.on('secureConnection', (socket: Socket) => {
      shaking.delete(remoteOf(socket))
      speak(socket)
    })
  } else server.on('connection', speak)
  const give = (close: (socket: Socket) => void): void => {
    for (const socket of shaking.values()) socket.destroy()
    for (const socket of spoken) close(socket)
  }
  return {
    speaks: (socket) => spoken.has(socket),
    retire: () => give((socket) => connectionOf(socket).retire()),
    destroy: () => give((socket) => connectionOf(socket).destroy()),
  }
}
