// Notifications: calls that nobody answers. They end when the server has taken them.
import { type AnyMethod, type CallFailed, type Contract, decodeCallFailed, type Method } from '@tenon/contract'
import type { Endpoint } from '@tenon/endpoint'
import { failureOf, type RpcCodes } from './answer.ts'
import type { Reading } from './remote.ts'
import { type ByHand, failed, handOptions, ofContract, ofMethod, type RpcContractOptions } from './remote-endpoints.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a pattern does not ask for must be any, or nothing matches
type Any = any

type Inputs<M> = {
  readonly [K in keyof M as M[K] extends Method<'unary', Any, Any, Any> ? K : never]: M[K] extends Method<
    'unary',
    infer I,
    Any,
    Any
  >
    ? Endpoint<I, void, CallFailed>
    : never
}

/** The endpoints of a contract's unary methods as notifications, and the connections they share: dispose it. */
export type RpcNotifier<C> = C extends Contract<Any, infer M> ? Inputs<M> & AsyncDisposable : never

/** A method by hand, as a notification. */
export interface RpcNotificationOptions<I> extends ByHand<I> {}

/**
 * A contract's methods as notifications: each ends with nothing as soon as the server says that it has taken it (204),
 * and whatever becomes of it there is not told. What HTTP refuses is a failure. Owns its connections: dispose it.
 */
export function notifier<N extends string, M extends Record<string, AnyMethod>>(
  contract: Contract<N, M>,
  options: RpcContractOptions,
): RpcNotifier<Contract<N, M>>
/** One method of any server, as a notification. Owns its connections: dispose it. */
export function notifier<I>(options: RpcNotificationOptions<I>): Endpoint<I, void, CallFailed> & AsyncDisposable
export function notifier(
  first: Contract<string, Record<string, AnyMethod>> | RpcNotificationOptions<unknown>,
  options?: RpcContractOptions,
): unknown {
  const who = 'jsonrpc.notifier'
  if (!('methods' in first)) return ofMethod(who, first, handOptions, true, taken)
  return ofContract(who, first, options as RpcContractOptions, {
    notification: true,
    reading: (_, codes) => taken(codes),
  })
}

const taken =
  (codes: RpcCodes): Reading =>
  (read, response) => {
    if (read._tag === 'Left') return failed(read.left, decodeCallFailed)
    const { error } = read.right
    if (error === undefined) return { _tag: 'Right', right: undefined }
    return failed(failureOf(error, codes, response), decodeCallFailed)
  }
