// What circuits are made from: their options, checked, the same for all of a breaker.
import { type BreakerState, type Clock, type Random, systemClock, systemRandom } from '@tenon/endpoint'
import type { Detector } from './detector.ts'
import { probes } from './probes.ts'
import { ratio } from './ratio.ts'
import type { Recovery } from './recovery.ts'

export interface CircuitOptions {
  /** Default `ratio()`: half of at least 20 calls within 10 s. */
  readonly detector?: Detector
  /** Default `probes()`: one after 5 s. */
  readonly recovery?: Recovery
  /** Default `systemClock`. */
  readonly clock?: Pick<Clock, 'now'>
  /** For waits with jitter. Default `systemRandom`. */
  readonly random?: Random
  /** Told of each transition once, after it. It must not throw. */
  readonly onTransition?: (from: BreakerState, to: BreakerState) => void
}

/** What all circuits of a breaker share. */
export interface Blueprint {
  readonly detector: Detector
  readonly recovery: Recovery
  readonly clock: Pick<Clock, 'now'>
  readonly random: Random
  readonly tell: (key: string, from: BreakerState, to: BreakerState) => void
}

export function blueprint(options: CircuitOptions, tell: Blueprint['tell']): Blueprint {
  const { detector = ratio(), recovery = probes(), clock = systemClock, random = systemRandom } = options
  if (typeof detector?.start !== 'function')
    throw new TypeError('breaker: "detector" must be a detector, such as ratio() or consecutive()')
  if (typeof recovery?.trial !== 'function')
    throw new TypeError('breaker: "recovery" must be a recovery, such as probes()')
  return { detector, recovery, clock, random, tell }
}
