// A rate that makes calls wait: they go ahead evenly spaced, and none waits longer than it may.
import { type Cancelled, knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'
import type { RateLimited } from './failure.ts'
import type { RateLimiter } from './rate.ts'
import { bucketLimiter } from './token-bucket.ts'

export interface LeakyOptions {
  /** Calls a second that go ahead: above 0, fractions too. */
  readonly perSecond: number
  /** Milliseconds a call waits at most: above 0, finite. One that would have to wait longer is refused at once. Default 1,000. */
  readonly maxWait?: number
  /** Calls that may go ahead at once after silence: 1 or more. Default 1: evenly spaced from the first on. */
  readonly burst?: number
}

const named: OptionNames<LeakyOptions> = { perSecond: true, maxWait: true, burst: true }

/**
 * A leaky bucket: calls over the rate wait, in the order in which they came, and go ahead one each `1000 / perSecond`
 * milliseconds. Refused at once, as `RateLimited`: what would wait longer than `maxWait`, or past its deadline. So no more
 * than `perSecond * maxWait / 1000` wait, and it knows when a call comes whether it will be served. A call whose
 * caller leaves while it waits is answered `Cancelled`, and its place is free again if nobody stands behind it. A timer
 * for a call that waits, none for one that does not. Go kit's `NewDelayingLimiter`, with a bound.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function leaky(options: LeakyOptions): RateLimiter<RateLimited | Cancelled> {
  knownOptions('leaky', options, named)
  const { perSecond, maxWait = 1_000, burst = 1 } = options
  numberOption('leaky', 'perSecond', perSecond, { above: 0, unit: 'calls a second' })
  numberOption('leaky', 'maxWait', maxWait, { above: 0, unit: 'milliseconds' })
  numberOption('leaky', 'burst', burst, { min: 1, unit: 'calls' })
  return bucketLimiter('leaky', { perSecond, burst }, maxWait)
}
