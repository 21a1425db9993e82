// How many calls come in a second: measured every 64 calls, slowly forgetting, so that it costs nearly nothing.
import { numbersOf } from './detector.ts'

/** Milliseconds in which the weight of the past falls to 1/e. */
const timeConstant = 600_000
/** Calls between two readings of the clock; the first ones are closer together. */
const stride = 64
/** Calls a second that are believed: a burst is not taken for a rate, nor silence for none. */
const slowest = 0.1
const fastest = 100_000

/** A rate of calls. Before anything is measured it is taken for 100 a second, on the evidence of one second. */
export class CallRate {
  #calls = 100
  #time = 1_000
  /** When it was read last; NaN where the time since then is not to be counted. */
  #since = Number.NaN
  /** Calls since then, and how many there are to be until the next reading. */
  #count = 0
  #until = 1

  /** Will the next call be one at which the clock is read? */
  get due(): boolean {
    return this.#count + 1 >= this.#until
  }

  /** A call has ended. `now` matters when it was `due`; true when the rate is another from now on. */
  count(now: number): boolean {
    if (++this.#count < this.#until) return false
    const calls = this.#count
    const elapsed = now - this.#since
    this.#count = 0
    this.#since = now
    this.#until = Math.min(stride, this.#until * 2)
    // The first reading, or a clock that went back.
    if (!(elapsed >= 0)) return false
    const keep = Math.exp(-elapsed / timeConstant)
    this.#calls = this.#calls * keep + calls
    this.#time = this.#time * keep + elapsed
    return true
  }

  /** How many calls come within so many milliseconds: 10,000 at least, lest next to no traffic mean next to no proof. */
  calls(ms: number): number {
    const perSecond = (1_000 * this.#calls) / this.#time
    return Math.max(10_000, (Math.min(fastest, Math.max(slowest, perSecond)) * ms) / 1_000)
  }

  /** No calls come now, but because none are let through: that time is left out. */
  pause(): void {
    this.#since = Number.NaN
    this.#count = 0
    this.#until = 1
  }

  evidence(): readonly number[] {
    return [this.#calls, this.#time]
  }

  restore(evidence: readonly number[]): void {
    const [calls = 0, time = 0] = numbersOf('sequential', evidence, 2)
    if (!(calls > 0) || !(time > 0)) throw new TypeError('sequential: a measured rate must be above 0')
    this.#calls = calls
    this.#time = time
  }
}
