// Outlier ejection: an instance that behaves much worse than the others gets no calls for a while, whatever the strategy.
import { knownOptions, type OptionNames, type Outcome } from '@tenon/endpoint'
import { functionOption, numberOption } from '@tenon/policy'
import { Ejecting } from './ejecting.ts'
import { type DeviationOptions, type LatencyOptions, outliers } from './outliers.ts'
import { roundRobin } from './round-robin.ts'
import type { Strategy } from './strategy.ts'
import { type Verdict, verdict } from './verdict.ts'

/** Options of {@link outlierEjection}. */
export interface OutlierOptions {
  /** So many failures in a row eject at once; false for never. 1 or more. Default 5. */
  readonly consecutive?: number | false
  /** Ejects who succeeds much less often than the others, looked at once an `interval`. Default: on, with its defaults. */
  readonly successRate?: DeviationOptions | false
  /** Ejects who is much slower than the others, looked at once an `interval`. Default: on, with its defaults. */
  readonly latency?: LatencyOptions | false
  /** Milliseconds that are looked at together. Each of them without an ejection takes one off an instance's count. Default 10,000. */
  readonly interval?: number
  /** Milliseconds of the first ejection; the n-th is n times as long. Default 30,000. */
  readonly base?: number
  /** Milliseconds of the longest ejection, at least `base`. Default 300,000, or `base` when that is longer. */
  readonly longest?: number
  /** The part of the set that may be out at once, 0 to 1; one may be in any case when there are several. Default 0.1. */
  readonly share?: number
  /**
   * What an outcome says of the instance: it did its work (`fine`), failed at it (`fault`), or nothing (`silent`).
   * `undefined` leaves it to the code: `unavailable`, `deadline_exceeded`, `internal`, `unknown`, `data_loss` and
   * `resource_exhausted` are its faults.
   */
  readonly classify?: (outcome: Outcome) => Verdict | undefined
}

const named: OptionNames<OutlierOptions> = {
  consecutive: true,
  successRate: true,
  latency: true,
  interval: true,
  base: true,
  longest: true,
  share: true,
  classify: true,
}

/**
 * An instance that fails so often in a row, or whose success rate or time is far from the others', gets no calls for a
 * while. It is judged by the calls that there are: nothing is sent to find out. `strategy` chooses among the others, as
 * if that one were gone; what runs on it goes on. Reported as `discovery.outlier`. No timers; O(1) a call, O(n) when an
 * instance goes or comes back, and once an interval.
 *
 * Goes outside of what has to know, inside of what leaves instances out: `subset(labels, outlierEjection(zoneAware(...)))`.
 *
 * Source: Envoy's outlier detection and its defaults, with one that may always be ejected.
 */
export function outlierEjection<A = unknown>(
  strategy: Strategy<A> = roundRobin(),
  options: OutlierOptions = {},
): Strategy<A> {
  const where = 'outlierEjection'
  knownOptions(where, options, named)
  const { consecutive = 5, successRate = {}, latency = {}, classify } = options
  const { interval = 10_000, base = 30_000, longest = Math.max(base, 300_000), share = 0.1 } = options
  if (consecutive !== false) numberOption(where, 'consecutive', consecutive, { min: 1, whole: true })
  numberOption(where, 'interval', interval, { above: 0, unit: 'milliseconds' })
  numberOption(where, 'base', base, { above: 0, unit: 'milliseconds' })
  numberOption(where, 'longest', longest, { min: base, unit: 'milliseconds' })
  numberOption(where, 'share', share, { min: 0, max: 1 })
  if (classify !== undefined) functionOption(where, 'classify', classify)
  const rules = {
    consecutive: consecutive === false ? Number.POSITIVE_INFINITY : consecutive,
    outliers: outliers(where, successRate, latency),
    interval,
    base,
    longest,
    share,
    judge: (outcome: Outcome): Verdict => classify?.(outcome) ?? verdict(outcome),
  }
  return {
    name: `outlierEjection ${strategy.name}`,
    balancer: (home) => new Ejecting(strategy.balancer(home), rules, home),
  }
}
