// Signs of life for all the streams of a server: one timer, however many there are.
import type { Clock, Timer } from '@tenon/endpoint'

/** A stream that may fall silent. */
export interface Beating {
  /** Half a heartbeat has passed. */
  beat(): void
}

export class Pulse {
  /** Milliseconds that a stream may be silent; `Infinity` where it may be for ever. */
  readonly every: number
  readonly #clock: Clock
  readonly #streams = new Set<Beating>()
  #timer: Timer | undefined

  constructor(clock: Clock, every: number) {
    this.#clock = clock
    this.every = every
  }
  add(stream: Beating): void {
    this.#streams.add(stream)
    if (this.#timer === undefined && this.every < Number.POSITIVE_INFINITY) this.#wait()
  }
  remove(stream: Beating): void {
    if (!this.#streams.delete(stream) || this.#streams.size > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }
  #wait(): void {
    // Twice a heartbeat: whoever was silent for the whole time between two beats is heard by the second.
    this.#timer = this.#clock.at(this.#clock.now() + this.every / 2, () => {
      this.#wait()
      for (const stream of this.#streams) stream.beat()
    })
  }
}
