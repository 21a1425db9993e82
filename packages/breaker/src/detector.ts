// What a detector is: the half of a breaker that asks "does the evidence say that the dependency is bad?"

/**
 * A recipe for detection: it has no state, so one value may serve any number of breakers, and each circuit of a keyed
 * breaker gets a state of its own from it. Write your own, or use `sequential`, `ratio` and their like.
 */
export interface Detector {
  readonly name: string
  /**
   * Does it judge how long calls take? Then the clock is read where a call starts, too, and `record` is told durations.
   * Default false.
   */
  readonly durations?: boolean
  /**
   * Does it refuse a share of the calls, in place of opening? Then its state has `share` and `refused`, and the clock is
   * read where a call starts, too. Default false.
   */
  readonly sheds?: boolean
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
  timed(failed: boolean): boolean
  /**
   * Takes in how a call ended, and answers whether the evidence now speaks against the dependency: true opens the circuit.
   *
   * @param now milliseconds of the breaker's clock; 0 where `timed` was false
   * @param duration milliseconds the call took; 0 where the detector does not ask for durations
   */
  record(failed: boolean, now: number, duration: number): boolean
  /** Forgets the evidence: the circuit has closed again. What it knows of normal days it may keep. */
  clear(): void
  /** With `sheds`: the share of calls to be refused at this moment, 0 to 1. It changes nothing. */
  share?(now: number): number
  /** With `sheds`: a call was refused. */
  refused?(now: number): void
  /** What it knows, as plain data: for snapshots, and for a swap of its parameters. Without it, it starts afresh then. */
  evidence?(now: number): Evidence
  /**
   * Takes in what a detection of the same detector knew; its parameters may have been others. Called once, before
   * anything is recorded.
   *
   * @throws TypeError when that is not what its like answers as evidence.
   */
  restore?(evidence: Evidence, now: number): void
}

/** What a detection knows, in numbers that survive `JSON`. Moments are ages in milliseconds. */
export type Evidence = number | readonly Evidence[]

/**
 * The numbers of an evidence that should be a list of them.
 *
 * @throws TypeError when it is not, or when there are not as many.
 */
export function numbersOf(where: string, evidence: Evidence | undefined, length?: number): readonly number[] {
  const fits = (list: readonly Evidence[]): list is readonly number[] =>
    (length === undefined || list.length === length) && list.every(Number.isFinite)
  if (Array.isArray(evidence) && fits(evidence)) return evidence
  throw new TypeError(`${where}: this is not its evidence: ${JSON.stringify(evidence)}`)
}
