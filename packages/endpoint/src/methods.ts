// One middleware over a record of endpoints, such as a client or what a contract implements.
import type { Endpoint } from './endpoint.ts'
import type { Failure } from './failure.ts'
import type { Middleware, Without } from './middleware.ts'

type AnyEndpoint = Endpoint<never, unknown, Failure, never>

/** F, P and N applied to every endpoint of a record; everything else (`[Symbol.asyncDispose]`) stays as it is. */
export type Mapped<T, F extends Failure, P, N> = {
  readonly [K in keyof T]: T[K] extends Endpoint<infer I, infer O, infer E, infer R>
    ? Endpoint<I, O, E | F, Without<R, P> & N>
    : T[K]
}

// biome-ignore lint/suspicious/noExplicitAny: what a pattern does not ask for must be any, or nothing matches
type Any = any

interface WrongInput<A> {
  readonly 'the middleware reads an input of type': A
}
/** Every endpoint's input must be an A; the message stands at the endpoint that is not. */
type Accepts<T, A> = {
  readonly [K in keyof T]: T[K] extends Endpoint<infer I, Any, Any, Any>
    ? [I] extends [A]
      ? unknown
      : WrongInput<A>
    : unknown
}

/** Stands first in the intersection, where the compiler's message begins. */
interface NoEndpoint<K> {
  readonly 'wrap the record of endpoints before implement(...): no endpoint is under': K
}
type NameOfEndpoint<T> = { readonly [K in keyof T]: T[K] extends Endpoint<Any, Any, Any, Any> ? K : never }[keyof T]
/** Something in the record must be an endpoint, or a middleware that guards would be lost without a word. */
type Wraps<T> = [NameOfEndpoint<T>] extends [never]
  ? [keyof T & string] extends [never]
    ? unknown
    : NoEndpoint<keyof T & string>
  : unknown

/** A copy of a record with everything under its symbols and names, its getters not run. */
const copy = (record: object): Record<PropertyKey, unknown> =>
  Object.defineProperties({}, Object.getOwnPropertyDescriptors(record)) as Record<PropertyKey, unknown>

/**
 * Wraps every endpoint of a record. What is no endpoint (no function under a name) stays as it is.
 *
 * @throws TypeError for a record in which nothing is an endpoint, such as what `implement` makes: wrap what it takes.
 */
export function mapMethods<T extends object, F extends Failure, P, N, A>(
  endpoints: Wraps<NoInfer<T>> & T & Accepts<NoInfer<T>, NoInfer<A>>,
  middleware: Middleware<F, P, N, A>,
): Mapped<T, F, P, N> {
  const mapped = copy(endpoints)
  const entries = Object.entries(endpoints)
  if (entries.length > 0 && !entries.some(([, value]) => typeof value === 'function'))
    throw new TypeError(
      `mapMethods: wrap the record of endpoints before implement(...); there is no endpoint under ${Object.keys(endpoints).join(', ')}`,
    )
  for (const [name, value] of entries)
    if (typeof value === 'function')
      Object.defineProperty(mapped, name, { value: middleware(value as never), enumerable: true })
  return mapped as Mapped<T, F, P, N>
}

/** Wraps one endpoint of a record, with a middleware or an operator. */
export function mapMethod<T extends object, K extends keyof T, X extends AnyEndpoint>(
  endpoints: Wraps<NoInfer<T>> & T,
  method: K,
  wrap: (next: T[K]) => X,
): { readonly [P in keyof T]: P extends K ? X : T[P] } {
  if (typeof endpoints[method] !== 'function')
    throw new TypeError(`mapMethod: there is no endpoint "${String(method)}"`)
  const mapped = copy(endpoints)
  Object.defineProperty(mapped, method, { value: wrap(endpoints[method]), enumerable: true })
  return mapped as never
}
