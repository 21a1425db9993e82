// What is asked of JetStream: by its own subjects, because the helpers of the two clients have nothing in common.
import { systemClock } from '@tenon/endpoint'
import type { Headers } from '../headers.ts'
import { parseJson } from '../json.ts'
import type { Link } from '../link.ts'
import { isNobody } from '../stream/frame.ts'

/** An answer of JetStream. */
export interface Answer {
  readonly error?: { readonly code?: number; readonly err_code?: number; readonly description?: string }
  readonly config?: Readonly<Record<string, unknown>>
  /** Of what was published: where it stands. */
  readonly stream?: string
}

/** Milliseconds that JetStream has to answer. */
const patience = 5_000

/** Nanoseconds, as JetStream counts. */
export const nanos = (ms: number): number => Math.round(ms * 1e6)

/** Asks, and rejects where there is no answer in time, or nobody to give one. */
export function ask(
  link: Link,
  subject: string,
  body: string | Uint8Array | undefined,
  headers: Headers = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      timer.cancel()
      address.close()
    }
    const fail = (why: string): void => {
      finish()
      reject(new Error(`JetStream: ${why}`))
    }
    const timer = systemClock.at(systemClock.now() + patience, () => fail(`no answer to ${subject} in ${patience} ms`))
    const address = link.open((message) => {
      if (message === undefined) return fail('the connection to NATS is lost')
      if (isNobody(message)) return fail(`nobody takes ${subject}: is JetStream on, and is there a stream?`)
      const parsed = parseJson(message.data)
      if (parsed.wrong !== undefined || typeof parsed.value !== 'object' || parsed.value === null)
        return fail(`an answer to ${subject} that is none`)
      finish()
      resolve(parsed.value)
    })
    const failed = link.send(subject, body, headers, address.subject)
    if (failed !== undefined) fail(failed.message)
  })
}

/** The error in an answer, in words; `undefined` when it is none. */
export const wrongIn = ({ error }: Answer): string | undefined =>
  error === undefined ? undefined : `${error.description ?? 'failed'} (${error.err_code ?? error.code ?? 'no code'})`

/** The stream that keeps a contract's events, where this package makes it. */
export interface StreamOptions {
  /** Default: the contract's name, with dashes for dots. */
  readonly name?: string
  /** Make it where it is not there? One that is there is left as it is. Default: true. */
  readonly create?: boolean
  /** Milliseconds that events are kept. Default: `'unbounded'`. */
  readonly keep?: number | 'unbounded'
  /** Milliseconds in which two events of one id are one. Default: 120,000. */
  readonly dedup?: number
  /** Servers that hold it. Default: 1. */
  readonly replicas?: number
}

/** A stream, checked. */
export interface Store {
  readonly name: string
  readonly create: boolean
  readonly subjects: readonly string[]
  readonly keep: number
  readonly dedup: number
  readonly replicas: number
}

/** Sees that the stream is there. */
export async function ensureStream(
  link: Link,
  { name, create, subjects, keep, dedup, replicas }: Store,
): Promise<void> {
  const found = await ask(link, `$JS.API.STREAM.INFO.${name}`, undefined)
  if (found.error === undefined) return
  if (found.error.code !== 404 || !create) throw new Error(`JetStream: stream ${name}: ${wrongIn(found)}`)
  const config = {
    name,
    subjects,
    retention: 'limits',
    storage: 'file',
    discard: 'old',
    num_replicas: replicas,
    max_age: keep === Number.POSITIVE_INFINITY ? 0 : nanos(keep),
    duplicate_window: nanos(keep === Number.POSITIVE_INFINITY ? dedup : Math.min(dedup, keep)),
  }
  // Where somebody was faster, it is the same stream.
  const wrong = wrongIn(await ask(link, `$JS.API.STREAM.CREATE.${name}`, JSON.stringify(config)))
  if (wrong !== undefined) throw new Error(`JetStream: stream ${name}: ${wrong}`)
}

/** What a durable consumer is told when it is made. */
export interface Durable {
  readonly stream: string
  readonly name: string
  readonly subject: string
  /** Milliseconds after which a message that nobody speaks of is delivered again. */
  readonly ackWait: number
  /** Messages that may be delivered and not settled. */
  readonly pending: number
  readonly from: 'all' | 'new'
}

/** Sees that the consumer is there. Deliveries are counted by us: those that JetStream counts out, nobody sees again. */
export async function ensureConsumer(
  link: Link,
  { stream, name, subject, ackWait, pending, from }: Durable,
): Promise<void> {
  const config = {
    durable_name: name,
    filter_subject: subject,
    deliver_policy: from,
    ack_policy: 'explicit',
    replay_policy: 'instant',
    ack_wait: nanos(ackWait),
    max_deliver: -1,
    max_ack_pending: pending,
  }
  // One that is there is left alone where nothing differs: each update disturbs what is being delivered.
  const found = await ask(link, `$JS.API.CONSUMER.INFO.${stream}.${name}`, undefined)
  const same = ['filter_subject', 'ack_wait', 'max_ack_pending', 'max_deliver'] as const
  if (found.config !== undefined && same.every((key) => found.config?.[key] === config[key])) return
  const body = JSON.stringify({ stream_name: stream, config })
  const wrong = wrongIn(await ask(link, `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${name}`, body))
  if (wrong !== undefined) throw new Error(`JetStream: consumer ${name} of ${stream}: ${wrong}`)
}
