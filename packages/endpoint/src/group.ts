// A group of fused steps: what its parts are, and how it ends. What the loop (fused.ts) and the code made for a group
// (unrolled.ts) have in common.
import type { Context } from './carried.ts'
import { clockOf, extend } from './context.ts'
import { type Core, caught, check } from './core.ts'
import type { Failure } from './failure.ts'
import type { MethodInfo } from './method.ts'
import type { Outcome } from './result.ts'
import { isStream, type Stream, whenEnds } from './stream.ts'

/** Runs when a call has ended; `at` is the time, for a step made by `measure`. */
export type End = (outcome: Outcome, at: number) => void

export interface Step {
  readonly kind: 'guard' | 'observe' | 'admit'
  /** Does it want to know the time? One reading serves the whole group. */
  readonly timed: boolean
  readonly enter: (ctx: Context, input: unknown, at: number) => unknown
}

/** Steps, the outermost first, and what they are around. */
export interface Group {
  readonly steps: readonly Step[]
  readonly base: Core
  readonly method: MethodInfo | undefined
  /** Does one of the steps, or one before them, want to know the time? */
  readonly timed: boolean
}

/** The end hooks of a call that goes on, innermost first. A list: an array takes as long again to grow (measured: 40 ns). */
export interface Ends {
  readonly end: End
  readonly outer: Ends | undefined
}

/** Runs a group; `at` is the time where a step wants it, `outer` the hooks of steps before these. Never throws. */
export type Runner = (input: unknown, ctx: Context, at: number, outer: Ends | undefined) => Outcome | Promise<Outcome>

/**
 * A step that answers later ends the group: what follows it starts when it has answered. `which` step it is, `ends` the
 * hooks of the steps before it.
 */
export type Wait = (
  answer: PromiseLike<unknown>,
  which: number,
  input: unknown,
  ctx: Context,
  at: number,
  ends: Ends | undefined,
) => Promise<Outcome>

/** The time of the call's clock. */
export const now = (ctx: Context): number => clockOf(ctx).now()

/** How a group ends, whichever way it was run. */
export interface Leaving {
  /** The end hooks, innermost first, each once. One that throws turns the outcome into a Defect for those outside it. */
  leave(outcome: Outcome, ctx: Context, ends: Ends | undefined): Outcome
  /** The same where it is known that the outcome is no stream, and what time it is. */
  close(outcome: Outcome, at: number, ends: Ends | undefined): Outcome
}

export function leaving(method: MethodInfo | undefined, timed: boolean): Leaving {
  function leave(outcome: Outcome, ctx: Context, ends: Ends | undefined): Outcome {
    if (ends === undefined) return outcome
    if (outcome._tag === 'Right' && isStream(outcome.right)) return closing(outcome.right, ctx, ends)
    return close(outcome, timed ? now(ctx) : 0, ends)
  }

  // A function of its own: a closure in `leave` would move its variables from registers to the heap.
  const closing = (opened: Stream<unknown, Failure>, ctx: Context, ends: Ends): Outcome => ({
    _tag: 'Right',
    right: whenEnds(opened, (last) => void close(last, timed ? now(ctx) : 0, ends)),
  })

  function close(outcome: Outcome, at: number, ends: Ends | undefined): Outcome {
    for (let each = ends; each !== undefined; each = each.outer) {
      try {
        each.end(outcome, at)
      } catch (cause) {
        outcome = caught(cause, method)
      }
    }
    return outcome
  }

  return { leave, close }
}

/** A refusal to answer with, `undefined` when the call may go on. */
export function refusalOf(answer: unknown, step: Step): Outcome | undefined {
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
export function endOf(answer: unknown): End {
  const { right: end } = answer as { right?: unknown }
  if (typeof end !== 'function')
    throw new TypeError('an admission answers ok(end), where end is told the outcome, or refuse(failure)')
  return end as End
}

/** The context with what a guard provides. */
export function provided(ctx: Context, answer: unknown): Context {
  const fields = (answer as { right?: unknown }).right
  return fields === undefined ? ctx : extend(ctx, fields as object)
}
