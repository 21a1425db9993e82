// What policies tell: breakers, retries and limiters.
import type { Failure } from './failure.ts'
import type { MethodInfo } from './method.ts'

/** A breaker's state. */
export type BreakerState = 'closed' | 'open' | 'halfOpen'

/** A breaker changed its state. */
export interface BreakerTransition {
  readonly kind: 'breaker.transition'
  /** The breaker's name, its method's name when it was given none. */
  readonly breaker: string
  /** The key among a keyed breaker's states, `''` for a single one. */
  readonly key: string
  readonly from: BreakerState
  readonly to: BreakerState
}

/** A retry is about to call again. */
export interface RetryAttempt {
  readonly kind: 'retry.attempt'
  readonly method: MethodInfo | undefined
  /** The number of the attempt to come: 2 is the first repetition. */
  readonly attempt: number
  /** Milliseconds it waits before. */
  readonly wait: number
  readonly failure: Failure
}

/** A retry stops although the failure might be repeated. */
export interface RetryExhausted {
  readonly kind: 'retry.exhausted'
  readonly method: MethodInfo | undefined
  /** Attempts made. */
  readonly attempts: number
  readonly why: 'attempts' | 'deadline' | 'budget' | 'cancelled'
  readonly failure: Failure
}

/** A limiter refused a call. */
export interface LimiterRejected {
  readonly kind: 'limiter.rejected'
  /** The limiter's name, its method's name when it was given none. */
  readonly limiter: string
  /** The key among a keyed limiter's states, `''` for a single one. */
  readonly key: string
  /** What there was too much of. */
  readonly why: 'rate' | 'full' | 'waited' | 'deadline' | 'displaced' | 'overload'
}

/** A call that a limiter made wait goes ahead. */
export interface LimiterWaited {
  readonly kind: 'limiter.waited'
  readonly limiter: string
  readonly key: string
  /** Milliseconds it waited. */
  readonly wait: number
}

/** An adaptive limiter has moved its limit noticeably: by a tenth, or by one where a tenth is less. */
export interface LimiterLimit {
  readonly kind: 'limiter.limit'
  readonly limiter: string
  readonly key: string
  /** The limit as it was told before, and as it is now. */
  readonly from: number
  readonly to: number
}
