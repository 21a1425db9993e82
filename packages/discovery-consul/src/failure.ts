// What can go wrong between us and Consul, told so that whoever reads it knows what to do.
import type { Code, Failure } from '@tenon/endpoint'

/**
 * What it was:
 * - `unreachable`: nobody listens there, or the connection broke; `timeout`: no answer within the time
 * - `denied`: the ACL token may not do this, or there is no such token
 * - `leaderless`: Consul's servers have no leader at the moment, or the agent cannot reach one
 * - `rejected`: Consul does not take what was asked (an option that it does not know, a datacenter that there is not)
 * - `busy`: too many requests, or too many connections
 * - `failed`: any other error of the agent; `malformed`: an answer that is none of Consul's
 * - `closed`: this registry was disposed, or the caller gave up
 */
export type ConsulTrouble =
  | 'unreachable'
  | 'timeout'
  | 'denied'
  | 'leaderless'
  | 'rejected'
  | 'busy'
  | 'failed'
  | 'malformed'
  | 'closed'

const codes = {
  unreachable: 'unavailable',
  timeout: 'deadline_exceeded',
  denied: 'permission_denied',
  leaderless: 'unavailable',
  rejected: 'invalid_argument',
  busy: 'resource_exhausted',
  failed: 'unavailable',
  malformed: 'internal',
  closed: 'cancelled',
} as const satisfies Record<ConsulTrouble, Code>

/** What an instancer reports, a registrar rejects with, and calls fail with: an `Error`, and a failure with tag and code. */
export class ConsulError extends Error implements Failure<'ConsulError'> {
  override readonly name = 'ConsulError'
  readonly _tag = 'ConsulError'
  readonly code: Code
  readonly trouble: ConsulTrouble
  /** The HTTP status, where Consul answered. */
  readonly status: number | undefined

  constructor(trouble: ConsulTrouble, message: string, { status, cause }: { status?: number; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.trouble = trouble
    this.code = codes[trouble]
    this.status = status
  }
}

/** An answer with a status that is none of success. `what` was asked: `watching orders`. */
export function refusal(what: string, status: number, body: string): ConsulError {
  const said = body.trim().slice(0, 500)
  const trouble = troubleOf(status, said)
  const hint = hints[trouble] === undefined ? '' : `. ${hints[trouble]}`
  return new ConsulError(trouble, `${what}: Consul answered ${status}: ${said || 'nothing'}${hint}`, { status })
}

const hints: Readonly<Partial<Record<ConsulTrouble, string>>> = {
  denied: 'Give "token" one whose policy allows this',
  leaderless: 'Its servers are choosing a leader, or most of them are down; reads: "stale" answers without one',
  busy: "The agent's limits.http_max_conns_per_client may be too low",
}

function troubleOf(status: number, said: string): ConsulTrouble {
  if (status === 401 || status === 403 || /ACL not found|permission denied/i.test(said)) return 'denied'
  if (status === 429) return 'busy'
  if (/no cluster leader|leadership lost|rpc error getting client|no known consul servers/i.test(said))
    return 'leaderless'
  // Consul says of some mistakes of ours that they are its own.
  if (status < 500 || /no path to datacenter|boolean expression|invalid session ttl/i.test(said)) return 'rejected'
  return 'failed'
}

/** Codes of Node that say that nothing was there to answer. */
const refused: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

/** What Node says of a connection. */
export function unreachable(what: string, origin: string, cause: unknown): ConsulError {
  const { code, message } = cause as { code?: string; message?: string }
  const why = code !== undefined && !message?.includes(code) ? `${message} (${code})` : message
  const hint = refused.has(code)
    ? '. Is an agent running there, and is its HTTP address that one?'
    : code === 'HPE_INVALID_CONSTANT' || code === 'EPROTO'
      ? '. Is it https and http that are mixed up?'
      : ''
  return new ConsulError('unreachable', `${what}: no connection to ${origin}: ${why || 'it broke'}${hint}`, { cause })
}

/** No answer in time. */
export const late = (what: string, origin: string, ms: number): ConsulError =>
  new ConsulError('timeout', `${what}: ${origin} did not answer within ${Math.round(ms)} ms`)

/** The answer is none of Consul's. */
export const malformed = (what: string, origin: string, why: string): ConsulError =>
  new ConsulError('malformed', `${what}: ${origin} answered with ${why}. Is it a Consul agent?`)
