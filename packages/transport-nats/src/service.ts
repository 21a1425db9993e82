// The NATS services protocol: what `nats micro` asks on `$SRV.*`, and what it is told.
import { randomUUID } from 'node:crypto'
import type { NatsMessage, NatsSubscription } from './connection.ts'
import type { Link } from './link.ts'

/** What was counted of one method since it is served. */
export class Stats {
  requests = 0
  errors = 0
  lastError = ''
  /** Milliseconds of all calls together. */
  spent = 0

  failed(code: string, message: string): void {
    this.errors++
    this.lastError = `${code}: ${message}`.slice(0, 256)
  }
}

/** One method, as the protocol calls it an endpoint. */
export interface Offered {
  readonly name: string
  readonly subject: string
  readonly queue: string
  readonly stats: Stats
}

/** A service that can be found. */
export interface Service {
  /** Letters, digits, `-` and `_`. */
  readonly name: string
  readonly version: string
  readonly description: string
  readonly metadata: Readonly<Record<string, string>>
  readonly endpoints: readonly Offered[]
}

/** Dots become dashes: the protocol's names have none. */
export const serviceName = (name: string): string => name.replace(/[^A-Za-z0-9_-]/g, '-')

const version = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/

/** A version that the protocol takes, or a TypeError. */
export function versionOf(who: string, given: string | undefined): string {
  if (given === undefined) return '0.0.0'
  if (version.test(given)) return given
  throw new TypeError(`${who}: version is semantic, such as '1.4.0', and not ${JSON.stringify(given)}`)
}

/** Answers for a service until the subscriptions end. */
export function announce(link: Link, service: Service): readonly NatsSubscription[] {
  const { name, version, description, metadata, endpoints } = service
  const id = randomUUID().replaceAll('-', '')
  const started = new Date().toISOString()
  const self = (type: string): object => ({ type: `io.nats.micro.v1.${type}_response`, name, id, version, metadata })
  const answers: Readonly<Record<string, () => object>> = {
    PING: () => self('ping'),
    INFO: () => ({
      ...self('info'),
      description,
      endpoints: endpoints.map(({ name, subject, queue }) => ({ name, subject, queue_group: queue, metadata: {} })),
    }),
    STATS: () => ({ ...self('stats'), started, endpoints: endpoints.map(counted) }),
  }
  return Object.entries(answers).flatMap(([verb, answer]) => {
    const take = ({ reply }: NatsMessage): void => {
      if (reply !== undefined && reply !== '') link.send(reply, JSON.stringify(answer()), {})
    }
    return [`$SRV.${verb}`, `$SRV.${verb}.${name}`, `$SRV.${verb}.${name}.${id}`].map((subject) =>
      link.subscribe(subject, undefined, take),
    )
  })
}

// Times of the protocol are nanoseconds.
const counted = ({ name, subject, queue, stats }: Offered): object => ({
  name,
  subject,
  queue_group: queue,
  num_requests: stats.requests,
  num_errors: stats.errors,
  last_error: stats.lastError,
  processing_time: Math.round(stats.spent * 1e6),
  average_processing_time: stats.requests === 0 ? 0 : Math.round((stats.spent * 1e6) / stats.requests),
})
