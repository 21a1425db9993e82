// Code made for one group of steps: the loop of fused.ts, unrolled. In the loop all groups of a process share one place
// that calls steps and one that calls end hooks, so V8 can neither foresee nor inline any of them; here each step has a
// place of its own, which has seen only that one. (docs/decisions/0026)

import { carried } from './carried.ts'
import { bare, clash } from './context.ts'
import { caught, check, isPromise, promised } from './core.ts'
import {
  type End,
  type Ends,
  endOf,
  type Group,
  leaving,
  now,
  type Runner,
  refusalOf,
  type Step,
  type Wait,
} from './group.ts'
import { passed } from './result.ts'
import { isStream } from './stream.ts'

/** How many groups in use may have code of their own (measured: 40 kB each); further ones stay with the loop. */
export const limit = { groups: 500 }
let made = 0
let number = 0
const collected = new FinalizationRegistry<undefined>(() => {
  made--
})
let allowed = true

/** A runner for this group that does what the loop does, or `undefined` where no code may be made, or enough was. */
export function unrolled(group: Group, wait: Wait): Runner | undefined {
  if (!allowed || made >= limit.groups) return undefined
  const { steps, base, method, timed } = group
  const { leave, close } = leaving(method, timed)
  const held = {
    passed,
    base,
    leave,
    close,
    wait,
    now,
    carried,
    bare,
    clash,
    isPromise,
    promised,
    isStream,
    check: (answer: unknown) => check(answer, method),
    caught: (cause: unknown) => caught(cause, method),
    hook: (end: End | undefined, outer: Ends | undefined) => (end === undefined ? outer : { end, outer }),
    refused: (answer: unknown, at: number) => refusalOf(answer, steps[at] as Step),
    endOf,
    steps: steps.map(({ enter }) => enter),
  }
  try {
    const runner = new Function('held', source(group, ++number))(held) as Runner
    made++
    collected.register(runner, undefined)
    return runner
  } catch {
    // A process may forbid it: --disallow-code-generation-from-strings.
    allowed = false
    return undefined
  }
}

/** Made of the steps' kinds and nothing that a user wrote. */
function source({ steps, timed }: Group, id: number): string {
  const hooks = steps.flatMap(({ kind }, at) => (kind === 'guard' ? [] : [`e${at}`]))
  const list = (until: number): string =>
    hooks.filter((name) => Number(name.slice(1)) < until).reduce((outer, name) => `hook(${name}, ${outer})`, 'outer')
  const all = ['outer', ...hooks].join(', ')
  const whole = list(steps.length)
  const entering = steps.map(({ kind }, at) => {
    if (kind === 'observe') return `e${at} = s${at}(ctx, input, at)`
    const rest = `
      if (isPromise(a)) return wait(a, ${at}, input, ctx, at, ${list(at)})
      if (a === null || a === undefined || a._tag !== 'Right') return leave(refused(a, ${at}), ctx, ${list(at)})`
    return kind === 'guard'
      ? `a = s${at}(ctx, input)
    if (a !== passed) {${rest}
      if (a.right !== undefined) ctx = x${at}(ctx, a.right)
    }`
      : `a = s${at}(ctx, input)
    {${rest}
      e${at} = endOf(a)
    }`
  })
  return `'use strict'
const { passed, base, leave, close, wait, now, carried, bare, clash, isPromise, promised, isStream, check, caught, hook, refused, endOf } = held
const [${steps.map((_, at) => `s${at}`).join(', ')}] = held.steps
function run(input, ctx, at, outer) {
  let a${hooks.map((name) => `, ${name}`).join('')}
  try {
    ${entering.join('\n    ')}
    a = base(input, ctx)
    return isPromise(a) ? later(promised(a), ctx, ${all}) : done(check(a), ctx, ${all})
  } catch (cause) {
    return leave(caught(cause), ctx, ${whole})
  }
}
function later(answer, ctx, ${all}) {
  return answer.then((outcome) => done(check(outcome), ctx, ${all}), (cause) => done(caught(cause), ctx, ${all}))
}
function done(outcome, ctx, ${all}) {
  if (outcome._tag === 'Right' && isStream(outcome.right)) return leave(outcome, ctx, ${whole})
  const at = ${timed ? 'now(ctx)' : '0'}
${hooks
  .toReversed()
  .map((name) => `  if (${name} !== undefined) try { ${name}(outcome, at) } catch (cause) { outcome = caught(cause) }`)
  .join('\n')}
  return outer === undefined ? outcome : close(outcome, at, outer)
}
${steps.map(({ kind }, at) => (kind === 'guard' ? extending(`x${at}`) : '')).join('')}return run
//# sourceURL=tenon:steps/${id}`
}

// What a guard provides has the same keys every time: a copy of `extend` that sees only those is several times as fast
// as one for all (measured: 8 ns against 52).
const extending = (name: string): string => `function ${name}(ctx, fields) {
  const from = carried(ctx), to = bare(from)
  for (const key in from) to[key] = from[key]
  for (const key of Object.keys(fields)) {
    if (key in to) clash(key)
    to[key] = fields[key]
  }
  return to
}
`
