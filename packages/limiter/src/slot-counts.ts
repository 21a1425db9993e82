// A window that counts calls in parts of it: small whatever its limit, and never too generous.
import type { Level } from './level.ts'
import type { Rate } from './rate.ts'

// A class, since there may be one for each key of many.
export class SlotCounts implements Rate {
  #limit: number
  #width: number
  /** One more than the window has parts: the one under way is not whole, so that together they cover the window. */
  readonly #counts: number[]
  #total = 0
  /** The number of the newest part, from the clock's zero. So low at first that the first call starts afresh. */
  #slot: number = Number.NEGATIVE_INFINITY

  constructor(limit: number, window: number, buckets: number) {
    this.#limit = limit
    this.#width = window / buckets
    this.#counts = new Array<number>(buckets + 1).fill(0)
  }

  take(now: number): number {
    this.#see(now)
    if (this.#total >= this.#limit) return this.#wait(now)
    const at = this.#place(this.#slot)
    this.#counts[at] = (this.#counts[at] as number) + 1
    this.#total++
    return 0
  }

  fresh(now: number): boolean {
    this.#see(now)
    return this.#total === 0
  }

  level(now: number): Level {
    this.#see(now)
    return { limit: this.#limit, used: this.#total, waiting: 0 }
  }

  follow(limit: number, window: number, buckets: number, now: number): boolean {
    if (this.#counts.length !== buckets + 1) return false
    this.#see(now)
    this.#limit = limit
    this.#width = window / buckets
    // Its parts keep their counts, and from now on last as long as the new ones.
    this.#turnTo(this.#slotAt(now))
    return true
  }

  /** A quotient is rounded: by the products, which waits are made of, a slot holds what is in it. */
  #slotAt(now: number): number {
    const slot = Math.floor(now / this.#width)
    if (now >= (slot + 1) * this.#width) return slot + 1
    return now < slot * this.#width ? slot - 1 : slot
  }

  #place(slot: number): number {
    return ((slot % this.#counts.length) + this.#counts.length) % this.#counts.length
  }

  /** Milliseconds until so many parts have left that there is room. */
  #wait(now: number): number {
    const parts = this.#counts.length
    let over = this.#total - this.#limit + 1
    let leaves = this.#slot + 1
    for (let i = 1; i <= parts; i++) {
      over -= this.#counts[this.#place(this.#slot + i)] as number
      leaves = this.#slot + i
      if (over <= 0) break
    }
    return leaves * this.#width - now
  }

  #see(now: number): void {
    const slot = this.#slotAt(now)
    const steps = slot - this.#slot
    if (steps === 0) return
    // Clocks do not go back. Should one do so all the same, the calls are as old as they were.
    if (steps < 0) this.#turnTo(slot)
    else if (steps >= this.#counts.length) {
      this.#counts.fill(0)
      this.#total = 0
    } else
      for (let step = 1; step <= steps; step++) {
        const at = this.#place(this.#slot + step)
        this.#total -= this.#counts[at] as number
        this.#counts[at] = 0
      }
    this.#slot = slot
  }

  /** The newest part gets another number, and so do all others. */
  #turnTo(slot: number): void {
    if (this.#slot === Number.NEGATIVE_INFINITY) return
    const { length } = this.#counts
    const before = this.#counts.slice()
    for (let i = 0; i < length; i++) this.#counts[this.#place(slot - i)] = before[this.#place(this.#slot - i)] as number
    this.#slot = slot
  }
}
