// What the end of a call says of the load: it was served, it was too much, or nothing.
import type { Outcome } from '@tenon/endpoint'

/**
 * `served`: somebody did the work, be the answer a business failure. `overloaded`: out of time, refused for lack of room,
 * or not reachable. `nothing`: the caller left, or nothing was tried.
 */
export type Sign = 'served' | 'overloaded' | 'nothing'

/** What our own policies refused further in, so that nobody was asked. */
const untried: ReadonlySet<string> = new Set(['CircuitOpen', 'RateLimited', 'NoEndpoints', 'InProgress'])

/** What an outcome says of the load behind it. */
export function signOf(outcome: Outcome): Sign {
  if (outcome._tag === 'Right') return 'served'
  const { _tag, code } = outcome.left
  if (untried.has(_tag) || code === 'cancelled' || code === 'unauthenticated' || code === 'permission_denied')
    return 'nothing'
  return code === 'deadline_exceeded' || code === 'resource_exhausted' || code === 'unavailable'
    ? 'overloaded'
    : 'served'
}
