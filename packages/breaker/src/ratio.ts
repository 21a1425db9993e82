// Opens when too large a share of the recent calls failed: a sliding window over time.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { choiceOption, numberOption, type TimeWindow, timeWindow } from '@tenon/policy'
import type { Detection, Detector, Evidence } from './detector.ts'
import { pour } from './window.ts'

export interface RatioOptions {
  /** How far back it looks, in milliseconds: 1 or more. Default 10,000. */
  readonly window?: number
  /** The share of failures that opens it: above 0, at most 1. Default 0.5. */
  readonly threshold?: number
  /** No verdict on fewer calls in the window than this: 1 or more. Default 20. */
  readonly minimum?: number
  /** The window moves on in this many steps: 1..1000, each 1 ms or longer. Default 10. */
  readonly buckets?: number
  /** Does it open at the threshold, or only above it? Default `'>='`; opossum and cockatiel use `'>'`. */
  readonly comparison?: '>=' | '>'
  /**
   * After which calls it looks at the share. Default `'failures'`, as in Kitex, gobreaker and Polly: a success never
   * opens a circuit. With `'all'` (resilience4j) a success may, where it completes the minimum, or where successes older
   * than it have just left the window.
   */
  readonly evaluate?: 'failures' | 'all'
}

const named: OptionNames<RatioOptions> = {
  window: true,
  threshold: true,
  minimum: true,
  buckets: true,
  comparison: true,
  evaluate: true,
}

/**
 * Opens when `failures / calls` of a sliding time window reaches the threshold. Calls count when they end; ignored ones
 * and those that were refused do not count. The oldest bucket leaves whole, so the window in effect is 90 to 100 % of
 * what is asked with 10 buckets. Closing the circuit clears it.
 *
 * It reads the clock once a call, and takes some 390 bytes a key with 10 buckets.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function ratio(options: RatioOptions = {}): Detector {
  knownOptions('ratio', options, named)
  const {
    window = 10_000,
    threshold = 0.5,
    minimum = 20,
    buckets = 10,
    comparison = '>=',
    evaluate = 'failures',
  } = options
  numberOption('ratio', 'threshold', threshold, { above: 0, max: 1, unit: 'failures per call' })
  numberOption('ratio', 'minimum', minimum, { min: 1, whole: true, unit: 'calls' })
  choiceOption('ratio', 'comparison', comparison, ['>=', '>'])
  choiceOption('ratio', 'evaluate', evaluate, ['failures', 'all'])
  if (comparison === '>' && threshold === 1)
    throw new RangeError('ratio: "threshold" must be below 1 where "comparison" is ">", else it never opens')
  // Its checks of the window are ours as well.
  timeWindow({ window, buckets })
  const rule: Rule = { minimum, threshold, inclusive: comparison === '>=', always: evaluate === 'all' }
  return { name: 'ratio', start: () => new Ratio(rule, timeWindow({ window, buckets })) }
}

interface Rule {
  readonly minimum: number
  readonly threshold: number
  readonly inclusive: boolean
  readonly always: boolean
}

const successes = 0
const failures = 1

// A class, since there may be one for each key of many.
class Ratio implements Detection {
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
    const window = this.#window
    window.add(failed ? failures : successes, 1, now)
    const { minimum, threshold, inclusive, always } = this.#rule
    if (!failed && !always) return false
    const bad = window.total(failures, now)
    const calls = bad + window.total(successes, now)
    if (calls < minimum) return false
    // A quotient is rounded as the threshold's literal was, so that 29 of 100 do reach 0.29.
    const share = bad / calls
    return share > threshold || (inclusive && share === threshold)
  }

  clear(): void {
    this.#window.clear()
  }

  evidence(now: number): Evidence {
    return this.#window.buckets(now)
  }

  restore(evidence: Evidence, now: number): void {
    pour('ratio', this.#window, evidence, now)
  }
}
