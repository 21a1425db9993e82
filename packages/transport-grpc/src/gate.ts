// How busy a server is, and whether it takes calls at all.
import { type Unavailable, unavailable } from '@tenon/contract'
import type { Failure } from '@tenon/endpoint'

export interface Gate {
  readonly limit: number
  /** Calls without an end; streams count until they end. */
  inFlight: number
  /** Endpoints that run, those included whose answer nobody waits for any more. */
  running: number
  draining: boolean
  /** The calls in flight, to be cut when the time is up. */
  readonly calls: Set<{ cut(): void }>
  /** Hears that nothing is in flight. */
  idle: () => void
}

export const gate = (limit: number): Gate => ({
  limit,
  inFlight: 0,
  running: 0,
  draining: false,
  calls: new Set(),
  idle: () => {},
})

export const goingAway: Unavailable = unavailable('this server is stopping; another one may answer')

export const tooBusy = (limit: number): Unavailable =>
  unavailable(`${limit} calls are running; try again`, { retryAfter: 1_000 })

export const tooMuchMetadata = (limit: number): Failure => ({
  _tag: 'MetadataTooLarge',
  code: 'resource_exhausted',
  message: `a call may have ${limit} bytes of metadata`,
})
