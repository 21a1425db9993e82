// What `limit` takes: a recipe for a limiter.
import type { Failure } from '@tenon/endpoint'
import type { ConcurrencyLimiter } from './concurrent.ts'
import type { RateLimited } from './failure.ts'
import type { RateLimiter } from './rate.ts'

/**
 * A recipe for a limiter: it has no state, so one value may serve any number of `limit`s, and each key gets a state of
 * its own from it. F: the failures that it answers.
 */
export type Limiter<F extends Failure = RateLimited> = RateLimiter<F> | ConcurrencyLimiter<F>
