// Raw sockets for whoever attacks: what is sent is bytes, what comes is counted and read as answers.
import { connect, type Socket } from 'node:net'
import { Answers } from './answers.ts'

/** What came on a connection. */
export interface Heard {
  /** The statuses of all answers, in order, interim ones too. */
  readonly statuses: readonly number[]
  readonly bytes: number
  /** How the other side ended it; `open`: it did not. */
  readonly end: 'open' | 'closed' | 'reset'
  /** Milliseconds from the first byte sent to the end, or to the last byte where it stays open. */
  readonly ms: number
  /** The first kilobytes. */
  readonly text: string
}

export interface Connection {
  readonly socket: Socket
  /** Sends, and waits until the kernel has it; gives up where the other side is gone. */
  write(bytes: string | Uint8Array): Promise<void>
  /** Everything so far. */
  heard(): Heard
  /** When the other side has closed, or after so many milliseconds. */
  closed(ms: number): Promise<Heard>
  /** When a whole answer has come, the connection is closed, or after so many milliseconds. */
  answered(ms: number, count?: number): Promise<Heard>
  destroy(): void
}

const kept = 8_192
const bytesOf = (text: string | Uint8Array): Uint8Array =>
  typeof text === 'string' ? Buffer.from(text, 'latin1') : text

/** `reads: false`: nothing is taken from the socket until `resume`. */
export async function open(port: number, { reads = true }: { readonly reads?: boolean } = {}): Promise<Connection> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  let text = ''
  let bytes = 0
  let end: Heard['end'] = 'open'
  let last = performance.now()
  const start = last
  const answers = new Answers()
  const wakes = new Set<() => void>()
  const wake = (): void => {
    last = performance.now()
    for (const look of [...wakes]) look()
  }
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (text.length < kept) text += chunk.subarray(0, kept).toString('latin1')
    answers.push(chunk)
    wake()
  })
  socket.on('end', () => {
    end = end === 'open' ? 'closed' : end
    wake()
  })
  socket.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ECONNRESET' || cause.code === 'EPIPE') end = 'reset'
    wake()
  })
  socket.on('close', () => {
    end = end === 'open' ? 'closed' : end
    wake()
  })
  if (!reads) socket.pause()
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  const heard = (): Heard => ({ statuses: [...answers.statuses], bytes, end, ms: last - start, text })
  const until = (enough: () => boolean, ms: number): Promise<Heard> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        wakes.delete(look)
        resolve(heard())
      }
      const look = (): void => {
        if (enough()) done()
      }
      const timer = setTimeout(done, ms)
      wakes.add(look)
      look()
    })
  return {
    socket,
    heard,
    write: (given) =>
      new Promise((resolve) => {
        if (socket.destroyed || !socket.writable) resolve()
        else {
          const done = (): void => {
            socket.off('close', done)
            resolve()
          }
          socket.once('close', done)
          socket.write(bytesOf(given), done)
        }
      }),
    closed: (ms) => until(() => end !== 'open', ms),
    answered: (ms, count = 1) => until(() => end !== 'open' || answers.whole >= count, ms),
    destroy: () => socket.destroy(),
  }
}

/** Milliseconds pass. */
export const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Runs `count` of them, so many at once. */
export async function many<T>(count: number, atOnce: number, run: (i: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const i = next++
      results[i] = await run(i)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker))
  return results
}

/** Sends a pattern again and again until the other side is gone, `until` says so, or the time is up; how many bytes were taken. */
export async function pour(
  to: Connection,
  piece: string,
  ms: number,
  enough: () => boolean = () => false,
): Promise<number> {
  const chunk = Buffer.from(piece.length > 50_000 ? piece : piece.repeat(Math.ceil(65_536 / piece.length)), 'latin1')
  const end = performance.now() + ms
  let bytes = 0
  while (performance.now() < end && to.socket.writable && !to.socket.destroyed && !enough()) {
    if (to.socket.write(chunk)) await pass(0)
    else
      await Promise.race([
        new Promise((resolve) => {
          to.socket.once('drain', resolve)
          to.socket.once('close', resolve)
        }),
        pass(Math.max(0, end - performance.now())),
      ])
    bytes += chunk.length
  }
  return bytes
}
