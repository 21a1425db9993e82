// Things that may wait for so long and no longer: one timer for all of them, since all have the same time. It stays when the
// last of them is gone, because the next one would set it again; so it has an owner who closes it.
import type { Clock, Timer } from '@tenon/endpoint'

export class Timed<K> {
  readonly #clock: Clock
  readonly #ms: number
  readonly #late: (key: K) => void
  /** In the order in which they came, so that those whose time is up are the first. */
  readonly #until = new Map<K, number>()
  #timer: Timer | undefined

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

  keys(): Iterable<K> {
    return this.#until.keys()
  }

  /** `false` where it was not there. */
  delete(key: K): boolean {
    return this.#until.delete(key)
  }

  /** Nothing is added any more: its timer keeps no process alive. */
  close(): void {
    this.#until.clear()
    this.#timer?.cancel()
  }

  #plan(): void {
    const [first] = this.#until.values()
    if (first === undefined || this.#timer !== undefined) return
    this.#timer = this.#clock.at(first, () => this.#sweep())
  }

  #sweep(): void {
    this.#timer = undefined
    const now = this.#clock.now()
    for (const [key, until] of this.#until) {
      if (until > now) break
      this.#until.delete(key)
      this.#late(key)
    }
    this.#plan()
  }
}
