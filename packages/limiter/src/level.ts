// How full a limiter is, to show.

/** How full a limiter is at this moment. */
export interface Level {
  /** What it allows: a burst, calls in a window, calls at once; the rate a second for `adaptiveRate`. */
  readonly limit: number
  /** How much of it is used up. */
  readonly used: number
  /** Calls that wait to go ahead. */
  readonly waiting: number
}
