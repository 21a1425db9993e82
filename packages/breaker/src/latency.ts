// Opens when calls have become much slower than they used to be: a percentile of now against the same one of a long past.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption, type TimeWindow, timeWindow } from '@tenon/policy'
import { Baseline } from './baseline.ts'
import { type Detection, type Detector, type Evidence, numbersOf } from './detector.ts'
import { pour } from './window.ts'

export interface LatencyOptions {
  /** Which percentile: above 0, at most 0.999. Default 0.95. */
  readonly percentile?: number
  /** How many times the baseline is too slow: above 1. Default 1.8. */
  readonly factor?: number
  /** How far back "now" goes, in milliseconds: 1 or more. Default 60,000. */
  readonly window?: number
  /** The window moves on in this many steps: 1..1000, each 1 ms or longer. Default 6. */
  readonly buckets?: number
  /** No verdict on fewer calls in the window than this: 1 or more. Default 100. */
  readonly minimum?: number
  /** Milliseconds in which the baseline forgets to 1/e: above `window`. Default 600,000 (10 min). */
  readonly memory?: number
  /** Calls that make a baseline: no verdict before. 1 or more. Default 200. */
  readonly learn?: number
}

const named: OptionNames<LatencyOptions> = {
  percentile: true,
  factor: true,
  window: true,
  buckets: true,
  minimum: true,
  memory: true,
  learn: true,
}

/**
 * Opens when the percentile of the window is above `factor` times that of the baseline. Both are of the circuit's own
 * calls: the baseline forgets ten times as slowly as the window, and knows closed times only, since nothing is learnt
 * while the circuit is open. A percentile that is compared with itself, as in some designs, never exceeds 1.8 times
 * itself; this one does, for about half of `memory` after everything has become slower: while calls look too slow, the
 * baseline learns ten times as slowly. Then the new pace is what is normal.
 *
 * Failed or not makes no difference: in `all(latency(), ratio({ threshold: 0.2, evaluate: 'all' }))` both are needed, in
 * `any(...)` each is enough. Behind a timeout nothing looks slower than the timeout: let that leave room for the factor.
 *
 * It counts the calls that are slower than the limit, for a P95 is above a limit exactly when more than 5 % of the calls
 * are. It reads the clock twice a call, and takes some 2,000 bytes a key.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function latency(options: LatencyOptions = {}): Detector {
  knownOptions('latency', options, named)
  const { percentile = 0.95, factor = 1.8, window = 60_000, buckets = 6, minimum = 100 } = options
  const { memory = 600_000, learn = 200 } = options
  numberOption('latency', 'percentile', percentile, { above: 0, max: 0.999 })
  numberOption('latency', 'factor', factor, { above: 1 })
  numberOption('latency', 'minimum', minimum, { min: 1, whole: true, unit: 'calls' })
  timeWindow({ window, buckets })
  numberOption('latency', 'memory', memory, { above: window, unit: 'milliseconds' })
  numberOption('latency', 'learn', learn, { min: 1, whole: true, unit: 'calls' })
  const rule: Rule = { percentile, factor, minimum, learn }
  return {
    name: 'latency',
    durations: true,
    start: () => new Slower(rule, timeWindow({ window, buckets }), new Baseline(memory)),
  }
}

interface Rule {
  readonly percentile: number
  readonly factor: number
  readonly minimum: number
  readonly learn: number
}

const quick = 0
const slow = 1
/** Calls from one look at the baseline to the next. */
const stride = 64

class Slower implements Detection {
  readonly #rule: Rule
  readonly #window: TimeWindow
  readonly #baseline: Baseline
  /** Slower than this is slow; `Infinity` while there is no baseline. */
  #limit = Number.POSITIVE_INFINITY
  #until = 1

  constructor(rule: Rule, window: TimeWindow, baseline: Baseline) {
    this.#rule = rule
    this.#window = window
    this.#baseline = baseline
  }

  timed(): boolean {
    return true
  }

  record(_: boolean, now: number, duration: number): boolean {
    if (--this.#until <= 0) this.#look()
    const isSlow = duration > this.#limit
    this.#window.add(isSlow ? slow : quick, 1, now)
    const { percentile, minimum } = this.#rule
    const tail = this.#window.total(slow, now)
    const calls = tail + this.#window.total(quick, now)
    const tooSlow = tail > (1 - percentile) * calls
    // An unusual time must not become the usual one before anybody has acted on it.
    this.#baseline.add(duration, now, tooSlow ? 0.1 : 1)
    return isSlow && tooSlow && calls >= minimum
  }

  clear(): void {
    this.#window.clear()
  }

  evidence(now: number): Evidence {
    return [this.#window.buckets(now), this.#baseline.evidence(now)]
  }

  restore(evidence: Evidence, now: number): void {
    const [window = 0, baseline] = Array.isArray(evidence) ? (evidence as readonly Evidence[]) : []
    pour('latency', this.#window, window, now)
    this.#baseline.restore(numbersOf('latency', baseline), now)
    this.#look()
  }

  #look(): void {
    const { percentile, factor, learn } = this.#rule
    this.#until = stride
    if (this.#baseline.count >= learn) this.#limit = factor * this.#baseline.quantile(percentile)
  }
}
