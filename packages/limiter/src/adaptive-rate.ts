// A rate that is lowered while calls take too long, and raised again step by step.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'
import { Bucket } from './bucket.ts'
import type { Level } from './level.ts'
import type { Rate, RateLimiter } from './rate.ts'
import type { Sign } from './sign.ts'

export interface AdaptiveRateOptions {
  /** Calls a second while all is well: above 0. */
  readonly perSecond: number
  /** It is never lowered below: above 0, at most `perSecond`. Default a hundredth of `perSecond`. */
  readonly min?: number
  /** Calls that may come at once while all is well: 1 or more; in proportion when it is lowered. Default: those of one second. */
  readonly burst?: number
  /** A call that takes longer than this many milliseconds is slow: above 0. Default 800. */
  readonly slow?: number
  /** The share of slow calls that is borne: 0 or more, below 1. Default 0.05, so that the 95th percentile is what counts. */
  readonly tolerance?: number
  /** Milliseconds from one step to the next, at least; five calls at least. Above 0. Default 1,000. */
  readonly every?: number
  /** What the rate is multiplied by where too many are slow: above 0, below 1. Default 0.8. */
  readonly backoff?: number
  /** What part of `perSecond` is added where not: above 0, at most 1. Default 0.05. */
  readonly step?: number
}

const named: OptionNames<AdaptiveRateOptions> = {
  perSecond: true,
  min: true,
  burst: true,
  slow: true,
  tolerance: true,
  every: true,
  backoff: true,
  step: true,
}

/**
 * A token bucket whose rate follows how long calls take. In each step, where more than `tolerance` of the calls that ended
 * were slow, or ended out of time, refused or unreachable (two at least: one says little), the rate becomes `backoff` times
 * what was done a second, or times itself where that is less; else it grows by `step * perSecond`. From what was done, and
 * not from the rate: a rate that nobody uses up does nothing by being lowered a little. No step without calls that ended.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function adaptiveRate(options: AdaptiveRateOptions): RateLimiter {
  knownOptions('adaptiveRate', options, named)
  const { perSecond, slow = 800, tolerance = 0.05, every = 1_000, backoff = 0.8, step = 0.05 } = options
  numberOption('adaptiveRate', 'perSecond', perSecond, { above: 0, unit: 'calls a second' })
  const { min = perSecond / 100, burst = Math.max(1, Math.floor(perSecond)) } = options
  numberOption('adaptiveRate', 'min', min, { above: 0, max: perSecond, unit: 'calls a second' })
  numberOption('adaptiveRate', 'burst', burst, { min: 1, unit: 'calls' })
  numberOption('adaptiveRate', 'slow', slow, { above: 0, unit: 'milliseconds' })
  numberOption('adaptiveRate', 'tolerance', tolerance, { min: 0, max: 1 })
  numberOption('adaptiveRate', 'every', every, { above: 0, unit: 'milliseconds' })
  numberOption('adaptiveRate', 'backoff', backoff, { above: 0, max: 1 })
  numberOption('adaptiveRate', 'step', step, { above: 0, max: 1 })
  if (tolerance === 1 || backoff === 1)
    throw new RangeError(
      `adaptiveRate: "${tolerance === 1 ? 'tolerance' : 'backoff'}" must be below 1, else the rate is never lowered`,
    )
  const rule: Rule = { perSecond, min, burst, slow, tolerance, every, backoff, step }
  return {
    kind: 'rate',
    name: 'adaptiveRate',
    maxWait: 0,
    why: 'rate',
    ranks: false,
    measures: true,
    start: () => new Following(rule),
    adopt(state, now) {
      if (!(state instanceof Following)) return false
      state.follow(rule, now)
      return true
    },
  }
}

type Rule = Required<AdaptiveRateOptions>

/** Fewer calls than this make no step. */
const fewest = 5

class Following implements Rate {
  #rule: Rule
  #perSecond: number
  readonly #bucket: Bucket
  #since: number | undefined
  #ended = 0
  #slow = 0

  constructor(rule: Rule) {
    this.#rule = rule
    this.#perSecond = rule.perSecond
    this.#bucket = new Bucket(fillingOf(rule, rule.perSecond))
  }

  take(now: number): number {
    return this.#bucket.take(now, 0)
  }

  record(now: number, began: number, sign: Sign): number | undefined {
    if (sign === 'nothing') return undefined
    const { every, slow } = this.#rule
    // Clocks do not go back. Should one do so all the same, the step begins here.
    if (this.#since === undefined || now < this.#since) this.#since = now
    this.#ended++
    if (sign === 'overloaded' || now - began > slow) this.#slow++
    const elapsed = now - this.#since
    if (elapsed < every || this.#ended < fewest) return undefined
    const before = this.#perSecond
    this.#move(this.#next((this.#ended * 1_000) / elapsed), now)
    this.#since = now
    this.#ended = 0
    this.#slow = 0
    return this.#perSecond === before ? undefined : before
  }

  fresh(now: number): boolean {
    return this.#perSecond === this.#rule.perSecond && this.#bucket.fresh(now)
  }

  level(now: number): Level {
    const { limit, used } = this.#bucket.level(now)
    return { limit: this.#perSecond, used: (used / limit) * this.#perSecond, waiting: 0 }
  }

  /** The rate stays as far below the new one as it was below the old one. */
  follow(rule: Rule, now: number): void {
    const share = this.#perSecond / this.#rule.perSecond
    this.#rule = rule
    this.#move(Math.max(rule.min, share * rule.perSecond), now)
  }

  #next(done: number): number {
    const { perSecond, min, tolerance, backoff, step } = this.#rule
    const tooMany = this.#slow > Math.max(1, tolerance * this.#ended)
    return tooMany
      ? Math.max(min, Math.min(this.#perSecond, done) * backoff)
      : Math.min(perSecond, this.#perSecond + step * perSecond)
  }

  #move(perSecond: number, now: number): void {
    this.#perSecond = perSecond
    this.#bucket.follow(fillingOf(this.#rule, perSecond), now)
  }
}

const fillingOf = ({ perSecond: most, burst }: Rule, perSecond: number) => ({
  perSecond,
  burst: Math.max(1, (burst * perSecond) / most),
})
