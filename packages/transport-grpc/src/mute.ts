// Connections on which a server has never said a word, as one that was stopped: grpc-js goes on waiting for its first frame after
// the channel was closed, and holds the socket for as long as the other side does. Here they are closed with it.
import type { Socket } from 'node:net'
import type { ChannelCredentials } from '@grpc/grpc-js'

/** Hangs up where nobody has said anything, now and from now on. */
export type HangUp = () => void

/** Watches the connections that are made with these credentials, which must be used by one channel only. */
export function mute(credentials: ChannelCredentials): HangUp {
  const sockets = new Set<Socket>()
  let over = false
  const connectorOf = credentials._createSecureConnector
  credentials._createSecureConnector = (...given) => {
    const connector = connectorOf.apply(credentials, given)
    const connect = connector.connect
    connector.connect = (socket) => {
      // Who was being connected while the channel was closed is there now.
      if (over) socket.destroy()
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      return connect.call(connector, socket)
    }
    return connector
  }
  return () => {
    over = true
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
  }
}
