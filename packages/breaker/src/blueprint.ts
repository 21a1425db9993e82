// What circuits are made from: their options, checked, the same for all of a breaker.
import { type BreakerState, type Clock, type Random, systemClock, systemRandom } from '@tenon/endpoint'
import type { Detector } from './detector.ts'
import type { Recovery } from './recovery.ts'
import { sequential } from './sequential.ts'
import { sequentialProbes } from './sequential-probes.ts'

export interface CircuitOptions {
  /** Default `sequential()`: a failure rate above 0.5, told from 0.45 and less. */
  readonly detector?: Detector
  /** Default `sequentialProbes()`: after 5 s, as many probes as it takes. */
  readonly recovery?: Recovery
  /** Default `systemClock`. */
  readonly clock?: Pick<Clock, 'now'>
  /** For waits with jitter, and for detectors that refuse a share of the calls. Default `systemRandom`. */
  readonly random?: Random
  /** Told of each transition once, after it. It must not throw. */
  readonly onTransition?: (from: BreakerState, to: BreakerState) => void
}

/** What all circuits of a breaker share. Detector and recovery may be exchanged; circuits see to it at their next call. */
export interface Blueprint {
  detector: Detector
  recovery: Recovery
  /** Is the clock to be read where a call starts, even while the circuit is closed? */
  timed: boolean
  readonly clock: Pick<Clock, 'now'>
  readonly random: Random
  readonly tell: (key: string, from: BreakerState, to: BreakerState) => void
}

export function blueprint(options: CircuitOptions, tell: Blueprint['tell']): Blueprint {
  const { detector = sequential(), recovery = sequentialProbes(), clock = systemClock, random = systemRandom } = options
  checkedDetector(detector)
  checkedRecovery(recovery)
  return { detector, recovery, timed: timedAtStart(detector), clock, random, tell }
}

/** Exchanges what is given, from now on and for all circuits. */
export function exchange(
  shared: Blueprint,
  { detector, recovery }: Pick<CircuitOptions, 'detector' | 'recovery'>,
): void {
  if (detector !== undefined) checkedDetector(detector)
  if (recovery !== undefined) checkedRecovery(recovery)
  shared.detector = detector ?? shared.detector
  shared.recovery = recovery ?? shared.recovery
  shared.timed = timedAtStart(shared.detector)
}

const timedAtStart = ({ durations, sheds }: Detector): boolean => durations === true || sheds === true

function checkedDetector(detector: Detector): void {
  if (typeof detector?.start !== 'function')
    throw new TypeError('breaker: "detector" must be a detector, such as sequential() or consecutive()')
}

function checkedRecovery(recovery: Recovery): void {
  if (typeof recovery?.trial !== 'function')
    throw new TypeError('breaker: "recovery" must be a recovery, such as sequentialProbes() or probes()')
}
