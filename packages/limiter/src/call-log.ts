// A window that remembers the moment of each call: exact, and as large as its limit.
import type { Level } from './level.ts'
import type { Rate } from './rate.ts'

// A class, since there may be one for each key of many.
export class CallLog implements Rate {
  #limit: number
  #window: number
  /** The moments of the last calls, at most `limit`: a ring once it is full. */
  #moments: number[] = []
  /** In a full ring, the oldest. */
  #oldest = 0
  #at: number = Number.NEGATIVE_INFINITY

  constructor(limit: number, window: number) {
    this.#limit = limit
    this.#window = window
  }

  take(now: number): number {
    this.#see(now)
    const moments = this.#moments
    if (moments.length < this.#limit) {
      moments.push(now)
      return 0
    }
    // The call that was the `limit`th before this one must be a window old.
    const ends = (moments[this.#oldest] as number) + this.#window
    if (now < ends) return ends - now
    moments[this.#oldest] = now
    this.#oldest = this.#oldest + 1 === moments.length ? 0 : this.#oldest + 1
    return 0
  }

  fresh(now: number): boolean {
    this.#see(now)
    const { length } = this.#moments
    const newest = this.#moments[this.#oldest === 0 ? length - 1 : this.#oldest - 1]
    return newest === undefined || now >= newest + this.#window
  }

  level(now: number): Level {
    this.#see(now)
    const used = this.#moments.filter((moment) => now < moment + this.#window).length
    return { limit: this.#limit, used, waiting: 0 }
  }

  follow(limit: number, window: number, now: number): boolean {
    this.#see(now)
    const ordered = [...this.#moments.slice(this.#oldest), ...this.#moments.slice(0, this.#oldest)]
    this.#moments = ordered.slice(-limit)
    this.#oldest = 0
    this.#limit = limit
    this.#window = window
    return true
  }

  #see(now: number): void {
    // Clocks do not go back. Should one do so all the same, the calls are as old as they were.
    if (now < this.#at) for (let i = 0; i < this.#moments.length; i++) (this.#moments[i] as number) -= this.#at - now
    this.#at = now
  }
}
