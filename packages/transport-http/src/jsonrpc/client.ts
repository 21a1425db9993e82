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
import { type Context, type Endpoint, endpoint, type Failure, type MethodInfo, type Outcome } from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { type Answered, type Client, type ErrorOf, owning, unimplemented, type ValueOf } from '../client.ts'
import { failureOf, type RpcAnswer } from './answer.ts'
import { fullName, nameOf, type RpcName } from './method.ts'
import { placing } from './params.ts'
import { functionOr, type Peer, peer, type RpcClientOptions } from './peer.ts'
import type { RemoteMethod } from './remote.ts'

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

type InferredOptions<I, X> = Omit<RpcRemoteOptions<I, unknown, Failure>, 'decode'> & {
  readonly decode: (answer: RpcAnswer, ctx: Context) => X | Promise<X>
}

/**
 * A contract's client over JSON-RPC: the same record of endpoints as `http.client` makes, with the same options and
 * failures. Owns its connections: dispose it. Methods with streams fail with `Remote` of code `unimplemented`.
 */
export function client<N extends string, M extends Record<string, AnyMethod>>(
  contract: Contract<N, M>,
  options: RpcContractOptions,
): Client<Contract<N, M>>
/** One endpoint for one method of any server; O and E are what `decode` answers. Owns its connections: dispose it. */
export function client<I, X extends Answered>(
  options: InferredOptions<I, X>,
): Endpoint<I, ValueOf<X>, ErrorOf<X> | CallFailed> & AsyncDisposable
/** The same, its types stated, or without `decode`. */
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
  const method: RemoteMethod = {
    name,
    notification: false,
    idempotent: info.idempotent,
    reading(read, response) {
      if (read._tag === 'Left') return failed(read.left, decodeFailure)
      const { error, result } = read.right
      if (error !== undefined) return failed(failureOf(error, to.codes, response), decodeFailure)
      const output = decodeOutput(result)
      // `null` is also how nothing is written.
      return output._tag === 'Left' && result === null ? firstRight(decodeOutput(undefined), output) : output
    },
  }
  return endpoint((input: unknown, ctx) => to.call(method, write(encodeInput(input)), ctx) as never, info)
}

const firstRight = (one: Outcome, other: Outcome): Outcome => (one._tag === 'Right' ? one : other)

function ofRemote(options: RpcRemoteOptions<unknown, unknown, Failure>): unknown {
  const who = 'jsonrpc.client'
  const to = peer(who, options)
  const encode = functionOr(who, 'encode', options.encode, same)
  const decode = functionOr(who, 'decode', options.decode, undefined)
  const method: RemoteMethod = {
    name: nameGiven(who, options.method),
    notification: false,
    idempotent: options.idempotent ?? false,
    reading(read, response, ctx) {
      if (read._tag === 'Left') return failed(read.left, decodeCallFailed)
      if (decode !== undefined) return decode(read.right, ctx)
      const { error, result } = read.right
      if (error === undefined) return { _tag: 'Right', right: result }
      return failed(failureOf(error, to.codes, response), decodeCallFailed)
    },
  }
  return owning(
    endpoint(async (input: unknown, ctx) => to.call(method, await encode(input, ctx), ctx) as never),
    to.shared.wire,
  )
}

export const same = (input: unknown): unknown => input

/** The name of a method by hand. */
export function nameGiven(who: string, name: unknown): string {
  if (typeof name === 'string' && name !== '') return name
  throw new TypeError(`${who}: method is the method's name and not ${String(name)}`)
}

/** A failure of the wire, or one that the client found itself. */
export const failed = (failure: WireFailure | Remote, decode: (wire: WireFailure) => Failure): Outcome => ({
  _tag: 'Left',
  left: '_tag' in failure ? failure : decode(failure),
})
