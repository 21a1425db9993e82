// How often a registration tells its registry that it is still there: a recipe without state.
import { knownOptions, type OptionNames, type Random } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'

/** A recipe for the waits between heartbeats. Pure: whoever beats keeps the counts. */
export interface Heartbeat {
  /** No wait is longer, in milliseconds: what the registry's time to live must exceed, by twice at least. */
  readonly longest: number
  /**
   * Milliseconds until the next heartbeat.
   *
   * @param well heartbeats in a row that the registry took; 0 right after the registration and after a failure
   * @param failed heartbeats in a row that failed
   */
  next(well: number, failed: number, random: Random): number
}

/** Waits are up to a tenth shorter, never longer: instances that started together do not beat together. */
const jittered = (ms: number, random: Random): number => ms * (1 - random() / 10)

/**
 * Always every `ms` milliseconds, less up to a tenth.
 *
 * @throws TypeError or RangeError on a bad value.
 */
export function fixedHeartbeat(ms: number): Heartbeat {
  numberOption('fixedHeartbeat', 'ms', ms, { above: 0, unit: 'milliseconds' })
  return { longest: ms, next: (_, __, random) => jittered(ms, random) }
}

/** Options of {@link adaptiveHeartbeat}, in milliseconds. */
export interface AdaptiveHeartbeatOptions {
  /** Right after a registration and while heartbeats fail. Default 1,000. */
  readonly min?: number
  /** When all has been well for a while. Default 5,000. */
  readonly max?: number
}

const named: OptionNames<AdaptiveHeartbeatOptions> = { min: true, max: true }

/** So many failures in a row may pass quickly; an outage that lasts longer is not helped by haste. */
const haste = 10

/**
 * Every `min` milliseconds right after a registration and while heartbeats fail, twice as long with each that goes well,
 * up to `max`; also up to `max` when more than ten have failed. Waits are up to a tenth shorter.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function adaptiveHeartbeat(options: AdaptiveHeartbeatOptions = {}): Heartbeat {
  knownOptions('adaptiveHeartbeat', options, named)
  const { min = 1_000, max = 5_000 } = options
  numberOption('adaptiveHeartbeat', 'min', min, { above: 0, unit: 'milliseconds' })
  numberOption('adaptiveHeartbeat', 'max', max, { min, unit: 'milliseconds' })
  return {
    longest: max,
    next: (well, failed, random) => jittered(Math.min(max, min * 2 ** Math.max(well, failed - haste, 0)), random),
  }
}
