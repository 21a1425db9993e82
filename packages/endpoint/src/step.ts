// Guards, observers and admissions: the middlewares that decide before a call or watch it. All are one internal step,
// and neighbouring steps fuse into one layer with one promise hop, however many they are.
import type { Either } from 'fp-ts/lib/Either.js'
import { type Context, clockOf, extend } from './context.ts'
import { type AnyEndpoint, type Core, caught, check, coreOf, fromCore, isPromise, promised } from './core.ts'
import type { Failure } from './failure.ts'
import type { MethodInfo } from './method.ts'
import type { Middleware } from './middleware.ts'
import { type Outcome, passed } from './result.ts'
import { isStream, type Stream, whenEnds } from './stream.ts'

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

/** The end hooks of a call that goes on, innermost first. A list: an array takes as long again to grow (measured: 40 ns). */
interface Ends {
  readonly end: End
  readonly outer: Ends | undefined
}

function fuse({ steps, base }: Fused, method: MethodInfo | undefined): Core {
  const count = steps.length
  const timed = steps.some((step) => step.timed)

  /** Runs the steps from the `from`-th on, then what they are around. `ends` are the hooks of the steps before. */
  function enter(
    from: number,
    input: unknown,
    ctx: Context,
    at: number,
    ends: Ends | undefined,
  ): Outcome | Promise<Outcome> {
    try {
      for (let i = from; i < count; i++) {
        const step = steps[i] as Step
        const answer = step.enter(ctx, input, at)
        if (step.kind === 'observe') {
          if (answer !== undefined) ends = { end: answer as End, outer: ends }
        } else if (answer !== passed || step.kind !== 'guard') {
          if (isPromise(answer)) return wait(answer, step, i + 1, input, ctx, at, ends)
          const refusal = refusalOf(answer, step)
          if (refusal !== undefined) return leave(refusal, ctx, ends)
          if (step.kind === 'guard') ctx = provided(ctx, answer)
          else ends = { end: endOf(answer), outer: ends }
        }
      }
      const answer = base(input, ctx)
      return isPromise(answer) ? later(answer, ctx, ends) : leave(check(answer, method), ctx, ends)
    } catch (cause) {
      return leave(caught(cause, method), ctx, ends)
    }
  }

  const checked = (outcome: unknown): Outcome => check(outcome, method)
  const failed = (cause: unknown): Outcome => caught(cause, method)

  // A function of its own: closures in `enter` would move its variables from registers to the heap.
  function later(answer: PromiseLike<unknown>, ctx: Context, ends: Ends | undefined): Promise<Outcome> {
    if (ends === undefined) return promised(answer).then(checked, failed)
    return promised(answer).then(
      (outcome) => leave(check(outcome, method), ctx, ends),
      (cause) => leave(caught(cause, method), ctx, ends),
    )
  }

  /** A step that answers later ends the group: what follows it starts when it has answered. */
  function wait(
    answer: PromiseLike<unknown>,
    step: Step,
    next: number,
    input: unknown,
    ctx: Context,
    at: number,
    ends: Ends | undefined,
  ): Promise<Outcome> {
    return promised(answer).then(
      (decision) => {
        try {
          const refusal = refusalOf(decision, step)
          if (refusal !== undefined) return leave(refusal, ctx, ends)
          return step.kind === 'guard'
            ? enter(next, input, provided(ctx, decision), at, ends)
            : enter(next, input, ctx, at, { end: endOf(decision), outer: ends })
        } catch (cause) {
          return leave(caught(cause, method), ctx, ends)
        }
      },
      (cause) => leave(caught(cause, method), ctx, ends),
    )
  }

  /** The end hooks, innermost first, each once. One that throws turns the outcome into a Defect for those outside it. */
  function leave(outcome: Outcome, ctx: Context, ends: Ends | undefined): Outcome {
    if (ends === undefined) return outcome
    if (outcome._tag === 'Right' && isStream(outcome.right)) return closing(outcome.right, ctx, ends)
    return close(outcome, ctx, ends)
  }

  const closing = (opened: Stream<unknown, Failure>, ctx: Context, ends: Ends): Outcome => ({
    _tag: 'Right',
    right: whenEnds(opened, (last) => void close(last, ctx, ends)),
  })

  function close(outcome: Outcome, ctx: Context, ends: Ends): Outcome {
    const at = timed ? clockOf(ctx).now() : 0
    for (let each: Ends | undefined = ends; each !== undefined; each = each.outer) {
      try {
        each.end(outcome, at)
      } catch (cause) {
        outcome = caught(cause, method)
      }
    }
    return outcome
  }

  const core = (input: unknown, ctx: Context): Outcome | Promise<Outcome> =>
    enter(0, input, ctx, timed ? clockOf(ctx).now() : 0, undefined)
  return Object.assign(core, { safe: true })
}

/** A refusal to answer with, `undefined` when the call may go on. */
function refusalOf(answer: unknown, step: Step): Outcome | undefined {
  const tag = (answer as Outcome | null | undefined)?._tag
  if (tag === 'Right') return undefined
  if (tag === 'Left') return check(answer, undefined)
  throw new TypeError(
    step.kind === 'guard'
      ? 'a guard answers pass(), pass({ ... }) or refuse(failure)'
      : 'an admission answers ok(end) or refuse(failure)',
  )
}

/** The end hook that an admission answered with. */
function endOf(answer: unknown): End {
  const { right: end } = answer as { right?: unknown }
  if (typeof end !== 'function')
    throw new TypeError('an admission answers ok(end), where end is told the outcome, or refuse(failure)')
  return end as End
}

function provided(ctx: Context, answer: unknown): Context {
  const fields = (answer as { right?: unknown }).right
  return fields === undefined ? ctx : extend(ctx, fields as object)
}
