// Headers both ways. NATS tells names apart by case; ours are lower-case, but for the two of the services protocol.
import type { NatsHeaders } from './connection.ts'

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

const none: ReadonlyMap<string, string> = new Map()

/** What came, under lower-case names; several values of one name in one text. `undefined` for more than `most` lines. */
export function lowered(headers: NatsHeaders | undefined, most: number): ReadonlyMap<string, string> | undefined {
  if (headers === undefined) return none
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
