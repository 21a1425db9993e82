// The sockets of one turn of load: it is over when all have left, and fails when one breaks or what comes is not right.
import { connect, type Socket } from 'node:net'
import type { Load } from './parts.ts'
import { type Driven, Tally } from './tally.ts'

/** One socket. */
export interface Line {
  readonly socket: Socket
  readonly tally: Tally
  /** Is nothing more to be sent? */
  readonly ending: boolean
  /** It has all its answers. */
  leave(): void
}

/** Opens so many sockets. `speak` answers who takes what comes; what that throws fails the turn. */
export function onLines(
  { port, ramp, time }: Pick<Load, 'port' | 'ramp' | 'time'>,
  lines: number,
  speak: (line: Line) => (chunk: Buffer) => void,
): Promise<Driven> {
  const tally = new Tally()
  let ending = false
  return new Promise((resolve, reject) => {
    const open = new Set<Socket>()
    const failed = (why: Error): void => {
      for (const socket of open) socket.destroy()
      reject(why)
    }
    for (let n = 0; n < lines; n++) {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      open.add(socket)
      const take = speak({
        socket,
        tally,
        get ending() {
          return ending
        },
        leave() {
          open.delete(socket)
          socket.destroy()
          if (open.size === 0) resolve(tally.result())
        },
      })
      socket.on('data', (chunk) => {
        // What is written meanwhile leaves at once.
        socket.cork()
        try {
          take(chunk)
        } catch (cause) {
          failed(cause as Error)
        }
        socket.uncork()
      })
      socket.on('error', failed)
      socket.on('close', () => {
        if (open.has(socket)) failed(new Error('the server closed a connection'))
      })
    }
    tally.count(ramp, time, () => {
      ending = true
    })
  })
}
