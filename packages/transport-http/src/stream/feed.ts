// Moves the items of a stream into a response: the next one is asked for when there is room for it, and not before.
import type { ServerResponse } from 'node:http'
import type { Clock, Failure, Outcome, Timer } from '@tenon/endpoint'
import { defect } from '@tenon/endpoint'
import { heartbeat } from './event.ts'
import type { Beating, Pulse } from './pulse.ts'

/** What the feeds of a server share. */
export interface Feeding {
  readonly clock: Clock
  readonly pulse: Pulse
  /** Milliseconds that what was written may wait for a client to read it. */
  readonly unread: number
}

/** Who owns a feed. It is told of one end, or stops the feed before. */
export interface Owner {
  /** An item as text. What it throws ends the stream. */
  text(item: unknown): string
  /** The source has ended, or failed; nothing of that is written yet. */
  ended(failure?: Failure): void
  /** The item could not be written. */
  broke(cause: unknown): void
  /** What was written waits for the client, and then no more. */
  blocked(): void
  drained(): void
  /** The client does not read. */
  unread(): void
}

/** Characters that are put together before they are written. What is there at once travels as one chunk. */
const most = 16_384

export class Feed implements Beating {
  /** Bytes written so far. */
  bytes = 0
  readonly #items: AsyncIterator<Outcome>
  readonly #res: ServerResponse
  readonly #feeding: Feeding
  readonly #owner: Owner
  #pending = ''
  #scheduled = false
  #opened = false
  /** An item was asked for and has not come. */
  #pulling = false
  #blocked = false
  #over = false
  #silent = false
  #timer: Timer | undefined

  constructor(items: AsyncIterator<Outcome>, res: ServerResponse, feeding: Feeding, owner: Owner) {
    this.#items = items
    this.#res = res
    this.#feeding = feeding
    this.#owner = owner
  }

  /** Sends the head, with the first items where they are there at once. */
  start(): void {
    this.#feeding.pulse.add(this)
    this.#schedule()
    this.#pull()
  }

  /** Writes this text last. */
  last(text: string): void {
    this.#pending += text
    this.#finish()
    this.#write()
  }

  /** Ends it before its source has ended; resolves when the source is closed. */
  async stop(): Promise<void> {
    this.#finish()
    await this.#items.return?.()
  }

  beat(): void {
    if (this.#silent && !this.#blocked && this.#pending === '') {
      this.#pending = heartbeat
      this.#write()
    } else this.#silent = true
  }

  #finish(): void {
    this.#over = true
    this.#feeding.pulse.remove(this)
    this.#timer?.cancel()
    this.#res.off('drain', this.#drained)
  }

  #pull(): void {
    this.#pulling = true
    this.#items.next().then(this.#took, this.#threw)
  }

  readonly #took = (step: IteratorResult<Outcome, unknown>): void => {
    this.#pulling = false
    if (this.#over) return
    if (step.done === true) this.#owner.ended()
    else if (step.value._tag === 'Left') this.#owner.ended(step.value.left)
    else {
      try {
        this.#pending += this.#owner.text(step.value.right)
      } catch (cause) {
        this.#owner.broke(cause)
        return
      }
      // It was asked for before there was no room any more.
      if (this.#blocked) return
      if (this.#pending.length < most) this.#schedule()
      else this.#write()
      if (!this.#blocked) this.#pull()
    }
  }

  readonly #threw = (cause: unknown): void => {
    if (!this.#over) this.#owner.ended(defect(cause))
  }

  /** Writes when all that is there by now was taken: ticks of Node run after the promises that are settled. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    process.nextTick(this.#flush)
  }

  readonly #flush = (): void => {
    this.#scheduled = false
    if (this.#over || this.#blocked) return
    if (this.#pending !== '') this.#write()
    else if (!this.#opened) this.#res.flushHeaders()
    this.#opened = true
  }

  #write(): void {
    const text = this.#pending
    this.#pending = ''
    this.#silent = false
    this.#opened = true
    if (text === '' || this.#res.destroyed) return
    this.bytes += Buffer.byteLength(text)
    if (this.#res.write(text) || this.#over) return
    this.#blocked = true
    const { clock, unread } = this.#feeding
    this.#res.once('drain', this.#drained)
    this.#timer = clock.at(clock.now() + unread, () => this.#owner.unread())
    this.#owner.blocked()
  }

  readonly #drained = (): void => {
    this.#timer?.cancel()
    this.#blocked = false
    this.#owner.drained()
    this.#write()
    if (!this.#blocked && !this.#pulling) this.#pull()
  }
}
