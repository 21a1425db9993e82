// The one abstraction: an RPC as a function. Everything else in Tenon wraps it, serves it or calls it.
import type { Either } from 'fp-ts/lib/Either.js'
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js'
import type { Context } from './carried.ts'
import type { Defect, Failure } from './failure.ts'
import type { MethodInfo } from './method.ts'

/**
 * One RPC: input in, and a task that ends in the output or a failure. E: what it may fail with. R: what it needs of the
 * context beyond `Context`. A plain function of this shape is an endpoint; {@link endpoint} makes one of an async function.
 */
export interface Endpoint<in I, out O, out E extends Failure = never, in R = unknown> {
  (input: I): ReaderTaskEither<Context & R, E | Defect, O>
  /** Absent on a bare endpoint; whatever the kernel makes of an endpoint carries it on. */
  readonly method?: MethodInfo | undefined
}

/** An endpoint as one function of input and context, as those who write middlewares use it. Never rejects. */
export interface Run<in I, out O, out E extends Failure = never, in R = unknown> {
  (input: I, ctx: Context & R): Promise<Either<E | Defect, O>>
  readonly method?: MethodInfo | undefined
}
