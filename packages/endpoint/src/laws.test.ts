// The laws of fusing, against a reference that wraps every step in a layer of its own.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { warmUp } from './fused.ts'
import {
  admit,
  background,
  type Context,
  chain,
  type Defect,
  type Endpoint,
  endedBy,
  endpoint,
  extend,
  type Failure,
  fail,
  guard,
  type Middleware,
  measure,
  middleware,
  type Outcome,
  observe,
  ok,
  pass,
  refuse,
  run,
  type Scope,
  withCancel,
} from './index.ts'
import { limit } from './unrolled.ts'

type Act =
  | 'pass'
  | 'provide'
  | 'refuse'
  | 'throw'
  | 'rubbish'
  | 'passLater'
  | 'provideLater'
  | 'refuseLater'
  | 'rejectLater'
  | 'rubbishLater'
  | 'cancel'
interface Plan {
  readonly kind: 'guard' | 'observe' | 'measure' | 'admit' | 'general'
  readonly act: Act
  readonly end: 'none' | 'watch' | 'throw'
}
type Handler =
  | 'ok'
  | 'fail'
  | 'throw'
  | 'rubbish'
  | 'okLater'
  | 'failLater'
  | 'rejectLater'
  | 'rubbishLater'
  | 'untaggedFailure'

const no = (n: number): Failure => ({ _tag: `No${n}`, code: 'failed_precondition', message: '' })
const thrown = (n: number | string): Error => new Error(`thrown by ${n}`)

/** What everything writes into, and what a step may do to the call. */
interface Stage {
  readonly log: string[]
  readonly scope: Scope
}

const show = (outcome: Outcome): string =>
  outcome._tag === 'Right'
    ? `Right ${String(outcome.right)}`
    : `Left ${outcome.left._tag} ${(outcome.left as Partial<Defect>).cause ?? ''}`
const see = (ctx: Context): string => `${Object.keys(ctx).join()} ${endedBy(ctx)?._tag ?? ''} ${ctx.signal.aborted}`

/** What a step answers; the same function serves the fused form and the reference. */
function entering(plan: Plan, n: number, { log, scope }: Stage): (ctx: Context, input: unknown) => unknown {
  const end =
    plan.end === 'none'
      ? undefined
      : (outcome: Outcome): void => {
          log.push(`end ${n}: ${show(outcome)}`)
          if (plan.end === 'throw') throw thrown(`end ${n}`)
        }
  const going = (fields?: object): unknown =>
    plan.kind === 'guard'
      ? fields === undefined
        ? pass()
        : pass(fields)
      : plan.kind === 'admit'
        ? ok(end ?? (() => {}))
        : end
  return (ctx, input) => {
    log.push(`enter ${n}: ${String(input)} ${see(ctx)}`)
    switch (plan.act) {
      case 'throw':
        throw thrown(n)
      case 'cancel':
        scope.cancel()
        return going()
    }
    if (plan.kind === 'observe' || plan.kind === 'measure') return end
    switch (plan.act) {
      case 'pass':
        return going()
      case 'provide':
        return going({ [`field${n}`]: n })
      case 'refuse':
        return refuse(no(n))
      case 'rubbish':
        return true
      case 'passLater':
        return Promise.resolve(going())
      case 'provideLater':
        return Promise.resolve(going({ [`field${n}`]: n }))
      case 'refuseLater':
        return Promise.resolve(refuse(no(n)))
      case 'rejectLater':
        return Promise.reject(thrown(n))
      case 'rubbishLater':
        return Promise.resolve(undefined)
    }
  }
}

const general =
  (n: number, { log }: Stage): Middleware =>
  (next) =>
    middleware((inner) => async (input, ctx) => {
      log.push(`enter ${n}: ${String(input)} ${see(ctx)}`)
      const outcome = await inner(input, ctx)
      log.push(`end ${n}: ${show(outcome)}`)
      return outcome
    })(next)

function fused(plan: Plan, n: number, stage: Stage): Middleware {
  if (plan.kind === 'general') return general(n, stage)
  const enter = entering(plan, n, stage) as never
  const constructors = { guard, observe, measure, admit } as unknown as Record<
    typeof plan.kind,
    (enter: never) => Middleware
  >
  return constructors[plan.kind](enter)
}

type Layer = (input: unknown, ctx: Context) => Promise<Outcome>
const broken = (cause: unknown): Outcome => ({
  _tag: 'Left',
  left: { _tag: 'Defect', code: 'internal', message: 'something unexpected happened', cause } as Defect,
})

function reference(plan: Plan, n: number, stage: Stage, next: Layer): Layer {
  if (plan.kind === 'general') return (input, ctx) => run(general(n, stage)(asEndpoint(next)), input, ctx)
  const enter = entering(plan, n, stage)
  return async (input, ctx) => {
    let end: ((outcome: Outcome) => void) | undefined
    let within = ctx
    try {
      const answer = enter(ctx, input)
      if (plan.kind === 'observe' || plan.kind === 'measure') end = answer as typeof end
      else {
        const decision = (await answer) as Outcome | undefined
        if (decision?._tag === 'Left') return decision
        if (decision?._tag !== 'Right') return broken(undefined)
        if (plan.kind === 'admit') end = decision.right as typeof end
        else if (decision.right !== undefined) within = extend(ctx, decision.right as object)
      }
    } catch (cause) {
      return broken(cause)
    }
    const outcome = await next(input, within)
    try {
      end?.(outcome)
      return outcome
    } catch (cause) {
      return broken(cause)
    }
  }
}

function handling(how: Handler, { log }: Stage): (input: unknown, ctx: Context) => unknown {
  return (input, ctx) => {
    log.push(`handle ${String(input)} ${see(ctx)}`)
    switch (how) {
      case 'ok':
        return ok(input)
      case 'fail':
        return fail(no(-1))
      case 'throw':
        throw thrown('handler')
      case 'rubbish':
        return 7
      case 'okLater':
        return Promise.resolve(ok(input))
      case 'failLater':
        return Promise.resolve(fail(no(-1)))
      case 'rejectLater':
        return Promise.reject(thrown('handler'))
      case 'rubbishLater':
        return Promise.resolve(null)
      case 'untaggedFailure':
        return { _tag: 'Left', left: 'oops' }
    }
  }
}

const asEndpoint = (layer: Layer): Endpoint<unknown, unknown, Failure> => endpoint(layer as never)

/** Applies the middlewares in some nesting that the bits choose: by `chain`s of `chain`s, by application, or both. */
function nest(
  wraps: readonly Middleware[],
  bits: number,
  inner: Endpoint<unknown, unknown, Failure>,
): Endpoint<unknown, unknown, Failure> {
  if (wraps.length === 0) return bits % 2 === 0 ? inner : chain()(inner)
  if (wraps.length === 1) return (wraps[0] as Middleware)(inner)
  const at = 1 + (bits % (wraps.length - 1))
  const [outer, rest] = [wraps.slice(0, at), wraps.slice(at)]
  const more = Math.floor(bits / 3)
  switch (bits % 3) {
    case 0:
      return nest(outer, more, nest(rest, more, inner))
    case 1:
      return chain(chain(...outer), chain(...rest))(inner)
    default:
      return chain(chain(...outer), chain())(nest(rest, more, inner))
  }
}

const acts: readonly Act[] = [
  'pass',
  'pass',
  'pass',
  'provide',
  'provide',
  'passLater',
  'provideLater',
  'refuse',
  'refuseLater',
  'throw',
  'rejectLater',
  'rubbish',
  'rubbishLater',
  'cancel',
]
const plans = fc.array(
  fc.record<Plan>({
    kind: fc.constantFrom('guard', 'observe', 'measure', 'admit', 'general'),
    act: fc.constantFrom(...acts),
    end: fc.constantFrom('none', 'watch', 'watch', 'throw'),
  }),
  { maxLength: 8 },
)
const handlers = fc.constantFrom<Handler>(
  'ok',
  'fail',
  'throw',
  'rubbish',
  'okLater',
  'failLater',
  'rejectLater',
  'rubbishLater',
  'untaggedFailure',
)

// A defect's cause is the reference's where something was thrown; the texts of the kernel's own complaints are its own.
const tidy = (text: string): string => text.replace(/Defect (?!Error: thrown).*/, 'Defect')

const play = async (make: (stage: Stage) => Layer): Promise<readonly string[]> => {
  const scope = withCancel(background())
  const stage: Stage = { log: [], scope }
  const outcome = await make(stage)('in', scope.ctx)
  return [...stage.log, `=> ${show(outcome)}`].map(tidy)
}

/** Both ways to run a group: the loop, and the code that is made for it once it has run often. */
const ways = [
  { way: 'by the loop', calls: Number.POSITIVE_INFINITY },
  { way: 'by code of their own', calls: 0 },
]

describe.each(ways)('given any steps around any handler, run $way', ({ calls }) => {
  const before = { calls: warmUp.calls, groups: limit.groups }
  beforeAll(() => {
    warmUp.calls = calls
    limit.groups = Number.POSITIVE_INFINITY
  })
  afterAll(() => {
    warmUp.calls = before.calls
    limit.groups = before.groups
  })

  it('when they are fused, in whatever nesting, then everything happens as in the unfused form, in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(plans, handlers, fc.nat(), async (steps, how, bits) => {
        const expected = await play((stage) => {
          const handle = handling(how, stage)
          const base: Layer = (input, ctx) => run(endpoint(handle as never), input, ctx)
          return steps.reduceRight((next, plan, n) => reference(plan, n, stage, next), base)
        })
        const actual = await play((stage) => {
          const wraps = steps.map((plan, n) => fused(plan, n, stage))
          const wrapped = nest(wraps, bits, endpoint(handling(how, stage) as never))
          return (input, ctx) => wrapped(input)(ctx)()
        })
        expect(actual).toEqual(expected)
      }),
      { numRuns: 3_000 },
    )
  })

  it('when it is given input and context but not run, then nothing happens; run twice, it is two calls', async () => {
    await fc.assert(
      fc.asyncProperty(plans, handlers, async (steps, how) => {
        const scope = withCancel(background())
        const stage: Stage = { log: [], scope }
        const wrapped = chain(...steps.filter((s) => s.act !== 'cancel').map((plan, n) => fused(plan, n, stage)))(
          endpoint(handling(how, stage) as never) as Endpoint<unknown, unknown, Failure>,
        )
        const task = wrapped('in')(scope.ctx)
        expect(stage.log).toEqual([])
        await task()
        const once = stage.log.splice(0)
        await task()
        expect(stage.log).toEqual(once)
      }),
      { numRuns: 300 },
    )
  })
})

describe('chain', () => {
  it('EP-1: given three annotating middlewares, then they enter first to last and leave last to first', async () => {
    const log: string[] = []
    const note = (name: string): Middleware =>
      observe(() => {
        log.push(`${name} pre`)
        return () => void log.push(`${name} post`)
      })
    const inner = endpoint(() => ok(void log.push('endpoint')))
    await run(chain(note('first'), note('second'), note('third'))(inner), undefined, background())
    expect(log).toEqual(['first pre', 'second pre', 'third pre', 'endpoint', 'third post', 'second post', 'first post'])
  })

  it('EP-2, identity: given one middleware, then chain of it is it; given none, then the endpoint itself comes back', () => {
    const inner = endpoint(() => ok())
    expect(chain()(inner)).toBe(inner)
  })

  it('EP-4: given an outermost middleware that refuses, then nothing inside runs', async () => {
    let ran = 0
    const inner = endpoint(() => ok(ran++))
    const outcome = await run(
      chain(
        guard(() => refuse(no(1))),
        observe(() => void ran++),
      )(inner),
      undefined,
      background(),
    )
    expect([outcome, ran]).toEqual([fail(no(1)), 0])
  })

  it('given something that is no middleware, then it says which argument', () => {
    expect(() =>
      chain(
        guard(() => pass()),
        undefined as never,
      ),
    ).toThrow('chain: argument 2 is no middleware: undefined')
  })
})
