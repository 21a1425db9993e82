// HTTP/2 by hand (RFC 9113), for what no client library would send: frames are bytes, and of what comes only the frames are read.
import { connect, type Socket } from 'node:net'
import { errors } from './grpc.ts'

export const preface: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

export const kinds = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
} as const
const names = Object.keys(kinds)

export const endStream = 1
export const endHeaders = 4

const none = Buffer.alloc(0)

/** `length`: what the frame says that it has. */
export function frame(
  kind: keyof typeof kinds | number,
  flags: number,
  stream: number,
  payload: Uint8Array = none,
  length = payload.length,
): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(length, 0, 3)
  head[3] = typeof kind === 'number' ? kind : kinds[kind]
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A number of 4 bytes. */
export function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

/** Settings by number: 3 is MAX_CONCURRENT_STREAMS, 4 INITIAL_WINDOW_SIZE. */
export const settings = (values: Readonly<Record<number, number>> = {}): Buffer =>
  frame(
    'settings',
    0,
    0,
    Buffer.concat(
      Object.entries(values).map(([id, value]) => Buffer.concat([Buffer.from([0, Number(id)]), word(value)])),
    ),
  )

/** A number of HPACK with a prefix of so many bits (RFC 7541, 5.1). */
export function integer(bits: number, first: number, value: number): Buffer {
  const most = 2 ** bits - 1
  if (value < most) return Buffer.from([first | value])
  const bytes = [first | most]
  let left = value - most
  while (left > 127) {
    bytes.push((left % 128) | 128)
    left = Math.floor(left / 128)
  }
  return Buffer.from([...bytes, left])
}

const textOf = (value: string): Buffer => {
  const bytes = Buffer.from(value, 'latin1')
  return Buffer.concat([integer(7, 0, bytes.length), bytes])
}

/** A header as it is, neither compressed nor remembered; `remembered`: the other side puts it into its table. */
export const header = (name: string, value: string, remembered = false): Buffer =>
  Buffer.concat([Buffer.from([remembered ? 0x40 : 0]), textOf(name), textOf(value)])

/** The headers of a call. */
export const headers = (path: string, more: readonly (readonly [string, string])[] = []): Buffer =>
  Buffer.concat(
    [
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', path],
      [':authority', 'x'],
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
      ...more,
    ].map(([name, value]) => header(name as string, value as string)),
  )

/** What came. */
export interface Came {
  /** How many frames by kind. */
  readonly frames: Readonly<Record<string, number>>
  /** Why the connection was said to end. */
  readonly goaway: string | undefined
  /** Why streams were reset, how often. */
  readonly resets: Readonly<Record<string, number>>
  readonly end: 'open' | 'closed'
}

export interface Raw {
  readonly socket: Socket
  /** Sends; resolves when the kernel has it, or the other side is gone. */
  send(...bytes: readonly Uint8Array[]): Promise<void>
  came(): Came
  /** When the other side has closed, or after so many milliseconds. */
  closed(ms: number): Promise<Came>
  /** When so much has come, or after so many milliseconds. */
  until(enough: (came: Came) => boolean, ms: number): Promise<Came>
  destroy(): void
}

/** `reads: false`: nothing is taken from the socket. */
export async function openRaw(port: number, { reads = true }: { readonly reads?: boolean } = {}): Promise<Raw> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const frames: Record<string, number> = {}
  const resets: Record<string, number> = {}
  let goaway: string | undefined
  let end: Came['end'] = 'open'
  let rest: Buffer = none
  const wakes = new Set<() => void>()
  const wake = (): void => {
    for (const look of [...wakes]) look()
  }
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (rest.length - at >= 9) {
      const length = rest.readUIntBE(at, 3)
      if (rest.length - at < 9 + length) break
      const name = names[rest[at + 3] as number] ?? 'unknown'
      frames[name] = (frames[name] ?? 0) + 1
      if (name === 'reset') {
        const why = errors[rest.readUInt32BE(at + 9)] ?? 'unknown'
        resets[why] = (resets[why] ?? 0) + 1
      }
      if (name === 'goaway') goaway = errors[rest.readUInt32BE(at + 13)] ?? 'unknown'
      at += 9 + length
    }
    rest = rest.subarray(at)
    wake()
  })
  const closed = (): void => {
    end = 'closed'
    wake()
  }
  socket.on('end', closed).on('close', closed).on('error', closed)
  if (!reads) socket.pause()
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  const came = (): Came => ({ frames: { ...frames }, goaway, resets: { ...resets }, end })
  const until: Raw['until'] = (enough, ms) =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        wakes.delete(look)
        resolve(came())
      }
      const look = (): void => {
        if (end === 'closed' || enough(came())) done()
      }
      const timer = setTimeout(done, ms)
      wakes.add(look)
      look()
    })
  return {
    socket,
    send: (...bytes) =>
      new Promise((resolve) => {
        if (socket.destroyed || end === 'closed') return resolve()
        const done = (): void => {
          socket.off('close', done)
          resolve()
        }
        socket.once('close', done)
        socket.write(Buffer.concat(bytes), done)
      }),
    came,
    closed: (ms) => until(() => false, ms),
    until,
    destroy: () => socket.destroy(),
  }
}

/** Sends again and again, as fast as it is taken, until the connection ends or the time is up; how often it was sent. */
export async function flood(
  to: Raw,
  piece: (n: number) => Uint8Array,
  ms: number,
  most = Number.POSITIVE_INFINITY,
): Promise<number> {
  const late = performance.now() + ms
  let sent = 0
  while (sent < most && to.came().end === 'open' && performance.now() < late) {
    if (to.socket.write(piece(sent++))) {
      if (sent % 16 === 0) await new Promise((resolve) => setImmediate(resolve))
    } else
      await Promise.race([
        new Promise((resolve) => {
          to.socket.once('drain', resolve)
          to.socket.once('close', resolve)
        }),
        new Promise((resolve) => setTimeout(resolve, Math.max(0, late - performance.now()))),
      ])
  }
  return sent
}
