// A rate with bursts: tokens come at a steady pace, a call takes one or is refused.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'
import { Bucket } from './bucket.ts'
import type { RateLimiter } from './rate.ts'

export interface TokenBucketOptions {
  /** Calls a second in the long run: above 0, fractions too (`1 / 60` is one a minute). */
  readonly perSecond: number
  /** Calls that may come at once after silence: 1 or more. Default: those of one second, at least 1. */
  readonly burst?: number
}

const named: OptionNames<TokenBucketOptions> = { perSecond: true, burst: true }

/**
 * A token bucket: `burst` calls at once, `perSecond` in the long run, and in any `t` seconds never more than `burst +
 * perSecond * t`. What is over is refused, and told when a token will be there. One clock reading a call, no timer;
 * two numbers a key. Go kit's `NewErroringLimiter`.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function tokenBucket(options: TokenBucketOptions): RateLimiter {
  knownOptions('tokenBucket', options, named)
  const { perSecond } = options
  numberOption('tokenBucket', 'perSecond', perSecond, { above: 0, unit: 'calls a second' })
  const { burst = Math.max(1, Math.floor(perSecond)) } = options
  numberOption('tokenBucket', 'burst', burst, { min: 1, unit: 'calls' })
  return bucketLimiter('tokenBucket', { perSecond, burst }, 0)
}

/** For limiters that are a bucket: what they all are. */
export const bucketLimiter = (
  name: string,
  filling: { readonly perSecond: number; readonly burst: number },
  maxWait: number,
): RateLimiter<never> => ({
  kind: 'rate',
  name,
  maxWait,
  why: 'rate',
  ranks: false,
  measures: false,
  start: () => new Bucket(filling),
  adopt(state, now) {
    if (!(state instanceof Bucket)) return false
    state.follow(filling, now)
    return true
  },
})
