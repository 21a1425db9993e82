// What a proxy allows, on both sides.
import { type CheckedLimits, limitOptions, type WholeRule } from '@tenon/endpoint'

/** What one proxied request may cost. Times are measured while somebody waits, so that long streams are no mistake. */
export interface ProxyLimits {
  /** Bytes of a request's body. Default: `'unbounded'`, because none of it is kept. More is answered with 413. */
  readonly body?: number | 'unbounded'
  /** Header lines, of a request (431) and of an answer (502). Default: 100. */
  readonly headers?: number
  /** Bytes of an answer's first line and headers. Default: 65,536. More is answered with 502. */
  readonly headerBytes?: number
  /** Milliseconds to choose a target, and from a request that was sent to the head of its answer. Default: 30,000. Then 504. */
  readonly head?: number | 'unbounded'
  /**
   * Milliseconds in which nothing of a body moves, in either direction. Default: 60,000. Then 408 where the client stopped
   * sending, 504 where the target stopped reading, and once the answer has begun its connection is destroyed. An event
   * stream that is silent for longer needs more.
   */
  readonly idle?: number | 'unbounded'
  /**
   * Milliseconds for all of it, to the answer's last byte. Default: `'unbounded'`, because `head` and `idle` bound every
   * wait. A caller's `request-timeout-ms` counts as well. Then 504, or the connection is destroyed.
   */
  readonly request?: number | 'unbounded'
  /** Requests at once. Default: 1,000. More is answered with 503. Among the `routes` of a server its own limit counts, too. */
  readonly concurrent?: number | 'unbounded'
}

const unbounded = Number.POSITIVE_INFINITY

const rules: Readonly<Record<keyof ProxyLimits, WholeRule>> = {
  body: { value: unbounded, unit: 'bytes', min: 0, unbounded: true },
  headers: { value: 100, unit: 'header lines', min: 1 },
  headerBytes: { value: 65_536, unit: 'bytes', min: 256 },
  head: { value: 30_000, unit: 'milliseconds', min: 1, unbounded: true },
  idle: { value: 60_000, unit: 'milliseconds', min: 1, unbounded: true },
  request: { value: unbounded, unit: 'milliseconds', min: 1, unbounded: true },
  concurrent: { value: 1_000, unit: 'requests', min: 1, unbounded: true },
}

export const proxyLimits = (who: string, given: ProxyLimits = {}): CheckedLimits<ProxyLimits> =>
  limitOptions<ProxyLimits>(who, rules, given)
