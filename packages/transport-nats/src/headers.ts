// Headers both ways. NATS tells names apart by case; ours are lower-case, but for the two of the services protocol.
import type { NatsHeaders, NatsMessage } from './connection.ts'

/** Headers of a message in the making. Names of metadata are lower-case. */
export type Headers = Record<string, string>

/** Headers as both clients want them to send: they ask for nothing but the bytes. */
export class Encoded {
  readonly #text: string

  constructor(headers: Readonly<Headers>) {
    let text = 'NATS/1.0\r\n'
    for (const name in headers) text += `${name}: ${headers[name]}\r\n`
    this.#text = `${text}\r\n`
  }
  get bytes(): number {
    return Buffer.byteLength(this.#text)
  }
  encode(): Uint8Array {
    return Buffer.from(this.#text)
  }
}

/** What stands for headers that are none: both clients throw where they cannot read them. */
export const unreadable: NatsHeaders = { code: 0, keys: () => [], values: () => [] }

/** What stands for headers of more lines than are read at all. */
export const excessive: NatsHeaders = { code: 0, keys: () => [], values: () => [] }

/** Lines that are read. What the clients need grows with the square of their number: for a megabyte of names it is minutes. */
const mostLines = 1_000

/** A message whose headers can be looked at. */
export function readable(message: NatsMessage): NatsMessage {
  const { subject, data, reply } = message
  if (countLines(message) > mostLines) return { subject, data, reply, headers: excessive }
  try {
    // Read once, and kept by the message.
    void message.headers
    return message
  } catch {
    return { subject, data, reply, headers: unreadable }
  }
}

/** The headers stand before the body, in the same bytes; their length is what the message has beside all else. */
function countLines(message: NatsMessage & { size?(): number }): number {
  const { subject, data, reply } = message
  if (typeof message.size !== 'function') return 0
  const length = message.size() - subject.length - (reply?.length ?? 0) - data.length
  if (length <= mostLines || length > data.byteOffset) return 0
  const bytes = Buffer.from(data.buffer as ArrayBuffer, data.byteOffset - length, length)
  let lines = 0
  for (let at = bytes.indexOf(10); at >= 0 && lines <= mostLines; at = bytes.indexOf(10, at + 1)) lines++
  return lines
}

const none: ReadonlyMap<string, string> = new Map()

/** What came, under lower-case names; several values of one name in one text. `undefined` for more than `most` lines. */
export function lowered(headers: NatsHeaders | undefined, most: number): ReadonlyMap<string, string> | undefined {
  if (headers === undefined) return none
  if (headers === excessive) return undefined
  const all = new Map<string, string>()
  let lines = 0
  for (const key of headers.keys()) {
    const values = headers.values(key)
    lines += values.length
    if (lines > most) return undefined
    const name = key.toLowerCase()
    const before = all.get(name)
    const value = values.length === 1 ? (values[0] as string) : values.join(', ')
    all.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return all
}

/** One header of a message, its name exactly so. */
export const headerOf = (headers: NatsHeaders | undefined, name: string): string | undefined => headers?.values(name)[0]

/** A text that a header can carry: one line of printable ASCII, 256 characters at most. */
export const line = (text: string): string => text.slice(0, 256).replace(/[^\x20-\x7e]+/g, ' ')
