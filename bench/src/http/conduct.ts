// What the rounds of the suite share.
import type { Pace } from './paces.ts'
import type { Samples } from './samples.ts'

export interface Conduct {
  readonly samples: Samples
  readonly pace: Pace
  readonly random: () => number
  readonly signal: AbortSignal
  /** Something is being done. */
  step(doing: string): void
  /** Something is wrong with a subject, unless the user had enough. */
  fail(subject: string, why: string): void
}
