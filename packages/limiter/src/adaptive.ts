// What adapts a limit on calls under way: an algorithm, and the estimate that it makes for each key.
import type { Sign } from './sign.ts'

/** An estimate of how many calls may be under way. Pure: it reads no clock, time moves when it is told. O(1) a call. */
export interface Estimate {
  /** Calls that may be under way: a whole number of 1 or more, or `Infinity` where there is no need for a limit. */
  limit(now: number): number
  /**
   * A call has ended.
   *
   * @param began when it began
   * @param beside how many were under way when it began, itself included
   */
  record(now: number, began: number, beside: number, sign: Sign): void
  /** A call found no place. */
  refused?(now: number): void
}

/** An algorithm that adapts a limit: a recipe without state. `aimd`, `gradient`, `vegas`, `bbr`, or one of your own. */
export interface Adaptive {
  readonly name: string
  /** An estimate, which goes on from `from` where it takes the place of another limit. */
  start(from?: number): Estimate
}
