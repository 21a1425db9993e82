// How much each side takes before it says no: sizes, times and counts.
import { type CheckedLimits, limitOptions, type WholeRule } from '@tenon/endpoint'

/** What a server takes at most. */
export interface ServerLimits {
  /** Bytes of a body, of each message of a stream. Default: 1,048,576, as `max_payload` of a NATS server. More is `invalid_argument`, tag `BodyTooLarge`. */
  readonly body?: number
  /** Header lines of a request. Default: 100; of more than 1,000 none is read. More is `invalid_argument`, tag `HeadersTooLarge`. */
  readonly headers?: number
  /**
   * Milliseconds from a request's arrival to its answer. Default: 30,000. Callers may ask for less with
   * `request-timeout-ms`, never for more. A stream has what its caller asks for.
   */
  readonly request?: number | 'unbounded'
  /** Calls at once, work whose caller has left included. Default: 1,000. More is `unavailable`, tag `TooBusy`, to be tried again after a second. */
  readonly concurrent?: number | 'unbounded'
}

/** What a client sends at most. */
export interface ClientLimits {
  /** Bytes of outgoing metadata, names and values. Default: 32,768. More is an `InvalidArgument`, and nothing is sent. */
  readonly metadata?: number
}

const ofServer: Readonly<Record<keyof ServerLimits, WholeRule>> = {
  body: { value: 1_048_576, unit: 'bytes', min: 0 },
  headers: { value: 100, unit: 'header lines', min: 1 },
  request: { value: 30_000, unit: 'milliseconds', min: 1, unbounded: true },
  concurrent: { value: 1_000, unit: 'calls', min: 1, unbounded: true },
}

const ofClient: Readonly<Record<keyof ClientLimits, WholeRule>> = {
  metadata: { value: 32_768, unit: 'bytes', min: 0 },
}

export const serverLimits = (who: string, given: ServerLimits = {}): CheckedLimits<ServerLimits> =>
  limitOptions<ServerLimits>(who, ofServer, given)

export const clientLimits = (who: string, given: ClientLimits = {}): CheckedLimits<ClientLimits> =>
  limitOptions<ClientLimits>(who, ofClient, given)
