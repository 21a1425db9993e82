// The default recovery: probes go on until there is little doubt, which takes the fewest of them where things are clear.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { choiceOption, numberOption } from '@tenon/policy'
import {
  type Recovery,
  type RecoveryOptions,
  recoveryNames,
  recoveryOf,
  type Trial,
  type TrialVerdict,
} from './recovery.ts'

export interface SequentialProbesOptions extends RecoveryOptions {
  /** The failure rate to be told from: between 0 and 1. Default 0.5. */
  readonly threshold?: number
  /**
   * At `threshold - margin` it closes, at `threshold + margin` it opens again, and errs in `error` of the cases at most.
   * 0.01 or more; smaller takes more probes. Default 0.2, or 0.8 of what there is between the threshold and 0 or 1 where
   * that is less.
   */
  readonly margin?: number
  /** How often the verdict may be wrong at the margins: above 0, at most 0.25. Default 0.005. */
  readonly error?: number
  /** Probes whose outcome counts, at most: 1..10,000. Default 50. */
  readonly most?: number
  /** Milliseconds that a trial lasts before the next outcome ends it, for where there is little traffic: above 0. Default 60,000. */
  readonly within?: number
  /**
   * What becomes of a trial that ends by `most` or `within`. `'evidence'`, the default: the side decides to which the
   * probes lean, and a tie opens. `'open'`: it opens again whatever they say.
   */
  readonly undecided?: 'evidence' | 'open'
  /** How many probes may be under way at a time: 1 or more. Default 5. */
  readonly concurrent?: number
}

const named: OptionNames<SequentialProbesOptions> = {
  ...recoveryNames,
  threshold: true,
  margin: true,
  error: true,
  most: true,
  within: true,
  undecided: true,
}

/**
 * Waits, then admits calls as probes until a sequential probability ratio test has its verdict: is the failure rate
 * `threshold - margin` or less, or `threshold + margin` or more? At the defaults a dependency that is well closes the
 * circuit after 7 probes, one that is down opens it again after 7, and one that fails 30 % or 70 % of the time is told
 * right in 99.6 % of the trials, after some 17. Source: Wald, "Sequential Analysis" (1947): of all tests with these errors
 * it takes the fewest observations; and its truncation at `most`.
 *
 * @throws TypeError or RangeError on a bad option, also where not even flawless probes could decide within `most`.
 */
export function sequentialProbes(options: SequentialProbesOptions = {}): Recovery {
  const where = 'sequentialProbes'
  knownOptions(where, options, named)
  const { threshold = 0.5, error = 0.005, most = 50, within = 60_000, undecided = 'evidence' } = options
  numberOption(where, 'threshold', threshold, { min: 0.01, max: 0.99, unit: 'failures per call' })
  const room = Math.min(threshold, 1 - threshold)
  const { margin = Math.min(0.2, room * 0.8) } = options
  numberOption(where, 'margin', margin, { min: 0.005 })
  if (margin >= room)
    throw new RangeError(`${where}: "margin" must leave "threshold" +- "margin" between 0 and 1, but was ${margin}`)
  numberOption(where, 'error', error, { above: 0, max: 0.25 })
  numberOption(where, 'most', most, { min: 1, max: 10_000, whole: true, unit: 'probes' })
  numberOption(where, 'within', within, { above: 0, max: Number.POSITIVE_INFINITY, unit: 'milliseconds' })
  choiceOption(where, 'undecided', undecided, ['evidence', 'open'])
  const rule: Rule = {
    failure: Math.log((threshold + margin) / (threshold - margin)),
    success: Math.log((1 - threshold - margin) / (1 - threshold + margin)),
    doubt: Math.log((1 - error) / error),
    most,
    within,
    leans: undecided === 'evidence',
  }
  if (undecided === 'open' && -rule.success * most < rule.doubt)
    throw new RangeError(`${where}: ${most} good probes are not enough to close: raise "most", "margin" or "error"`)
  return recoveryOf(where, options, 5, (now) => new Ratio(rule, now))
}

interface Rule {
  /** What a failure adds to the log likelihood ratio of bad against good; a success takes off. */
  readonly failure: number
  readonly success: number
  /** The verdict is in where the ratio is this far from 0. */
  readonly doubt: number
  readonly most: number
  readonly within: number
  readonly leans: boolean
}

class Ratio implements Trial {
  readonly #rule: Rule
  #began: number
  #failures = 0
  #successes = 0

  constructor(rule: Rule, now: number) {
    this.#rule = rule
    this.#began = now
  }

  get wants(): number {
    return this.#rule.most - this.#failures - this.#successes
  }

  record(failed: boolean, now: number): TrialVerdict | undefined {
    if (failed) this.#failures++
    else this.#successes++
    // A clock that went back: the time begins here.
    if (now < this.#began) this.#began = now
    const { failure, success, doubt, within, leans } = this.#rule
    // Products, not a running sum: a thousand roundings would move the verdict.
    const ratio = this.#failures * failure + this.#successes * success
    if (ratio >= doubt) return 'open'
    if (ratio <= -doubt) return 'close'
    if (this.wants > 0 && now - this.#began < within) return undefined
    // What is within rounding of 0 is a tie.
    return leans && ratio < -1e-9 ? 'close' : 'open'
  }
}
