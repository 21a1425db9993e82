// Balanced endpoints: where calls go, what they wait for, and what a strategy is told.
import {
  background,
  type Context,
  call,
  type Endpoint,
  endpoint,
  type Failure,
  fail,
  type Outcome,
  ok,
  run,
  stream,
  withAttempt,
} from '@tenon/endpoint'
import { seeded, virtualClock } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { balanced } from './balanced.ts'
import { type Endpointer, endpointer } from './endpointer.ts'
import { fixed } from './fixed.ts'
import { type InstanceSink, instancerOf } from './instancer.ts'
import type { NoEndpoints } from './no-endpoints.ts'
import { random } from './random.ts'
import { roundRobin } from './round-robin.ts'
import type { Strategy } from './strategy.ts'

const letters = (n: number): string[] => Array.from({ length: n }, (_, at) => String.fromCharCode(97 + at))
const addressed = (ids: readonly string[]) => ids.map((id) => ({ id, address: `${id}:1` }))

/** Endpoints that say who they are, over a fixed set. */
const named = (ids: readonly string[]): Endpointer<Endpoint<unknown, string>> =>
  endpointer(fixed(addressed(ids)), { connect: ({ id }) => endpoint(() => ok(id)) })

const take = async (ep: Endpoint<unknown, string, NoEndpoints>, times: number): Promise<string[]> => {
  const answers: string[] = []
  for (let n = 0; n < times; n++) {
    const answer = await call(ep, undefined)
    answers.push(answer._tag === 'Right' ? answer.right : answer.left._tag)
  }
  return answers
}

describe('round robin', () => {
  it('LB-1 L2: given three instances, when called seven times, then they are called in turn', async () => {
    expect((await take(balanced(named(['c', 'a', 'b']), roundRobin()), 7)).join('')).toBe('abcabca')
  })

  it('L2: given the set changes, then the round goes on where it was', async () => {
    let sink: InstanceSink | undefined
    const instances = instancerOf({
      service: 's',
      start(given) {
        sink = given
        given.set(addressed(letters(3)))
      },
    })
    const ep = balanced(endpointer(instances, { connect: ({ id }) => endpoint(() => ok(id)) }), roundRobin())
    await take(ep, 2)
    sink?.set(addressed(letters(4)))
    expect((await take(ep, 3)).join('')).toBe('cda')
  })

  it('LB-3: given 100 calls at the same time, then each instance has its equal share', async () => {
    const ep = balanced(named(letters(4)), roundRobin())
    const answers = await Promise.all(Array.from({ length: 100 }, () => take(ep, 1)))
    for (const id of letters(4)) expect(answers.filter(([answer]) => answer === id)).toHaveLength(25)
  })

  it('LB-2 L1: given no instance, then NoEndpoints says so, and nothing waits', async () => {
    const clock = virtualClock()
    const ep = balanced(
      endpointer(fixed([], { service: 'orders' }), { connect: () => endpoint(() => ok('x')), clock }),
      roundRobin(),
    )
    expect(await call(ep, undefined)).toEqual({
      _tag: 'Left',
      left: {
        _tag: 'NoEndpoints',
        code: 'unavailable',
        message: 'there is no instance of orders',
        reason: 'empty',
      },
    })
    expect(clock.pending).toBe(0)
  })
})

describe('random', () => {
  it('LB-4 L3 D-6: given seven instances and a million picks, then each is within 1 % of even; the same seed picks the same', () => {
    const nodes = named(letters(7)).nodes()
    const ctx = background()
    const counts = new Array<number>(7).fill(0)
    const [one, two] = [random({ random: seeded(7) }).balancer(), random({ random: seeded(7) }).balancer()]
    for (let n = 0; n < 1_000_000; n++) {
      const at = one.pick(nodes, ctx, undefined)
      counts[at] = (counts[at] as number) + 1
      if (n < 1_000) expect(two.pick(nodes, ctx, undefined)).toBe(at)
    }
    for (const count of counts) expect(Math.abs(count - 1_000_000 / 7)).toBeLessThan(0.01 * (1_000_000 / 7))
  })

  it('LB-5: given no instance, then NoEndpoints', async () => {
    expect(await take(balanced(named([]), random()), 1)).toEqual(['NoEndpoints'])
  })

  it('given a bad option, then an error names it', () => {
    expect(() => random({ random: 3 as never })).toThrow('random: "random" must be a function, but was 3')
  })
})

describe('a call that is tried again', () => {
  const attempt = (tried: Set<string>, number = tried.size + 1): Context => withAttempt(background(), { number, tried })

  it('given it tried some, then it goes to another and that one is written down; when all were tried, to any', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.integer(), fc.boolean(), async (n, seed, robin) => {
        const ep = balanced(named(letters(n)), robin ? roundRobin() : random({ random: seeded(seed) }))
        const tried = new Set<string>()
        const answers: Outcome[] = []
        for (let number = 1; number <= n; number++) answers.push(await run(ep, undefined, attempt(tried, number)))
        expect([...tried].sort()).toEqual(letters(n))
        expect(answers.map((answer) => (answer._tag === 'Right' ? answer.right : answer.left))).toEqual([...tried])
        expect((await run(ep, undefined, attempt(tried)))._tag).toBe('Right')
        expect(tried.size).toBe(n)
      }),
    )
  })

  it('given those it tried are not of this set, then they do not matter', async () => {
    const ep = balanced(named(['a']), roundRobin())
    expect(await run(ep, undefined, attempt(new Set(['x', 'y'])))).toEqual(ok('a'))
  })
})

describe('a first call', () => {
  const late = (wait?: number) => {
    const clock = virtualClock()
    let sink: InstanceSink | undefined
    const instances = instancerOf({
      service: 'orders',
      start(given) {
        sink = given
      },
    })
    const pool = endpointer(instances, { connect: ({ id }) => endpoint(() => ok(id)), clock })
    const ep = balanced(pool, roundRobin(), wait === undefined ? {} : { wait })
    return { clock, ep, pool, set: (...ids: string[]) => sink?.set(addressed(ids)), ctx: background({ clock }) }
  }
  const reason = (outcome: Outcome) => outcome._tag === 'Left' && (outcome.left as NoEndpoints).reason

  it('given the set is not known yet, when it comes within the wait, then the call goes through', async () => {
    const { clock, ep, set, ctx } = late()
    const answer = run(ep, undefined, ctx)
    await clock.advance(999)
    set('a')
    expect(await answer).toEqual(ok('a'))
    expect(clock.pending).toBe(0)
  })

  it('given it does not come, then NoEndpoints after the wait, which says that nothing is known', async () => {
    const { clock, ep, ctx } = late()
    const answer = run(ep, undefined, ctx)
    await clock.advance(1_000)
    expect(reason(await answer)).toBe('unknown')
  })

  it('given it did not come, when the call is repeated, then it does not wait once more; after one that reached somebody it does', async () => {
    const { clock, ep, ctx, set } = late()
    const again = (tried: string[]) => run(ep, undefined, withAttempt(ctx, { number: 2, tried: new Set(tried) }))
    expect(reason(await again([]))).toBe('unknown')
    expect(clock.now()).toBe(0)
    const answer = again(['x'])
    await clock.advance(500)
    set('a')
    expect(await answer).toEqual(ok('a'))
  })

  it('given the set that comes is empty, then NoEndpoints at once', async () => {
    const { ep, set, ctx } = late()
    const answer = run(ep, undefined, ctx)
    set()
    expect(reason(await answer)).toBe('empty')
  })

  it('given wait 0, then NoEndpoints at once', async () => {
    const { clock, ep, ctx } = late(0)
    expect(reason(await run(ep, undefined, ctx))).toBe('unknown')
    expect(clock.pending).toBe(0)
  })

  it('given a deadline earlier than the wait, then NoEndpoints by then and nothing stays behind', async () => {
    const { clock, ep } = late()
    const answer = run(ep, undefined, background({ clock, deadline: 100 }))
    await clock.advance(100)
    expect(reason(await answer)).toBe('unknown')
    expect(clock.pending).toBe(0)
  })

  it('given the endpointer is closed while it waits, then NoEndpoints at once', async () => {
    const { ep, pool, ctx } = late()
    const answer = run(ep, undefined, ctx)
    await pool[Symbol.asyncDispose]()
    expect(reason(await answer)).toBe('closed')
    expect(reason(await run(ep, undefined, ctx))).toBe('closed')
  })

  it('LB-20 L1: given the registry has failed for too long, then NoEndpoints carries the error it failed with', async () => {
    const down = new Error('down')
    const instances = instancerOf({
      service: 's',
      start(sink) {
        sink.set(['a:1'])
        sink.fail(down)
      },
    })
    const ep = balanced(
      endpointer(instances, { connect: () => endpoint(() => ok('x')), invalidateAfter: 0, clock: virtualClock() }),
      roundRobin(),
    )
    expect(await call(ep, undefined)).toMatchObject({ left: { reason: 'stale', cause: down } })
  })

  it('given a bad wait, or an endpoint that is no function, then an error names it', () => {
    expect(() => balanced(named([]), roundRobin(), { wait: -1 })).toThrow(
      'balanced: "wait" must be a number of at least 0',
    )
    expect(() => balanced(named([]), roundRobin(), { endpoint: 1 as never })).toThrow('"endpoint" must be a function')
  })
})

describe('calls in flight', () => {
  it('given calls that run, a failure, a throw and a stream, then each counts until it ends', async () => {
    type In = 'hang' | 'fail' | 'throw' | 'stream'
    let release: (() => void) | undefined
    const Down: Failure<'Down', 'unavailable'> = { _tag: 'Down', code: 'unavailable', message: '' }
    const pool = endpointer(fixed(['a:1']), {
      connect: () =>
        endpoint(async (input: In) => {
          if (input === 'throw') throw new Error('mine')
          if (input === 'hang')
            await new Promise<void>((resolve) => {
              release = resolve
            })
          if (input === 'hang' || input === 'fail') return fail(Down)
          return ok(
            stream(
              (async function* () {
                yield ok(1)
                yield ok(2)
              })(),
            ),
          )
        }),
    })
    const ep = balanced(pool, roundRobin())
    const inFlight = () => pool.nodes()[0]?.inFlight
    const hanging = call(ep, 'hang')
    await Promise.resolve()
    expect(inFlight()).toBe(1)
    await call(ep, 'fail')
    await call(ep, 'throw')
    expect(inFlight()).toBe(1)
    release?.()
    await hanging
    expect(inFlight()).toBe(0)
    for (const read of ['all', 'some', 'none'] as const) {
      const opened = await call(ep, 'stream')
      expect(inFlight()).toBe(1)
      if (opened._tag !== 'Right') return expect.unreachable()
      if (read === 'none') await opened.right[Symbol.asyncIterator]().return?.()
      else
        for await (const _ of opened.right) {
          expect(inFlight()).toBe(1)
          if (read === 'some') break
        }
      expect(inFlight()).toBe(0)
    }
  })

  it('given a strategy, then it is told of the start and the end of each call, with its time and outcome', async () => {
    const clock = virtualClock(100)
    const told: unknown[] = []
    const spy: Strategy<number> = {
      name: 'spy',
      balancer: () => ({
        pick: (nodes, _, input) => input % nodes.length,
        started: (node, at) => void told.push(['started', node.id, node.inFlight, at]),
        ended: (node, outcome, elapsed, at) =>
          void told.push(['ended', node.id, node.inFlight, outcome._tag, elapsed, at]),
      }),
    }
    const pool = endpointer(fixed(addressed(['a', 'b'])), {
      connect: () =>
        endpoint(async (ms: number) => {
          await clock.sleep(ms)
          return ok()
        }),
    })
    const answer = run(balanced(pool, spy), 25, background({ clock }))
    await clock.advance(25)
    await answer
    expect(told).toEqual([
      ['started', 'b', 0, 100],
      ['ended', 'b', 0, 'Right', 25, 125],
    ])
  })

  it('given a stream, then the strategy is told of its end, and of the time until it was opened', async () => {
    const clock = virtualClock(100)
    const told: unknown[] = []
    const spy: Strategy = {
      name: 'spy',
      balancer: (home) => ({
        pick: () => 0,
        ended: (node, outcome, elapsed, at) =>
          void told.push([home?.service, node.inFlight, outcome._tag, elapsed, at]),
      }),
    }
    const pool = endpointer(fixed(['a:1'], { service: 'orders' }), {
      connect: () =>
        endpoint(async () => {
          await clock.sleep(25)
          return ok(
            stream(
              (async function* () {
                yield ok(1)
                await clock.sleep(1_000)
              })(),
            ),
          )
        }),
    })
    const answer = call(balanced(pool, spy), undefined, { parent: background({ clock }) })
    await clock.advance(25)
    const opened = await answer
    if (opened._tag !== 'Right') return expect.unreachable()
    const reading = (async () => {
      for await (const _ of opened.right) expect(told).toEqual([])
    })()
    await clock.advance(1_000)
    await reading
    expect(told).toEqual([['orders', 0, 'Right', 25, 1_125]])
  })

  it('given a strategy that picks nothing, then that is a Defect, and no call is counted', async () => {
    const pool = named(['a'])
    const astray: Strategy = { name: 'astray', balancer: () => ({ pick: () => Number.NaN }) }
    const answer = await call(balanced(pool, astray), undefined)
    expect(answer).toMatchObject({
      left: { _tag: 'Defect', cause: new TypeError('the strategy "astray" picked NaN among 1 instances') },
    })
    expect(pool.nodes()[0]?.inFlight).toBe(0)
  })

  it('given two methods over one endpointer and one strategy, then they share its state', async () => {
    const pool = endpointer(fixed(addressed(['a', 'b'])), {
      connect: ({ id }) => ({ one: endpoint(() => ok(id)), two: endpoint(() => ok(id)) }),
    })
    const strategy = roundRobin()
    const one = balanced(pool, strategy, { endpoint: (client) => client.one })
    const two = balanced(pool, strategy, { endpoint: (client) => client.two })
    expect([await call(one, {}), await call(two, {}), await call(one, {})]).toEqual([ok('a'), ok('b'), ok('a')])
  })
})

describe('the types of a balanced endpoint', () => {
  it('NoEndpoints is added, and a strategy must be able to read the input', () => {
    type Down = Failure<'Down', 'unavailable'>
    const pool = endpointer(fixed([]), {
      connect: () => null as unknown as Endpoint<{ id: string }, number, Down, { readonly claims: string }>,
    })
    const ep = balanced(pool, roundRobin())
    expectTypeOf(ep).toEqualTypeOf<Endpoint<{ id: string }, number, Down | NoEndpoints, { readonly claims: string }>>()
    const byId: Strategy<{ id: string }> = { name: 'byId', balancer: () => ({ pick: () => 0 }) }
    const bySku: Strategy<{ sku: string }> = { name: 'bySku', balancer: () => ({ pick: () => 0 }) }
    balanced(pool, byId)
    // @ts-expect-error the strategy reads an input that this endpoint does not take
    balanced(pool, bySku)
  })
})
