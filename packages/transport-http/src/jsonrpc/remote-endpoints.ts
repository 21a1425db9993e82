// The endpoints of a peer: of a contract's methods, or of one by hand. Calls and notifications differ in how an answer is read.
import { type AnyMethod, type Contract, codecs, type Remote, type WireFailure } from '@tenon/contract'
import {
  type Context,
  endpoint,
  type Failure,
  knownOptions,
  type MethodInfo,
  type OptionNames,
  type Outcome,
} from '@tenon/endpoint'
import { owning } from '../client.ts'
import { clientOptions } from '../client-options.ts'
import type { RpcCodes } from './answer.ts'
import { fullName, nameOf, type RpcName } from './method.ts'
import { placing } from './params.ts'
import { functionOr, peer, type RpcClientOptions } from './peer.ts'
import type { Reading, RemoteMethod } from './remote.ts'

/** A contract's client. */
export interface RpcContractOptions extends RpcClientOptions {
  /** What a method is called on the wire, as on the server. Default: `<contract>/<method>`. */
  readonly name?: RpcName
}

type AnyContract = Contract<string, Record<string, AnyMethod>>
type Info = AnyMethod & MethodInfo

/** How the methods of a contract are sent and read. */
export interface Way {
  readonly notification: boolean
  readonly reading: (info: Info, codes: RpcCodes) => Reading
  /** What stands for a method with streams; nothing when undefined. */
  readonly streaming?: (info: Info) => unknown
}

const peerOptions: OptionNames<RpcClientOptions> = { ...clientOptions, id: true, codes: true, batch: true }

const contractOptions: OptionNames<RpcContractOptions> = { ...peerOptions, name: true }

/** A record of endpoints, which owns its connections. */
export function ofContract(who: string, { name, methods }: AnyContract, options: RpcContractOptions, way: Way): object {
  const whose = `${who} of ${name}`
  knownOptions(whose, options, contractOptions)
  const to = peer(whose, options)
  const named = functionOr(whose, 'name', options.name, fullName)
  const unary = (info: Info): unknown => {
    const { encodeInput } = codecs(info)
    const { write } = placing(info)
    const method: RemoteMethod = {
      name: nameOf(whose, named, info),
      notification: way.notification,
      idempotent: info.idempotent,
      reading: way.reading(info, to.codes),
    }
    return endpoint((input: unknown, ctx) => to.call(method, write(encodeInput(input)), ctx) as never, info)
  }
  const endpoints = Object.values(methods).flatMap((info) => {
    const made = info.kind === 'unary' ? unary(info) : info.kind === 'event' ? undefined : way.streaming?.(info)
    return made === undefined ? [] : [[info.name, made]]
  })
  return owning(Object.fromEntries(endpoints) as object, to.shared.wire)
}

/** A method by hand. */
export interface ByHand<I> extends RpcClientOptions {
  /** The method's name on the wire. */
  readonly method: string
  /** May a call be repeated without harm? Default: false. Only such a one is sent again when a kept connection was closed. */
  readonly idempotent?: boolean
  /** The `params`: an object, an array, or `undefined` for none. Default: the input itself. A throw is a `Defect`. */
  readonly encode?: (input: I, ctx: Context) => unknown
}

/** What a method by hand takes, by name. */
export const handOptions: OptionNames<ByHand<unknown>> = {
  ...peerOptions,
  method: true,
  idempotent: true,
  encode: true,
}

/** One endpoint, which owns its connections. */
export function ofMethod(
  who: string,
  options: ByHand<unknown>,
  names: OptionNames<ByHand<unknown>>,
  notification: boolean,
  reading: (codes: RpcCodes) => Reading,
): object {
  knownOptions(who, options, names)
  const { method: name, idempotent = false } = options
  if (typeof name !== 'string' || name === '')
    throw new TypeError(`${who}: method is the method's name and not ${String(name)}`)
  const to = peer(who, options)
  const encode = functionOr(who, 'encode', options.encode, (input: unknown) => input)
  const method: RemoteMethod = { name, notification, idempotent, reading: reading(to.codes) }
  return owning(
    endpoint(async (input: unknown, ctx) => to.call(method, await encode(input, ctx), ctx) as never),
    to.shared.wire,
  )
}

/** A failure of the wire, or one that the client found itself. */
export const failed = (failure: WireFailure | Remote, decode: (wire: WireFailure) => Failure): Outcome => ({
  _tag: 'Left',
  left: '_tag' in failure ? failure : decode(failure),
})
