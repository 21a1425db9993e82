// Calls taken together, a round at a time: single ones vary too much to steer by.
import type { Sign } from './sign.ts'

/** The calls of one round. */
export interface Round {
  /** When it ended. */
  readonly at: number
  /** What a call took on average. */
  readonly took: number
  /** The most calls under way that one of them saw when it began. */
  readonly beside: number
  /** The share of them that says that there are too many. */
  readonly overloaded: number
}

/** Fewer calls than this make no round. */
const fewest = 10

/** Collects calls into rounds of at least `length` milliseconds and ten calls. */
export class Rounds {
  readonly #length: number
  #since: number | undefined
  #count = 0
  #served = 0
  #took = 0
  #beside = 0

  constructor(length: number) {
    this.#length = length
  }

  /** Takes in a call, and answers the round where it ends one. */
  add(now: number, began: number, beside: number, sign: Sign): Round | undefined {
    if (sign === 'nothing') return undefined
    // Clocks do not go back. Should one do so all the same, the round begins here.
    if (this.#since === undefined || now < this.#since) this.#since = now
    this.#count++
    this.#beside = Math.max(this.#beside, beside)
    if (sign === 'served') {
      this.#served++
      this.#took += Math.max(0, now - began)
    }
    if (now - this.#since < this.#length || this.#count < fewest) return undefined
    const round: Round = {
      at: now,
      took: this.#served === 0 ? 0 : this.#took / this.#served,
      beside: this.#beside,
      overloaded: 1 - this.#served / this.#count,
    }
    this.#since = now
    this.#count = 0
    this.#served = 0
    this.#took = 0
    this.#beside = 0
    return round
  }
}
