// What is known of one node's speed and health: an average of its times that believes bad news at once.
import type { Ewma } from '@tenon/policy'
import type { Verdict } from './verdict.ts'

/**
 * One call moves the average of successes by at least and at most so much: a first failure, however long nothing was
 * heard before it, no more than doubles what a call seems to cost.
 */
const leastStep = 0.05
const mostStep = 0.3
/** However much fails, a node is not out of reach: that is what ejection is for. */
const leastHealth = 0.05
/** A node that has its one probe out, beside those that can be called: above any product of times and calls. */
const engaged = 1e12

export interface PeakOptions {
  /** Milliseconds in which what was seen fades to 37 %. */
  readonly tau: number
  /** Milliseconds until a probe that has not come back may be followed by another. */
  readonly forced: number
}

// A class with plain numbers: one for each of ten thousand nodes, read twice a call.
export class PeakEwma {
  readonly #options: PeakOptions
  /** What a call costs anywhere: what is expected of whom nothing is known. Shared by all nodes. */
  readonly #typical: Ewma
  /** Milliseconds; negative while nothing is known. */
  #cost = -1
  #health = 1
  #heard: number = Number.NEGATIVE_INFINITY
  #waits = false
  #picked: number

  constructor(options: PeakOptions, typical: Ewma, at: number) {
    this.#options = options
    this.#typical = typical
    this.#picked = at
  }

  /** What another call would cost here, beside those in flight. */
  load(inFlight: number, weight: number, at: number): number {
    const { tau, forced } = this.#options
    const age = at - this.#heard
    // Nothing was heard for long, or ever: one call finds out, the others go elsewhere.
    if (this.#waits && age > tau && at - this.#picked < forced) return engaged * (inFlight + 1)
    const typical = this.#typical.value() ?? 1
    // What was measured long ago tends to what is typical.
    const cost = this.#cost < 0 ? typical : typical + (this.#cost - typical) * Math.exp(-age / tau)
    return (Math.max(cost, 0.001) * (inFlight + 1)) / (weight * this.#health * this.#health)
  }

  /** Was it not called for so long that it must be, whatever is thought of it? */
  neglected(at: number): boolean {
    return at - this.#picked > this.#options.forced
  }

  started(at: number): void {
    this.#picked = at
    this.#waits = true
  }

  ended(verdict: Verdict, elapsed: number, at: number): void {
    this.#waits = false
    const { tau } = this.#options
    const kept = Math.exp(Math.min(0, this.#heard - at) / tau)
    if (elapsed > this.#cost && (verdict === 'fine' || this.#cost >= 0)) this.#cost = elapsed
    // A quick failure is no sign of speed.
    else if (verdict === 'fine') this.#cost = this.#cost * kept + elapsed * (1 - kept)
    if (verdict === 'silent') return
    const step = Math.min(Math.max(1 - kept, leastStep), mostStep)
    if (verdict === 'fine') {
      this.#health += (1 - this.#health) * step
      this.#typical.add(elapsed, at)
    } else this.#health = Math.max(this.#health * (1 - step), leastHealth)
    this.#heard = at
  }
}
