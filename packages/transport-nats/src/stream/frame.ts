// What travels of a stream: messages with a kind, and a number where the order matters. Both ends send to an address of the
// other's; each message carries the sender's own as its reply subject, so that NATS itself says when nobody is there.
import type { NatsMessage } from '../connection.ts'
import { headerOf } from '../headers.ts'

/**
 * `accept`: the server reads the input from here on. `open`: the answer is a stream. `item`, `end`, `fail`: of a stream.
 * `credit`: so many may come. `enough`: nobody reads your stream any more. `pulse`: is anybody there? `cancel`: nobody is here
 * any more.
 */
export type Kind = 'accept' | 'open' | 'item' | 'end' | 'fail' | 'credit' | 'enough' | 'pulse' | 'cancel'

export const kindHeader = 'tenon-stream'
export const seqHeader = 'tenon-seq'
export const creditHeader = 'tenon-credit'

/** The kind of a message, `undefined` for one that is of no stream. */
export const kindOf = ({ headers }: NatsMessage): Kind | undefined => headerOf(headers, kindHeader) as Kind | undefined

/** Nobody listens at the subject to which something was sent: the NATS server says so. */
export const isNobody = ({ headers, data }: NatsMessage): boolean => headers?.code === 503 && data.length === 0

/** A whole number in a header, `NaN` for all else. */
export function numberOf({ headers }: NatsMessage, name: string): number {
  const text = headerOf(headers, name)
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
}

/** Items that may be on their way to a reader that has not read them. */
export const window = 16
