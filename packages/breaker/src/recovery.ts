// What a recovery is: the half of a breaker that says when to try an open circuit again, and with how many calls.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { type Backoff, constant, numberOption } from '@tenon/policy'

/**
 * A recipe for recovery: it has no state, so one value may serve any number of breakers. The circuit keeps the wait and
 * the probes' places itself: no recovery can wedge it by losing a probe. Write your own, or use `sequentialProbes` or
 * `probes`.
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
  /** How calls come back after a good trial. Default: all at once. */
  readonly ramp?: Ramp
  /** A trial: the state of one half-open phase, which begins now. */
  trial(now: number): Trial
}

/** Calls that come back step by step. Until the last step is over the circuit is half-open and refuses the others. */
export interface Ramp {
  /** The shares of calls that are admitted, step by step: each above 0, below 1. */
  readonly shares: readonly number[]
  /** Milliseconds that a step lasts: above 0. Default 1,000. */
  readonly every?: number
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

/** What every recovery is told, whatever its trial. */
export interface RecoveryOptions {
  /**
   * How long an open circuit waits, in milliseconds (0 or more), or a backoff whose steps are the openings in a row:
   * `list([30_000, 60_000, 120_000])`. Closing starts the steps afresh. Default 5,000.
   */
  readonly wait?: number | Backoff
  /** How many probes may be under way at a time: 1 or more. Never more than the trial can use. */
  readonly concurrent?: number
  /** Milliseconds between the starts of two probes at least: 0 or more. Default 0. */
  readonly every?: number
  /**
   * Milliseconds after which a probe that has not ended gives its place to another: above 0. It is not judged by that:
   * its outcome still counts when it comes in the same half-open phase. Default 10,000.
   */
  readonly timeout?: number
  /** Lets calls back step by step after a good trial: `{ shares: [0.1, 0.25, 0.5], every: 1_000 }`. Default: all at once. */
  readonly ramp?: Ramp
}

export const recoveryNames: OptionNames<RecoveryOptions> = {
  wait: true,
  concurrent: true,
  every: true,
  timeout: true,
  ramp: true,
}

/** A recovery of checked options. */
export function recoveryOf(
  name: string,
  options: RecoveryOptions,
  concurrently: number,
  trial: Recovery['trial'],
): Recovery {
  const { wait = 5_000, concurrent = concurrently, every = 0, timeout = 10_000, ramp } = options
  numberOption(name, 'concurrent', concurrent, { min: 1, whole: true })
  numberOption(name, 'every', every, { min: 0, unit: 'milliseconds' })
  numberOption(name, 'timeout', timeout, { above: 0, unit: 'milliseconds' })
  const recovery = { name, wait: backoffOf(name, wait), concurrent, every, timeout, trial }
  return ramp === undefined ? recovery : { ...recovery, ramp: rampOf(name, ramp) }
}

function backoffOf(name: string, wait: number | Backoff): Backoff {
  if (typeof wait === 'object' && wait !== null && typeof wait.next === 'function') return wait
  return constant(numberOption(name, 'wait', wait, { min: 0, unit: 'milliseconds, or a backoff' }))
}

function rampOf(name: string, ramp: Ramp): Required<Ramp> {
  const where = `${name}: ramp`
  if (typeof ramp !== 'object' || ramp === null) throw new TypeError(`${name}: "ramp" must be { shares, every? }`)
  knownOptions(where, ramp, { shares: true, every: true })
  const { shares, every = 1_000 } = ramp
  if (!Array.isArray(shares) || shares.length === 0)
    throw new TypeError(`${where}: "shares" must be a list of numbers between 0 and 1, such as [0.1, 0.25, 0.5]`)
  shares.forEach((share, index) => {
    const checked = numberOption(where, `shares[${index}]`, share, { above: 0 })
    if (checked >= 1) throw new RangeError(`${where}: "shares[${index}]" must be below 1, but was ${checked}`)
  })
  numberOption(where, 'every', every, { above: 0, unit: 'milliseconds' })
  return { shares: [...shares], every }
}
