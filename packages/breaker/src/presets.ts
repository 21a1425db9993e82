// Other systems' breakers, as far as ours say the same: their numbers, for those who come from there.
import { list } from '@tenon/policy'
import { adaptiveThrottle } from './adaptive-throttle.ts'
import { all, any } from './combined.ts'
import { consecutive } from './consecutive.ts'
import type { Detector } from './detector.ts'
import { inARow } from './in-a-row.ts'
import { latency } from './latency.ts'
import { probes } from './probes.ts'
import { ratio } from './ratio.ts'
import type { Recovery } from './recovery.ts'

/** A detector and a recovery, to be spread into a breaker's options: `breaker({ ...presets.hystrix, by })`. */
export interface Preset {
  readonly detector: Detector
  readonly recovery: Recovery
}

export interface Presets {
  /**
   * Netflix Hystrix 1.5: 50 % of at least 20 calls within 10 s (ten buckets), 5 s open, one probe. Hystrix looks at its
   * window every 500 ms; here it is looked at with each failure. Hystrix counts what its own limits refuse as failures:
   * `classify: { codes: { resource_exhausted: 'failure' } }` does.
   */
  readonly hystrix: Preset
  /** sony/gobreaker v2 with its defaults: the sixth failure in a row (`> 5`), 60 s open, one probe. */
  readonly gobreaker: Preset
  /**
   * Kitex (bytedance/gopkg circuitbreaker): 50 % of at least 200 calls within 10 s (a hundred buckets), 5 s open, one
   * probe each 200 ms, two successes close. Here no more than two probes are ever under way; in Kitex there is one more
   * each 200 ms. Below 20 calls a second a key it never opens, there as here.
   */
  readonly kitex: Preset
  /**
   * Kitex's instance level, `ConsecutiveTripFuncV2`: 50 failures in a row that have lasted 3 s, or 500 in a row, or the
   * rate of `kitex`; recovery as there. Kitex counts failures to connect only:
   * `classify: (outcome) => outcome._tag === 'Left' && outcome.left.code !== 'unavailable' ? 'success' : undefined`.
   */
  readonly kitexInstance: Preset
  /**
   * go-kratos/aegis: refuses a growing share once fewer than 60 % of at least 100 calls within 3 s succeed (ten
   * buckets). Below 33 calls a second a key it never does. It is never open, so its recovery is of no use.
   */
  readonly aegis: Preset
  /** Kratos v3: the same from 50 % of at least 20 calls. It counts only 500, 503 and 504 as failures. */
  readonly kratos: Preset
  /**
   * The last 100 calls, none of them older than 10 s, at 60 %; 3 s open; a probe has 3 s; one success closes, two failures
   * open. From an article about a breaker of this kind (part 3 of its series, 4.4), which calls its window 10 s and 100
   * calls: here both hold. The minimum of 20 is ours. Such a trial closes at 44 % of the trials where three of four
   * calls fail.
   */
  readonly lastHundred: Preset
  /**
   * Half of at least 10 calls within 60 s: the factory for business calls of part 2 of the same series, 3.1. The recovery,
   * one probe after 60 s, is that of the gobreaker that it builds on.
   */
  readonly halfOfAMinute: Preset
  /**
   * Within 60 s (six buckets) the P95 is above 1.8 times its baseline *and* more than 20 % fail, in three stretches of 10 s
   * in a row; 30, 60, then 120 s open; five good probes close. Part 4 of the same series, 3.1, which takes the baseline
   * from the window that it is compared with: here it is the slow one of `latency`. What is slow and succeeds never
   * opens it. One failure among the five probes costs the next wait.
   */
  readonly slowAndFailing: Preset
  /**
   * By dependency, for `ruleTable`: 5 % within 60 s for a database, 12 % within 30 s for a cache. Part 4 of the same
   * series, chapter 5. Minimum (100, so that single failures open nothing) and recovery are ours.
   */
  readonly byDependency: { readonly mysql: Preset; readonly redis: Preset }
}

const kitexRate = ratio({ window: 10_000, buckets: 100, threshold: 0.5, minimum: 200 })
const kitexProbes = probes({ count: 2, wait: 5_000, every: 200 })

/**
 * Parameters of other systems. Only what concerns detection and recovery: classification stays ours. Everywhere late
 * results are told by their generation, and a probe that hangs gives its place away after 10 s.
 */
export const presets: Presets = {
  hystrix: {
    detector: ratio({ window: 10_000, buckets: 10, threshold: 0.5, minimum: 20 }),
    recovery: probes({ count: 1, wait: 5_000 }),
  },
  gobreaker: {
    detector: consecutive({ failures: 6, forget: Number.POSITIVE_INFINITY }),
    recovery: probes({ count: 1, wait: 60_000 }),
  },
  kitex: { detector: kitexRate, recovery: kitexProbes },
  kitexInstance: {
    detector: any(
      kitexRate,
      consecutive({ failures: 50, lasting: 3_000, forget: Number.POSITIVE_INFINITY }),
      consecutive({ failures: 500, forget: Number.POSITIVE_INFINITY }),
    ),
    recovery: kitexProbes,
  },
  aegis: {
    detector: adaptiveThrottle({ k: 1 / 0.6, window: 3_000, buckets: 10, minimum: 100 }),
    recovery: probes(),
  },
  kratos: {
    detector: adaptiveThrottle({ k: 2, window: 3_000, buckets: 10, minimum: 20 }),
    recovery: probes(),
  },
  lastHundred: {
    detector: ratio({ calls: 100, window: 10_000, threshold: 0.6, minimum: 20 }),
    recovery: probes({ count: 1, of: 2, concurrent: 1, wait: 3_000, timeout: 3_000 }),
  },
  halfOfAMinute: {
    detector: ratio({ window: 60_000, threshold: 0.5, minimum: 10 }),
    recovery: probes({ count: 1, wait: 60_000 }),
  },
  slowAndFailing: {
    detector: inARow(
      all(
        latency({ percentile: 0.95, factor: 1.8, window: 60_000, buckets: 6 }),
        ratio({ window: 60_000, buckets: 6, threshold: 0.2, comparison: '>', evaluate: 'all' }),
      ),
      { times: 3, every: 10_000 },
    ),
    recovery: probes({ count: 5, wait: list([30_000, 60_000, 120_000]) }),
  },
  byDependency: {
    mysql: { detector: ratio({ window: 60_000, threshold: 0.05, minimum: 100 }), recovery: probes() },
    redis: { detector: ratio({ window: 30_000, threshold: 0.12, minimum: 100 }), recovery: probes() },
  },
}
