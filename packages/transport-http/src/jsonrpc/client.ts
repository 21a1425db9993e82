// JSON-RPC 2.0 over HTTP, the client's side: all the endpoints of a contract, or one method by hand.
import { type AnyMethod, type CallFailed, type Contract, codecs, decodeCallFailed } from '@tenon/contract'
import type { Context, Endpoint, Failure, OptionNames, Outcome } from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { type Answered, type Client, type ErrorOf, unimplemented, type ValueOf } from '../client.ts'
import { failureOf, type RpcAnswer } from './answer.ts'
import { functionOr } from './peer.ts'
import {
  type ByHand,
  failed,
  handOptions,
  ofContract,
  ofMethod,
  type RpcContractOptions,
  type Way,
} from './remote-endpoints.ts'

/** A client of one method, its codecs in the user's hands. */
export interface RpcRemoteOptions<I, O, E extends Failure> extends ByHand<I> {
  /**
   * The outcome, of a result or an error: an error may well be a business result. Default: the result as it is; an
   * error as one of `CallFailed` by its canonical code, else by its number. A throw is a `Defect`.
   */
  readonly decode?: (answer: RpcAnswer, ctx: Context) => Either<E, O> | Promise<Either<E, O>>
}

type InferredOptions<I, X> = ByHand<I> & {
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
  const who = 'jsonrpc.client'
  return 'methods' in first ? ofContract(who, first, options as RpcContractOptions, calls) : byHand(who, first)
}

const calls: Way = {
  notification: false,
  reading(info, codes) {
    const { decodeOutput, decodeFailure } = codecs(info)
    return (read, response) => {
      if (read._tag === 'Left') return failed(read.left, decodeFailure)
      const { error, result } = read.right
      if (error !== undefined) return failed(failureOf(error, codes, response), decodeFailure)
      const output = decodeOutput(result)
      // `null` is also how nothing is written.
      return output._tag === 'Left' && result === null ? firstRight(decodeOutput(undefined), output) : output
    }
  },
  streaming: (info) => unimplemented(info, 'JSON-RPC'),
}

const firstRight = (one: Outcome, other: Outcome): Outcome => (one._tag === 'Right' ? one : other)

const handNames: OptionNames<RpcRemoteOptions<unknown, unknown, Failure>> = { ...handOptions, decode: true }

function byHand(who: string, options: RpcRemoteOptions<unknown, unknown, Failure>): unknown {
  const decode = functionOr(who, 'decode', options.decode, undefined)
  return ofMethod(who, options, handNames, false, (codes) => (read, response, ctx) => {
    if (read._tag === 'Left') return failed(read.left, decodeCallFailed)
    if (decode !== undefined) return decode(read.right, ctx)
    const { error, result } = read.right
    if (error === undefined) return { _tag: 'Right', right: result }
    return failed(failureOf(error, codes, response), decodeCallFailed)
  })
}
