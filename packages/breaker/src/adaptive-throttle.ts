// Refuses a growing share of the calls, the more of them fail, and never opens: the client-side throttling of Google's SRE.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption, type TimeWindow, timeWindow } from '@tenon/policy'
import type { Detection, Detector, Evidence } from './detector.ts'
import { pour } from './window.ts'

export interface AdaptiveThrottleOptions {
  /**
   * Calls that are sent for one that succeeds, before any is refused: 1 or more. At 2 it begins where half of them fail,
   * in general at `1 - 1/k`. Default 2.
   */
  readonly k?: number
  /** How far back it looks, in milliseconds: 1 or more. Default 120,000. */
  readonly window?: number
  /** The window moves on in this many steps: 1..1000, each 1 ms or longer. Default 10. */
  readonly buckets?: number
  /** Refuses nothing on fewer calls in the window than this: 1 or more. Default 20. */
  readonly minimum?: number
  /**
   * Do refused calls count as calls? Then hardly anything leaks during an outage, and recovery is slow. Default true, as
   * in the book.
   */
  readonly countRefused?: boolean
}

const named: OptionNames<AdaptiveThrottleOptions> = {
  k: true,
  window: true,
  buckets: true,
  minimum: true,
  countRefused: true,
}

/**
 * Refuses a call with probability `max(0, (requests - k * accepts) / (requests + 1))` over a sliding window: "Handling
 * Overload" in Google's *Site Reliability Engineering* (2016), with a minimum that the book does not have, and without
 * which the first failure of all makes the next call a toss-up.
 *
 * It never opens, so there is no recovery and no probe: what leaks through finds out. While it refuses some, the circuit
 * is `halfOpen`. Just above its threshold it refuses next to nothing; in a total outage about one call per `window` still
 * gets through.
 *
 * It reads the clock twice a call, and takes some 390 bytes a key with 10 buckets.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function adaptiveThrottle(options: AdaptiveThrottleOptions = {}): Detector {
  knownOptions('adaptiveThrottle', options, named)
  const { k = 2, window = 120_000, buckets = 10, minimum = 20, countRefused = true } = options
  numberOption('adaptiveThrottle', 'k', k, { min: 1 })
  numberOption('adaptiveThrottle', 'minimum', minimum, { min: 1, whole: true, unit: 'calls' })
  if (typeof countRefused !== 'boolean') throw new TypeError('adaptiveThrottle: "countRefused" must be true or false')
  timeWindow({ window, buckets })
  const rule: Rule = { k, minimum, countRefused }
  return { name: 'adaptiveThrottle', sheds: true, start: () => new Throttle(rule, timeWindow({ window, buckets })) }
}

interface Rule {
  readonly k: number
  readonly minimum: number
  readonly countRefused: boolean
}

const accepts = 0
const requests = 1

class Throttle implements Detection {
  readonly #rule: Rule
  readonly #window: TimeWindow

  constructor(rule: Rule, window: TimeWindow) {
    this.#rule = rule
    this.#window = window
  }

  timed(): boolean {
    return true
  }

  record(failed: boolean, now: number): boolean {
    this.#window.add(requests, 1, now)
    if (!failed) this.#window.add(accepts, 1, now)
    return false
  }

  share(now: number): number {
    const all = this.#window.total(requests, now)
    const { k, minimum } = this.#rule
    return all < minimum ? 0 : Math.max(0, (all - k * this.#window.total(accepts, now)) / (all + 1))
  }

  refused(now: number): void {
    if (this.#rule.countRefused) this.#window.add(requests, 1, now)
  }

  clear(): void {
    this.#window.clear()
  }

  evidence(now: number): Evidence {
    return this.#window.buckets(now)
  }

  restore(evidence: Evidence, now: number): void {
    pour('adaptiveThrottle', this.#window, evidence, now)
  }
}
