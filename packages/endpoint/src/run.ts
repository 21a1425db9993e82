// Runs an endpoint: what middlewares and transports use, where `call` is for the outside.
import type { Either } from 'fp-ts/lib/Either.js'
import type { Context } from './carried.ts'
import { coreOf, settledOf, settling } from './core.ts'
import type { Endpoint, Run } from './endpoint.ts'
import type { Defect, Failure } from './failure.ts'

/** Runs an endpoint once: the same as `next(input)(ctx)()` without the closures, and what is thrown becomes a `Defect`. */
export function run<I, O, E extends Failure, R>(
  next: Endpoint<I, O, E, R>,
  input: I,
  ctx: Context & NoInfer<R>,
): Promise<Either<E | Defect, O>> {
  return settledOf(next as never)(input, ctx) as Promise<Either<E | Defect, O>>
}

/** An endpoint as a {@link Run}. */
export function runner<I, O, E extends Failure, R>(next: Endpoint<I, O, E, R>): Run<I, O, E, R> {
  const { method } = next
  return Object.assign(settling(coreOf(next as never), method), { method }) as unknown as Run<I, O, E, R>
}
