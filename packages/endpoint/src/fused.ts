// Runs a group of fused steps: a loop over them, until it has run so often that code of its own pays off.
import type { Context } from './carried.ts'
import { type Core, caught, check, isPromise, promised } from './core.ts'
import {
  type End,
  type Ends,
  endOf,
  type Group,
  leaving,
  now,
  provided,
  type Runner,
  refusalOf,
  type Step,
  type Wait,
} from './group.ts'
import { type Outcome, passed } from './result.ts'
import { unrolled } from './unrolled.ts'

/** How many calls a group answers with the loop before code is made for it: what is called rarely is not worth any. */
export const warmUp = { calls: 1_000 }

/** The core of a group. */
export function fuse(group: Group): Core {
  const { timed } = group
  const running = runningOf(group)
  const core = (input: unknown, ctx: Context): Outcome | Promise<Outcome> =>
    running.run(input, ctx, timed ? now(ctx) : 0, undefined)
  return Object.assign(core, { safe: true })
}

/** What runs a group at present. */
interface Running {
  run: Runner
}

function runningOf(group: Group): Running {
  const wait = waiting(group)
  const loop = looping(group, wait)
  let left = warmUp.calls
  const running: Running = {
    run(input, ctx, at, outer) {
      if (left-- > 0) return loop(input, ctx, at, outer)
      running.run = unrolled(group, wait) ?? loop
      return running.run(input, ctx, at, outer)
    },
  }
  return running
}

function looping({ steps, base, method, timed }: Group, wait: Wait): Runner {
  const count = steps.length
  const { leave } = leaving(method, timed)
  const checked = (outcome: unknown): Outcome => check(outcome, method)
  const failed = (cause: unknown): Outcome => caught(cause, method)

  // A function of its own: closures in the loop's would move its variables from registers to the heap.
  function later(answer: PromiseLike<unknown>, ctx: Context, ends: Ends | undefined): Promise<Outcome> {
    if (ends === undefined) return promised(answer).then(checked, failed)
    return promised(answer).then(
      (outcome) => leave(check(outcome, method), ctx, ends),
      (cause) => leave(caught(cause, method), ctx, ends),
    )
  }

  return (input, ctx, at, outer) => {
    let ends = outer
    try {
      for (let i = 0; i < count; i++) {
        const step = steps[i] as Step
        const answer = step.enter(ctx, input, at)
        if (step.kind === 'observe') {
          if (answer !== undefined) ends = { end: answer as End, outer: ends }
        } else if (answer !== passed || step.kind !== 'guard') {
          if (isPromise(answer)) return wait(answer, i, input, ctx, at, ends)
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
}

/** Waits for a step that answers later. What follows it is a group too: it starts when the step has answered. */
function waiting(group: Group): Wait {
  const { steps, method, timed } = group
  const { leave } = leaving(method, timed)
  const rests: Running[] = []
  return (answer, which, input, ctx, at, ends) => {
    const step = steps[which] as Step
    rests[which] ??= runningOf({ ...group, steps: steps.slice(which + 1) })
    const rest = rests[which]
    return promised(answer).then(
      (decision) => {
        try {
          const refusal = refusalOf(decision, step)
          if (refusal !== undefined) return leave(refusal, ctx, ends)
          return step.kind === 'guard'
            ? rest.run(input, provided(ctx, decision), at, ends)
            : rest.run(input, ctx, at, { end: endOf(decision), outer: ends })
        } catch (cause) {
          return leave(caught(cause, method), ctx, ends)
        }
      },
      (cause) => leave(caught(cause, method), ctx, ends),
    )
  }
}
