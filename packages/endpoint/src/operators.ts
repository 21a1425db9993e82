// Operators: what changes an endpoint's input or output, or removes failures. Plain functions for `pipe`; the last one
// applied is the outermost.
import type { Either } from 'fp-ts/lib/Either.js'
import type { Context } from './carried.ts'
import { type AnyEndpoint, type Core, coreOf, fromCore, isPromise, settledOf } from './core.ts'
import type { Endpoint } from './endpoint.ts'
import type { Defect, Failure } from './failure.ts'
import type { Middleware } from './middleware.ts'
import { type Fail, type Ok, type Outcome, pass } from './result.ts'
import { guard } from './step.ts'

type Value<X> = X extends Ok<infer O> ? O : never
type Errors<X> = X extends Fail<infer E> ? Exclude<E, Defect> : never

/** An endpoint that runs `next` and goes on with its outcome. */
const then = (next: AnyEndpoint, f: (outcome: Outcome, input: unknown, ctx: Context) => unknown): AnyEndpoint => {
  const run = settledOf(next)
  return fromCore(((input, ctx) => run(input, ctx).then((outcome) => f(outcome, input, ctx))) as Core, next.method)
}

/** Takes a J and makes of it the input that the endpoint takes. */
export const mapInput =
  <J, I>(f: (input: J, ctx: Context) => I) =>
  <O, E extends Failure, R>(next: Endpoint<I, O, E, R>): Endpoint<J, O, E, R> => {
    const core = coreOf(next as never)
    return fromCore((input, ctx) => core(f(input as J, ctx), ctx), next.method) as never
  }

/** Makes something else of the output. */
export const mapOutput =
  <O, P>(f: (output: O, ctx: Context) => P) =>
  <I, E extends Failure, R>(next: Endpoint<I, O, E, R>): Endpoint<I, P, E, R> =>
    then(next as never, (outcome, _, ctx) =>
      outcome._tag === 'Right' ? { _tag: 'Right', right: f(outcome.right as O, ctx) } : outcome,
    ) as never

/** Makes another failure of a failure. A `Defect` stays one. */
export const mapFailure =
  <E extends Failure, G extends Failure>(f: (failure: E, ctx: Context) => G) =>
  <I, O, R>(next: Endpoint<I, O, E, R>): Endpoint<I, O, Exclude<G, Defect>, R> =>
    then(next as never, (outcome, _, ctx) =>
      outcome._tag === 'Left' && outcome.left._tag !== 'Defect'
        ? { _tag: 'Left', left: f(outcome.left as E, ctx) }
        : outcome,
    ) as never

/** Supplies what an endpoint needs of its context. A middleware, so it goes into `chain` as well. */
export const provide = <P extends object>(fields: P): Middleware<never, P> => {
  const passes = pass(fields)
  return guard<never, P>(() => passes) as Middleware<never, P>
}

/** Does something with every success and leaves it as it is. What it throws or rejects with becomes a `Defect`. */
export const tap =
  <I, O>(f: (output: O, input: I, ctx: Context) => void | Promise<void>) =>
  <E extends Failure, R>(next: Endpoint<I, O, E, R>): Endpoint<I, O, E, R> =>
    then(next as never, (outcome, input, ctx) => {
      if (outcome._tag === 'Left') return outcome
      // What answers something passes for a function of `void`: a counter's `inc` is one.
      const waits: unknown = f(outcome.right as O, input as I, ctx)
      return isPromise(waits) ? waits.then(() => outcome) : outcome
    }) as never

/**
 * Answers in the place of a failure: what `f` answers is the result. It sees a `Defect` too, and may hand on with `fail(failure)`
 * what it cannot mend.
 */
export const recover =
  <E extends Failure, X extends Either<Failure, unknown>, I = unknown>(
    f: (failure: E | Defect, input: I, ctx: Context) => X | Promise<X>,
  ) =>
  <O, R>(next: Endpoint<I, O, E, R>): Endpoint<I, O | Value<X>, Errors<X>, R> =>
    then(next as never, (outcome, input, ctx) =>
      outcome._tag === 'Left' ? f(outcome.left as E, input as I, ctx) : outcome,
    ) as never
