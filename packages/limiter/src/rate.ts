// What a rate limiter is: a recipe, and the state that it makes for each key. Pure: a simulator can drive it.

import type { Failure } from '@tenon/endpoint'
import type { Failing, RateLimited, Why } from './failure.ts'
import type { Level } from './level.ts'
import type { Rank } from './priority.ts'
import type { Sign } from './sign.ts'

/** The state of one key. It has no timers and reads no clock: time moves when it is told, by any amount. O(1) a call. */
export interface Rate {
  /**
   * Asks for one call. 0: it goes ahead, and is counted. Up to `patience`: it is counted, and goes ahead after so many
   * milliseconds. More: it is refused and not counted, and would go ahead after so many.
   *
   * @param patience milliseconds that the call can wait
   * @param rank how much the call matters: 0 the most, 3 the least
   */
  take(now: number, patience: number, rank: Rank): number
  /** Which wait `take` has just granted, for `giveBack`. Only of those that make calls wait. */
  readonly ticket?: number
  /** A call that was to wait has gone. */
  giveBack?(ticket: number): void
  /**
   * How a call ended that began at `began`. Only told where the limiter says `measures`. Answers the limit that it had
   * before, where it has moved it.
   */
  record?(now: number, began: number, sign: Sign): number | undefined
  /** Is it as good as new, so that nothing is lost by forgetting it? */
  fresh(now: number): boolean
  level(now: number): Level
}

/** A recipe for a rate limiter: it has no state, so one value may serve any number of `limit`s. F: the failures it answers. */
export interface RateLimiter<F extends Failure = RateLimited> extends Failing<F> {
  readonly kind: 'rate'
  readonly name: string
  /** Milliseconds that it makes a call wait at most. */
  readonly maxWait: number
  /** What it says when it refuses. */
  readonly why: Why
  /** Does it want to know how much a call matters? */
  readonly ranks: boolean
  /** Does it want to know how calls end, and how long they take? */
  readonly measures: boolean
  /** The state of one key. */
  start(): Rate
  /**
   * Makes a state follow this recipe from now on, and keeps what it has counted; false where it is one of another kind.
   */
  adopt(state: Rate, now: number): boolean
}
