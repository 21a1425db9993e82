// How busy a server is, and whether it takes calls at all.
import { type Unavailable, unavailable } from '@tenon/contract'
import type { Failure } from '@tenon/endpoint'
import type { HealthState } from './health.ts'

export interface Gate {
  readonly limit: number
  /** Calls without an end; streams count until they end. */
  inFlight: number
  /** Endpoints that run, those included whose answer nobody waits for any more. */
  running: number
  readonly draining: boolean
  /** Takes no more, and tells whoever wants to know. */
  drain(): void
  readonly whenDrains: Set<() => void>
  /** The calls in flight, to be cut when the time is up. */
  readonly calls: Set<{ cut(): void }>
  /** Hears that nothing is in flight. */
  idle: () => void
}

export function gate(limit: number): Gate {
  let draining = false
  const whenDrains = new Set<() => void>()
  return {
    limit,
    inFlight: 0,
    running: 0,
    get draining() {
      return draining
    },
    drain() {
      draining = true
      for (const listener of [...whenDrains]) listener()
    },
    whenDrains,
    calls: new Set(),
    idle: () => {},
  }
}

/** What of a gate its health tells. */
export const drains = (of: Gate): Pick<HealthState, 'draining' | 'onDrain'> => ({
  draining: () => of.draining,
  onDrain(listener) {
    of.whenDrains.add(listener)
    return { [Symbol.dispose]: () => of.whenDrains.delete(listener) }
  },
})

export const goingAway: Unavailable = unavailable('this server is stopping; another one may answer')

export const tooBusy = (limit: number): Unavailable =>
  unavailable(`${limit} calls are running; try again`, { retryAfter: 1_000 })

export const tooMuchMetadata = (limit: number): Failure => ({
  _tag: 'MetadataTooLarge',
  code: 'resource_exhausted',
  message: `a call may have ${limit} bytes of metadata`,
})

export const tooMuchArrives = (limit: number): Failure => ({
  _tag: 'TooMuchArrives',
  code: 'resource_exhausted',
  message: `more than ${limit} bytes of messages that are not whole have come`,
})

export const slowMessage = (ms: number): Failure => ({
  _tag: 'SlowMessage',
  code: 'deadline_exceeded',
  message: `the message did not arrive within ${ms} ms`,
})
