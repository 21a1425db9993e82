// The sending end of a stream: asks its source for an item only when the reader has room for it.
import { type Context, defect, endedBy, type Failure, type Outcome, report, type Stream } from '@tenon/endpoint'
import type { Headers } from '../headers.ts'
import { type Kind, kindHeader, seqHeader, window } from './frame.ts'

/** What one message says beside its kind. */
export interface Said {
  readonly headers: Headers
  body: string | Uint8Array | undefined
}

export interface Sends {
  readonly ctx: Context
  /** Writes an item or a failure; may throw what a codec throws. */
  write(outcome: Outcome, said: Said): void
  /** Sends; why that was not possible. */
  transmit(said: Said): Failure | undefined
  /** What the reader hears instead of a message that could not be sent for this reason. */
  instead(failure: Failure): Failure
  /** Resolves when the NATS server has what was sent. */
  flush(): Promise<void>
  /** Hears once how it ended. `unsent`: with a message that could not be sent. */
  ended(outcome: Outcome, unsent: boolean): void
}

const fine: Outcome = { _tag: 'Right', right: undefined }

export class Outbound {
  readonly #to: Sends
  readonly #items: AsyncIterator<Outcome>
  readonly #from: number
  #sent = 0
  /** Items since the reader was last heard of. */
  #unheard = 0
  #credit: number
  #over = false
  #wake: (() => void) | undefined

  /** `from`: the number of its first message. */
  constructor(source: Stream<unknown, Failure> | AsyncIterable<Outcome>, credit: number, from: number, to: Sends) {
    this.#to = to
    this.#items = (source as AsyncIterable<Outcome>)[Symbol.asyncIterator]()
    this.#credit = credit
    this.#from = from
  }

  start(): void {
    void this.#pump()
  }

  /** The reader takes messages up to this one in all. */
  grant(credit: number): void {
    if (!(credit > this.#credit)) return
    this.#credit = credit
    this.#unheard = 0
    this.#wake?.()
  }

  /** Ends it with a failure that the reader hears, at once. */
  breakOff(failure: Failure): void {
    if (!this.#over) this.#last({ _tag: 'Left', left: failure })
    this.stop()
  }

  /** Nobody reads any more. */
  stop(): void {
    this.#finish(fine)
    this.#wake?.()
    // A source that waits for something else hears it by its signal.
    this.#items.return?.().catch(() => undefined)
  }

  async #pump(): Promise<void> {
    try {
      while (!this.#over) {
        if (this.#sent >= this.#credit) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
          continue
        }
        if (this.#unheard >= window) {
          await this.#flushed()
          continue
        }
        const step = await this.#items.next()
        if (this.#over) break
        if (step.done === true) this.#end()
        else if (step.value._tag === 'Left') {
          this.#last(step.value)
          this.#items.return?.().catch(() => undefined)
        } else this.#item(step.value)
      }
    } catch (cause) {
      this.#broke(cause)
    }
  }

  /** Who grants more than a window is sent that much at the pace of NATS, and not all of it before anybody else has a turn. */
  #flushed(): Promise<void> {
    this.#unheard = 0
    return new Promise((resolve) => {
      this.#wake = resolve
      this.#to.flush().then(resolve, () => resolve())
    })
  }

  #item(outcome: Outcome): void {
    const said = this.#said('item')
    this.#to.write(outcome, said)
    const failed = this.#to.transmit(said)
    if (failed !== undefined) {
      this.#last({ _tag: 'Left', left: this.#to.instead(failed) }, true)
      this.stop()
      return
    }
    // Only what has left: else the last message had a number that the reader does not wait for.
    this.#sent++
    this.#unheard++
  }

  /** A source that ends because its call has ended did not come to its end: the reader must not take it for that. */
  #end(): void {
    const why = endedBy(this.#to.ctx)
    if (why !== undefined) this.#last({ _tag: 'Left', left: why })
    else {
      this.#to.transmit(this.#said('end'))
      this.#finish(fine)
    }
  }

  /** `unsent`: it stands for an item that could not be sent. */
  #last(outcome: Outcome, unsent = false): void {
    let told = outcome
    let instead = unsent
    try {
      const failed = this.#tell(outcome)
      if (failed?._tag === 'InvalidArgument' && !unsent) {
        instead = true
        told = { _tag: 'Left', left: this.#to.instead(failed) }
        this.#tell(told)
      }
    } catch (cause) {
      report(undefined, { kind: 'defect', method: undefined, cause })
    }
    this.#finish(told, instead)
  }

  #tell(outcome: Outcome): Failure | undefined {
    const said = this.#said('fail')
    this.#to.write(outcome, said)
    return this.#to.transmit(said)
  }

  #broke(cause: unknown): void {
    report(undefined, { kind: 'defect', method: undefined, cause })
    if (!this.#over) this.#last({ _tag: 'Left', left: defect(cause) })
    this.stop()
  }

  #said(kind: Kind): Said {
    return { headers: { [kindHeader]: kind, [seqHeader]: String(this.#from + this.#sent) }, body: undefined }
  }

  #finish(outcome: Outcome, unsent = false): void {
    if (this.#over) return
    this.#over = true
    this.#to.ended(outcome, unsent)
  }
}
