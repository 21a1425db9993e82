// What an attack is: what is sent, what the sender must get, and what others may feel of it.
import type { ServerLimits as GrpcLimits } from '@tenon/transport-grpc'
import type { ServerLimits } from '@tenon/transport-http'
import type { ServerLimits as NatsLimits } from '@tenon/transport-nats'
import { type Connection, type Heard, many, open, pour } from './wire.ts'

/** Whom it goes against. */
export interface Target {
  /** Of the server that is attacked; over NATS, of the NATS server between. */
  readonly port: number
  /** `quick`: so little that a test can afford it; `full`: as much as an attacker with one machine. */
  readonly scale: Scale
  /** Asks the attacked process itself. */
  readonly ask: (name: string, given?: unknown) => Promise<unknown>
  /** One of two numbers, by the scale. */
  by<T>(quick: T, full: T): T
}

export type Scale = 'quick' | 'full'

export interface Attack {
  readonly name: string
  /** What is sent, for the document. */
  readonly sends: string
  /** What keeps it within bounds, for the document. */
  readonly bound: string
  /** What the server is allowed; else its defaults. */
  readonly limits?: (scale: Scale) => ServerLimits | GrpcLimits | NatsLimits
  /** The generation of the NATS client under the server. Default: 3. */
  readonly generation?: 2 | 3
  /** How many files the server may open. */
  readonly files?: number
  /** Must nothing else run beside it, because it fills what all share? */
  readonly alone?: boolean
  /** What others may feel: the failures that may happen to them. Default: none. */
  readonly others?: { readonly may: RegExp; readonly why: string }
  /** Megabytes that it may take at its peak; of both scales, or each. Default: 128. */
  readonly peak?: number | Readonly<Record<Scale, number>>
  /** Runs it. What the sender got; throws where that is not what he must get. */
  run(target: Target): Promise<string | Got>
}

/** What came of an attack, in words, and what the server must have told its operator at least. */
export interface Got {
  readonly gets: string
  /** How often by reason (`server.rejected`), by `event dead` and the like, or `defect`. `heard`: how many calls of `hear` ran, no more and no fewer. */
  readonly told: Readonly<Record<string, number>>
}

/** Attacks of one kind. */
export interface Family {
  readonly title: string
  /** Who is attacked. Default: a server of HTTP. */
  readonly against?: 'client' | 'grpc' | 'nats'
  readonly about: string
  readonly attacks: readonly Attack[]
}

/** What must come back. */
export interface Expected {
  /** The statuses, in order; empty: nothing. */
  readonly statuses: readonly number[]
  readonly end: 'open' | 'closed'
  readonly says?: RegExp
}

/** Milliseconds in which even a machine that is busy answers. */
export const soon = 15_000

/** Throws where what was heard is not as expected. */
export function must({ statuses, end, says }: Expected, heard: Heard): void {
  const got = `${heard.statuses.join(', ') || 'nothing'}, ${heard.end}`
  if (heard.statuses.join() !== statuses.join() || (end === 'open') !== (heard.end === 'open'))
    throw new Error(`must get ${statuses.join(', ') || 'nothing'}, ${end}; got ${got}: ${heard.text.slice(0, 400)}`)
  if (says !== undefined && !says.test(heard.text)) throw new Error(`must say ${says}; got ${heard.text.slice(0, 600)}`)
}

const inWords = ({ statuses, end }: Expected, ms: readonly number[]): string => {
  const sorted = ms.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  const what = statuses.length === 0 ? 'nothing' : statuses.join(', ')
  return `${what}${end === 'closed' ? ', closed' : ''}, ${median < 10 ? median.toFixed(1) : Math.round(median)} ms`
}

/** Sends the same bytes on many connections, each once, and what comes back must be as expected. */
export function shot(
  name: string,
  bytes: string | ((scale: Scale) => string | Uint8Array),
  expected: Expected,
  more: Omit<Attack, 'name' | 'run'> & { readonly full?: number; readonly after?: (to: Connection) => void },
): Attack {
  const { full = 500, after, ...rest } = more
  return {
    name,
    ...rest,
    async run({ port, by, scale }) {
      const sent = typeof bytes === 'string' ? bytes : bytes(scale)
      const ms = await many(by(2, full), by(2, 20), async () => {
        const to = await open(port)
        void to.write(sent)
        after?.(to)
        const final = expected.statuses.filter((status) => status >= 200).length
        const heard = expected.end === 'open' ? await to.answered(soon, final) : await to.closed(soon)
        to.destroy()
        must(expected, heard)
        return heard.ms
      })
      return inWords(expected, ms)
    },
  }
}

/** Sends something without an end, at full speed, until it is stopped or `ms` are over (a tenth of that in a test). */
export function poured(
  name: string,
  [first, piece]: readonly [string, string],
  expected: Expected,
  more: Omit<Attack, 'name' | 'run'> & { readonly ms?: number },
): Attack {
  const { ms = 10_000, ...rest } = more
  return {
    name,
    ...rest,
    async run({ port, by }) {
      const to = await open(port)
      await to.write(first)
      const bytes = await pour(to, piece, by(ms / 10, ms), () => to.heard().end !== 'open')
      const heard = await to.closed(soon)
      to.destroy()
      must(expected, heard)
      return `${inWords(expected, [heard.ms])}, after ${size(bytes)}`
    },
  }
}

/** Bytes for people. */
export const size = (bytes: number): string =>
  bytes < 10_240
    ? `${bytes} bytes`
    : bytes < 10 * mega
      ? `${Math.round(bytes / 1_024)} KiB`
      : `${Math.round(bytes / mega)} MiB`

const mega = 1_048_576

/** Head and body of a request. */
export const post = (path: string, body: string, headers = 'content-type: application/json\r\n'): string =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\n${headers}content-length: ${Buffer.byteLength(body, 'latin1')}\r\n\r\n${body}`

export const get = (path: string, headers = ''): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n${headers}\r\n`

/** A refusal that ends the connection. */
export const refused = (status: number, says?: RegExp): Expected => ({
  statuses: [status],
  end: 'closed',
  ...(says && { says }),
})

/** An answer after which the connection can be used again. */
export const answered = (status: number, says?: RegExp): Expected => ({
  statuses: [status],
  end: 'open',
  ...(says && { says }),
})
