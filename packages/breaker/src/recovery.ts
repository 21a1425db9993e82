// What a recovery is: the half of a breaker that says when to try an open circuit again, and with how many calls.
import type { Backoff } from '@tenon/policy'

/**
 * A recipe for recovery: it has no state, so one value may serve any number of breakers. The circuit keeps the wait and
 * the probes' places itself: no recovery can wedge it by losing a probe. Write your own, or use `probes`.
 */
export interface Recovery {
  readonly name: string
  /** How long the circuit stays open: the first time, and again each time that a trial ends badly. */
  readonly wait: Backoff
  /** How many probes may be under way at a time: 1 or more, `Infinity` too. */
  readonly concurrent: number
  /** Milliseconds between the starts of two probes at least: 0 or more. */
  readonly every: number
  /** Milliseconds after which a probe that has not ended gives its place to another: above 0. */
  readonly timeout: number
  /** A trial: the state of one half-open phase. */
  trial(): Trial
}

/** What comes of a trial. */
export type TrialVerdict = 'close' | 'open'

/** The evidence of one half-open phase. Pure, and O(1) a probe. */
export interface Trial {
  /**
   * How many more outcomes it could use, 1 or more until its verdict. No more probes than that are under way at a time.
   */
  readonly wants: number
  /** Takes in how a probe ended (ignored ones are left out); the verdict, once there is one. */
  record(failed: boolean, now: number): TrialVerdict | undefined
}
