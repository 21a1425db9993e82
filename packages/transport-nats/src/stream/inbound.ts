// The reading end of a stream: what has come and was not read yet, in order and without a gap, and never more than there is
// room for.
import { unavailable } from '@tenon/contract'
import { type Ending, type Failure, type Outcome, type Stream, stream } from '@tenon/endpoint'
import type { NatsMessage } from '../connection.ts'
import { kindOf, numberOf, seqHeader, window } from './frame.ts'

export interface Reads {
  /** Reads an item, or the failure that a message is. */
  read(message: NatsMessage): Outcome
  /** Says to the sender that messages up to this one may come. */
  grant(credit: number): void
  /** The reader has stopped, or nothing more can be read; the sender should stop. Told once, not after its own end. */
  stopped(why: Failure | undefined): void
  /** All is over, whoever ended it. Told once. */
  over(): void
}

type Step = IteratorResult<Outcome, undefined>
const done: Step = { done: true, value: undefined }

export class Inbound {
  readonly #from: Reads
  /** The number of the first message. */
  readonly #first: number
  #next: number
  #taken = 0
  #granted: number = window
  #waiting: Step[] = []
  #wake: ((step: Step) => void) | undefined
  /** Nothing more is taken from the wire. */
  #closed = false

  constructor(first: number, from: Reads) {
    this.#first = first
    this.#next = first
    this.#from = from
  }

  readonly stream: Stream<unknown, Failure> = stream({
    [Symbol.asyncIterator]: () => ({
      next: () => this.#take(),
      return: () => {
        this.#stop(undefined)
        this.#waiting = []
        return Promise.resolve(done)
      },
    }),
  }) as Stream<unknown, Failure>

  /** A message with a number. */
  arrived(message: NatsMessage): void {
    if (this.#closed) return
    const seq = numberOf(message, seqHeader)
    // Sent twice is harmless; one that is missing is not.
    if (seq < this.#next) return
    if (seq !== this.#next) {
      this.broke(unavailable('messages of the stream were lost'))
      return
    }
    if (seq >= this.#first + this.#granted + 2) {
      this.broke(unavailable('the stream sends more than was asked for'))
      return
    }
    this.#next++
    const kind = kindOf(message)
    if (kind === 'item') this.#give({ done: false, value: this.#from.read(message) })
    else {
      this.#closed = true
      if (kind === 'fail') this.#give({ done: false, value: this.#from.read(message) })
      this.#give(done)
      this.#from.over()
    }
  }

  /** Nothing more can come: after what has come stands this failure. */
  broke(failure: Failure): void {
    if (this.#closed) return
    this.#stop(failure)
    this.#give({ done: false, value: { _tag: 'Left', left: failure } })
    this.#give(done)
  }

  /** The call has ended: nobody wants what has come. */
  end(why: Ending): void {
    if (this.#closed && this.#waiting.length === 0) return
    this.#waiting = []
    this.#stop(why)
    this.#give({ done: false, value: { _tag: 'Left', left: why } })
    this.#give(done)
  }

  #stop(why: Failure | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#from.stopped(why)
    this.#from.over()
    if (why === undefined) this.#give(done)
  }

  #give(step: Step): void {
    const wake = this.#wake
    if (wake === undefined) this.#waiting.push(step)
    else {
      this.#wake = undefined
      this.#count(step)
      wake(step)
    }
  }

  #take(): Promise<Step> {
    const step = this.#waiting.shift()
    if (step !== undefined) {
      this.#count(step)
      return Promise.resolve(step)
    }
    if (this.#closed) return Promise.resolve(done)
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #count(step: Step): void {
    if (step.done === true || this.#closed) return
    this.#taken++
    if (this.#granted - this.#taken > window / 2) return
    this.#granted = this.#taken + window
    this.#from.grant(this.#granted)
  }
}
