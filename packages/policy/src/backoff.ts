// How long to wait before trying again: a recipe without state, so that one value may serve any number of callers.
import type { Random } from '@tenon/endpoint'
import { numberOption } from './option.ts'

/** A recipe for waits. Pure: whoever uses it keeps the attempt and the wait before. */
export interface Backoff {
  /**
   * Milliseconds to wait: 0 or more, finite, for every attempt however high.
   *
   * @param attempt which wait this is, from 1
   * @param previous what the wait before was in milliseconds, 0 when there was none
   * @param random drawn from at most once
   */
  next(attempt: number, previous: number, random: Random): number
}

/**
 * Always the same wait, `ms` milliseconds, 0 or more. Callers that failed together come back together: for many of
 * them use `exponential` with jitter (`from` and `to` may be the same).
 *
 * @throws TypeError or RangeError on a bad value.
 */
export function constant(ms: number): Backoff {
  numberOption('constant', 'ms', ms, { min: 0, unit: 'milliseconds' })
  return { next: () => ms }
}

/**
 * The waits one by one, in milliseconds, each 0 or more; after the last, the last again.
 * `list([30_000, 60_000, 120_000])` waits 30 s, 60 s, 120 s, 120 s and so on.
 *
 * @throws TypeError or RangeError on a bad value or when there is none.
 */
export function list(waits: readonly number[]): Backoff {
  if (!Array.isArray(waits)) throw new TypeError('list: the waits must be an array of numbers (milliseconds)')
  if (waits.length === 0) throw new RangeError('list: there must be at least one wait')
  const steps = waits.map((wait, index) => numberOption('list', `[${index}]`, wait, { min: 0, unit: 'milliseconds' }))
  const last = steps.length
  return {
    next: (attempt) => steps[attempt > last ? last - 1 : attempt > 1 ? Math.floor(attempt) - 1 : 0] as number,
  }
}
