// One table between canonical codes and HTTP statuses.
import type { Code } from '@tenon/endpoint'

// Source: google/rpc/code.proto, as gRPC-gateway maps it (runtime.HTTPStatusFromCode), failed_precondition and
// out_of_range to 400.
const statuses: Readonly<Record<Code, number>> = {
  cancelled: 499,
  unknown: 500,
  invalid_argument: 400,
  deadline_exceeded: 504,
  not_found: 404,
  already_exists: 409,
  permission_denied: 403,
  resource_exhausted: 429,
  failed_precondition: 400,
  aborted: 409,
  out_of_range: 400,
  unimplemented: 501,
  internal: 500,
  unavailable: 503,
  data_loss: 500,
  unauthenticated: 401,
}

// Where several codes share a status, the one that a bare status most likely means. 502 is gRPC's own mapping
// (grpc/doc/http-grpc-status-mapping.md).
const byStatus: ReadonlyMap<number, Code> = new Map<number, Code>([
  [400, 'invalid_argument'],
  [401, 'unauthenticated'],
  [403, 'permission_denied'],
  [404, 'not_found'],
  [409, 'aborted'],
  [429, 'resource_exhausted'],
  [499, 'cancelled'],
  [501, 'unimplemented'],
  [502, 'unavailable'],
  [503, 'unavailable'],
  [504, 'deadline_exceeded'],
])

/** The HTTP status of a code. */
export const statusOf = (code: Code): number => statuses[code]

/**
 * The code of an HTTP status that came without one, from a proxy or a foreign server. A status of the table gives its
 * code (400 `invalid_argument`, 409 `aborted`), 502 is `unavailable`, any other 5xx `internal`, so that breakers count
 * it, and everything else `unknown`.
 */
export const codeOf = (status: number): Code =>
  byStatus.get(status) ?? (status >= 500 && status < 600 ? 'internal' : 'unknown')
