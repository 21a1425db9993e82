// A contract and the endpoints behind it, checked by the compiler: declared failures, provided needs, no method missing.
import { type Endpoint, type Failure, type Infrastructure, withMethod } from '@tenon/endpoint'
import type { CallFailed } from './call-failed.ts'
import type { EndpointOf } from './client.ts'
import type { Calls, Contract } from './contract.ts'
import type { AnyMethod } from './method.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a pattern does not ask for must be any, or nothing matches
type Any = any

// Named so that the first line of the compiler's message says what is wrong.
/** Stands first in the intersection: the compiler cuts a type at some 160 characters, and a real endpoint's type is longer. */
interface Undeclared<K, T> {
  readonly "add to the method's failures": [K, T]
}
interface Unprovided<K, R> {
  readonly 'no middleware provides': [K, R]
}
interface Missing<K> {
  readonly 'there is no endpoint for': K
}
interface NoSuchMethod<K> {
  readonly 'the contract has no method to implement named': K
}
type TagsOf<E> = E extends Failure<infer T> ? T : never
type Check<K, M, X> =
  EndpointOf<M, CallFailed, unknown> extends Endpoint<Any, Any, infer D>
    ? X extends Endpoint<Any, Any, infer E, infer R>
      ? [TagsOf<Exclude<E, D | Infrastructure>>] extends [never]
        ? unknown extends R
          ? EndpointOf<M, CallFailed | Infrastructure, unknown>
          : Unprovided<K, R>
        : Undeclared<K, TagsOf<Exclude<E, D | Infrastructure>>>
      : EndpointOf<M, CallFailed, unknown>
    : never
/** The keys that are there for sure: `{ get?: Endpoint }` may be none. What is still unknown is Impl before it is inferred. */
type Present<Impl> = {
  [K in keyof Impl]-?: unknown extends Impl[K] ? K : object extends Pick<Impl, K> ? never : K
}[keyof Impl]
type Complete<M, Impl> = [Exclude<keyof M, Present<Impl>>] extends [never]
  ? unknown
  : Missing<Exclude<keyof M, Present<Impl>>>
// Homomorphic, over the keys of Impl alone: the compiler looks into anything else for what endpoints written inline are to
// be, before it has inferred Impl, and then takes Impl to have every key.
type Checked<M, Impl> = {
  readonly [K in keyof Impl]: K extends keyof M ? Check<K, M[K], Impl[K]> : K extends symbol ? unknown : NoSuchMethod<K>
}
type Implements<M, Impl> = Complete<M, Impl> & Checked<M, Impl>

type AnyEndpoint = Endpoint<unknown, unknown, Failure>

/** What a transport serves: a contract and the endpoints behind it. */
export interface Implementation<
  N extends string = string,
  M extends Record<string, AnyMethod> = Record<string, AnyMethod>,
> {
  readonly contract: Contract<N, M>
  /** By method, all but events. Each takes what `decodeInput` of its method made, and carries that `method`. */
  readonly endpoints: Readonly<Record<string, AnyEndpoint>>
}

/**
 * The endpoints behind a contract. The compiler checks that none is missing, that each takes and gives what its method
 * says, that its business failures are declared and that nothing it needs of the context is left unprovided. A client
 * may stand for an implementation: that is a gateway.
 *
 * @throws TypeError for a method that is missing, unknown, an event, no function, or a function that is no endpoint, as far as
 * that shows without a call: one that is async, a generator, or takes more than an input.
 */
export function implement<
  N extends string,
  M extends Record<string, AnyMethod>,
  Impl extends { readonly [K in keyof Calls<M>]?: unknown },
>(c: Contract<N, M>, impl: Implements<Calls<M>, NoInfer<Impl>> & Impl): Implementation<N, M> {
  const endpoints: Record<string, AnyEndpoint> = {}
  for (const [name, method] of Object.entries(c.methods)) {
    const given: unknown = (impl as Readonly<Record<string, unknown>>)[name]
    if (method.kind === 'event') {
      if (given !== undefined)
        throw new TypeError(`implement ${c.name}: "${name}" is an event: consumed, not implemented`)
      continue
    }
    if (given === undefined) throw new TypeError(`implement ${c.name}: "${name}" is missing`)
    if (typeof given !== 'function') throw new TypeError(`implement ${c.name}: "${name}" is no endpoint`)
    if (isPlain(given))
      throw new TypeError(
        `implement ${c.name}: "${name}" is a plain function and no endpoint: wrap it in handler(${c.name.split('.').pop()}.methods.${name}, ...)`,
      )
    const endpoint = given as AnyEndpoint
    endpoints[name] = endpoint.method === undefined ? withMethod(endpoint, method) : endpoint
  }
  const extra = Object.keys(impl).find((name) => !Object.hasOwn(c.methods, name))
  if (extra !== undefined) throw new TypeError(`implement ${c.name}: the contract has no method "${extra}"`)
  return { contract: c, endpoints }
}

/**
 * Is it a function that no endpoint can be? An endpoint takes one input and answers at once, with a function of the context. The
 * tag of async functions and generators is another than that of functions.
 */
const isPlain = (given: { readonly length: number }): boolean =>
  given.length > 1 || Object.prototype.toString.call(given) !== '[object Function]'
