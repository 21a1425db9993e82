// Both generations of clients, on the server of the run.
import { connect as connect3 } from '@nats-io/transport-node'
import type { NatsConnection, NatsMessage } from '@tenon/transport-nats'
import { connect as connect2 } from 'nats'

/** What tests need of a connection beside what the transport does. */
export interface Connection extends NatsConnection {
  close(): Promise<unknown>
  request(subject: string, payload?: string, options?: { timeout: number }): Promise<NatsMessage>
}

/** How a test's connections behave: they come back fast. */
export interface ConnectOptions {
  readonly servers: string
  readonly reconnect?: boolean
}

const soon = { reconnectTimeWait: 50, reconnectJitter: 10, maxReconnectAttempts: -1, timeout: 5_000 }

export const generations: readonly { readonly name: string; connect(options: ConnectOptions): Promise<Connection> }[] =
  [
    { name: 'nats 2', connect: (options) => connect2({ ...soon, ...options }) },
    { name: 'nats 3', connect: (options) => connect3({ ...soon, ...options }) },
  ]

/** The server of this run; `undefined` where there is none. */
export const server: string | undefined = process.env.TENON_TEST_NATS

let subjects = 0

/** A subject that no other test uses. */
export const fresh = (): string => `test.${process.pid}.${++subjects}`

const text = new TextDecoder()

/** The body of a message as text. */
export const bodyOf = ({ data }: { readonly data: Uint8Array }): string => text.decode(data)

/** One header of a message. */
export const header = ({ headers }: NatsMessage, name: string): string | undefined => headers?.values(name)[0]
