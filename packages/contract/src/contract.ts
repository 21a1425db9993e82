// A contract: one description of a service, from which every transport makes its server and its client.
import type { Kind, MethodInfo } from '@tenon/endpoint'
import { bind } from './bindings.ts'
import { isCallTag } from './call-failed.ts'
import type { AnyMethod, Method, PlacedMethod, UnknownKeys } from './method.ts'
import { prepareResume } from './resumption.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a pattern does not ask for must be any, or nothing matches
type Any = any

/** A service: its full name and its methods. */
export interface Contract<N extends string, M extends Record<string, AnyMethod>> {
  readonly name: N
  /** What it is for, as documents tell it. */
  readonly description?: string
  /** Every method knows its contract and its name: it is the `method` of the endpoints made of it. */
  readonly methods: { readonly [K in keyof M]: M[K] & MethodInfo }
}

/** Any contract. */
export type AnyContract = Contract<string, Record<string, AnyMethod>>

/** Methods that are called (all but events). */
export type Calls<M> = { readonly [K in keyof M as M[K] extends Method<'event', Any, Any, Any> ? never : K]: M[K] }

/** Methods that are published and consumed. */
export type Events<M> = { readonly [K in keyof M as M[K] extends Method<'event', Any, Any, Any> ? K : never]: M[K] }

/** What holds for the whole contract. */
export interface ContractOptions {
  /** What happens to keys that the codecs do not know; a method may differ. Default: inputs refuse, outputs strip. */
  readonly unknownKeys?: UnknownKeys
  /** What the service is for: documents tell it. */
  readonly description?: string
}

/**
 * Describes a service: its full name (`shop.orders.v1.Orders`) and its methods.
 *
 * @throws TypeError naming contract, method and field, for names that no wire can carry, a failure declared twice, and
 * HTTP bindings that cannot work or clash, and ids that a stream cannot be resumed by.
 */
export function contract<const N extends string, const M extends Record<string, AnyMethod>>(
  name: N,
  methods: M,
  options: ContractOptions = {},
): Contract<N, M> {
  if (typeof name !== 'string' || !fullName.test(name))
    throw new TypeError(`contract: a name reads "shop.orders.v1.Orders" and not ${JSON.stringify(name)}`)
  if (name.length > longestName) throw new TypeError(`contract: a name has at most ${longestName} characters`)
  const keys = unknownKeysOf(name, options.unknownKeys)
  const placed = Object.entries(methods).map(([key, method]) => placeMethod(name, key, method, keys))
  bind(placed)
  for (const method of placed) prepareResume(`${name}.${method.name}`, method)
  const { description } = options
  if (description !== undefined && typeof description !== 'string')
    throw new TypeError(`${name}: description is a text and not ${JSON.stringify(description)}`)
  return Object.freeze({
    name,
    ...(description !== undefined && { description }),
    methods: Object.freeze(Object.fromEntries(placed.map((method) => [method.name, method]))),
  }) as Contract<N, M>
}

const fullName = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/
const methodName = /^[A-Za-z_]\w*$/
const longestName = 200

function placeMethod(contract: string, name: string, method: AnyMethod, keys: UnknownKeys): PlacedMethod {
  const where = `${contract}.${name}`
  if (!methodName.test(name) || name.length > longestName)
    throw new TypeError(`${where}: a method's name is an identifier such as "place"`)
  // A record with a `then` is taken for a promise where somebody awaits it; the others every object has already.
  if (name === 'then' || name in Object.prototype)
    throw new TypeError(`${where}: "${name}" means something else on every object; take another name`)
  if (!kinds.has(method?.kind)) throw new TypeError(`${where}: this is no method; unary({ ... }) makes one`)
  for (const side of ['input', 'output'] as const)
    if (typeof method[side]?.decode !== 'function' || typeof method[side].encode !== 'function')
      throw new TypeError(`${where}: "${side}" is no io-ts codec`)
  const tags = new Set<string>()
  for (const failure of method.failures) {
    const tag: unknown = failure?.tag
    if (typeof tag !== 'string') throw new TypeError(`${where}: failures are made by failure('Tag', 'code')`)
    if (isCallTag(tag)) throw new TypeError(`${where}: the failure ${tag} is any call's; it needs no declaration`)
    if (tags.has(tag)) throw new TypeError(`${where}: two failures are named ${tag}`)
    tags.add(tag)
  }
  const unknownKeys = { ...keys, ...unknownKeysOf(where, method.unknownKeys) }
  return Object.freeze({ ...method, unknownKeys, contract, name })
}

const kinds: ReadonlySet<unknown> = new Set<Kind>(['unary', 'serverStream', 'clientStream', 'duplex', 'event'])

function unknownKeysOf(where: string, given: UnknownKeys = {}): UnknownKeys {
  for (const side of ['input', 'output'] as const)
    if (given[side] !== undefined && given[side] !== 'refuse' && given[side] !== 'strip')
      throw new TypeError(`${where}: unknownKeys.${side} is "refuse" or "strip" and not ${JSON.stringify(given[side])}`)
  return given
}
