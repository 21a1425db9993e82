// Opens after so many failures in a row.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'
import { type Detection, type Detector, type Evidence, numbersOf } from './detector.ts'

export interface ConsecutiveOptions {
  /** The failure in a row that opens it: 1 or more. Default 5. */
  readonly failures?: number
  /**
   * Milliseconds that the row must have lasted, from the end of its first call: 0 or more. The first failure after that
   * opens it. Default 0.
   */
  readonly lasting?: number
  /** Milliseconds between two failures after which a new row begins: above 0, or `Infinity`. Default 300,000 (5 min). */
  readonly forget?: number
}

const named: OptionNames<ConsecutiveOptions> = { failures: true, lasting: true, forget: true }

/**
 * Opens at the `failures`-th failure in a row; a success starts the count afresh, an ignored call changes nothing. Quick
 * on a total outage and without any memory of time, but no threshold of a rate: with 5, a steady 30 % of failures opens
 * it once in 587 calls, which is minutes at 2 calls a second and half a second at 1,000.
 *
 * It reads the clock at failures only (without `lasting` and with `forget: Infinity` never), and takes some 60 bytes a key.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function consecutive(options: ConsecutiveOptions = {}): Detector {
  knownOptions('consecutive', options, named)
  const { failures = 5, lasting = 0, forget = 300_000 } = options
  numberOption('consecutive', 'failures', failures, { min: 1, whole: true })
  numberOption('consecutive', 'lasting', lasting, { min: 0, unit: 'milliseconds' })
  numberOption('consecutive', 'forget', forget, { above: 0, max: Number.POSITIVE_INFINITY, unit: 'milliseconds' })
  const timed = lasting > 0 || forget !== Number.POSITIVE_INFINITY
  const rule: Rule = { failures, lasting, forget, timed }
  return { name: 'consecutive', start: () => new Run(rule) }
}

interface Rule {
  readonly failures: number
  readonly lasting: number
  readonly forget: number
  readonly timed: boolean
}

class Run implements Detection {
  readonly #rule: Rule
  #length = 0
  /** The ends of the first and the last failure of the run. */
  #first = 0
  #last = 0

  constructor(rule: Rule) {
    this.#rule = rule
  }

  timed(failed: boolean): boolean {
    return failed && this.#rule.timed
  }

  record(failed: boolean, now: number): boolean {
    if (!failed) {
      this.#length = 0
      return false
    }
    const { failures, lasting, forget } = this.#rule
    if (this.#length > 0 && now - this.#last >= forget) this.#length = 0
    if (this.#length === 0 || now < this.#first) this.#first = now
    this.#last = now
    this.#length++
    return this.#length >= failures && now - this.#first >= lasting
  }

  clear(): void {
    this.#length = 0
  }

  evidence(now: number): Evidence {
    return this.#length === 0 ? [] : [this.#length, Math.max(0, now - this.#first), Math.max(0, now - this.#last)]
  }

  restore(evidence: Evidence, now: number): void {
    const known = numbersOf('consecutive', evidence)
    if (known.length === 0) return
    const [length = 0, first = 0, last = 0] = numbersOf('consecutive', known, 3)
    this.#length = Math.max(0, length)
    this.#first = now - first
    this.#last = now - last
  }
}
