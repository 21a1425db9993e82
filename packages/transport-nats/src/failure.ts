// Failures as replies: the two headers of the NATS services protocol say that it is one, the body says which.
import { codeOf, encodeUndeclared, statusOf, type WireFailure } from '@tenon/contract'
import { type Failure, isCode } from '@tenon/endpoint'
import type { NatsMessage } from './connection.ts'
import { type Headers, headerOf, line } from './headers.ts'
import { parseJson } from './json.ts'
import type { Reply } from './message.ts'

const errorHeader = 'Nats-Service-Error'
const codeHeader = 'Nats-Service-Error-Code'

/**
 * Writes a failure into a reply: `Nats-Service-Error-Code` (an HTTP status), `Nats-Service-Error` (the message), and
 * code, tag, message and details as JSON. The default of `encodeError`. Of the details of a failure that no contract
 * declares only `issues` and `retryAfter` cross, and nothing of a `Defect`.
 */
export const encodeFailure = (failure: Failure, reply: Reply): void => writeFailure(encodeUndeclared(failure), reply)

/** The same with what a contract's codec made of the failure. */
export function writeFailure(wire: WireFailure, reply: { readonly headers: Headers; body: Reply['body'] }): void {
  markFailure(wire, reply.headers)
  reply.body = JSON.stringify(wire)
}

/** Says in headers that this is a failure. */
export function markFailure({ code, message }: Pick<WireFailure, 'code' | 'message'>, headers: Headers): void {
  headers[codeHeader] ??= String(statusOf(code))
  headers[errorHeader] ??= line(message)
}

/** Do these headers say that the reply is a failure? */
export const isMarked = (headers: Readonly<Headers>): boolean => codeHeader in headers || errorHeader in headers

/** The failure that a reply is, `undefined` when it is none. A body of another service's making is not needed. */
export function readFailure({ headers, data }: NatsMessage): WireFailure | undefined {
  if (headers === undefined) return undefined
  const status = headerOf(headers, codeHeader)
  const told = headerOf(headers, errorHeader)
  if (status === undefined && told === undefined) return undefined
  const parsed = parseJson(data)
  const { code, tag, message, details } = (
    typeof parsed.wrong !== 'string' && typeof parsed.value === 'object' && parsed.value !== null ? parsed.value : {}
  ) as Partial<Record<keyof WireFailure, unknown>>
  const known = isCode(code)
  return {
    code: known ? code : codeOf(Number(status) >= 400 ? Number(status) : 500),
    ...(known && typeof tag === 'string' && { tag }),
    message: known && typeof message === 'string' ? message : (told ?? 'the service failed'),
    ...(known && details !== undefined && { details }),
  }
}
