// So many calls in any window of time, wherever it begins.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'
import { CallLog } from './call-log.ts'
import type { Rate, RateLimiter } from './rate.ts'
import { SlotCounts } from './slot-counts.ts'

export interface SlidingWindowOptions {
  /** Calls in any window: a whole number, 1..1,000,000. */
  readonly limit: number
  /** How long the window is, in milliseconds: above 0. Default 1,000. */
  readonly window?: number
  /**
   * How it counts. Without, it remembers the moment of each call and is exact: `limit` numbers a key. With `buckets` (a
   * whole number, 1..1000), it counts calls in parts of the window: so many numbers a key whatever the limit, and a call
   * counts up to one part longer than it should. Neither lets more than `limit` into any window.
   */
  readonly buckets?: number
}

const named: OptionNames<SlidingWindowOptions> = { limit: true, window: true, buckets: true }

/**
 * A sliding window: never more than `limit` calls within any `window` milliseconds. Windows that begin at fixed moments
 * let twice as many through around each; this does not. All of them may come at once, and then none until those are a
 * window old: for an even flow take `tokenBucket`. A call that was let in counts, however it ended. No timer.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function slidingWindow(options: SlidingWindowOptions): RateLimiter {
  knownOptions('slidingWindow', options, named)
  const { limit, window = 1_000, buckets } = options
  numberOption('slidingWindow', 'limit', limit, { min: 1, max: 1_000_000, whole: true, unit: 'calls' })
  numberOption('slidingWindow', 'window', window, { above: 0, unit: 'milliseconds' })
  if (buckets === undefined) return windowLimiter(() => new CallLog(limit, window), CallLog, [limit, window])
  numberOption('slidingWindow', 'buckets', buckets, { min: 1, max: 1_000, whole: true })
  // States share what they follow; one that follows another number of buckets would have to guess when its calls came.
  return windowLimiter(() => new SlotCounts(limit, window, buckets), SlotCounts, [limit, window, buckets])
}

interface Followed<A extends readonly number[]> extends Rate {
  follow(...to: readonly [...A, now: number]): boolean
}

const windowLimiter = <A extends readonly number[], S extends Followed<A>>(
  start: () => S,
  // biome-ignore lint/suspicious/noExplicitAny: whatever makes it
  made: new (...from: any) => S,
  to: A,
): RateLimiter => ({
  kind: 'rate',
  name: 'slidingWindow',
  maxWait: 0,
  why: 'rate',
  ranks: false,
  measures: false,
  start,
  adopt: (state, now) => state instanceof made && state.follow(...to, now),
})
