// The way in: calls an endpoint and gives a promise of what came of it. Never throws; `unwrap` is for those who want that.
import type { Either } from 'fp-ts/lib/Either.js'
import type { Context } from './carried.ts'
import { background, derive } from './context.ts'
import { settledOf } from './core.ts'
import type { Endpoint, Run } from './endpoint.ts'
import type { Defect, Failure } from './failure.ts'
import { isStream, whenEnds } from './stream.ts'

/** How a call is made. Everything is optional. */
export interface CallOptions {
  /** The caller's context: its deadline and cancellation hold for this call, of its metadata the allowed part passes on. */
  readonly parent?: Context
  /** Milliseconds from now; the earlier of this and the parent's deadline counts. Told to the endpoint; clients and `timeout` keep it. */
  readonly timeout?: number
  /** Ends the call when it aborts. */
  readonly signal?: AbortSignal
  /** What to send along; keys are lower-cased. */
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * Calls an endpoint that needs nothing beyond `Context`. In a handler, `{ parent: ctx }` passes deadline and cancellation on.
 * Bad options are a TypeError at once.
 */
export function call<I, O, E extends Failure>(
  ep: Endpoint<I, O, E>,
  input: I,
  options?: CallOptions,
): Promise<Either<E | Defect, O>> {
  const run = settledOf(ep as never) as Run<I, O, E>
  // Nobody above holds this call, and no clock: there is nothing to let go of.
  if (options === undefined) return run(input, background())
  const { parent, timeout, signal, metadata } = options
  if (timeout !== undefined && !(timeout >= 0))
    throw new TypeError(`call: timeout is milliseconds, 0 or more, and not ${timeout}`)
  const { ctx, life } = derive(parent, timeout, signal, metadata)
  const answer = run(input, ctx)
  if (parent === undefined && timeout === undefined && signal === undefined) return answer
  return answer.then((outcome) => {
    if (outcome._tag === 'Right' && isStream(outcome.right))
      return { _tag: 'Right', right: whenEnds(outcome.right, () => life.finish()) as O }
    life.finish()
    return outcome
  })
}

/** What `unwrap` throws: an `Error` with the failure's message, and the failure in `failure`. */
export class CallError<E extends Failure = Failure> extends Error {
  override readonly name = 'CallError'
  readonly failure: E
  constructor(failure: E) {
    super(`${failure._tag}: ${failure.message}`, { cause: (failure as { cause?: unknown }).cause })
    this.failure = failure
  }
}

/** The value of a success; throws a {@link CallError} for a failure. Takes a result or a promise of one. */
export function unwrap<E extends Failure, O>(result: Promise<Either<E, O>>): Promise<O>
export function unwrap<E extends Failure, O>(result: Either<E, O>): O
export function unwrap<E extends Failure, O>(result: Either<E, O> | Promise<Either<E, O>>): O | Promise<O> {
  if (result instanceof Promise) return result.then((settled) => unwrap(settled))
  if (result._tag === 'Right') return result.right
  throw new CallError(result.left)
}
