// Makes endpoints of plain functions: of one that answers ok or fail, and of one that throws.
import type { Context } from './carried.ts'
import { type Core, coreOf, fromCore } from './core.ts'
import type { Endpoint } from './endpoint.ts'
import type { Defect, Failure } from './failure.ts'
import type { MethodInfo } from './method.ts'
import type { Fail, Ok } from './result.ts'

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

/** The same endpoint, said to be that of a method: whatever wraps it reads it. */
export const withMethod = <I, O, E extends Failure, R>(
  next: Endpoint<I, O, E, R>,
  method: MethodInfo,
): Endpoint<I, O, E, R> => fromCore(coreOf(next as never), method) as never

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
