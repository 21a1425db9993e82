// What a detector is: the half of a breaker that asks "does the evidence say that the dependency is bad?"

/**
 * A recipe for detection: it has no state, so one value may serve any number of breakers, and each circuit of a keyed
 * breaker gets a state of its own from it. Write your own, or use `ratio` and `consecutive`.
 */
export interface Detector {
  readonly name: string
  /**
   * Does it judge how long calls take? Then the clock is read where a call starts, too, and `record` is told durations.
   * Default false.
   */
  readonly durations?: boolean
  /** The state of one circuit. */
  start(): Detection
}

/**
 * A detector's state: pure, and O(1) a call. It has no timers and reads no clock: time moves when `record` says so, by
 * any amount. Told only of calls that count (ignored ones are left out) and that a closed circuit admitted.
 */
export interface Detection {
  /**
   * Does the next `record` need the time? Asked before each: a clock reading costs more than all the rest, so one that
   * counts calls says false, and one that wants the time now and then says true now and then.
   */
  readonly timed: boolean
  /**
   * Takes in how a call ended, and answers whether the evidence now speaks against the dependency: true opens the circuit.
   *
   * @param now milliseconds of the breaker's clock; 0 where `timed` was false
   * @param duration milliseconds the call took; 0 where the detector does not ask for durations
   */
  record(failed: boolean, now: number, duration: number): boolean
  /** Forgets everything: the circuit has closed again. */
  clear(): void
}
