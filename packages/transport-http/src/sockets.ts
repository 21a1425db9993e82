// The connections of a server, those included whose handshake is not over.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { connectionOf, type Patience } from './connection.ts'

export interface Sockets {
  /** Is HTTP spoken on it, so that it can be answered? */
  speaks(socket: Socket): boolean
  /** Closes each as soon as nothing is open on it. */
  retire(): void
  destroy(): void
  /** Looks at all connections, again and again, for those on which nothing moves. Answers what stops that. */
  watch(patience: Patience): () => void
}

/** Milliseconds between two looks, at most: how much later than said a connection on which nothing moves is closed. */
const atMost = 1_000

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
    watch({ idle, open }) {
      const every = Math.min(atMost, Math.ceil(idle / 3))
      // When it is seen to stand still it has done so for that long.
      const left: Patience = { idle: Math.max(1, idle - every), open: open === undefined ? open : open - every }
      const looking = setInterval(() => {
        for (const socket of spoken) connectionOf(socket).look(left)
      }, every)
      looking.unref()
      return () => clearInterval(looking)
    },
  }
}
