// Calls again what failed on the way: only where that does no harm, there is time for it, and the budget has one left.
import { isStream, type Middleware, middleware } from '@tenon/endpoint'
import { contextOf, firstTry, isRepetition } from './attempt.ts'
import { policyOf, type RetryOptions } from './policy.ts'
import { goOn } from './repeat.ts'

/**
 * Makes a call up to `attempts` times, until it ends otherwise than in a failure that is worth another attempt. Adds no
 * failure: the last one is the result. Another attempt is made only when
 * - the method is idempotent, by its contract or by option, or `unsent` says that nothing went out,
 * - the wait (the backoff's, or the failure's `retryAfter` where that is longer) ends before the deadline and `within`,
 * - the caller has not gone, and this call is not a repetition already by somebody further out,
 * - the budget has one left.
 *
 * A stream that opened is a success. What takes a stream in is never repeated. Nothing has to be closed; all that one
 * retry wraps shares its budget.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function retry(options: RetryOptions = {}): Middleware {
  const policy = policyOf(options)
  return middleware((next) => (input, ctx) => {
    // A stream can be read once. A repetition of a repetition would multiply them.
    if (isStream(input) || isRepetition(ctx)) return next(input, ctx)
    const began = policy.begin()
    const attempt = firstTry(ctx)
    return next(input, contextOf(ctx, attempt)).then((result) =>
      result._tag === 'Right' ? result : goOn(policy, next, input, ctx, began, attempt, result),
    )
  })
}
