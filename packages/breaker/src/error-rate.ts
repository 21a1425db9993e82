// Opens at so many failures a second, whatever the number of calls.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { choiceOption, numberOption, type TimeWindow, timeWindow } from '@tenon/policy'
import type { Detection, Detector, Evidence } from './detector.ts'
import { pour } from './window.ts'

export interface ErrorRateOptions {
  /** Failures a second that open it: above 0. */
  readonly perSecond: number
  /** How far back it looks, in milliseconds: 1 or more. Default 1,000. */
  readonly window?: number
  /** The window moves on in this many steps: 1..1000, each 1 ms or longer. Default 10. */
  readonly buckets?: number
  /** Does it open at that rate, or only above it? Default `'>='`. */
  readonly comparison?: '>=' | '>'
}

const named: OptionNames<ErrorRateOptions> = { perSecond: true, window: true, buckets: true, comparison: true }

/**
 * Opens when the failures of a sliding time window reach `perSecond` times its length. It is a limit of harm and no
 * share: at twice the traffic it opens at half the failure rate, and a burst opens it by its size. Where the traffic
 * varies by 15 %, so does what it means.
 *
 * It reads the clock at failures only, and takes some 250 bytes a key with 10 buckets.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function errorRate(options: ErrorRateOptions): Detector {
  knownOptions('errorRate', options, named)
  const { perSecond, window = 1_000, buckets = 10, comparison = '>=' } = options
  numberOption('errorRate', 'perSecond', perSecond, { above: 0, unit: 'failures a second' })
  choiceOption('errorRate', 'comparison', comparison, ['>=', '>'])
  const counter = (): TimeWindow => timeWindow({ window, buckets, counters: 1 })
  counter()
  const limit = (perSecond * window) / 1_000
  return { name: 'errorRate', start: () => new Failures(counter(), limit, comparison === '>=') }
}

class Failures implements Detection {
  readonly #window: TimeWindow
  readonly #limit: number
  readonly #inclusive: boolean

  constructor(window: TimeWindow, limit: number, inclusive: boolean) {
    this.#window = window
    this.#limit = limit
    this.#inclusive = inclusive
  }

  timed(failed: boolean): boolean {
    return failed
  }

  record(failed: boolean, now: number): boolean {
    if (!failed) return false
    this.#window.add(0, 1, now)
    const failures = this.#window.total(0, now)
    return failures > this.#limit || (this.#inclusive && failures === this.#limit)
  }

  clear(): void {
    this.#window.clear()
  }

  evidence(now: number): Evidence {
    return this.#window.buckets(now)
  }

  restore(evidence: Evidence, now: number): void {
    pour('errorRate', this.#window, evidence, now, 1)
  }
}
