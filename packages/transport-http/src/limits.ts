// How much a server takes before it says no: sizes, times and counts, each with a default that is safe to expose.
import { type CheckedLimits, limitOptions, type WholeRule } from '@tenon/endpoint'

/** What one request may cost. */
export interface RequestLimits {
  /** Bytes of a body. Default: 1,048,576 (1 MiB). More is answered with 413, if it was announced before it is sent. */
  readonly body?: number
  /** Milliseconds for a body to arrive. Default: 10,000. Slower ones are answered with 408. */
  readonly bodyTimeout?: number
  /**
   * Bytes of bodies that have begun to come, of all requests together. Default: 268,435,456 (256 MiB). A request that goes
   * beyond is answered with 503 and `Retry-After: 1`.
   */
  readonly allBodies?: number | 'unbounded'
  /**
   * Bytes of answers that clients have not read yet, of all requests together. Default: 268,435,456 (256 MiB). Beyond it the
   * connections are closed whose answers have waited longest.
   */
  readonly allAnswers?: number | 'unbounded'
  /** Header lines of a request. Default: 100. More is answered with 431. */
  readonly headers?: number
  /**
   * Milliseconds from a request's headers to its answer. Default: 30,000. Callers may ask for less with
   * `request-timeout-ms`, never for more. Then the server answers 504, whatever the endpoint does.
   */
  readonly request?: number | 'unbounded'
  /**
   * Calls at once, work whose caller has left included, requests whose body is still coming not. Default: 1,000. More is
   * answered with 503 and `Retry-After: 1`.
   */
  readonly concurrent?: number | 'unbounded'
  /** Calls of one connection at once, which pipelines them. Default: 100. More is answered with 503 and `Retry-After: 1`. */
  readonly pipelined?: number | 'unbounded'
}

/** What a listening server allows. */
export interface ServerLimits extends RequestLimits {
  /** Bytes of a request's first line and headers, metadata included. Default: 16,384. More is answered with 431. */
  readonly headerBytes?: number
  /** Milliseconds for the headers to arrive, on a fresh connection too. Default: 10,000. Slower ones are answered with 408. */
  readonly headersTimeout?: number
  /** Milliseconds an idle connection stays open. Default: 65,000, which is more than the 60 s of common load balancers. */
  readonly keepAlive?: number
  /** Connections at once. Default: 10,000. Further ones are closed as they come. */
  readonly connections?: number | 'unbounded'
  /** Requests on one connection before it is closed. Default: `'unbounded'`. */
  readonly requestsPerConnection?: number | 'unbounded'
  /**
   * Milliseconds that a stream may last. Default: `'unbounded'`. Then its last event is `deadline_exceeded`; so it is where the
   * caller asked for less with `request-timeout-ms`. `request` is the time in which it must open.
   */
  readonly stream?: number | 'unbounded'
  /** Milliseconds that written events may wait for a client to read them. Default: 30,000. Then its connection is closed. */
  readonly unread?: number
}

export const perRequest: Readonly<Record<keyof RequestLimits, WholeRule>> = {
  body: { value: 1_048_576, unit: 'bytes', min: 0 },
  bodyTimeout: { value: 10_000, unit: 'milliseconds', min: 1 },
  allBodies: { value: 268_435_456, unit: 'bytes', min: 1, unbounded: true },
  allAnswers: { value: 268_435_456, unit: 'bytes', min: 1, unbounded: true },
  headers: { value: 100, unit: 'header lines', min: 1 },
  request: { value: 30_000, unit: 'milliseconds', min: 1, unbounded: true },
  concurrent: { value: 1_000, unit: 'calls', min: 1, unbounded: true },
  pipelined: { value: 100, unit: 'calls', min: 1, unbounded: true },
}

const perServer: Readonly<Record<keyof ServerLimits, WholeRule>> = {
  ...perRequest,
  headerBytes: { value: 16_384, unit: 'bytes', min: 256 },
  headersTimeout: { value: 10_000, unit: 'milliseconds', min: 1 },
  keepAlive: { value: 65_000, unit: 'milliseconds', min: 1 },
  connections: { value: 10_000, unit: 'connections', min: 1, unbounded: true },
  stream: { value: Number.POSITIVE_INFINITY, unit: 'milliseconds', min: 1, unbounded: true },
  unread: { value: 30_000, unit: 'milliseconds', min: 1 },
  requestsPerConnection: { value: Number.POSITIVE_INFINITY, unit: 'requests', min: 1, unbounded: true },
}

export const requestLimits = (who: string, given: RequestLimits = {}): CheckedLimits<RequestLimits> =>
  limitOptions<RequestLimits>(who, perRequest, given)

export const serverLimits = (who: string, given: ServerLimits = {}): CheckedLimits<ServerLimits> =>
  limitOptions<ServerLimits>(who, perServer, given)
