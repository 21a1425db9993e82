// Asks a consumer for events, never for more than there is room for, and asks again when an answer stays away.
import { randomUUID } from 'node:crypto'
import { systemClock, type Timer } from '@tenon/endpoint'
import type { NatsMessage, NatsSubscription } from '../connection.ts'
import type { Link } from '../link.ts'
import { deliveryOf } from './delivery.ts'
import { ask, nanos } from './jetstream.ts'

/** Milliseconds that a request for events stands. */
const stands = 30_000
/** Milliseconds between signs of life while it stands. */
const beats = 5_000
/** Milliseconds before it is asked again where something is wrong. */
const pause = 1_000

export interface Pulls {
  readonly link: Link
  readonly stream: string
  readonly consumer: string
  /** How many more may come. */
  room(): number
  take(message: NatsMessage): void
  /** Sees that the consumer is there, once it did not answer. May reject. */
  restore(): Promise<void>
}

export class Pull {
  readonly #of: Pulls
  readonly #inbox = `_INBOX.${randomUUID().replaceAll('-', '')}`
  readonly #subscription: NatsSubscription
  /** Events that were asked for and have not come. */
  #asked = 0
  #timer: Timer | undefined
  #stopped = false
  readonly #watch = (state: 'lost' | 'connected'): void => {
    if (state === 'connected') this.#restart()
  }

  constructor(of: Pulls) {
    this.#of = of
    this.#subscription = of.link.subscribe(this.#inbox, undefined, (message) => this.#arrived(message))
    // What was asked for before the connection was lost never comes.
    of.link.watchers.add(this.#watch)
    this.more()
  }

  /** There may be room. */
  more(): void {
    if (this.#asked > 0 || this.#stopped) return
    const { link, stream, consumer, room } = this.#of
    const batch = room()
    if (batch < 1) return
    this.#asked = batch
    const request = { batch, expires: nanos(stands), idle_heartbeat: nanos(beats) }
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`
    if (link.send(subject, JSON.stringify(request), {}, this.#inbox) === undefined) this.#expect(beats * 2.4)
    else this.#expect(pause)
  }

  /** Asks no more; what is on its way is still taken. Rejects where NATS does not answer. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    this.#of.link.watchers.delete(this.#watch)
    await this.#subscription.drain()
    // JetStream forgets our request when it is asked how many wait. Else (seen in 2.9) the first event that is given back
    // goes to it and nowhere, until `ackWait` is over, and the newest comes twice.
    const { link, stream, consumer } = this.#of
    await ask(link, `$JS.API.CONSUMER.INFO.${stream}.${consumer}`, undefined)
  }

  #expect(ms: number): void {
    this.#timer?.cancel()
    if (!this.#stopped) this.#timer = systemClock.at(systemClock.now() + ms, () => this.#restart())
  }

  #restart(): void {
    this.#asked = 0
    this.more()
  }

  #arrived(message: NatsMessage): void {
    // What it says itself has no body and is not to be acknowledged; an event may look like it.
    const own = message.data.length === 0 && deliveryOf(message) === undefined
    const code = own ? (message.headers?.code ?? 0) : 0
    if (code >= 400) this.#status(code)
    else {
      this.#expect(beats * 2.4)
      if (code !== 0) return
      this.#asked = Math.max(0, this.#asked - 1)
      this.#of.take(message)
      this.more()
    }
  }

  /** 404 and 408: nothing more comes of this request. All else: something is wrong. */
  #status(code: number): void {
    if (code === 404 || code === 408) {
      this.#restart()
      return
    }
    this.#expect(pause)
    if (this.#stopped) return
    const go = (): void => this.#expect(pause)
    this.#of.restore().then(go, go)
  }
}
