// Failures as RFC 9457 problem documents, both ways.
import { STATUS_CODES } from 'node:http'
import { codeOf, retryAfterOf, statusOf, type WireFailure } from '@tenon/contract'
import { type Failure, isCode, isDefect } from '@tenon/endpoint'
import { isJson, parseJson } from './json.ts'
import type { ClientResponse } from './message.ts'
import type { Reply } from './reply.ts'

/** The media type of a problem document. */
export const problemType = 'application/problem+json'

/** A problem document. */
export interface Problem {
  /** The tag tells failures apart; so `title` is the status in words. */
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  /** The failure's message. */
  readonly detail: string
  /** The failure's canonical code. */
  readonly code: string
  readonly tag?: string
  /** A declared failure's details, or `{ issues }` or `{ retryAfter }` (milliseconds) of ours. */
  readonly details?: unknown
}

/** What crosses of a failure that no contract describes: tag, code, message, and of its details what we know to be harmless. */
export function wireOf(failure: Failure): WireFailure {
  const { _tag: tag, code, message } = failure
  if (isDefect(failure)) return { code, tag, message }
  const { issues } = failure as { issues?: unknown }
  const retryAfter = retryAfterOf(failure)
  if (!Array.isArray(issues) && retryAfter === undefined) return { code, tag, message }
  return {
    code,
    tag,
    message,
    details: { ...(issues !== undefined && { issues }), ...(retryAfter !== undefined && { retryAfter }) },
  }
}

/**
 * Writes a failure into a reply as a problem document: its code's status unless one is set, and `retry-after` in whole
 * seconds, rounded up, where it carries `retryAfter`. The default of `encodeError`. Of the details of a failure that no
 * contract declares only `issues` and `retryAfter` cross, and nothing of a `Defect`.
 */
export const encodeProblem = (failure: Failure, reply: Reply): void => writeProblem(failure, wireOf(failure), reply)

/** The same with what a contract's codec made of the failure. */
export function writeProblem(failure: Failure, wire: WireFailure, reply: Reply): void {
  const status = reply.status === 0 ? statusOf(wire.code) : reply.status
  const { code, tag, message: detail, details } = wire
  reply.status = status
  const retryAfter = retryAfterOf(failure)
  if (retryAfter !== undefined) reply.headers['retry-after'] ??= String(Math.ceil(retryAfter / 1_000))
  reply.headers['content-type'] = problemType
  const problem: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? (status === 499 ? 'Client Closed Request' : 'Error'),
    status,
    detail,
    code,
    ...(tag !== undefined && { tag }),
    ...(details !== undefined && { details }),
  }
  reply.body = JSON.stringify(problem)
}

/**
 * The failure in an answer: what its problem document says, or what its status means where it holds none (a proxy's
 * page). `retry-after` counts where the document does not say.
 */
export function readProblem(response: ClientResponse, now: () => number = Date.now): WireFailure {
  const { status, headers, body } = response
  const parsed = isJson(one(headers['content-type'])) ? parseJson(body) : undefined
  const document = parsed?.wrong === undefined ? parsed?.value : undefined
  const { code, tag, detail, details } = (isRecord(document) ? document : {}) as Partial<Record<keyof Problem, unknown>>
  const known = isCode(code)
  const wait = retryAfterHeader(one(headers['retry-after']), now)
  const message =
    typeof detail === 'string'
      ? detail
      : `the answer was ${status}${STATUS_CODES[status] ? ` ${STATUS_CODES[status]}` : ''}`
  const more = isRecord(details) && (wait === undefined || retryAfterOf(details) !== undefined) ? details : undefined
  return {
    code: known ? code : codeOf(status),
    ...(known && typeof tag === 'string' && { tag }),
    message,
    ...(more !== undefined
      ? { details: more }
      : wait !== undefined
        ? { details: { ...(isRecord(details) ? details : {}), retryAfter: wait } }
        : {}),
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** One value of a header. */
export const one = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0]

/** Milliseconds that a `retry-after` asks for: seconds or a date. */
export function retryAfterHeader(value: string | undefined, now: () => number = Date.now): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now())
}
