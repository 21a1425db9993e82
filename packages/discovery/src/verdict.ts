// What the end of a call says of the instance it went to.
import type { Code, Outcome } from '@tenon/endpoint'

/** `fault`: it failed at its work. `fine`: it did it, be the answer a failure of the business. `silent`: nothing is said. */
export type Verdict = 'fine' | 'fault' | 'silent'

const verdicts: Readonly<Record<Code, Verdict>> = {
  unavailable: 'fault',
  deadline_exceeded: 'fault',
  internal: 'fault',
  unknown: 'fault',
  data_loss: 'fault',
  // It has too much to do: others may have less.
  resource_exhausted: 'fault',
  invalid_argument: 'fine',
  not_found: 'fine',
  already_exists: 'fine',
  failed_precondition: 'fine',
  out_of_range: 'fine',
  aborted: 'fine',
  // Who asked, for what, and whether they still want it, is not the instance's health.
  cancelled: 'silent',
  unauthenticated: 'silent',
  permission_denied: 'silent',
  unimplemented: 'silent',
}

/** Policies on the way to the instance: nothing was sent. */
const unsent: ReadonlySet<string> = new Set(['CircuitOpen', 'RateLimited', 'NoEndpoints', 'InProgress'])

/** What this outcome says of the instance. */
export const verdict = (outcome: Outcome): Verdict =>
  outcome._tag === 'Right' ? 'fine' : unsent.has(outcome.left._tag) ? 'silent' : verdicts[outcome.left.code]
