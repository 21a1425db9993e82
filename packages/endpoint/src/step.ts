// Guards, observers and admissions: the middlewares that decide before a call or watch it. All are one internal step,
// and neighbouring steps fuse into one layer with one promise hop, however many they are.
import type { Either } from 'fp-ts/lib/Either.js'
import type { Context } from './carried.ts'
import { type AnyEndpoint, type Core, coreOf, fromCore } from './core.ts'
import type { Failure } from './failure.ts'
import { fuse } from './fused.ts'
import type { Step } from './group.ts'
import type { Middleware } from './middleware.ts'
import type { Outcome } from './result.ts'

type Given<P> = [P] extends [never] ? unknown : P

/**
 * Decides before a call: `refuse(failure)`, or `pass()`, or `pass({ claims })`, which provides fields to what it wraps.
 * A promise is waited for; it costs one more hop.
 */
export const guard = <F extends Failure = never, P = unknown, N = unknown, A = unknown>(
  decide: (ctx: Context & N, input: A) => Either<F, P> | Promise<Either<F, P>>,
): Middleware<F, Given<P>, N, A> => stepping({ kind: 'guard', timed: false, enter: decide as never })

/** Watches a call: runs at its start, and may return what runs at its end. The end of a stream is when it ends. */
export const observe = <N = unknown, A = unknown>(
  start: (ctx: Context & N, input: A) => ((outcome: Outcome) => void) | undefined,
): Middleware<never, unknown, N, A> => stepping({ kind: 'observe', timed: false, enter: start as never })

/**
 * {@link observe}, told the time at both ends, in milliseconds of the call's clock: a fused group reads it once where it
 * starts and once where it ends, however many of its steps measure.
 */
export const measure = <N = unknown, A = unknown>(
  start: (ctx: Context & N, input: A, at: number) => ((outcome: Outcome, at: number) => void) | undefined,
): Middleware<never, unknown, N, A> => stepping({ kind: 'observe', timed: true, enter: start as never })

/**
 * Decides before a call and is told how it ended: breakers, limiters, in-flight counts. `refuse(failure)`, or `ok(end)`
 * where `end` runs exactly once with the outcome. Cancelled calls end too.
 */
export const admit = <F extends Failure, N = unknown, A = unknown>(
  enter: (
    ctx: Context & N,
    input: A,
  ) => Either<F, (outcome: Outcome) => void> | Promise<Either<F, (outcome: Outcome) => void>>,
): Middleware<F, unknown, N, A> => stepping({ kind: 'admit', timed: false, enter: enter as never })

/** The steps that were fused into a core, and what they are around. */
interface Fused {
  readonly steps: readonly Step[]
  readonly base: Core
}

const fusions = new WeakMap<Core, Fused>()

function stepping<F extends Failure, P, N, A>(step: Step): Middleware<F, P, N, A> {
  return ((next: AnyEndpoint) => {
    const core = coreOf(next)
    const inner = fusions.get(core)
    const fused: Fused =
      inner === undefined ? { steps: [step], base: core } : { steps: [step, ...inner.steps], base: inner.base }
    const timed = fused.steps.some((each) => each.timed)
    const outer = fuse({ ...fused, method: next.method, timed })
    fusions.set(outer, fused)
    return fromCore(outer, next.method)
  }) as never
}
