// Opens when too large a share of the recent calls took too long.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'
import type { Detector } from './detector.ts'
import { type ShareOptions, shareNames, shareOf } from './share.ts'

/** `threshold` is in slow calls per call; `evaluate: 'failures'` looks at the share when a slow call ends. */
export interface SlowCallsOptions extends ShareOptions {
  /** A call is slow when it took longer than this, in milliseconds: above 0. Default 1,000. */
  readonly slow?: number
}

const named: OptionNames<SlowCallsOptions> = { ...shareNames, slow: true }

/**
 * Opens when `slow calls / calls` reaches the threshold, as resilience4j's slow call rate does. Failed or not makes no
 * difference: put it beside another, `any(sequential(), slowCalls({ slow: 800 }))`. Behind a timeout, `slow` must be
 * shorter than the timeout.
 *
 * A busy event loop adds to whatever it measures: watch its lag beside this, or it blames the dependency.
 *
 * It reads the clock twice a call.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function slowCalls(options: SlowCallsOptions = {}): Detector {
  knownOptions('slowCalls', options, named)
  const { slow = 1_000, ...share } = options
  numberOption('slowCalls', 'slow', slow, { above: 0, unit: 'milliseconds' })
  return { name: 'slowCalls', durations: true, start: shareOf('slowCalls', share, slow) }
}
