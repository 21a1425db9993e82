// How a connection ends whose client may still be sending. A socket that is closed while bytes come makes the kernel answer
// with a reset, and a reset takes away what the client has not read yet: the reason why. So our side ends first, what comes
// is dropped for a while, and then all of it is closed (RFC 9112, 9.6).
import type { Socket } from 'node:net'
import { systemClock } from '@tenon/endpoint'

/** Milliseconds that a client which was turned away is given to read what it is told, whatever else it sends. */
export const linger = 1_000

/** Ends our side after what was written, and closes the socket when the client has ended its own, or after {@link linger}. */
export function endKindly(socket: Socket): void {
  if (socket.destroyed) return
  socket.end()
  const timer = systemClock.at(systemClock.now() + linger, () => socket.destroy())
  socket.once('close', () => timer.cancel())
}

/** From now on, whoever is done with this socket ends it kindly: Node calls `destroySoon` after the last answer. */
export function lingering(socket: Socket): void {
  let ending = false
  socket.destroySoon = () => {
    if (ending) return
    ending = true
    endKindly(socket)
  }
}
