// The client's reading of an answer: which response is whose, and what a server's error is.
import { type Remote, retryAfterOf, type WireFailure } from '@tenon/contract'
import { type Code, isCode } from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { badAnswer } from '../codec.ts'
import { parseJson } from '../json.ts'
import type { ClientResponse } from '../message.ts'
import { one, readProblem, retryAfterHeader } from '../problem.ts'
import { codeOfRpc, type RpcError, standardErrors, standardMessage } from './error.ts'
import type { RpcId } from './message.ts'

/** What a server answered to one call. */
export type RpcAnswer =
  | { readonly result: unknown; readonly error?: undefined }
  | { readonly error: Readonly<RpcError>; readonly result?: undefined }

interface Response {
  readonly id: unknown
  readonly answer: RpcAnswer
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A response, read as generously as it can be: servers of other versions send `"error": null` beside a result. */
function responseOf(value: unknown): Response | undefined {
  if (!isRecord(value)) return undefined
  const { id, result, error } = value
  if (error !== undefined && error !== null) return { id, answer: { error: errorOf(error) } }
  return Object.hasOwn(value, 'result') ? { id, answer: { result } } : undefined
}

function errorOf(error: unknown): RpcError {
  const { code, message, data } = isRecord(error) ? error : { message: error }
  const number = typeof code === 'number' ? code : standardErrors.internalError.code
  const text = typeof message === 'string' && message !== '' ? message : standardMessage(number)
  return { code: number, message: text, ...(data !== undefined && { data }) }
}

/** The responses in an answer, whatever its status and its media type say; `undefined` where there are none. */
function responsesOf({ body }: ClientResponse): readonly Response[] | undefined {
  if (body.length === 0) return undefined
  const { value, wrong } = parseJson(body) as { value?: unknown; wrong?: string }
  if (wrong !== undefined) return undefined
  const all = (Array.isArray(value) ? value : [value]).map(responseOf)
  return all.length > 0 && all.every((response) => response !== undefined) ? all : undefined
}

/** What is read of an answer for one call: a Left where the HTTP answer holds nothing for it. */
export type Read = Either<WireFailure | Remote, RpcAnswer>

/** What an HTTP answer holds for each of the calls it answers; without an id: for a notification. */
export function readAnswers(response: ClientResponse): (id: RpcId | undefined) => Read {
  const responses = responsesOf(response)
  if (responses === undefined) {
    const none = withoutResponses(response)
    const taken = response.status >= 200 && response.status < 300 ? nothing : none
    return (id) => (id === undefined ? taken : none)
  }
  // The first of several counts; those of ids that nobody asked for are dropped.
  const byId = new Map<unknown, RpcAnswer>()
  for (const { id, answer } of responses) if (!byId.has(id)) byId.set(id, answer)
  // A server that could not read a call knows no id: its error is everybody's who has no answer.
  const anonymous = byId.get(null)
  const unread: Read | undefined = anonymous?.error === undefined ? undefined : { _tag: 'Right', right: anonymous }
  return (id) => {
    if (id === undefined) return unread ?? nothing
    const found = byId.get(id)
    return found === undefined ? (unread ?? missing) : { _tag: 'Right', right: found }
  }
}

const nothing: Read = { _tag: 'Right', right: { result: undefined } }
const missing: Read = badAnswer('the answer holds no response to this call')

function withoutResponses(response: ClientResponse): Either<WireFailure | Remote, never> {
  const { status, headers, body } = response
  if (status < 200 || status > 299) return { _tag: 'Left', left: readProblem(response) }
  if (body.length === 0) return badAnswer(`the answer (${status}) holds no response to this call`)
  const type = one(headers['content-type']) ?? 'of no content type'
  return badAnswer(`the answer (${status}) is ${type} and no JSON-RPC response`)
}

/** What a client knows of a server's own numbers. */
export type RpcCodes = Readonly<Record<number, Code>>

/**
 * An error as a failure on the wire: what its data say where a server of this package made it, else by its number, which
 * is then the tag. `retry-after` of the HTTP answer counts where the data do not say.
 */
export function failureOf(
  { code: number, message, data }: Readonly<RpcError>,
  codes: RpcCodes,
  { headers }: ClientResponse,
): WireFailure {
  const { code, tag, details } = isRecord(data) ? data : ({} as Readonly<Record<string, unknown>>)
  const wait = retryAfterHeader(one(headers['retry-after']))
  const waits = isRecord(details) && retryAfterOf(details) !== undefined
  const more = wait === undefined || waits ? details : { ...(isRecord(details) ? details : {}), retryAfter: wait }
  const rest = more === undefined ? { message } : { message, details: more }
  if (isCode(code)) return { code, ...(typeof tag === 'string' && { tag }), ...rest }
  const canonical = codes[number] ?? codeOfRpc(number)
  return canonical === 'invalid_argument' && number === standardErrors.invalidParams.code
    ? { code: canonical, ...rest }
    : { code: canonical, tag: String(number), ...rest }
}
