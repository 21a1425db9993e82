// A bucket of tokens: what token buckets, leaky buckets and adaptive rates count with.
import type { Level } from './level.ts'
import type { Rate } from './rate.ts'

/** How quickly a bucket fills, and how much it holds. */
export interface Filling {
  readonly perSecond: number
  readonly burst: number
}

/** Sums of fractions are not exact: whoever waited as long as they were told has a whole token. */
const crumb = 1e-6

// A class, since there may be one for each key of many.
export class Bucket implements Rate {
  #filling: Filling
  /** Below 0 where calls wait for tokens to come. */
  #tokens: number
  #at: number = Number.NEGATIVE_INFINITY
  /** How many waits were granted and not given back. */
  #ticket = 0

  constructor(filling: Filling) {
    this.#filling = filling
    this.#tokens = filling.burst
  }

  get ticket(): number {
    return this.#ticket
  }

  take(now: number, patience: number): number {
    this.#fill(now)
    const missing = 1 - this.#tokens
    if (missing <= crumb) {
      this.#tokens--
      return 0
    }
    const wait = (missing * 1_000) / this.#filling.perSecond
    if (wait <= patience) {
      this.#tokens--
      this.#ticket++
    }
    return wait
  }

  /**
   * Only the last wait can be taken back: the calls behind another one have been told when to go, and two would go at
   * once if its token went to somebody new. (As `Reservation.Cancel` of Go's x/time/rate.)
   */
  giveBack(ticket: number): void {
    if (ticket !== this.#ticket) return
    this.#ticket--
    this.#tokens = Math.min(this.#filling.burst, this.#tokens + 1)
  }

  fresh(now: number): boolean {
    this.#fill(now)
    return this.#tokens >= this.#filling.burst - crumb
  }

  level(now: number): Level {
    this.#fill(now)
    const { burst } = this.#filling
    return {
      limit: burst,
      used: Math.min(burst, burst - this.#tokens),
      waiting: this.#tokens < -crumb ? Math.ceil(-this.#tokens - crumb) : 0,
    }
  }

  /** Fills from now on as told; what came until now came at the old rate. */
  follow(filling: Filling, now: number): void {
    this.#fill(now)
    this.#filling = filling
    this.#tokens = Math.min(this.#tokens, filling.burst)
  }

  #fill(now: number): void {
    const elapsed = now - this.#at
    this.#at = now
    // Clocks do not go back. Should one do so all the same, tokens come as ever from where it stands now.
    if (elapsed <= 0) return
    const { perSecond, burst } = this.#filling
    this.#tokens = Math.min(burst, this.#tokens + (elapsed * perSecond) / 1_000)
  }
}
