// What a limiter answers in place of the call it does not make.
import type { Failure } from '@tenon/endpoint'

/**
 * Why a call was refused.
 * - `rate`: more calls than the rate allows, or (leaky) so many that the wait would be longer than `maxWait`
 * - `full`: as many as may are under way, and there is no room in the queue
 * - `waited`: it stood in the queue for `maxWait`, and no place came free
 * - `deadline`: its deadline comes before it could be done, so it was not begun
 * - `displaced`: it stood in a full queue, and one that matters more (`lifo`: or a newer one) took its room
 * - `overload`: the process has more work than it can do, and this call matters least
 */
export type Why = 'rate' | 'full' | 'waited' | 'deadline' | 'displaced' | 'overload'

/** A limiter refused the call: it was not made, nothing was sent. */
export interface RateLimited extends Failure<'RateLimited', 'resource_exhausted'> {
  readonly why: Why
  /** Whole milliseconds, 1 or more, after which another attempt makes sense. HTTP tells it as `retry-after`. */
  readonly retryAfter: number
}

declare const fails: unique symbol

/** For the compiler: says which failures a limiter answers. Never there at run time. */
export interface Failing<F extends Failure> {
  readonly [fails]?: F
}

const messages: Readonly<Record<Why, string>> = {
  rate: 'rate limit exceeded',
  full: 'too many calls are under way',
  waited: 'too many calls are under way, and none ended in time',
  deadline: 'too many calls are under way to end this one before its deadline',
  displaced: 'too many calls are under way, and others go first',
  overload: 'there is more work than can be done, and others go first',
}

/** A `RateLimited`. `retryAfter`: milliseconds; rounded up to whole ones, at least 1. */
export const rateLimited = (why: Why, retryAfter: number): RateLimited => ({
  _tag: 'RateLimited',
  code: 'resource_exhausted',
  message: messages[why],
  why,
  // Sums of fractions are not exact, and 5.0000000001 means 5.
  retryAfter: Math.max(1, Math.ceil(retryAfter - 1e-6)),
})
