// What a registrar answers when an instance is not registered.
import type { Failure } from '@tenon/endpoint'

/** The registry does not hold this instance, or it is not known that it does. */
export interface NotRegistered extends Failure<'NotRegistered', 'unavailable'> {
  readonly service: string
  readonly instance: string
  /**
   * `pending`: it is still being tried. `refused`: as often as was asked for. `ended`: it was drained, or never started
   * in time. `lingering`: it could not be taken out, and may be called until the registry drops it.
   */
  readonly reason: 'pending' | 'refused' | 'ended' | 'lingering'
  /** Tries in a row that failed. */
  readonly attempts: number
  /** What the last of them failed with. For logs; it never crosses a wire. */
  readonly cause?: unknown
}

const messages: Readonly<Record<NotRegistered['reason'], (who: string, attempts: number) => string>> = {
  pending: (who, attempts) => `${who} is not registered yet (${tries(attempts)} failed)`,
  refused: (who, attempts) => `${who} could not be registered: ${tries(attempts)} failed`,
  ended: (who) => `${who} is registered no more`,
  lingering: (who, attempts) => `${who} could not be deregistered: ${tries(attempts)} failed`,
}

const tries = (attempts: number): string => (attempts === 1 ? '1 try' : `${attempts} tries`)

export const notRegistered = (
  service: string,
  instance: string,
  reason: NotRegistered['reason'],
  attempts: number,
  cause?: unknown,
): NotRegistered => ({
  _tag: 'NotRegistered',
  code: 'unavailable',
  message: messages[reason](`instance "${instance}" of ${service}`, attempts),
  service,
  instance,
  reason,
  attempts,
  ...(cause === undefined ? {} : { cause }),
})
