// What one gets who asked for a lock and did not have it, or not until the end.
import type { Failure } from '@tenon/endpoint'

/** Why a lock is not held. */
export interface NotHeld extends Failure<'NotHeld', 'aborted' | 'unavailable' | 'failed_precondition' | 'cancelled'> {
  readonly key: string
  /**
   * `taken`: somebody else had it as long as was waited. `unreachable`: the registry could not be asked. `refused`: it
   * does not take what it was asked, such as the `ttl`; nobody waits for that to change. `lost`: it was
   * held, and lost before the work had ended. `cancelled`: the caller gave up. `released`: the work had ended. `closed`: disposed, or drained.
   */
  readonly reason: 'taken' | 'unreachable' | 'refused' | 'lost' | 'cancelled' | 'released' | 'closed'
  /** What the registry failed with. For logs; it never crosses a wire. */
  readonly cause?: unknown
}

const said: Readonly<Record<NotHeld['reason'], readonly [NotHeld['code'], string]>> = {
  taken: ['aborted', 'is held by somebody else'],
  unreachable: ['unavailable', 'could not be asked for'],
  refused: ['failed_precondition', 'is refused'],
  lost: ['aborted', 'was lost'],
  cancelled: ['cancelled', 'is not wanted any more'],
  released: ['cancelled', 'was given back'],
  closed: ['cancelled', 'is closed'],
}

export function notHeld(key: string, reason: NotHeld['reason'], cause?: unknown): NotHeld {
  const [code, text] = said[reason]
  // What is to be done about it stands in what the registry said.
  const why = reason === 'refused' && cause instanceof Error ? `: ${cause.message}` : ''
  const failure = { _tag: 'NotHeld', code, message: `the lock "${key}" ${text}${why}`, key, reason } as const
  return cause === undefined ? failure : { ...failure, cause }
}
