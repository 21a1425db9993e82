// As much of HTTP/2 as a load generator needs (RFC 9113): it writes requests that never change, and reads frames without
// ever looking into their headers, so that it has time to spare.

export const kinds = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 } as const
export const endStream = 1
const endHeaders = 4
export const ack = 1

export function frame(kind: number, flags: number, stream: number, body: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(body.length, 0, 3)
  head[3] = kind
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, body])
}

export function windowUpdate(bytes: number): Buffer {
  const body = Buffer.alloc(4)
  body.writeUInt32BE(bytes)
  return frame(kinds.windowUpdate, 0, 0, body)
}

/** The largest window there is. */
export const most = 2 ** 31 - 1
/** The window of a connection that nobody has asked to be larger. */
const initial = 65_535

/** How a connection begins: windows as large as can be, and no table of headers on the other side. */
export function preface(): Buffer {
  const settings = Buffer.alloc(18)
  const set = (at: number, id: number, value: number): void => {
    settings.writeUInt16BE(id, at)
    settings.writeUInt32BE(value, at + 2)
  }
  set(0, 1, 0)
  set(6, 2, 0)
  set(12, 4, most)
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    frame(kinds.settings, 0, 0, settings),
    windowUpdate(most - initial),
  ])
}

/** A field that stays out of all tables (RFC 7541, 6.2.2); its name is one of the static table or spelled out. */
function field(name: number | string, value: string): Buffer {
  const text = (of: string): Buffer => {
    if (of.length > 126) throw new Error('a field as long as this takes another encoding')
    return Buffer.concat([Buffer.of(of.length), Buffer.from(of, 'latin1')])
  }
  return typeof name === 'number'
    ? Buffer.concat([Buffer.of(name), text(value)])
    : Buffer.concat([Buffer.of(0), text(name), text(value)])
}

/** Of the static table (RFC 7541, appendix A): `:method: POST` and `:scheme: http` whole, and two names. */
const post = 0x83
const http = 0x86
const path = 4
const authority = 1

/** A request of one message, its stream number still to be put in. */
export function request(to: string, port: number, message: Buffer): Buffer {
  const fields = Buffer.concat([
    Buffer.of(post, http),
    field(path, to),
    field(authority, `127.0.0.1:${port}`),
    field('te', 'trailers'),
    field('content-type', 'application/grpc'),
    field('user-agent', 'tenon-bench'),
  ])
  return Buffer.concat([frame(kinds.headers, endHeaders, 0, fields), frame(kinds.data, endStream, 0, message)])
}

/** Puts the number of a stream into both frames of a request. */
export function numbered(request: Buffer, stream: number): Buffer {
  const bytes = Buffer.from(request)
  bytes.writeUInt32BE(stream, 5)
  bytes.writeUInt32BE(stream, 9 + bytes.readUIntBE(0, 3) + 5)
  return bytes
}

/** Hears of each frame: its body stands in `bytes` from `from` to `to`. */
export type Take = (kind: number, flags: number, stream: number, bytes: Buffer, from: number, to: number) => void

/** Cuts what comes on a connection into frames. */
export class FrameReader {
  readonly #take: Take
  #held: Buffer | undefined

  constructor(take: Take) {
    this.#take = take
  }

  read(chunk: Buffer): void {
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk])
    let at = 0
    while (bytes.length - at >= 9) {
      const end = at + 9 + bytes.readUIntBE(at, 3)
      if (end > bytes.length) break
      this.#take(
        bytes[at + 3] as number,
        bytes[at + 4] as number,
        bytes.readUInt32BE(at + 5) & most,
        bytes,
        at + 9,
        end,
      )
      at = end
    }
    this.#held = at === bytes.length ? undefined : bytes.subarray(at)
  }
}
