// A method of a JSON-RPC server: an endpoint and its codecs, by hand or from a contract.
import { type AnyMethod, type Codecs, codecs, invalidArgument, type WireFailure } from '@tenon/contract'
import {
  type Context,
  type Endpoint,
  endpoint,
  type Failure,
  fail,
  hooksOption,
  type MethodInfo,
  type Run,
  runner,
} from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import type { Hooks } from '../hooks.ts'
import type { AnyImplementation } from '../methods.ts'
import { wireOf } from '../problem.ts'
import { uncarried } from '../stream/uncarried.ts'
import type { Called, RpcBefore, RpcProvider } from './call.ts'
import { placing } from './params.ts'

type Needed<R> = Called extends R
  ? { readonly before?: Hooks<RpcBefore> }
  : { readonly before: RpcProvider<R> | readonly [...RpcBefore[], RpcProvider<R>] }

/** How an endpoint is served as a method. Where it needs something of its context, the last `before` hook provides that. */
export type RpcMethodOptions<I, O, E extends Failure = Failure, R = unknown> = Needed<R> & {
  readonly endpoint: Endpoint<I, O, E, R>
  /**
   * The endpoint's input, from `params`: an object, an array, or `undefined`. A Left is answered as that failure
   * (`invalid_argument` as -32602), a throw is a `Defect`.
   */
  readonly decode: (
    params: object | undefined,
    ctx: Context & Called,
  ) => Either<Failure, I> | Promise<Either<Failure, I>>
  /** What stands in `result`, written as JSON; `undefined` as `null`. Default: the output itself. A throw is a `Defect`. */
  readonly encode?: (output: O, ctx: Context & Called) => unknown
}

declare const made: unique symbol

/** A method that `jsonrpc.method` made. */
export interface RpcMethod {
  readonly [made]: true
}

/** A method of the low level: an endpoint, and its codecs in the user's hands. */
export function method<I, O, E extends Failure, R = unknown>(options: RpcMethodOptions<I, O, E, R>): RpcMethod {
  const { endpoint: served, decode, encode = same } = options
  for (const [name, step] of Object.entries({ endpoint: served, decode, encode }))
    if (typeof step !== 'function') throw new TypeError(`jsonrpc.method: ${name} is a function and not ${String(step)}`)
  const prepared: Prepared = {
    run: runner(served as never),
    info: served.method,
    before: hooksOption('jsonrpc.method', options.before as Hooks<RpcBefore> | undefined),
    decode: decode as Prepared['decode'],
    encode: encode as Prepared['encode'],
    encodeFailure: isOfContract(served.method) ? codecs(served.method).encodeFailure : wireOf,
  }
  byHand.add(prepared)
  return prepared as unknown as RpcMethod
}

/** What a handler of a contract's method fails with is declared there, details and all. */
const isOfContract = (method: MethodInfo | undefined): method is AnyMethod & MethodInfo =>
  Array.isArray((method as Partial<AnyMethod> | undefined)?.failures)

const same = (output: unknown): unknown => output

const byHand = new WeakSet<Prepared>()

/** A method, prepared once: everything that its calls share. */
export interface Prepared {
  readonly run: Run<unknown, unknown, Failure>
  readonly info: MethodInfo | undefined
  readonly before: readonly RpcBefore[]
  readonly decode: (
    params: object | undefined,
    ctx: Context & Called,
  ) => Either<Failure, unknown> | PromiseLike<Either<Failure, unknown>>
  readonly encode: (output: unknown, ctx: Context & Called) => unknown
  readonly encodeFailure: (failure: Failure) => WireFailure
}

/** What `jsonrpc.server` takes. */
export type RpcServed = AnyImplementation | readonly AnyImplementation[] | Readonly<Record<string, RpcMethod>>

/** What a method of a contract is called on the wire. */
export type RpcName = (method: MethodInfo) => string

/** `shop.orders.v1.Orders/place`: the name that it has everywhere else. */
export const fullName: RpcName = ({ contract, name }) => `${contract}/${name}`

/** What a function of the user's answers as a method's name. */
export function nameOf(who: string, name: RpcName, info: MethodInfo): string {
  const given: unknown = name(info)
  if (typeof given === 'string' && given !== '') return given
  throw new TypeError(`${who}: name is a function that answers a text for ${fullName(info)} and not ${String(given)}`)
}

/** All methods by their names. */
export function prepareMethods(who: string, served: RpcServed, name: RpcName): ReadonlyMap<string, Prepared> {
  const all = new Map<string, Prepared>()
  const owners = new Map<string, string>()
  const add = (called: string, owner: string, prepared: Prepared): void => {
    const other = owners.get(called)
    if (other !== undefined)
      throw new TypeError(`${who}: ${other} and ${owner} are both called ${JSON.stringify(called)}`)
    owners.set(called, owner)
    all.set(called, prepared)
  }
  if (!isImplementations(served)) {
    for (const [called, one] of Object.entries(served ?? {})) {
      const prepared = one as unknown as Prepared
      if (!byHand.has(prepared))
        throw new TypeError(
          `${who}: ${JSON.stringify(called)} is no method; jsonrpc.method({ endpoint, decode }) makes one`,
        )
      add(called, called, prepared)
    }
    return all
  }
  for (const { contract, endpoints } of Array.isArray(served) ? served : [served]) {
    if (typeof contract?.name !== 'string') throw new TypeError(`${who}: implement(...) makes what can be served`)
    for (const info of Object.values(contract.methods as Record<string, AnyMethod & MethodInfo>))
      if (info.kind !== 'event')
        add(nameOf(who, name, info), fullName(info), ofContract(info, endpoints[info.name] as AnyEndpoint))
  }
  return all
}

type AnyEndpoint = Endpoint<unknown, unknown, Failure>

const isImplementations = (served: RpcServed): served is AnyImplementation | readonly AnyImplementation[] =>
  Array.isArray(served) || typeof (served as AnyImplementation | undefined)?.contract?.name === 'string'

function ofContract(info: AnyMethod & MethodInfo, served: AnyEndpoint): Prepared {
  const { decodeInput, encodeOutput, encodeFailure }: Codecs = codecs(info)
  const shared = { info, before: [], encodeFailure }
  if (info.kind !== 'unary')
    return {
      ...shared,
      run: runner(notCarried(info)),
      decode: () => ({ _tag: 'Right', right: undefined }),
      encode: same,
    }
  const { read } = placing(info)
  return {
    ...shared,
    run: runner(served),
    decode(params) {
      const placed = read(params)
      if (placed._tag === 'Left') return placed
      try {
        return decodeInput(placed.right)
      } catch (cause) {
        // Where `limits.depth` allows more than a recursive codec takes.
        if (cause instanceof RangeError) return { _tag: 'Left', left: tooDeep }
        throw cause
      }
    },
    encode: encodeOutput,
  }
}

const tooDeep: Failure = invalidArgument([{ path: 'params', expected: 'fewer levels', actual: 'too many' }])

/** JSON-RPC answers once. */
const notCarried = (info: MethodInfo): AnyEndpoint => {
  const message = uncarried(info, 'JSON-RPC')
  return endpoint(() => fail({ _tag: 'Unimplemented', code: 'unimplemented', message }), info) as AnyEndpoint
}
