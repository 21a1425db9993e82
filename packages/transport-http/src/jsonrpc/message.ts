// From a body to the calls in it: what is no call is told so, one by one, without touching its neighbours.
import { type InvalidArgument, invalidArgument } from '@tenon/contract'
import type { CheckedLimits, Failure } from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { forbidden, isSuspicious } from '../forbidden.ts'
import { parseAny } from '../json.ts'
import { invalidRequest, parseError } from './error.ts'
import type { RpcLimits } from './limits.ts'
import { type Outline, outlines } from './outline.ts'

/** What identifies a call. `null` is legal and discouraged. */
export type RpcId = string | number | null

/** A call as it came. */
export interface RpcRequest {
  readonly method: string
  /** An object, an array, or `undefined`; `null` is read as absent. */
  readonly params: object | undefined
  /** Absent in a notification, which is not answered. Of a number beyond 2^53 a double holds only the beginning. */
  readonly id: RpcId | undefined
  /** The id as it was written, and as it is answered. */
  readonly idText: string | undefined
}

/** One element of a message. */
export interface Element {
  /** `undefined` where the element is no call. */
  readonly request: RpcRequest | undefined
  /** Why it is not even tried. */
  readonly wrong: Failure | undefined
  /** What its response carries; `undefined`: it gets none. */
  readonly id: string | undefined
}

export interface Message {
  readonly batch: boolean
  readonly elements: readonly Element[]
}

/** The calls of a body; a Left where it holds none. */
export function readMessage(body: Buffer, limits: CheckedLimits<RpcLimits>): Either<Failure, Message> {
  if (body.length === 0) return left(parseError('there is no body'))
  const parsed = parseAny(body)
  if (parsed.wrong !== undefined) return left(parseError(parsed.wrong))
  const { value, text } = parsed
  const batch = Array.isArray(value)
  if (batch && value.length === 0) return left(invalidRequest('a batch holds at least one call'))
  if (batch && value.length > limits.batch)
    return left(invalidRequest(`a batch may hold ${limits.batch} calls and not ${value.length}`))
  const suspicious = isSuspicious(text)
  const values: readonly unknown[] = batch ? value : [value]
  const outlined = outlines(text)
  const elements = values.map((one, at) => readElement(one, outlined[at] as Outline, limits.depth, suspicious))
  return { _tag: 'Right', right: { batch, elements } }
}

const left = (failure: Failure): Either<Failure, never> => ({ _tag: 'Left', left: failure })

function readElement(value: unknown, { id: idText, depth }: Outline, most: number, suspicious: boolean): Element {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return wrong('a call is an object', undefined)
  const { jsonrpc, method, params = undefined, id } = value as Readonly<Record<string, unknown>>
  if (id !== undefined && id !== null && typeof id !== 'string' && typeof id !== 'number')
    return wrong('the id is a string, a number or null', undefined)
  if (jsonrpc !== '2.0') return wrong('jsonrpc is "2.0"', idText)
  if (typeof method !== 'string') return wrong('the method is a string', idText)
  if (params !== undefined && typeof params !== 'object') return wrong('params are an object or an array', idText)
  const request: RpcRequest = { method, params: params ?? undefined, id, idText }
  // The call itself is the first level.
  if (depth - 1 > most) return { request, wrong: tooDeep(most), id: idText }
  // An id may be any number: it is answered as it was written.
  const never = suspicious ? forbidden({ ...value, id: undefined }) : undefined
  if (never !== undefined) return { request, wrong: invalidRequest(never), id: idText }
  return { request, wrong: undefined, id: idText }
}

/** Whoever is no call cannot be a notification either: it is told what is wrong. */
const wrong = (why: string, id: string | undefined): Element => ({
  request: undefined,
  wrong: invalidRequest(why),
  id: id ?? 'null',
})

const tooDeep = (most: number): InvalidArgument =>
  invalidArgument([{ path: 'params', expected: `at most ${most} levels`, actual: 'more' }])
