// What a middleware is, and how several become one. A middleware only adds: failures, provided fields, needs. What
// changes input or output, or removes failures, is an operator: a plain function for `pipe`.
import type { Context } from './carried.ts'
import { type AnyEndpoint, type Core, coreOf, fromCore, settling } from './core.ts'
import type { Endpoint, Run } from './endpoint.ts'
import type { Failure } from './failure.ts'
import type { MethodInfo } from './method.ts'

type Tidy<X> = keyof X extends never ? unknown : X

/** What is left of the needs R once P is provided: keys that P supplies with an assignable type are dropped. */
export type Without<R, P> = unknown extends P
  ? R
  : Context & P extends R
    ? unknown
    : Tidy<{
        readonly [K in keyof R as K extends keyof (Context & P) ? ((Context & P)[K] extends R[K] ? never : K) : K]: R[K]
      }>

// biome-ignore lint/suspicious/noExplicitAny: what a pattern does not ask for must be any, or nothing matches
type Any = any

declare const types: unique symbol

/**
 * Wraps any endpoint whose input is an A. Adds the failures F, provides P to what it wraps, needs N from outside.
 */
export interface Middleware<F extends Failure = never, P = unknown, N = unknown, A = unknown> {
  <I extends A, O, E extends Failure, R>(next: Endpoint<I, O, E, R>): Endpoint<I, O, E | F, Without<R, P> & N>
  /** Never there at run time. Without it the compiler does not compare F, P, N and A when a middleware is annotated. */
  readonly [types]?: ((needs: N, input: A) => { readonly fails: F; readonly provides: P }) | undefined
}

/** Anything that looks like a middleware; `chain` looks closer. */
export interface AnyMiddleware {
  (next: Any): Any
  readonly [types]?: Any
}

type Fails<M> = M extends Middleware<infer F, Any, Any, Any> ? F : never
type Provides<Ms> = Ms extends readonly [Middleware<Any, infer P, Any, Any>, ...infer Rest]
  ? P & Provides<Rest>
  : unknown
type Needs<Ms> = Ms extends readonly [Middleware<Any, infer P, infer N, Any>, ...infer Rest]
  ? N & Without<Needs<Rest>, P>
  : unknown
type Inputs<Ms> = Ms extends readonly [Middleware<Any, Any, Any, infer A>, ...infer Rest] ? A & Inputs<Rest> : unknown

/** Without this check `chain` takes any function, operators too, and states types that do not hold. */
interface NotAMiddleware {
  readonly 'an operator (it changes input, output or removes failures) goes into pipe': never
}
type OnlyMiddlewares<Ms> = {
  readonly [K in keyof Ms]: Ms[K] extends Middleware<Any, Any, Any, Any> ? unknown : NotAMiddleware
}

/**
 * Several middlewares as one; the first is the outermost. What outer ones provide discharges what inner ones need.
 * `chain()` is the identity.
 */
export function chain<const Ms extends readonly AnyMiddleware[]>(
  ...outermostFirst: Ms & OnlyMiddlewares<Ms>
): Middleware<Fails<Ms[number]>, Provides<Ms>, Needs<Ms>, Inputs<Ms>> {
  const wraps: readonly AnyMiddleware[] = outermostFirst
  for (const [at, wrap] of wraps.entries())
    if (typeof wrap !== 'function') throw new TypeError(`chain: argument ${at + 1} is no middleware: ${String(wrap)}`)
  return ((next: AnyEndpoint) => wraps.reduceRight((inner, wrap) => wrap(inner), next)) as never
}

declare const inner: unique symbol

/** The output of what a {@link middleware} wraps, whatever it is: only calling it gives one. */
export interface Answer {
  readonly [inner]: 'output'
}

/** A failure of what a {@link middleware} wraps, whatever it is: only calling it gives one. */
export interface Failed extends Failure {
  readonly [inner]: 'failure'
}

/**
 * The general form: given what it wraps as one function of input and context, answers with another. For what guards,
 * observers and admissions cannot say: call again, race, wait. State its types: `middleware<F, P, N, A>(...)`.
 * The method passes through, a throw becomes a `Defect`.
 *
 * ```ts
 * const twice: Middleware = middleware((next) => async (input, ctx) => {
 *   const first = await next(input, ctx)
 *   return first._tag === 'Right' ? first : next(input, ctx)
 * })
 * ```
 */
export function middleware<F extends Failure = never, P = unknown, N = unknown, A = unknown>(
  wrap: (next: Run<A, Answer, Failed, P>) => Run<A, Answer, Failed | NoInfer<F>, N>,
): Middleware<F, P, N, A> {
  return ((next: AnyEndpoint) => {
    const { method } = next
    const outer = wrap(
      Object.assign(settling(coreOf(next), method), { method }) as unknown as Run<A, Answer, Failed, P>,
    )
    return fromCore(outer as unknown as Core, method)
  }) as never
}

/** A middleware chosen by the method it wraps: labels, idempotence. Chosen once, when it wraps. */
export function byMethod<F extends Failure = never, P = unknown, N = unknown, A = unknown>(
  choose: (method: MethodInfo | undefined) => Middleware<F, P, N, A>,
): Middleware<F, P, N, A> {
  return ((next: AnyEndpoint) => choose(next.method)(next as never)) as never
}
