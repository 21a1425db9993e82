// What the rounds of a suite under load share.
import type { Pace } from './paces.ts'
import type { Parts } from './parts.ts'
import type { Samples } from './samples.ts'

export interface Conduct {
  readonly parts: Parts
  /** The port of what stands between servers and clients. */
  readonly broker: number | undefined
  readonly samples: Samples
  readonly pace: Pace
  readonly random: () => number
  readonly signal: AbortSignal
  /** Something is being done. */
  step(doing: string): void
  /** Something is wrong with a subject, unless the user had enough. */
  fail(subject: string, why: string): void
}
