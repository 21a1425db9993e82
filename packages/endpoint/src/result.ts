// What a function answers: `ok(value)` or `fail(failure)`. The same values as fp-ts's Right and Left, without having to know fp-ts.
import type { Either } from 'fp-ts/lib/Either.js'
import type { Failure } from './failure.ts'

/** A success. The same value as fp-ts's `right`. */
export interface Ok<O> {
  readonly _tag: 'Right'
  readonly right: O
}

/** A failure answered. The same value as fp-ts's `left`. */
export interface Fail<E> {
  readonly _tag: 'Left'
  readonly left: E
}

/** How a call ended, for those who only watch. */
export type Outcome = Either<Failure, unknown>

/** Answers with a value, or with nothing. */
export function ok(): Ok<void>
export function ok<O>(value: O): Ok<O>
export function ok<O>(value?: O): Ok<O | undefined> {
  return { _tag: 'Right', right: value }
}

/** Answers with a failure. */
export function fail<E extends Failure>(failure: E): Fail<E> {
  return { _tag: 'Left', left: failure }
}

/** What a guard answers when the call may go on; what it provides is added to the context of what it wraps. */
export function pass(): Ok<unknown>
export function pass<P extends object>(provides: P): Ok<P>
export function pass<P extends object>(provides?: P): Ok<P | undefined> {
  return provides === undefined ? passed : { _tag: 'Right', right: provides }
}

/** For the kernel: the one value of `pass()`, known by its identity, so that most guards allocate and extend nothing. */
export const passed: Ok<undefined> = Object.freeze({ _tag: 'Right', right: undefined })

/** What a guard answers when the call may not go on. */
export const refuse: typeof fail = fail
