// How many calls may be under way at once, and who waits until there are fewer.
import { type Cancelled, knownOptions, type OptionNames } from '@tenon/endpoint'
import { choiceOption, numberOption } from '@tenon/policy'
import type { Adaptive } from './adaptive.ts'
import type { ConcurrencyLimiter } from './concurrent.ts'
import type { RateLimited } from './failure.ts'
import { type Priority, priorities } from './priority.ts'

export interface ConcurrencyOptions {
  /**
   * Calls under way at once: a whole number, 1..1,000,000, or what finds it out: `aimd()`, `gradient()`, `vegas()`,
   * `bbr()`.
   */
  readonly limit: number | Adaptive
  /** Calls that may wait for a place: a whole number, 0..1,000,000. Default 0: what finds no place is refused at once. */
  readonly queue?: number
  /**
   * Which of those that matter as much goes first. Default `'fifo'`, the oldest. `'lifo'`, the newest, serves more calls
   * in time when there are too many for long: the oldest has waited for most of the time it had. A full queue then
   * refuses its oldest in place of the newcomer.
   */
  readonly order?: 'fifo' | 'lifo'
  /** Milliseconds a call waits at most: above 0, finite. Default 1,000. */
  readonly maxWait?: number
  /**
   * The share of the places that calls of a priority may fill: above 0, at most 1. `{ low: 0.5 }` lets a call of low
   * priority in only while fewer than half of the places are taken. Default 1 for all; what matters more must not have
   * less than what matters less.
   */
  readonly shares?: Readonly<Partial<Record<Priority, number>>>
}

const named: OptionNames<ConcurrencyOptions> = { limit: true, queue: true, order: true, maxWait: true, shares: true }

/**
 * Limits how many calls are under way: a bulkhead, a semaphore, the pool in front of a database. A place is free again
 * when its call ends, a stream's when the stream ends.
 *
 * With a `queue`, calls wait for a place. Those of higher priority go first, and take the room of lower ones where it is
 * full. What waits is bounded in number and in time, and a place is never given to a call that has less time left than
 * calls take on average: it is refused, with `why: 'deadline'`. A caller that leaves is answered `Cancelled`. Nobody
 * who comes overtakes who waits.
 *
 * `retryAfter` is when a place should be free: the average time a call takes, times those that wait and one, by the places
 * that are taken. Until a call has ended, one is thought to take a second.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function concurrency(options: ConcurrencyOptions & { readonly queue?: 0 }): ConcurrencyLimiter
export function concurrency(options: ConcurrencyOptions): ConcurrencyLimiter<RateLimited | Cancelled>
export function concurrency(options: ConcurrencyOptions): ConcurrencyLimiter<RateLimited | Cancelled> {
  knownOptions('concurrency', options, named)
  const { limit, queue = 0, order = 'fifo', maxWait = 1_000, shares = {} } = options
  if (typeof (limit as Partial<Adaptive> | undefined)?.start !== 'function')
    numberOption('concurrency', 'limit', limit, { min: 1, max: 1_000_000, whole: true, unit: 'calls' })
  numberOption('concurrency', 'queue', queue, { min: 0, max: 1_000_000, whole: true, unit: 'calls' })
  choiceOption('concurrency', 'order', order, ['fifo', 'lifo'])
  numberOption('concurrency', 'maxWait', maxWait, { above: 0, unit: 'milliseconds' })
  const byRank = sharesOf(shares)
  return {
    kind: 'concurrency',
    name: 'concurrency',
    rule: { limit, queue, order, maxWait, shares: byRank, ranks: queue > 0 || byRank.some((share) => share < 1) },
  }
}

function sharesOf(shares: Readonly<Partial<Record<Priority, number>>>): readonly number[] {
  knownOptions('concurrency: shares', shares, { critical: true, high: true, normal: true, low: true })
  const byRank = priorities.map((priority) =>
    numberOption('concurrency', `shares.${priority}`, shares[priority] ?? 1, { above: 0, max: 1 }),
  )
  for (const [rank, share] of byRank.entries())
    if (share > (byRank[rank - 1] ?? 1))
      throw new RangeError(
        `concurrency: "shares.${priorities[rank]}" must not be more than "shares.${priorities[rank - 1]}"`,
      )
  return byRank
}
