// Notifications: calls that nobody answers. They end when the server has taken them.
import { type AnyMethod, type CallFailed, type Contract, codecs, decodeCallFailed, type Method } from '@tenon/contract'
import { type Endpoint, endpoint, type MethodInfo } from '@tenon/endpoint'
import { owning } from '../client.ts'
import { failureOf } from './answer.ts'
import { failed, nameGiven, type RpcContractOptions, type RpcRemoteOptions, same } from './client.ts'
import { fullName, nameOf } from './method.ts'
import { placing } from './params.ts'
import { functionOr, type Peer, peer } from './peer.ts'
import type { RemoteMethod } from './remote.ts'

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
export interface RpcNotificationOptions<I> extends Omit<RpcRemoteOptions<I, never, never>, 'decode'> {}

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
  return 'methods' in first ? ofContract(first, options as RpcContractOptions) : ofRemote(first)
}

function ofContract(
  { name, methods }: Contract<string, Record<string, AnyMethod>>,
  options: RpcContractOptions,
): unknown {
  const who = `jsonrpc.notifier of ${name}`
  const to = peer(who, options)
  const named = functionOr(who, 'name', options.name, fullName)
  const one = (info: AnyMethod & MethodInfo): unknown => {
    const { encodeInput } = codecs(info)
    const { write } = placing(info)
    const method = notification(to, nameOf(who, named, info), info.idempotent)
    return endpoint((input: unknown, ctx) => to.call(method, write(encodeInput(input)), ctx) as never, info)
  }
  const endpoints = Object.values(methods)
    .filter(({ kind }) => kind === 'unary')
    .map((info) => [info.name, one(info)])
  return owning(Object.fromEntries(endpoints), to.shared.wire)
}

function ofRemote(options: RpcNotificationOptions<unknown>): unknown {
  const who = 'jsonrpc.notifier'
  const to = peer(who, options)
  const encode = functionOr(who, 'encode', options.encode, same)
  const method = notification(to, nameGiven(who, options.method), options.idempotent ?? false)
  return owning(
    endpoint(async (input: unknown, ctx) => to.call(method, await encode(input, ctx), ctx) as never),
    to.shared.wire,
  )
}

const notification = (to: Peer, name: string, idempotent: boolean): RemoteMethod => ({
  name,
  notification: true,
  idempotent,
  reading(read, response) {
    if (read._tag === 'Left') return failed(read.left, decodeCallFailed)
    const { error } = read.right
    if (error === undefined) return { _tag: 'Right', right: undefined }
    return failed(failureOf(error, to.codes, response), decodeCallFailed)
  },
})
