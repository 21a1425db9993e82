// The errors of JSON-RPC: its numbers, and how failures become error objects.
import type { WireFailure } from '@tenon/contract'
import { type Code, codes, type Failure } from '@tenon/endpoint'

/** The error of a response. */
export interface RpcError {
  code: number
  message: string
  /** What a server tells beside it; servers of this package: {@link RpcErrorData}. */
  data?: unknown
}

/** What the errors of this package carry, so that a client gets the failure back as it was. */
export interface RpcErrorData {
  /** The failure's canonical code. */
  readonly code: Code
  /** Absent where it would be mistaken for that of a declared failure. */
  readonly tag?: string
  /** A declared failure's details, or `{ issues }`, or `{ retryAfter }` in milliseconds. */
  readonly details?: unknown
}

/** The five errors that JSON-RPC itself defines, and what they say where nobody says more. */
export const standardErrors: Readonly<
  Record<'parseError' | 'invalidRequest' | 'methodNotFound' | 'invalidParams' | 'internalError', Readonly<RpcError>>
> = {
  parseError: { code: -32_700, message: 'Parse error' },
  invalidRequest: { code: -32_600, message: 'Invalid Request' },
  methodNotFound: { code: -32_601, message: 'Method not found' },
  invalidParams: { code: -32_602, message: 'Invalid params' },
  internalError: { code: -32_603, message: 'Internal error' },
}

const own: Partial<Record<Code, number>> = {
  invalid_argument: standardErrors.invalidParams.code,
  unimplemented: standardErrors.methodNotFound.code,
  internal: standardErrors.internalError.code,
}

/**
 * The JSON-RPC number of a canonical code. Three have one of the specification's own; the others are -32000 less the
 * code's gRPC number, in the range that is left to servers: `not_found` is -32005, `unavailable` -32014.
 */
export const rpcCodeOf = (code: Code): number => own[code] ?? -32_000 - codes[code].number

const byNumber: ReadonlyMap<number, Code> = new Map<number, Code>([
  [standardErrors.parseError.code, 'invalid_argument'],
  [standardErrors.invalidRequest.code, 'invalid_argument'],
  [standardErrors.methodNotFound.code, 'unimplemented'],
  [standardErrors.invalidParams.code, 'invalid_argument'],
  [standardErrors.internalError.code, 'internal'],
])

/**
 * The canonical code of a number that came without one. What servers choose themselves (-32000 to -32099) and all
 * other numbers are `unknown`: most libraries send -32000 for whatever a handler throws.
 */
export const codeOfRpc = (number: number): Code => byNumber.get(number) ?? 'unknown'

/** What the text of a standard number is, for an error without a message. */
export const standardMessage = (number: number): string =>
  Object.values(standardErrors).find(({ code }) => code === number)?.message ?? 'Server error'

/** A failure as an error object; `number` where it is not that of its code. */
export function errorOf({ code, tag, message, details }: WireFailure, number: number = rpcCodeOf(code)): RpcError {
  const data: RpcErrorData = { code, ...(tag !== undefined && { tag }), ...(details !== undefined && { details }) }
  return { code: number, message: message === '' ? codes[code].meaning : message, data }
}

const numbered: unique symbol = Symbol('jsonrpc')
type Numbered = Failure & { readonly [numbered]?: number }

/** The number that a failure of the protocol itself has. */
export const numberOf = (failure: Failure): number | undefined => (failure as Numbered)[numbered]

const protocol = (of: Readonly<RpcError>, _tag: string, code: Code, why?: string): Failure => {
  const failure: Numbered = {
    _tag,
    code,
    message: why === undefined ? of.message : `${of.message}: ${why}`,
    [numbered]: of.code,
  }
  return failure
}

/** The body is no JSON. */
export const parseError = (why: string): Failure =>
  protocol(standardErrors.parseError, 'ParseError', 'invalid_argument', why)

/** The JSON is no call. */
export const invalidRequest = (why: string): Failure =>
  protocol(standardErrors.invalidRequest, 'InvalidRequest', 'invalid_argument', why)

/** Characters of a name that are told again: it is somebody's input. */
const longestName = 64

/** There is no method of this name. */
export const methodNotFound = (name: string): Failure =>
  protocol(
    standardErrors.methodNotFound,
    'MethodNotFound',
    'unimplemented',
    JSON.stringify(name.length > longestName ? `${name.slice(0, longestName)}...` : name),
  )
