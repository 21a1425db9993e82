// How much a server and a client take before they say no, each with a default that is safe to expose.
import { type CheckedLimits, limitOptions, type WholeRule } from '@tenon/endpoint'

/** What the calls of one handler are allowed. */
export interface RequestLimits {
  /** Bytes of one message. Default: 4,194,304 (4 MiB), gRPC's own. More is `resource_exhausted`. */
  readonly message?: number
  /**
   * Milliseconds from a call's arrival to its answer, or to the end of a client's stream. Default: 30,000. Callers may ask
   * for less by their deadline, never for more. Streams of answers last as long as their caller's deadline says.
   */
  readonly request?: number | 'unbounded'
  /** Calls at once, streams included. Default: 1,000. More is `unavailable`. */
  readonly concurrent?: number | 'unbounded'
  /** Bytes of incoming metadata, names and values. Default: 16,384; above 64 KB Node ends the call by itself. More is `resource_exhausted`. */
  readonly metadata?: number
}

/** What a server allows. */
export interface ServerLimits extends RequestLimits {
  /** Connections at once. Default: 10,000. Further ones are closed as they come. */
  readonly connections?: number | 'unbounded'
  /**
   * Milliseconds for the one message of a call to arrive; streams have `request`. Default: 10,000. Slower ones are
   * `deadline_exceeded`. At most `concurrent` calls wait for theirs.
   */
  readonly arrival?: number
  /**
   * Bytes of messages that have begun to arrive and are not whole, of all calls together. Default: 268,435,456 (256 MiB). Beyond
   * it those calls are `resource_exhausted` that came first.
   */
  readonly allMessages?: number | 'unbounded'
  /** Milliseconds that an answer may wait to be read. Default: 30,000. Then its call is reset. Streams wait as long as their caller's deadline says. */
  readonly unread?: number
  /**
   * Bytes of answers that clients have not read yet, of all calls together. Default: 268,435,456 (256 MiB). Beyond it those
   * calls are reset whose answers have waited longest.
   */
  readonly allAnswers?: number | 'unbounded'
  /** Milliseconds for a handshake of TLS. Default: 10,000. */
  readonly handshake?: number
  /** Milliseconds that a connection without calls stays open; its client then opens another. Default: 300,000. */
  readonly idle?: number | 'unbounded'
}

/** What a client sends and takes at most. */
export interface ClientLimits {
  /** Bytes of one message, in either direction. Default: 4,194,304 (4 MiB). */
  readonly message?: number
  /** Bytes of outgoing metadata, names and values. Default: 8,192; gRPC bears 64 KB. More is an `InvalidArgument`, and nothing is sent. */
  readonly metadata?: number
}

const request: Readonly<Record<keyof RequestLimits, WholeRule>> = {
  message: { value: 4_194_304, unit: 'bytes', min: 1 },
  request: { value: 30_000, unit: 'milliseconds', min: 1, unbounded: true },
  concurrent: { value: 1_000, unit: 'calls', min: 1, unbounded: true },
  metadata: { value: 16_384, unit: 'bytes', min: 0, max: 65_536 },
}
const server: Readonly<Record<keyof ServerLimits, WholeRule>> = {
  ...request,
  connections: { value: 10_000, unit: 'connections', min: 1, unbounded: true },
  arrival: { value: 10_000, unit: 'milliseconds', min: 1 },
  allMessages: { value: 268_435_456, unit: 'bytes', min: 1, unbounded: true },
  unread: { value: 30_000, unit: 'milliseconds', min: 1 },
  allAnswers: { value: 268_435_456, unit: 'bytes', min: 1, unbounded: true },
  handshake: { value: 10_000, unit: 'milliseconds', min: 1 },
  idle: { value: 300_000, unit: 'milliseconds', min: 1_000, unbounded: true },
}
const client: Readonly<Record<keyof ClientLimits, WholeRule>> = {
  message: { value: 4_194_304, unit: 'bytes', min: 1 },
  metadata: { value: 8_192, unit: 'bytes', min: 0, max: 65_536 },
}

export const requestLimits = (who: string, given: RequestLimits = {}): CheckedLimits<RequestLimits> =>
  limitOptions<RequestLimits>(who, request, given)

export const serverLimits = (who: string, given: ServerLimits = {}): CheckedLimits<ServerLimits> =>
  limitOptions<ServerLimits>(who, server, given)

export const clientLimits = (who: string, given: ClientLimits = {}): CheckedLimits<ClientLimits> =>
  limitOptions<ClientLimits>(who, client, given)
