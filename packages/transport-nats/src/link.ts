// One connection as all servers and clients on it share it: an inbox for everything that comes back, and the knowledge of
// whether anything can be sent at all. Both NATS clients drop silently what is published while they reconnect, let a call
// in flight wait for its own time when the connection is lost, and never read again once a callback has thrown.
import { randomUUID } from 'node:crypto'
import { type InvalidArgument, invalidArgument, type Unavailable, unavailable } from '@tenon/contract'
import { report, systemClock, type TelemetryListener, type Timer } from '@tenon/endpoint'
import type { NatsConnection, NatsMessage, NatsPublishOptions, NatsSubscription } from './connection.ts'
import { Encoded, type Headers, readable } from './headers.ts'

/** Takes what comes to one address. `undefined`: the connection is lost. */
export type Receive = (message: NatsMessage | undefined) => void

/** A subject of this connection alone, for one call. */
export interface Address {
  readonly subject: string
  close(): void
}

/** Milliseconds without a word from the NATS server, while somebody waits for one, after which it is asked; and again until it is taken for stalled. */
const patience = 2_000

const lost: Unavailable = unavailable('the connection to NATS is lost')
const closed: Unavailable = unavailable('the connection to NATS is closed')

/** Headers of a message, none of them: sent without. */
const isEmpty = (headers: Readonly<Headers>): boolean => {
  for (const _ in headers) return false
  return true
}

export class Link {
  readonly connection: NatsConnection
  /** Hears of the connection's end, and of its return. */
  readonly watchers: Set<(state: 'lost' | 'connected') => void> = new Set()
  readonly #inbox = `_INBOX.${randomUUID().replaceAll('-', '')}`
  readonly #open = new Map<string, Receive>()
  #subscription: NatsSubscription | undefined
  #count = 0
  /** Why nothing can be sent. */
  #down: Unavailable | undefined
  #probe: Timer | undefined
  #heard = false

  constructor(connection: NatsConnection) {
    this.connection = connection
    void this.#watch()
    // Of a connection that is closed by its owner, the status of nats 2 says nothing.
    const end = (): void => this.#turn(closed)
    connection.closed().then(end, end)
  }

  /** An address that nobody guesses. What comes there is given to `receive` until it is closed. */
  open(receive: Receive): Address {
    // Of one that is closed nothing comes; whoever sends is told why.
    if (!this.connection.isClosed())
      this.#subscription ??= this.subscribe(`${this.#inbox}.*`, undefined, (message) => this.#arrived(message))
    const token = (this.#count++).toString(36)
    this.#open.set(token, receive)
    this.#probe ??= systemClock.at(systemClock.now() + patience, this.#ask)
    return { subject: `${this.#inbox}.${token}`, close: () => this.#close(token) }
  }

  /** Listens, and survives whatever `take` throws. */
  subscribe(subject: string, queue: string | undefined, take: (message: NatsMessage) => void): NatsSubscription {
    return this.connection.subscribe(subject, {
      ...(queue !== undefined && { queue }),
      callback: (error, message) => {
        try {
          if (error === null || error === undefined) take(readable(message))
        } catch (cause) {
          report(undefined, { kind: 'defect', method: undefined, cause })
        }
      },
    })
  }

  /** Sends, or says why that is not possible; then nothing has left. */
  send(
    subject: string,
    body: string | Uint8Array | undefined,
    headers: Readonly<Headers>,
    reply?: string,
  ): Unavailable | InvalidArgument | undefined {
    const { connection } = this
    if (connection.isClosed()) return closed
    if (this.#down !== undefined) return this.#down
    const encoded = isEmpty(headers) ? undefined : new Encoded(headers)
    const most = connection.info?.max_payload ?? 1_048_576
    const bytes = (body === undefined ? 0 : Buffer.byteLength(body)) + (encoded?.bytes ?? 0)
    if (bytes > most) return tooLarge(most, bytes)
    const options: NatsPublishOptions = {}
    if (reply !== undefined) options.reply = reply
    if (encoded !== undefined) options.headers = encoded
    try {
      connection.publish(subject, body ?? '', options)
    } catch (cause) {
      // Closing, draining, or a permission that it knows of.
      return unavailable(`NATS takes no message: ${cause instanceof Error ? cause.message : String(cause)}`)
    }
    return undefined
  }

  #close(token: string): void {
    this.#open.delete(token)
    if (this.#open.size > 0) return
    this.#probe?.cancel()
    this.#probe = undefined
  }

  #arrived(message: NatsMessage): void {
    this.#heard = true
    const receive = this.#open.get(message.subject.slice(this.#inbox.length + 1))
    if (receive !== undefined) receive(message)
    // Whoever sends a stream to nobody is told: its other end is gone.
    else if (message.reply !== undefined) this.send(message.reply, undefined, { 'tenon-stream': 'cancel' })
  }

  /** A stalled NATS server is found by us, and not minutes later by the pings of the client. */
  readonly #ask = (): void => {
    this.#probe = systemClock.at(systemClock.now() + patience, this.#ask)
    const heard = this.#heard
    this.#heard = false
    if (heard || this.#down !== undefined || this.connection.isClosed()) return
    let answered = false
    const timer = systemClock.at(systemClock.now() + patience, () => {
      if (!answered) this.#turn(unavailable(`NATS has not answered for ${patience} ms`))
    })
    const back = (): void => {
      answered = true
      timer.cancel()
    }
    this.connection.flush().then(() => {
      back()
      this.#turn(undefined)
    }, back)
  }

  async #watch(): Promise<void> {
    try {
      for await (const { type } of this.connection.status()) {
        if (type === 'disconnect') this.#turn(lost)
        else if (type === 'reconnect') this.#turn(undefined)
      }
    } catch {
      // Its end is heard of from `closed`.
    }
  }

  #turn(down: Unavailable | undefined): void {
    if (this.#down === closed) return
    const before = this.#down
    this.#down = down
    if ((before === undefined) === (down === undefined)) return
    for (const watcher of [...this.watchers]) watcher(down === undefined ? 'connected' : 'lost')
    if (down === undefined) return
    for (const receive of [...this.#open.values()]) receive(undefined)
  }
}

const links = new WeakMap<NatsConnection, Link>()

/** The link of a connection, the same one every time. */
export function linkOf(connection: NatsConnection): Link {
  const known = links.get(connection)
  if (known !== undefined) return known
  const link = new Link(connection)
  links.set(connection, link)
  return link
}

/** Reports a connection that is lost and back, until it is disposed. */
export function reporting(link: Link, peer: string, onTelemetry: TelemetryListener | undefined): Disposable {
  const tell = (state: 'lost' | 'connected'): void =>
    report(onTelemetry, { kind: 'client.connection', transport: 'nats', peer, state })
  link.watchers.add(tell)
  return { [Symbol.dispose]: () => void link.watchers.delete(tell) }
}

const tooLarge = (most: number, bytes: number): InvalidArgument =>
  invalidArgument([
    { path: '', expected: `a message of at most ${most} bytes, which the NATS server takes`, actual: `${bytes} bytes` },
  ])
