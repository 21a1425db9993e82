// Failures as a wire carries them.
import type { Code } from '@tenon/endpoint'

/** A failure as a wire carries it: plain JSON. */
export interface WireFailure {
  readonly code: Code
  readonly tag?: string | undefined
  readonly message: string
  /** The encoded details of a declared failure, or what is known of ours: `{ issues }`, `{ retryAfter }` in milliseconds. */
  readonly details?: unknown
}
