// An average that forgets: what was seen long ago weighs exponentially less, however irregularly values come.
import { type Clock, knownOptions, type OptionNames, systemClock } from '@tenon/endpoint'
import { numberOption } from './option.ts'

export interface EwmaOptions {
  /** Milliseconds in which the weight of the past falls to 1/e = 37 % (to half in 0.69 of it). Above 0. */
  readonly timeConstant: number
  /** Default `systemClock`. It is read only where `now` is not passed. */
  readonly clock?: Pick<Clock, 'now'>
}

/** An exponentially weighted moving average. */
export interface Ewma {
  /**
   * Takes a value in. `now` may be passed where the caller has read the clock already, or counts something else than
   * time, such as requests; one older than the last counts as the last. A value that is not finite is left out: it
   * would stay for ever.
   */
  add(value: number, now?: number): void
  /** The average, or `undefined` before the first value. It does not change while nothing comes. */
  value(): number | undefined
}

const named: OptionNames<EwmaOptions> = { timeConstant: true, clock: true }

/**
 * An average over irregular intervals: `average = w * average + (1 - w) * value`, `w = exp(-elapsed / timeConstant)`.
 * Source: finagle's peak EWMA and failure accrual; the "next point" scheme of Eckner, "Algorithms for Unevenly Spaced
 * Time Series: Moving Averages and Other Rolling Operators" (2012). Two cases that the formula leaves open: the first
 * value is the average, and values of one moment count as their mean (by the formula all but the first would weigh
 * nothing). O(1), one `exp` a value.
 *
 * A value weighs by the time since the one before it and not by their number: after a long silence a single value is
 * nearly the whole average. Where numbers matter, use a window.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function ewma(options: EwmaOptions): Ewma {
  knownOptions('ewma', options, named)
  const { timeConstant, clock = systemClock } = options
  numberOption('ewma', 'timeConstant', timeConstant, { above: 0, unit: 'milliseconds' })
  let average = 0
  let at = Number.NEGATIVE_INFINITY
  // Of the newest moment: the average before it, what its values weigh, their sum and number.
  let before = 0
  let gain = 1
  let sum = 0
  let count = 0

  return {
    add(value, now = clock.now()) {
      if (!Number.isFinite(value)) return
      if (now > at) {
        before = average
        // 1 - w, exact for short intervals too.
        gain = -Math.expm1((at - now) / timeConstant)
        at = now
        sum = 0
        count = 0
      }
      sum += value
      count++
      average = before + gain * (sum / count - before)
    },
    value: () => (count === 0 ? undefined : average),
  }
}
