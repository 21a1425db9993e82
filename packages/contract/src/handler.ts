// An endpoint for one method: input, output and failures come from the method, so that nothing is annotated twice.
import {
  type Context,
  type Defect,
  type Endpoint,
  endpoint,
  type Fail,
  type Failure,
  type Infrastructure,
  type MethodInfo,
  type Ok,
  ok,
  type Stream,
  stream,
} from '@tenon/endpoint'
import type { CallFailed } from './call-failed.ts'
import type { AnyMethod, FailureUnion, Method } from './method.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a pattern does not ask for must be any, or nothing matches
type Any = any

type Streams = 'serverStream' | 'duplex'
type Takes<M> =
  M extends Method<'clientStream' | 'duplex', infer I, Any, Any>
    ? Stream<I, CallFailed>
    : M extends Method<Any, infer I, Any, Any>
      ? I
      : never
type Answer<M> =
  M extends Method<'event', Any, Any, Any>
    ? Ok<void> | Fail<Failure>
    : M extends Method<Any, Any, infer O, infer Fs>
      ? Ok<O> | Fail<FailureUnion<Fs> | CallFailed | Infrastructure>
      : never
type Gives<M, E extends Failure> =
  M extends Method<infer K, Any, infer O, Any> ? (K extends Streams ? Stream<O, E> : O) : never
type Returned<M, X> = M extends { readonly kind: Streams } ? AsyncIterable<X> : X | Promise<X>
type ErrorOf<X> = X extends Fail<infer E> ? Exclude<E, Defect> : never

/**
 * An endpoint for one method of a contract: `async (input, ctx) => ok(...) | fail(...)`, or an async generator that
 * yields them where the method answers with a stream. What it answers is checked against the method; E and R stay what
 * the function really has. A throw becomes a `Defect`.
 */
export function handler<M extends AnyMethod & MethodInfo, X extends Answer<M> | Fail<Defect>, R = unknown>(
  method: M,
  f: (input: Takes<M>, ctx: Context & R) => Returned<M, X>,
): Endpoint<Takes<M>, Gives<M, ErrorOf<X>>, ErrorOf<X>, R> {
  const handle = f as unknown as (input: unknown, ctx: Context) => Ok<unknown>
  const { kind } = method
  if (kind !== 'serverStream' && kind !== 'duplex') return endpoint(handle, method) as never
  return endpoint((input, ctx) => ok(stream(handle(input, ctx) as never)), method) as never
}
