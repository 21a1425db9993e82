// What a concurrency limiter is: a recipe for places, of which each call under way takes one.
import type { Failure } from '@tenon/endpoint'
import type { Adaptive } from './adaptive.ts'
import type { Failing, RateLimited } from './failure.ts'

/** How many places there are, and who waits for one. */
export interface PlaceRule {
  readonly limit: number | Adaptive
  /** How many calls may wait. */
  readonly queue: number
  readonly order: 'fifo' | 'lifo'
  /** Milliseconds a call waits at most. */
  readonly maxWait: number
  /** By rank: the share of the places that may be taken when a call of that rank takes one. */
  readonly shares: readonly number[]
  /** Does it matter how much a call matters? */
  readonly ranks: boolean
}

/** A recipe for a concurrency limiter: it has no state, so one value may serve any number of `limit`s. */
export interface ConcurrencyLimiter<F extends Failure = RateLimited> extends Failing<F> {
  readonly kind: 'concurrency'
  readonly name: string
  readonly rule: PlaceRule
}
