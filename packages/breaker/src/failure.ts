// What a breaker answers in place of the call it does not make.
import type { Failure } from '@tenon/endpoint'

/** The circuit is open: the call was not made, nothing was sent. */
export interface CircuitOpen extends Failure<'CircuitOpen', 'unavailable'> {
  /**
   * Milliseconds until the next probe may be admitted, 0 or more; 0 too where one only has to wait for a probe that is
   * under way.
   */
  readonly retryAfter: number
}

/** A `CircuitOpen`. */
export const circuitOpen = (retryAfter: number): CircuitOpen => ({
  _tag: 'CircuitOpen',
  code: 'unavailable',
  message: 'the circuit is open',
  retryAfter,
})
