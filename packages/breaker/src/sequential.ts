// The default detector: a sequential test. It weighs each call as it ends, and has no window to fill or to empty.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'
import { type Bank, bank } from './bank.ts'
import { CallRate } from './call-rate.ts'
import { type Detection, type Detector, type Evidence, numbersOf } from './detector.ts'

export interface SequentialOptions {
  /** The failure rate to be told from: between 0 and 1. Default 0.5. */
  readonly threshold?: number
  /**
   * How far below the threshold a dependency is surely good, and how far above surely bad: 0.005 or more. Smaller is
   * sharper and slower. Default 0.05, or half of what there is between the threshold and 0 or 1 where that is less.
   */
  readonly margin?: number
  /**
   * Milliseconds, in the mean at least, until a dependency that steadily fails at `threshold - margin` opens it: 1,000 or
   * more. It is turned into calls by the rate of calls, which is measured. Default 86,400,000 (24 h).
   */
  readonly meanTimeBetweenFalseTrips?: number
  /** The same in calls, 10,000 to 1e15: then nothing is measured. It takes the place of the time. */
  readonly meanCallsBetweenFalseTrips?: number
  /**
   * Milliseconds that the evidence must last before it opens: 0 or more. Rides out a blip that is shorter. Default 0.
   */
  readonly minDuration?: number
  /** Milliseconds without a call after which evidence is forgotten: above 0, or `Infinity`. Default 300,000 (5 min). */
  readonly forget?: number
}

const named: OptionNames<SequentialOptions> = {
  threshold: true,
  margin: true,
  meanTimeBetweenFalseTrips: true,
  meanCallsBetweenFalseTrips: true,
  minDuration: true,
  forget: true,
}

/**
 * Opens when the calls, weighed one by one, leave no doubt that the failure rate has risen above the threshold: a bank of
 * CUSUM tests, each made for another size of fault. A total outage is beyond doubt after some twenty calls, a rate
 * little above the threshold after hundreds; what stays below it does not open in a day. There is no window, so also
 * no minimum of calls.
 *
 * The one thing to choose beside the threshold is what false trips may cost: the mean time between them, at
 * `threshold - margin`, is at least what was asked. Alarm levels are solved for it exactly; the package's README has the
 * mathematics. It takes failures to be independent: where they come in runs, choose a larger margin.
 *
 * It reads the clock at failures, for some calls after one, and every 64 calls; it takes some 290 bytes a key.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function sequential(options: SequentialOptions = {}): Detector {
  knownOptions('sequential', options, named)
  const { threshold = 0.5, meanCallsBetweenFalseTrips, minDuration = 0, forget = 300_000 } = options
  numberOption('sequential', 'threshold', threshold, { min: 0.01, max: 0.99, unit: 'failures per call' })
  const room = Math.min(threshold, 1 - threshold)
  const { margin = Math.min(0.05, room / 2) } = options
  numberOption('sequential', 'margin', margin, { min: 0.005 })
  if (margin >= room)
    throw new RangeError(`sequential: "margin" must leave "threshold" +- "margin" between 0 and 1, but was ${margin}`)
  if (options.meanTimeBetweenFalseTrips !== undefined && meanCallsBetweenFalseTrips !== undefined)
    throw new TypeError('sequential: give "meanTimeBetweenFalseTrips" or "meanCallsBetweenFalseTrips", not both')
  const { meanTimeBetweenFalseTrips = 86_400_000 } = options
  numberOption('sequential', 'meanTimeBetweenFalseTrips', meanTimeBetweenFalseTrips, {
    min: 1_000,
    max: 1e12,
    unit: 'milliseconds',
  })
  numberOption('sequential', 'minDuration', minDuration, { min: 0, unit: 'milliseconds' })
  numberOption('sequential', 'forget', forget, { above: 0, max: Number.POSITIVE_INFINITY, unit: 'milliseconds' })
  const rule = { bank: bank(threshold, margin), minDuration, forget }
  if (meanCallsBetweenFalseTrips === undefined)
    return { name: 'sequential', start: () => new Sequential(rule, meanTimeBetweenFalseTrips, new CallRate()) }
  numberOption('sequential', 'meanCallsBetweenFalseTrips', meanCallsBetweenFalseTrips, { min: 10_000, max: 1e15 })
  return { name: 'sequential', start: () => new Sequential(rule, meanCallsBetweenFalseTrips, undefined) }
}

interface Rule {
  readonly bank: Bank
  readonly minDuration: number
  readonly forget: number
}

// A class, since there may be one for each key of many.
class Sequential implements Detection {
  readonly #rule: Rule
  /** Between false trips: milliseconds where the rate is measured, else calls. */
  readonly #mean: number
  readonly #rate: CallRate | undefined
  #levels: readonly number[]
  /** Of each walk, where it stands. */
  readonly #stands: number[]
  /** Do all walks stand at 0? Most do most of the time, and then a success costs nothing. */
  #quiet = true
  /** The end of the last call that the time was asked for. */
  #last = 0
  /** With `minDuration`: of each walk, since when it has been at its level, or has not been back at 0 since. */
  readonly #since: number[] | undefined

  constructor(rule: Rule, mean: number, rate: CallRate | undefined) {
    this.#rule = rule
    this.#mean = mean
    this.#rate = rate
    this.#levels = rule.bank.levels(rate === undefined ? mean : rate.calls(mean))
    this.#stands = rule.bank.walks.map(() => 0)
    this.#since = rule.minDuration > 0 ? rule.bank.walks.map(() => Number.POSITIVE_INFINITY) : undefined
  }

  timed(failed: boolean): boolean {
    return failed || !this.#quiet || this.#rate?.due === true
  }

  record(failed: boolean, now: number): boolean {
    const rate = this.#rate
    if (rate?.count(now)) this.#levels = this.#rule.bank.levels(rate.calls(this.#mean))
    if (this.#quiet) {
      if (!failed) return false
    } else if (now - this.#last >= this.#rule.forget) this.#settle()
    this.#last = now
    return failed ? this.#rise(now) : this.#fall()
  }

  clear(): void {
    this.#settle()
    this.#rate?.pause()
  }

  /** Where each walk stands, as a share of its level; then what is known of the rate. */
  evidence(now: number): Evidence {
    const stale = now - this.#last >= this.#rule.forget
    const stands = this.#stands.map((stand, index) => (stale ? 0 : stand / (this.#levels[index] as number)))
    return [stands, this.#rate?.evidence() ?? []]
  }

  restore(evidence: Evidence, now: number): void {
    const [held, rate, ...more] = Array.isArray(evidence) ? (evidence as readonly Evidence[]) : []
    if (more.length > 0) throw new TypeError('sequential: this is not its evidence')
    const shares = numbersOf('sequential', held)
    const known = numbersOf('sequential', rate)
    if (this.#rate !== undefined && known.length > 0) {
      this.#rate.restore(known)
      this.#levels = this.#rule.bank.levels(this.#rate.calls(this.#mean))
    }
    this.#last = now
    const walks = this.#stands.length
    for (let index = 0; index < walks; index++) {
      // Another bank may have more walks or fewer: the one for about the same size of fault.
      const share = shares[walks === 1 ? 0 : Math.round((index * (shares.length - 1)) / (walks - 1))] ?? 0
      const stand = Math.floor(Math.min(1, Math.max(0, share)) * (this.#levels[index] as number) + 1e-6)
      this.#stands[index] = stand
      if (stand > 0) this.#quiet = false
    }
  }

  #settle(): void {
    this.#quiet = true
    this.#stands.fill(0)
    this.#since?.fill(Number.POSITIVE_INFINITY)
  }

  #rise(now: number): boolean {
    const { walks } = this.#rule.bank
    const stands = this.#stands
    let alarm = false
    this.#quiet = false
    for (let index = 0; index < walks.length; index++) {
      const level = this.#levels[index] as number
      const stand = (stands[index] as number) + (walks[index] as (typeof walks)[number]).up
      stands[index] = Math.min(level, stand)
      if (stand >= level && this.#lasts(index, now)) alarm = true
    }
    return alarm
  }

  #fall(): false {
    const { walks } = this.#rule.bank
    const stands = this.#stands
    let highest = 0
    for (let index = 0; index < walks.length; index++) {
      const stand = Math.max(0, (stands[index] as number) - (walks[index] as (typeof walks)[number]).down)
      stands[index] = stand
      if (stand > highest) highest = stand
      if (stand === 0 && this.#since !== undefined) this.#since[index] = Number.POSITIVE_INFINITY
    }
    this.#quiet = highest === 0
    return false
  }

  /** A walk is at its level: has that been so for long enough? */
  #lasts(index: number, now: number): boolean {
    if (this.#since === undefined) return true
    const since = Math.min(this.#since[index] as number, now)
    this.#since[index] = since
    return now - since >= this.#rule.minDuration
  }
}
