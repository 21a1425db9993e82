// Things that may wait for so long and no longer: one timer for all of them, since all have the same time.
import type { Clock } from '@tenon/endpoint'

export class Timed<K> {
  readonly #clock: Clock
  readonly #ms: number
  readonly #late: (key: K) => void
  /** In the order in which they came, so that those whose time is up are the first. */
  readonly #until = new Map<K, number>()
  #planned = false

  constructor(clock: Clock, ms: number, late: (key: K) => void) {
    this.#clock = clock
    this.#ms = ms
    this.#late = late
  }

  get size(): number {
    return this.#until.size
  }

  add(key: K): void {
    this.#until.set(key, this.#clock.now() + this.#ms)
    this.#plan()
  }

  delete(key: K): void {
    this.#until.delete(key)
  }

  #plan(): void {
    const [first] = this.#until.values()
    if (first === undefined || this.#planned) return
    this.#planned = true
    this.#clock.at(first, () => this.#sweep())
  }

  #sweep(): void {
    this.#planned = false
    const now = this.#clock.now()
    for (const [key, until] of this.#until) {
      if (until > now) break
      this.#until.delete(key)
      this.#late(key)
    }
    this.#plan()
  }
}
