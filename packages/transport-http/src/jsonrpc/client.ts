// JSON-RPC 2.0 over HTTP, the client's side: all the endpoints of a contract, or one method by hand.
import {
  type AnyMethod,
  type CallFailed,
  type Contract,
  codecs,
  decodeCallFailed,
  type Remote,
  type WireFailure,
} from '@tenon/contract'
import {
  type Context,
  type Endpoint,
  endpoint,
  type Failure,
  isCode,
  type MethodInfo,
  type Outcome,
} from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { type Client, type ClientOptions, owning, prepare, type Shared, unimplemented } from '../client.ts'
import type { ClientResponse } from '../message.ts'
import { type Line, Sending } from '../sending.ts'
import { failureOf, type RpcAnswer, type RpcCodes, readAnswer } from './answer.ts'
import { fullName, nameOf, type RpcName } from './method.ts'
import { placing } from './params.ts'

/** What identifies a client's calls. */
export type RpcIds = () => string | number

/** What every client takes. `url` is that of the server's one route: `http://host:port/rpc`. */
export interface RpcClientOptions extends ClientOptions {
  /** Makes the ids. Default: `autoIncrement()`, from 0. */
  readonly id?: RpcIds
  /**
   * Canonical codes of numbers that the server chose itself, for errors that tell no canonical code:
   * `{ [-32005]: 'resource_exhausted' }`. Default: none; such errors are `unknown`.
   */
  readonly codes?: RpcCodes
}

/** A contract's client. */
export interface RpcContractOptions extends RpcClientOptions {
  /** What a method is called on the wire, as on the server. Default: `<contract>/<method>`. */
  readonly name?: RpcName
}

/** A client of one method, its codecs in the user's hands. */
export interface RpcRemoteOptions<I, O, E extends Failure> extends RpcClientOptions {
  /** The method's name on the wire. */
  readonly method: string
  /** May a call be repeated without harm? Default: false. Only such a one is sent again when a kept connection was closed. */
  readonly idempotent?: boolean
  /** The `params`: an object, an array, or `undefined` for none. Default: the input itself. A throw is a `Defect`. */
  readonly encode?: (input: I, ctx: Context) => unknown
  /**
   * The outcome, of a result or an error: an error may well be a business result. Default: the result as it is; an
   * error as one of `CallFailed` by its canonical code, else by its number. A throw is a `Defect`.
   */
  readonly decode?: (answer: RpcAnswer, ctx: Context) => Either<E, O> | Promise<Either<E, O>>
}

/** Ids 0, 1, 2, ...: the default of every client. */
export function autoIncrement(from = 0): () => number {
  let next = from
  return () => next++
}

/**
 * A contract's client over JSON-RPC: the same record of endpoints as `http.client` makes, with the same options and
 * failures. Owns its connections: dispose it. Methods with streams fail with `Remote` of code `unimplemented`.
 */
export function client<N extends string, M extends Record<string, AnyMethod>>(
  contract: Contract<N, M>,
  options: RpcContractOptions,
): Client<Contract<N, M>>
/** One endpoint for one method of any server. Owns its connections: dispose it. */
export function client<I, O = unknown, E extends Failure = never>(
  options: RpcRemoteOptions<I, O, E>,
): Endpoint<I, O, E | CallFailed> & AsyncDisposable
export function client(
  first: Contract<string, Record<string, AnyMethod>> | RpcRemoteOptions<unknown, unknown, Failure>,
  options?: RpcContractOptions,
): unknown {
  return 'methods' in first ? ofContract(first, options as RpcContractOptions) : ofRemote(first)
}

function ofContract(
  { name, methods }: Contract<string, Record<string, AnyMethod>>,
  options: RpcContractOptions,
): unknown {
  const who = `jsonrpc.client of ${name}`
  const to = peer(who, options)
  const named = functionOr(who, 'name', options.name, fullName)
  const endpoints = Object.values(methods)
    .filter(({ kind }) => kind !== 'event')
    .map((info) => [
      info.name,
      info.kind === 'unary' ? remoteMethod(to, info, nameOf(who, named, info)) : unimplemented(info, 'JSON-RPC'),
    ])
  return owning(Object.fromEntries(endpoints), to.shared.wire)
}

function remoteMethod(to: Peer, info: AnyMethod & MethodInfo, name: string): unknown {
  const { encodeInput, decodeOutput, decodeFailure } = codecs(info)
  const { write } = placing(info)
  const line = lineOf(to, info.idempotent, (read, response) => {
    if (read._tag === 'Left') return failed(read.left, decodeFailure)
    const { error, result } = read.right
    if (error !== undefined) return failed(failureOf(error, to.codes, response), decodeFailure)
    const output = decodeOutput(result)
    // `null` is also how nothing is written.
    return output._tag === 'Left' && result === null ? firstRight(decodeOutput(undefined), output) : output
  })
  const head = headOf(name)
  return endpoint((input: unknown, ctx) => sent(line, ctx, outgoing(to, head, write(encodeInput(input)))), info)
}

const firstRight = (one: Outcome, other: Outcome): Outcome => (one._tag === 'Right' ? one : other)

function ofRemote(options: RpcRemoteOptions<unknown, unknown, Failure>): unknown {
  const who = 'jsonrpc.client'
  const { method, idempotent = false } = options
  if (typeof method !== 'string' || method === '')
    throw new TypeError(`${who}: method is the method's name and not ${String(method)}`)
  const to = peer(who, options)
  const encode = functionOr(who, 'encode', options.encode, (input: unknown) => input)
  const decode = functionOr(who, 'decode', options.decode, undefined)
  const line = lineOf(to, idempotent, (read, response, ctx) => {
    if (read._tag === 'Left') return failed(read.left, decodeCallFailed)
    if (decode !== undefined) return decode(read.right, ctx)
    const { error, result } = read.right
    return error === undefined
      ? { _tag: 'Right', right: result }
      : failed(failureOf(error, to.codes, response), decodeCallFailed)
  })
  const head = headOf(method)
  return owning(
    endpoint(async (input: unknown, ctx) => sent(line, ctx, outgoing(to, head, await encode(input, ctx)))),
    to.shared.wire,
  )
}

function functionOr<F, D>(who: string, name: string, given: F | undefined, otherwise: D): F | D {
  if (given === undefined) return otherwise
  if (typeof given !== 'function') throw new TypeError(`${who}: ${name} is a function and not ${String(given)}`)
  return given
}

/** Where calls go. */
interface Peer {
  readonly shared: Shared
  readonly path: string
  readonly id: RpcIds
  readonly codes: RpcCodes
}

function peer(who: string, options: RpcClientOptions): Peer {
  const shared = prepare(who, options)
  const id = functionOr(who, 'id', options.id, autoIncrement())
  const codes = options.codes ?? {}
  for (const [number, code] of Object.entries(codes))
    if (!Number.isSafeInteger(Number(number)) || !isCode(code))
      throw new TypeError(`${who}: codes maps numbers to canonical codes, and not ${number} to ${String(code)}`)
  // As it was written: a server may tell /rpc from /rpc/.
  return { shared, path: new URL(options.url).pathname, id, codes }
}

/** A call on its way. */
interface Outgoing {
  readonly id: string | number
  readonly text: string
}

const headOf = (method: string): string => `{"jsonrpc":"2.0","method":${JSON.stringify(method)}`

function outgoing({ id: next }: Peer, head: string, params: unknown): Outgoing {
  if (params !== undefined && (typeof params !== 'object' || params === null))
    throw new TypeError(`params are an object or an array and not ${params === null ? 'null' : typeof params}`)
  const id: unknown = next()
  if (typeof id !== 'string' && !(typeof id === 'number' && Number.isFinite(id)))
    throw new TypeError(`an id is a string or a number and not ${String(id)}`)
  const written = params === undefined ? '' : `,"params":${JSON.stringify(params)}`
  return { id, text: `${head}${written},"id":${JSON.stringify(id)}}` }
}

type Reading = (
  read: ReturnType<typeof readAnswer>,
  response: ClientResponse,
  ctx: Context,
) => Outcome | Promise<Outcome>

const lineOf = ({ shared, path }: Peer, idempotent: boolean, reading: Reading): Line => ({
  ...shared,
  verb: 'POST',
  idempotent,
  encode(call, request): undefined {
    request.path = path
    request.headers['content-type'] = 'application/json'
    request.headers.accept = 'application/json'
    request.body = (call as Outgoing).text
  },
  decode: (response, ctx, call) => reading(readAnswer(response, (call as Outgoing).id), response, ctx),
})

const failed = (failure: WireFailure | Remote, decode: (wire: WireFailure) => Failure): Outcome => ({
  _tag: 'Left',
  left: '_tag' in failure ? failure : decode(failure),
})

const sent = (line: Line, ctx: Context, call: Outgoing): Promise<never> =>
  new Promise<Outcome>((resolve) => new Sending(line, ctx, resolve).start(call)) as never
