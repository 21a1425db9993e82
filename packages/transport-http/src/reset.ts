// The rude end of a connection, which nobody can take for the end of an answer.
import type { Socket } from 'node:net'

/**
 * Resets a connection. Where our own end of it is on its way it is destroyed: Node 24 would say EINVAL then and never close
 * it, and the process could not end.
 */
export function reset(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy()
  else socket.resetAndDestroy()
}
