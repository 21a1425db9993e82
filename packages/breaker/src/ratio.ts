// Opens when too large a share of the recent calls failed: those of a sliding time window, or the last so many.
import { knownOptions } from '@tenon/endpoint'
import type { Detector } from './detector.ts'
import { type ShareOptions, shareNames, shareOf } from './share.ts'

/** `threshold` is in failures per call. */
export interface RatioOptions extends ShareOptions {}

/**
 * Opens when `failures / calls` of a sliding time window reaches the threshold; with `calls`, of the last calls that are
 * still in the window. Calls count when they end; ignored ones and those that were refused do not count. In time, the
 * oldest bucket leaves whole, so the window in effect is 90 to 100 % of what is asked with 10 buckets. Closing the
 * circuit clears it.
 *
 * It reads the clock once a call (not with `calls` and `window: Infinity`), and takes some 390 bytes a key with 10
 * buckets; with `calls` some 100, and 16 a call.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function ratio(options: RatioOptions = {}): Detector {
  knownOptions('ratio', options, shareNames)
  return { name: 'ratio', start: shareOf('ratio', options) }
}
