// A detector that must say so several times in a row: what lasts is told from what passes.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'
import { type Detection, type Detector, type Evidence, numbersOf } from './detector.ts'

export interface InARowOptions {
  /** How many times: 2 or more. Default 3. */
  readonly times?: number
  /** Milliseconds that each of them covers: above 0. Default 10,000. */
  readonly every?: number
}

const named: OptionNames<InARowOptions> = { times: true, every: true }

/**
 * Opens when the detector has spoken against the dependency in `times` stretches of `every` milliseconds in a row, at
 * least once in each. Stretches begin at multiples of their length on the clock; one without a call breaks the row.
 *
 * @throws TypeError or RangeError on a bad option, or what is no detector.
 */
export function inARow(detector: Detector, options: InARowOptions = {}): Detector {
  knownOptions('inARow', options, named)
  const { times = 3, every = 10_000 } = options
  numberOption('inARow', 'times', times, { min: 2, whole: true })
  numberOption('inARow', 'every', every, { above: 0, unit: 'milliseconds' })
  if (typeof detector?.start !== 'function') throw new TypeError('inARow: the first argument must be a detector')
  if (detector.sheds === true)
    throw new TypeError(`inARow: ${detector.name} refuses a share of the calls and never opens`)
  return {
    name: `inARow(${detector.name})`,
    durations: detector.durations === true,
    start: () => new Row(detector.start(), times, every),
  }
}

class Row implements Detection {
  readonly #inner: Detection
  readonly #times: number
  readonly #every: number
  /** The stretch of the last call, whether the detector has spoken in it, and in how many in a row before it. */
  #stretch = Number.NEGATIVE_INFINITY
  #spoken = false
  #before = 0

  constructor(inner: Detection, times: number, every: number) {
    this.#inner = inner
    this.#times = times
    this.#every = every
  }

  timed(): boolean {
    return true
  }

  record(failed: boolean, now: number, duration: number): boolean {
    this.#advance(now)
    if (!this.#inner.record(failed, now, duration)) return false
    this.#spoken = true
    return this.#before + 1 >= this.#times
  }

  clear(): void {
    this.#inner.clear()
    this.#spoken = false
    this.#before = 0
  }

  evidence(now: number): Evidence {
    const age = Math.max(0, now - this.#stretch * this.#every)
    const row = Number.isFinite(age) ? [age, this.#spoken ? 1 : 0, this.#before] : []
    return [row, this.#inner.evidence?.(now) ?? 0]
  }

  restore(evidence: Evidence, now: number): void {
    const [row, inner = 0] = Array.isArray(evidence) ? (evidence as readonly Evidence[]) : []
    const [age, spoken = 0, before = 0] = numbersOf('inARow', row)
    if (age !== undefined) this.#stretch = Math.floor((now - age) / this.#every)
    this.#spoken = spoken === 1
    this.#before = before
    if (this.#inner.evidence !== undefined) this.#inner.restore?.(inner, now)
  }

  #advance(now: number): void {
    const stretch = Math.floor(now / this.#every)
    // A clock that goes back stays in the stretch.
    if (stretch <= this.#stretch) return
    this.#before = stretch === this.#stretch + 1 && this.#spoken ? this.#before + 1 : 0
    this.#spoken = false
    this.#stretch = stretch
  }
}
