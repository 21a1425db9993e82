// Other systems' breakers, as far as ours say the same: their numbers, for those who come from there.
import { consecutive } from './consecutive.ts'
import type { Detector } from './detector.ts'
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
}

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
    detector: consecutive({ failures: 6 }),
    recovery: probes({ count: 1, wait: 60_000 }),
  },
  kitex: {
    detector: ratio({ window: 10_000, buckets: 100, threshold: 0.5, minimum: 200 }),
    recovery: probes({ count: 2, wait: 5_000, every: 200 }),
  },
}
