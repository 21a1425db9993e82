// What is needed of a NATS connection: the part that the clients of both generations share, `nats` 2 and
// `@nats-io/transport-node` 3. Neither is a dependency: you bring the connection, and close it.

/** Headers of a message that came. */
export interface NatsHeaders {
  /** The status of a message that the NATS server made itself: 503 where nobody listens. 0 for all others. */
  readonly code: number
  keys(): string[]
  values(name: string): string[]
}

/** A message that came. */
export interface NatsMessage {
  readonly subject: string
  readonly data: Uint8Array
  readonly reply?: string | undefined
  readonly headers?: NatsHeaders | undefined
}

/** Interest in a subject. */
export interface NatsSubscription {
  unsubscribe(max?: number): void
  drain(): Promise<unknown>
}

/** How a message is sent. */
export interface NatsPublishOptions {
  reply?: string
  headers?: object
}

/** How a subject is listened to. */
export interface NatsSubscribeOptions {
  queue?: string
  callback?: (error: Error | null, message: NatsMessage) => void
}

/** A connection of either client. */
export interface NatsConnection {
  readonly info?: { readonly max_payload: number } | undefined
  publish(subject: string, payload?: Uint8Array | string, options?: NatsPublishOptions): void
  subscribe(subject: string, options?: NatsSubscribeOptions): NatsSubscription
  flush(): Promise<void>
  isClosed(): boolean
  /** Resolves, perhaps to an error, once it is closed. */
  closed(): Promise<unknown>
  status(): AsyncIterable<{ readonly type: string }>
}

const methods = ['publish', 'subscribe', 'flush', 'isClosed', 'closed', 'status'] as const

/** The connection given, or a TypeError that says what is wrong with it. */
export function connectionOf(who: string, given: NatsConnection): NatsConnection {
  for (const method of methods)
    if (typeof given?.[method] !== 'function')
      throw new TypeError(
        `${who}: connection is what connect() of nats or @nats-io/transport-node gives: no ${method}()`,
      )
  return given
}

/** The same, one that can be listened on: an Error where it is closed, which both clients tell in fewer words. */
export function openOf(who: string, given: NatsConnection): NatsConnection {
  const connection = connectionOf(who, given)
  if (connection.isClosed()) throw new Error(`${who}: the connection to NATS is closed`)
  return connection
}

/** One token of a subject or several, none of them a wildcard: NATS itself takes nearly everything. */
const plain = /^[^\s.*>]+(?:\.[^\s.*>]+)*$/

/** A subject that messages can be sent to, or a TypeError. */
export function subjectOf(who: string, name: string, given: unknown): string {
  if (typeof given === 'string' && plain.test(given)) return given
  throw new TypeError(
    `${who}: ${name} is one or more words with dots between them, without * and >, and not ${JSON.stringify(given)}`,
  )
}
