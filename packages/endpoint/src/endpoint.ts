// The one abstraction: an RPC as a function. Everything else in Tenon wraps it, serves it or calls it.
import type { Either } from 'fp-ts/lib/Either.js'
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js'
import type { Context } from './context.ts'
import { type Core, coreOf, fromCore, settle } from './core.ts'
import type { Defect, Failure } from './failure.ts'
import type { MethodInfo } from './method.ts'
import type { Fail, Ok } from './result.ts'

/**
 * One RPC: input in, and a task that ends in the output or a failure. E: what it may fail with. R: what it needs of the
 * context beyond `Context`. A plain function of this shape is an endpoint; {@link endpoint} makes one of an async function.
 */
export interface Endpoint<in I, out O, out E extends Failure = never, in R = unknown> {
  (input: I): ReaderTaskEither<Context & R, E | Defect, O>
  /** Absent on a bare endpoint; whatever the kernel makes of an endpoint carries it on. */
  readonly method?: MethodInfo | undefined
}

/**
 * An endpoint of a function that answers `ok(value)` or `fail(failure)`, or a promise of one. O and E are inferred from
 * what it answers, R from the type of its context. A throw or a rejection becomes a `Defect`.
 */
export function endpoint<I, X extends Ok<unknown> | Fail<Failure>, R = unknown>(
  f: (input: I, ctx: Context & R) => X | Promise<X>,
  method?: MethodInfo,
): Endpoint<I, X extends Ok<infer O> ? O : never, X extends Fail<infer E> ? Exclude<E, Defect> : never, R> {
  return fromCore(f as unknown as Core, method) as never
}

/**
 * An endpoint of a function that answers with a plain value and fails by throwing. What `onThrow` makes of the thrown
 * thing is the failure; without it, or when it throws itself, that is a `Defect`.
 */
export function fromPromise<I, O, E extends Failure = never, R = unknown>(
  f: (input: I, ctx: Context & R) => O | Promise<O>,
  onThrow?: (cause: unknown, input: I) => E,
): Endpoint<I, O, E, R> {
  return endpoint<I, Ok<O> | Fail<E>, R>(async (input, ctx) => {
    try {
      return { _tag: 'Right', right: await f(input, ctx) }
    } catch (cause) {
      if (onThrow === undefined) throw cause
      return { _tag: 'Left', left: onThrow(cause, input) }
    }
  }) as Endpoint<I, O, E, R>
}

/** An endpoint as one function of input and context, as those who write middlewares use it. Never rejects. */
export interface Run<in I, out O, out E extends Failure = never, in R = unknown> {
  (input: I, ctx: Context & R): Promise<Either<E | Defect, O>>
  readonly method?: MethodInfo | undefined
}

/** Runs an endpoint once: the same as `next(input)(ctx)()` without the closures, and what is thrown becomes a `Defect`. */
export function run<I, O, E extends Failure, R>(
  next: Endpoint<I, O, E, R>,
  input: I,
  ctx: Context & NoInfer<R>,
): Promise<Either<E | Defect, O>> {
  return settle(coreOf(next as never), input, ctx, next.method) as Promise<Either<E | Defect, O>>
}

/** An endpoint as a {@link Run}. */
export function runner<I, O, E extends Failure, R>(next: Endpoint<I, O, E, R>): Run<I, O, E, R> {
  const core = coreOf(next as never)
  const { method } = next
  const runs = (input: I, ctx: Context): Promise<unknown> => settle(core, input, ctx, method)
  return Object.assign(runs, { method }) as unknown as Run<I, O, E, R>
}
