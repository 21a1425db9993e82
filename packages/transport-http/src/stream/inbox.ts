// What a client has received of a stream and nobody has read yet: bounded, because the socket is left alone while there
// is enough. Knows how the stream ended: by its last event, or by none.
import { remote, unavailable } from '@tenon/contract'
import type { Clock, Failure, Outcome, Timer } from '@tenon/endpoint'
import type { Intake, Tap } from '../line.ts'
import { EventParser, type ReadEvent } from './parser.ts'

/** What comes next: an item's data, or the end. `again`: the stream may go on over another connection. */
export type Step =
  | { readonly kind: 'item'; readonly data: string }
  | { readonly kind: 'end' }
  | { readonly kind: 'failure'; readonly failure: Failure; readonly again: boolean }

/** How a stream is received. */
export interface Receiving {
  readonly clock: Clock
  /** Whom it comes from, for messages. */
  readonly peer: string
  /** Bytes of an event. */
  readonly limit: number
  /** Milliseconds without a byte after which the connection is taken for dead. */
  readonly silence: number
  /** What the event `failure` says. */
  readonly failure: (event: ReadEvent) => { readonly failure: Failure; readonly again: boolean }
}

/** Characters that wait to be read before the socket is left alone. */
const enough = 65_536
/** What an item takes beside its characters, about. */
const overhead = 64

const end: Step = { kind: 'end' }

export class Inbox implements Intake {
  readonly #tap: Tap
  readonly #how: Receiving
  readonly #parser: EventParser
  #items: string[] = []
  /** The first item that was not read. */
  #first = 0
  #size = 0
  readonly #waiting: ((step: Step) => void)[] = []
  #last: Step | undefined
  #paused = false
  /** When something came. */
  #heard: number
  #timer: Timer | undefined

  constructor(tap: Tap, how: Receiving) {
    this.#tap = tap
    this.#how = how
    this.#parser = new EventParser(how.limit, (event) => this.#event(event))
    this.#heard = how.clock.now()
    if (how.silence < Number.POSITIVE_INFINITY) this.#watch()
  }

  /** Milliseconds that the server asks to wait before connecting again. */
  get retry(): number | undefined {
    return this.#parser.retry
  }

  next(): Promise<Step> {
    if (this.#first < this.#items.length) {
      const data = this.#items[this.#first] as string
      this.#size -= data.length + overhead
      if (++this.#first === this.#items.length) {
        this.#items = []
        this.#first = 0
      }
      if (this.#paused && this.#size * 2 < enough) {
        this.#paused = false
        this.#tap.resume()
      }
      return Promise.resolve({ kind: 'item', data })
    }
    if (this.#last !== undefined) return Promise.resolve(this.#last)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Nobody reads on. */
  close(outcome: Outcome): void {
    this.#drop()
    this.#ended(end)
    this.#tap.close(outcome)
  }

  push(piece: Buffer): void {
    if (this.#last !== undefined) return
    this.#heard = this.#how.clock.now()
    if (!this.#parser.push(piece)) {
      const { limit } = this.#how
      this.#break(
        remote({ code: 'internal', tag: 'AnswerTooLarge', message: `an event may have ${limit} bytes` }),
        false,
      )
    } else if (this.#size >= enough && !this.#paused && this.#last === undefined) {
      this.#paused = true
      this.#tap.pause()
    }
  }

  broke(failure: Failure): void {
    this.#ended({ kind: 'failure', failure, again: true })
  }

  over(failure: Failure): void {
    if (this.#last !== undefined) return
    this.#drop()
    this.#ended({ kind: 'failure', failure, again: false })
  }

  #event(event: ReadEvent): void {
    const { type, data } = event
    if (this.#last !== undefined) return
    if (type === 'message') {
      const reader = this.#waiting.shift()
      if (reader !== undefined) reader({ kind: 'item', data })
      else {
        this.#items.push(data)
        this.#size += data.length + overhead
      }
    } else if (type === 'end') {
      this.#ended(end)
      this.#tap.settle({ _tag: 'Right', right: undefined })
    } else if (type === 'failure') {
      const told = this.#how.failure(event)
      this.#ended({ kind: 'failure', ...told })
      this.#tap.settle({ _tag: 'Left', left: told.failure })
    }
    // Events of other types are for readers of later versions.
  }

  #break(failure: Failure, again: boolean): void {
    this.#ended({ kind: 'failure', failure, again })
    this.#tap.close({ _tag: 'Left', left: failure })
  }

  #ended(how: Step): void {
    if (this.#last !== undefined) return
    this.#last = how
    this.#timer?.cancel()
    for (const reader of this.#waiting.splice(0)) reader(how)
  }

  #drop(): void {
    this.#items = []
    this.#first = 0
    this.#size = 0
  }

  #watch(): void {
    const { clock, silence, peer } = this.#how
    this.#timer = clock.at(this.#heard + silence, () => {
      const now = clock.now()
      // Whoever leaves the socket alone hears nothing.
      if (this.#paused) this.#heard = now
      if (now < this.#heard + silence) this.#watch()
      else this.#break(unavailable(`nothing came from ${peer} for ${silence} ms`), true)
    })
  }
}
