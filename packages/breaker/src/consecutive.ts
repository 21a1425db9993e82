// Opens after so many failures in a row.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'
import { type Detection, type Detector, type Evidence, numbersOf } from './detector.ts'

export interface ConsecutiveOptions {
  /** The failure in a row that opens it: 1 or more. Default 5. */
  readonly failures?: number
}

const named: OptionNames<ConsecutiveOptions> = { failures: true }

/**
 * Opens at the `failures`-th failure in a row; a success starts the count afresh, an ignored call changes nothing. Quick
 * on a total outage and without any memory of time, but no threshold of a rate: with 5, a steady 30 % of failures opens
 * it once in 587 calls, which is minutes at 2 calls a second and half a second at 1,000.
 *
 * It reads no clock, and takes some 40 bytes a key.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function consecutive(options: ConsecutiveOptions = {}): Detector {
  knownOptions('consecutive', options, named)
  const { failures = 5 } = options
  numberOption('consecutive', 'failures', failures, { min: 1, whole: true })
  return { name: 'consecutive', start: () => new Run(failures) }
}

class Run implements Detection {
  readonly #limit: number
  #length = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  timed(): boolean {
    return false
  }

  record(failed: boolean): boolean {
    this.#length = failed ? this.#length + 1 : 0
    return this.#length >= this.#limit
  }

  clear(): void {
    this.#length = 0
  }

  evidence(): Evidence {
    return [this.#length]
  }

  restore(evidence: Evidence): void {
    const [length = 0] = numbersOf('consecutive', evidence, 1)
    this.#length = Math.min(length, this.#limit - 1)
  }
}
