// What a balanced endpoint answers when there is no instance to call.
import type { Failure } from '@tenon/endpoint'

/** There is no instance to call. Nothing was sent: the call may be repeated. */
export interface NoEndpoints extends Failure<'NoEndpoints', 'unavailable'> {
  /**
   * `unknown`: the registry has not answered yet. `empty`: it knows of no instance. `unconnected`: none of the
   * instances could be connected. `unmatched`: none of those that are connected is one that the strategy may call.
   * `stale`: the registry failed for longer than `invalidateAfter`. `closed`: disposed.
   */
  readonly reason: 'unknown' | 'empty' | 'unconnected' | 'unmatched' | 'stale' | 'closed'
  /** What the registry or a factory failed with. For logs; it never crosses a wire. */
  readonly cause?: unknown
}

const messages: Readonly<Record<NoEndpoints['reason'], (service: string) => string>> = {
  unknown: (service) => `the instances of ${service} are not known yet`,
  empty: (service) => `there is no instance of ${service}`,
  unconnected: (service) => `no instance of ${service} could be connected`,
  unmatched: (service) => `no instance of ${service} is in the subset`,
  stale: (service) => `what is known of the instances of ${service} is too old`,
  closed: (service) => `the client of ${service} is closed`,
}

export const noEndpoints = (service: string, reason: NoEndpoints['reason'], cause?: unknown): NoEndpoints => ({
  _tag: 'NoEndpoints',
  code: 'unavailable',
  message: messages[reason](service),
  reason,
  ...(cause === undefined ? {} : { cause }),
})
