// A rate limit, as a guard: it decides before each call whether there is one.
import { clockOf, type Failure, guard, type Middleware, pass, refuse, report } from '@tenon/endpoint'

/** Too many calls. `retryAfter` milliseconds from now there is room for one more: HTTP tells it as `retry-after`. */
export interface RateLimited extends Failure<'RateLimited', 'resource_exhausted'> {
  readonly retryAfter: number
}

/** A token bucket: `burst` calls at once, and `perSecond` in the long run. Every endpoint that it wraps shares it. */
export function limit({ name, perSecond, burst }: Limit): Middleware<RateLimited> {
  const every = 1_000 / perSecond
  // All there is to know of a bucket is when it will be full (the generic cell rate algorithm, of ATM).
  let full = Number.NEGATIVE_INFINITY
  return guard((ctx) => {
    const now = clockOf(ctx).now()
    const then = Math.max(full, now) + every
    const early = then - burst * every - now
    if (early < nanosecond) {
      full = then
      return pass()
    }
    report(undefined, { kind: 'limiter.rejected', limiter: name, key: '' })
    const retryAfter = Math.ceil(early)
    return refuse({ _tag: 'RateLimited', code: 'resource_exhausted', message: 'rate limit exceeded', retryAfter })
  })
}

/** Sums of fractions are not exact: whoever waited as long as they were told is not early. */
const nanosecond = 1e-6

interface Limit {
  /** For metrics. */
  readonly name: string
  readonly perSecond: number
  readonly burst: number
}
