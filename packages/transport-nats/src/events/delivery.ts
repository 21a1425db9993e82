// One event as it was delivered, and how it is settled: the subject of its reply says which it is.
import type { NatsMessage } from '../connection.ts'
import type { Link } from '../link.ts'
import { nanos } from './jetstream.ts'

/** An event that was delivered and is not settled. */
export interface Delivery {
  readonly message: NatsMessage
  /** Its number in the stream. */
  readonly seq: string
  /** How often it was delivered, this time included. */
  readonly count: number
  readonly ack: string
}

/** `$JS.ACK.<stream>.<consumer>.<count>.<seq>...`, newer servers with a domain and an account before the stream; `undefined` for all else. */
export function deliveryOf(message: NatsMessage): Delivery | undefined {
  const ack = message.reply ?? ''
  const words = ack.split('.')
  if (words[0] !== '$JS' || words[1] !== 'ACK' || words.length < 9) return undefined
  const at = words.length === 9 ? 4 : 6
  const count = Number(words[at])
  const seq = words[at + 1]
  if (!Number.isSafeInteger(count) || count < 1 || seq === undefined) return undefined
  return { message, seq, count, ack }
}

/** It is done with. `false`: NATS has not heard it, and will deliver it again. */
export const done = (link: Link, { ack }: Delivery): boolean => link.send(ack, '+ACK', {}) === undefined

/** Deliver it again, in so many milliseconds. */
export const again = (link: Link, { ack }: Delivery, ms: number): boolean =>
  link.send(ack, ms > 0 ? `-NAK {"delay":${nanos(ms)}}` : '-NAK', {}) === undefined

/** Never deliver it again. */
export const never = (link: Link, { ack }: Delivery): boolean => link.send(ack, '+TERM', {}) === undefined

/** It is worked on: the time after which it is delivered again begins anew. */
export const working = (link: Link, { ack }: Delivery): void => void link.send(ack, '+WPI', {})
