// Notices when nothing moves: one timer that is set again when it finds that something did, and none for each chunk.
import type { Clock, Timer } from '@tenon/endpoint'

export class Quiet {
  readonly #clock: Clock
  readonly #ms: number
  readonly #found: () => void
  #moved = 0
  #timer: Timer | undefined

  /** `found` runs once nothing has moved for `ms` milliseconds; never where that is `Infinity`. */
  constructor(clock: Clock, ms: number, found: () => void) {
    this.#clock = clock
    this.#ms = ms
    this.#found = found
  }
  /** Begins to watch, and counts as a movement. */
  start(): void {
    if (this.#ms === Number.POSITIVE_INFINITY) return
    this.moved()
    this.#timer ??= this.#clock.at(this.#moved + this.#ms, this.#look)
  }
  moved(): void {
    this.#moved = this.#clock.now()
  }
  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
  readonly #look = (): void => {
    const until = this.#moved + this.#ms
    if (this.#clock.now() < until) this.#timer = this.#clock.at(until, this.#look)
    else {
      this.#timer = undefined
      this.#found()
    }
  }
}
