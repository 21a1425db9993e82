// DNS messages: the one question that we ask, and of an answer what we need. node:dns tells no TTL of SRV records, nor how long a
// name that does not exist may be believed not to.
import { encodedName, readName } from './name.ts'

const types = { A: 1, CNAME: 5, SOA: 6, AAAA: 28, SRV: 33 } as const

/** What is asked for. */
export interface Question {
  /** As `normalName` gives it. */
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'SRV'
}

/** A record that we can use. */
export type Resource = {
  /** Whose it is, in lower case. */
  readonly name: string
  /** Seconds for which it may be believed. */
  readonly ttl: number
} & (
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME'; readonly target: string }
  | {
      readonly type: 'SRV'
      readonly priority: number
      readonly weight: number
      readonly port: number
      /** The empty text says that the service is not to be had. */
      readonly target: string
    }
  | { readonly type: 'SOA'; readonly minimum: number }
)

/** What came back. */
export interface Answer {
  readonly id: number
  /** There is more than fits: ask over TCP. */
  readonly truncated: boolean
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL`, ... */
  readonly code: string
  readonly question: { readonly name: string; readonly type: number }
  readonly answers: readonly Resource[]
  readonly authority: readonly Resource[]
  readonly additional: readonly Resource[]
}

/** Bytes that a UDP answer may have: what passes unfragmented everywhere (DNS flag day 2020). */
const udpSize = 1_232
const codes: readonly string[] = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED']
const internet = 1
const flags = { response: 0x8000, truncated: 0x0200, recursion: 0x0100 }
const header = 12

/** A question as bytes. `extended` says that we take more than 512 bytes (RFC 6891); some old servers refuse to hear it. */
export function encodeQuestion(id: number, { name, type }: Question, extended: boolean): Buffer {
  const head = Buffer.alloc(header)
  head.writeUInt16BE(id, 0)
  head.writeUInt16BE(flags.recursion, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(extended ? 1 : 0, 10)
  const tail = Buffer.from([0, types[type], 0, internet])
  const option = Buffer.from([0, 0, 41, udpSize >> 8, udpSize & 0xff, 0, 0, 0, 0, 0, 0])
  return Buffer.concat([head, encodedName(name), tail, ...(extended ? [option] : [])])
}

/** Is it the answer to this question, and to this asking of it? */
export const answers = (answer: Answer, id: number, { name, type }: Question): boolean =>
  answer.id === id && answer.question.type === types[type] && answer.question.name === name

/** @throws RangeError when the bytes are no answer to one question. */
export function decodeAnswer(bytes: Buffer): Answer {
  const word = bytes.readUInt16BE(2)
  if ((word & flags.response) === 0) throw new RangeError('it is no answer')
  if (bytes.readUInt16BE(4) !== 1) throw new RangeError('it does not answer one question')
  const asked = readName(bytes, header)
  let at = asked.end + 4
  const section = (count: number): readonly Resource[] => {
    const found: Resource[] = []
    for (let n = 0; n < count; n++) {
      const { record, end } = readRecord(bytes, at)
      if (record !== undefined) found.push(record)
      at = end
    }
    return found
  }
  const truncated = (word & flags.truncated) !== 0
  const code = word & 0x0f
  return {
    id: bytes.readUInt16BE(0),
    truncated,
    code: codes[code] ?? `RCODE${code}`,
    question: { name: asked.name, type: bytes.readUInt16BE(asked.end) },
    // What was cut short is asked for again: no need to make sense of where it was cut.
    ...(truncated
      ? { answers: [], authority: [], additional: [] }
      : {
          answers: section(bytes.readUInt16BE(6)),
          authority: section(bytes.readUInt16BE(8)),
          additional: section(bytes.readUInt16BE(10)),
        }),
  }
}

function readRecord(bytes: Buffer, start: number): { readonly record: Resource | undefined; readonly end: number } {
  const { name, end: at } = readName(bytes, start)
  const type = bytes.readUInt16BE(at)
  const kind = bytes.readUInt16BE(at + 2)
  // The highest bit stands for nothing: such a TTL is none (RFC 2181, 8).
  const said = bytes.readUInt32BE(at + 4)
  const ttl = said > 0x7fff_ffff ? 0 : said
  const size = bytes.readUInt16BE(at + 8)
  const data = at + 10
  const end = data + size
  if (end > bytes.length) throw new RangeError('a record ends after the message')
  const known = kind === internet ? readData(bytes, type, data, size) : undefined
  return { record: known && ({ name, ttl, ...known } as Resource), end }
}

function readData(bytes: Buffer, type: number, at: number, size: number): object | undefined {
  switch (type) {
    case types.A:
      if (size !== 4) throw new RangeError('an IPv4 address has 4 bytes')
      return { type: 'A', address: Array.from(bytes.subarray(at, at + 4)).join('.') }
    case types.AAAA:
      if (size !== 16) throw new RangeError('an IPv6 address has 16 bytes')
      return { type: 'AAAA', address: ipv6(bytes.subarray(at, at + 16)) }
    case types.CNAME:
      return { type: 'CNAME', target: readName(bytes, at).name }
    case types.SRV:
      return {
        type: 'SRV',
        priority: bytes.readUInt16BE(at),
        weight: bytes.readUInt16BE(at + 2),
        port: bytes.readUInt16BE(at + 4),
        target: readName(bytes, at + 6).name,
      }
    case types.SOA:
      return { type: 'SOA', minimum: bytes.readUInt32BE(readName(bytes, readName(bytes, at).end).end + 16) }
    default:
      return undefined
  }
}

/** An IPv6 address as everybody writes it (RFC 5952): the URL parser knows how. */
function ipv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(group * 2).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
