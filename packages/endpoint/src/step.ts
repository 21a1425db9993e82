// Guards, observers and admissions: the middlewares that decide before a call or watch it. All are one internal step,
// and neighbouring steps fuse into one layer with one promise hop, however many they are.
import type { Either } from 'fp-ts/lib/Either.js'
import { type Context, clockOf, extend } from './context.ts'
import { type AnyEndpoint, type Core, caught, check, coreOf, fromCore, isPromise, promised } from './core.ts'
import type { Failure } from './failure.ts'
import type { MethodInfo } from './method.ts'
import type { Middleware } from './middleware.ts'
import type { Outcome } from './result.ts'
import { isStream, whenEnds } from './stream.ts'

type Given<P> = [P] extends [never] ? unknown : P

/** Runs when a call has ended; `at` is the time, for a step made by {@link measure}. */
type End = (outcome: Outcome, at: number) => void

interface Step {
  readonly kind: 'guard' | 'observe' | 'admit'
  /** Does it want to know the time? One reading serves the whole group. */
  readonly timed: boolean
  readonly enter: (ctx: Context, input: unknown, at: number) => unknown
}

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
    const outer = fuse(fused, next.method)
    fusions.set(outer, fused)
    return fromCore(outer, next.method)
  }) as never
}

function fuse({ steps, base }: Fused, method: MethodInfo | undefined): Core {
  const count = steps.length
  const timed = steps.some((step) => step.timed)

  /** Runs the steps from the `from`-th on, then what they are around. `ends` are the hooks of the steps before. */
  function enter(from: number, input: unknown, ctx: Context, at: number, ends: End[]): Outcome | Promise<Outcome> {
    try {
      for (let i = from; i < count; i++) {
        const step = steps[i] as Step
        const answer = step.enter(ctx, input, at)
        if (step.kind === 'observe') {
          if (answer !== undefined) ends.push(answer as End)
        } else {
          if (isPromise(answer)) return wait(answer, step, i + 1, input, ctx, at, ends)
          const refusal = apply(answer, step, ends)
          if (refusal !== undefined) return leave(refusal, ctx, ends)
          if (step.kind === 'guard') ctx = provided(ctx, answer)
        }
      }
      const answer = base(input, ctx)
      if (!isPromise(answer)) return leave(check(answer, method), ctx, ends)
      return promised(answer).then(
        (outcome) => leave(check(outcome, method), ctx, ends),
        (cause) => leave(caught(cause, method), ctx, ends),
      )
    } catch (cause) {
      return leave(caught(cause, method), ctx, ends)
    }
  }

  /** A step that answers later ends the group: what follows it starts when it has answered. */
  function wait(
    answer: PromiseLike<unknown>,
    step: Step,
    next: number,
    input: unknown,
    ctx: Context,
    at: number,
    ends: End[],
  ): Promise<Outcome> {
    return promised(answer).then(
      (decision) => {
        try {
          const refusal = apply(decision, step, ends)
          if (refusal !== undefined) return leave(refusal, ctx, ends)
          return enter(next, input, step.kind === 'guard' ? provided(ctx, decision) : ctx, at, ends)
        } catch (cause) {
          return leave(caught(cause, method), ctx, ends)
        }
      },
      (cause) => leave(caught(cause, method), ctx, ends),
    )
  }

  /** The end hooks, innermost first, each once. One that throws turns the outcome into a Defect for those outside it. */
  function leave(outcome: Outcome, ctx: Context, ends: End[]): Outcome {
    if (ends.length === 0) return outcome
    if (outcome._tag === 'Right' && isStream(outcome.right))
      return { _tag: 'Right', right: whenEnds(outcome.right, (last) => void close(last, ctx, ends)) }
    return close(outcome, ctx, ends)
  }

  function close(outcome: Outcome, ctx: Context, ends: End[]): Outcome {
    const at = timed ? clockOf(ctx).now() : 0
    for (let i = ends.length - 1; i >= 0; i--) {
      try {
        ;(ends[i] as End)(outcome, at)
      } catch (cause) {
        outcome = caught(cause, method)
      }
    }
    return outcome
  }

  const core = (input: unknown, ctx: Context): Outcome | Promise<Outcome> =>
    enter(0, input, ctx, timed ? clockOf(ctx).now() : 0, [])
  return Object.assign(core, { safe: true })
}

/** A refusal to answer with, `undefined` when the call may go on. An admission leaves its end hook. */
function apply(answer: unknown, step: Step, ends: End[]): Outcome | undefined {
  const decision = answer as Outcome | null | undefined
  if (decision?._tag === 'Right') {
    if (step.kind === 'guard') return undefined
    if (typeof decision.right !== 'function')
      throw new TypeError('an admission answers ok(end), where end is told the outcome, or refuse(failure)')
    ends.push(decision.right as End)
    return undefined
  }
  if (decision?._tag === 'Left') return check(decision, undefined)
  throw new TypeError(
    step.kind === 'guard'
      ? 'a guard answers pass(), pass({ ... }) or refuse(failure)'
      : 'an admission answers ok(end) or refuse(failure)',
  )
}

function provided(ctx: Context, answer: unknown): Context {
  const fields = (answer as { right?: unknown }).right
  return fields === undefined ? ctx : extend(ctx, fields as object)
}
