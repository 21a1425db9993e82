// A circuit, from outside. The middleware drives it, and so may a simulator under virtual time.
import type { BreakerState } from '@tenon/endpoint'
import type { CircuitOptions } from './blueprint.ts'
import type { Verdict } from './classify.ts'

/** Leave to make one call. */
export interface Permit {
  /** The circuit's state when it was given: each transition begins another generation. */
  readonly generation: number
  /** Was it given as a probe, by a half-open circuit? */
  readonly probe: boolean
}

/** A circuit. `now` is milliseconds of its clock; without it, the clock is read where a moment is needed. */
export interface Circuit {
  /** Leave to make a call, `undefined` where it may not be made. Every permit must be recorded, once. */
  admit(now?: number): Permit | undefined
  /** Tells how the call ended. A permit of an earlier generation changes nothing. */
  record(permit: Permit, verdict: Verdict, now?: number): void
  /** The state at this moment. An open circuit is half-open as soon as its wait is over, whether or not a probe came. */
  state(now?: number): BreakerState
  /** Milliseconds until the next probe may be admitted, see `CircuitOpen`; 0 for a closed circuit. */
  retryAfter(now?: number): number
  /** Holds it in this state, whatever calls come to, until `release`. Held closed it makes all calls and counts none. */
  hold(state: 'open' | 'closed', now?: number): void
  /** Lets go of a circuit that is held: it is closed, and starts afresh. Otherwise nothing changes. */
  release(): void
  /** Exchanges detector, recovery or both. The state stays, and so does the evidence where the detector is of the same kind. */
  swap(parts: Pick<CircuitOptions, 'detector' | 'recovery'>): void
}
