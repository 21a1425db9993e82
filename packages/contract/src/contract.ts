// A contract: one description of a service, from which every transport makes its server and its client.
import type { MethodInfo } from '@tenon/endpoint'
import type { AnyMethod, Method, UnknownKeys } from './method.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a pattern does not ask for must be any, or nothing matches
type Any = any

/** A service: its full name and its methods. */
export interface Contract<N extends string, M extends Record<string, AnyMethod>> {
  readonly name: N
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
}

/**
 * Describes a service: its full name (`shop.orders.v1.Orders`) and its methods.
 *
 * @throws TypeError naming contract, method and field, for names that no wire can carry, a failure declared twice, and
 * HTTP bindings that cannot work or clash.
 */
export function contract<const N extends string, const M extends Record<string, AnyMethod>>(
  name: N,
  methods: M,
  _options: ContractOptions = {},
): Contract<N, M> {
  const placed = Object.entries(methods).map(([key, method]) => [key, { ...method, contract: name, name: key }])
  return { name, methods: Object.fromEntries(placed) }
}
