import { contract, handler, implement, unary } from '@tenon/contract'
import {
  background,
  byMethod,
  type Cancelled,
  type Context,
  call,
  chain,
  type Endpoint,
  endpoint,
  guard,
  listenerFailures,
  type MethodInfo,
  mapMethods,
  observe,
  ok,
  pass,
  run,
  subscribe,
  type Telemetry,
  timeout,
  withCancel,
  withMethod,
  withTimeout,
} from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import type { RateLimited } from './failure.ts'
import { leaky } from './leaky.ts'
import { type LimitOptions, limit } from './limit.ts'
import type { Limiter } from './limiter.ts'
import { slidingWindow } from './sliding-window.ts'
import { tokenBucket } from './token-bucket.ts'

/** An endpoint behind a limit, on a clock of the test's; `made` are the inputs that reached it. */
function setUp<F extends RateLimited | Cancelled>(limiter: Limiter<F>, options: LimitOptions<string> = {}) {
  const clock = virtualClock()
  const made: string[] = []
  const events: Telemetry[] = []
  const tested = limit(limiter, { clock, onTelemetry: (event) => events.push(event), ...options })
  const wrapped = tested(
    endpoint((input: string) => {
      made.push(input)
      return ok(input)
    }),
  )
  const ask = (input = 'x', ctx: Context = background({ clock })) => run(wrapped, input, ctx)
  return { clock, made, events, tested, wrapped, ask }
}
const refusal = (why: string, retryAfter: number) => ({
  _tag: 'Left',
  left: { _tag: 'RateLimited', code: 'resource_exhausted', why, retryAfter },
})
const aMinute = { perSecond: 1 / 60, burst: 1 }

describe('limit', () => {
  it('RL-1, RL-3, Kratos 85: given one token a minute, then the first call passes, the second is refused, and the endpoint is not called', async () => {
    const { clock, made, events, ask } = setUp(tokenBucket(aMinute), { name: 'api' })
    expect(await ask('first')).toEqual(ok('first'))
    expect(await ask('second')).toMatchObject(refusal('rate', 60_000))
    clock.advanceSync(59_999)
    expect(await ask('third')).toMatchObject(refusal('rate', 1))
    clock.advanceSync(1)
    expect(await ask('fourth')).toEqual(ok('fourth'))
    expect(made).toEqual(['first', 'fourth'])
    expect(events).toEqual(Array(2).fill({ kind: 'limiter.rejected', limiter: 'api', key: '', why: 'rate' }))
  })

  it('RL-2: given one token a minute and a deadline of 500 ms, when it makes calls wait, then the second is refused at once, for it would wait past its deadline', async () => {
    const { clock, made, ask, tested } = setUp(leaky({ perSecond: 1 / 60, maxWait: 120_000 }))
    const ctx = withTimeout(background({ clock }), 500).ctx
    expect(await ask('first', ctx)).toEqual(ok('first'))
    expect(await ask('second', ctx)).toMatchObject(refusal('deadline', 59_500))
    expect(made).toEqual(['first'])
    expect([tested.level()?.waiting, clock.pending]).toEqual([0, 0])
  })

  it('given a leaky bucket, then calls go ahead in order and evenly, those beyond its longest wait are refused, and all is told', async () => {
    const { clock, made, events, ask, tested } = setUp(leaky({ perSecond: 10, maxWait: 250 }), { name: 'mail' })
    const answers = ['a', 'b', 'c', 'd', 'e'].map((input) => ask(input))
    expect(await answers[3]).toMatchObject(refusal('rate', 50))
    expect(await answers[4]).toMatchObject(refusal('rate', 50))
    expect(made).toEqual(['a'])
    expect(tested.level()).toEqual({ limit: 1, used: 1, waiting: 2 })
    await clock.advance(99)
    expect(made).toEqual(['a'])
    await clock.advance(1)
    expect(made).toEqual(['a', 'b'])
    await clock.advance(100)
    expect(made).toEqual(['a', 'b', 'c'])
    expect(await Promise.all(answers.slice(0, 3))).toEqual([ok('a'), ok('b'), ok('c')])
    expect(events.filter(({ kind }) => kind === 'limiter.waited')).toEqual([
      { kind: 'limiter.waited', limiter: 'mail', key: '', wait: 100 },
      { kind: 'limiter.waited', limiter: 'mail', key: '', wait: 200 },
    ])
    expect(clock.pending).toBe(0)
  })

  it('given a caller that leaves while its call waits, then it is not made, the place is free, and no timer is left', async () => {
    const { clock, made, ask, tested } = setUp(leaky({ perSecond: 1, maxWait: 5_000 }))
    const scope = withCancel(background({ clock }))
    const answers = [ask('a'), ask('b', scope.ctx)]
    scope.cancel()
    expect(await answers[1]).toMatchObject({ left: { _tag: 'Cancelled', code: 'cancelled' } })
    expect([tested.level()?.waiting, clock.pending]).toEqual([0, 0])
    const next = ask('c')
    await clock.advance(1_000)
    expect([await next, made]).toEqual([ok('c'), ['a', 'c']])
  })

  it('given calls that come and leave as they like, then those that go ahead do so evenly, none later than it may, and no timer is left', async () => {
    const asked = fc.record({ gap: fc.nat(150), leaves: fc.option(fc.nat(400), { nil: undefined }) })
    let waited = 0
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { maxLength: 25, size: 'max' }), async (all) => {
        const { clock, made, ask, tested } = setUp(leaky({ perSecond: 10, maxWait: 350 }))
        const starts: number[] = []
        let answered = 0
        for (const { gap, leaves } of all) {
          await clock.advance(gap)
          const came = clock.now()
          const { ctx, cancel } = withCancel(background({ clock }))
          if (leaves !== undefined) clock.at(came + leaves, () => cancel())
          void ask('x', ctx).then(({ _tag }) => {
            answered++
            if (_tag === 'Left') return
            starts.push(clock.now())
            if (clock.now() > came) waited++
            expect(clock.now() - came).toBeLessThanOrEqual(350)
          })
        }
        await clock.advance(2_000)
        expect(answered).toBe(all.length)
        expect(starts).toHaveLength(made.length)
        for (let i = 1; i < starts.length; i++)
          expect((starts[i] as number) - (starts[i - 1] as number)).toBeGreaterThanOrEqual(100 - 1e-6)
        expect([clock.pending, tested.level()?.waiting]).toEqual([0, 0])
      }),
      { numRuns: 100 },
    )
    expect(waited).toBeGreaterThan(100)
  })

  it('given a timeout around it that ends while a call waits, then the call is not made later', async () => {
    const { clock, made, tested } = setUp(leaky({ perSecond: 1, maxWait: 5_000 }))
    const both = chain(timeout(500), tested)(endpoint((s: string) => ok(made.push(s))))
    const asked = ['a', 'b'].map((s) => run(both, s, background({ clock })))
    expect(await asked[0]).toEqual(ok(1))
    // Known beforehand: it does not even wait.
    expect(await asked[1]).toMatchObject(refusal('deadline', 500))
    await clock.advance(10_000)
    expect(made).toEqual(['a'])
  })

  it('given keys, then each has the whole limit, and a key that throws or is no string is a defect and no call', async () => {
    const { made, ask, tested, clock } = setUp(tokenBucket(aMinute), {
      by: (_, input) => {
        if (input === 'bad') throw new Error('no key')
        return input === 'number' ? (7 as never) : (input[0] as string)
      },
    })
    expect(await Promise.all(['a1', 'b1', 'a2', 'b2', 'c1'].map((input) => ask(input)))).toMatchObject([
      ok('a1'),
      ok('b1'),
      refusal('rate', 60_000),
      refusal('rate', 60_000),
      ok('c1'),
    ])
    using _ = subscribe(() => {}, ['defect'])
    expect(await ask('bad')).toMatchObject({ left: { _tag: 'Defect' } })
    expect(await ask('number')).toMatchObject({
      left: { _tag: 'Defect', cause: { message: expect.stringContaining('"by" must answer a string') } },
    })
    expect(made).toEqual(['a1', 'b1', 'c1'])
    clock.advanceSync(30_000)
    expect(tested.levels().map(({ key, used }) => [key, Math.round(used * 10) / 10])).toEqual([
      ['a', 0.5],
      ['b', 0.5],
      ['c', 0.5],
    ])
    expect(tested.level('z')).toBe(undefined)
  })

  it('given more keys than are remembered, then those with nothing to lose go first, and an emptied bucket is not refilled by being forgotten', async () => {
    const { clock, ask, tested } = setUp(tokenBucket({ perSecond: 1, burst: 2 }), { by: (_, key) => key, maxKeys: 3 })
    for (const key of ['spent', 'spent', 'rested']) await ask(key)
    // By then one is full again. The other was not used for longer, but has something to lose.
    clock.advanceSync(1_500)
    for (const key of ['x', 'y']) await ask(key)
    expect(tested.levels().map(({ key }) => key)).toEqual(['spent', 'x', 'y'])
    // Where all have, the bound holds all the same.
    for (let i = 0; i < 100; i++) await ask(`more ${i}`)
    expect(tested.levels()).toHaveLength(3)
  })

  it('given keys that rest, then they are forgotten after a while, and not before they are as good as new', async () => {
    const { clock, ask, tested } = setUp(tokenBucket({ perSecond: 0.001, burst: 1 }), {
      by: (_, key) => key,
      idle: 1_000,
    })
    await ask('a')
    clock.advanceSync(5_000)
    expect(await ask('a')).toMatchObject(refusal('rate', 995_000))
    clock.advanceSync(1_000_000)
    await ask('b')
    expect(tested.levels().map(({ key }) => key)).toEqual(['b'])
  })

  it('given another limiter of its kind, then every key follows it and keeps what it has used', async () => {
    const { clock, ask, tested } = setUp(tokenBucket({ perSecond: 1, burst: 2 }), { by: (_, key) => key[0] as string })
    for (const key of ['a1', 'a2', 'b1']) await ask(key)
    tested.set(tokenBucket({ perSecond: 100, burst: 4 }))
    expect(tested.levels()).toEqual([
      { key: 'a', limit: 4, used: 4, waiting: 0 },
      { key: 'b', limit: 4, used: 3, waiting: 0 },
    ])
    expect(await ask('a3')).toMatchObject(refusal('rate', 10))
    clock.advanceSync(10)
    expect(await ask('a4')).toEqual(ok('a4'))
    // A new key follows it too.
    await ask('c1')
    expect(tested.level('c')?.limit).toBe(4)
  })

  it('given a limiter of another kind, then it is refused and nothing changes', async () => {
    const { ask, tested } = setUp(tokenBucket({ perSecond: 1, burst: 1 }))
    await ask()
    expect(() => tested.set(slidingWindow({ limit: 9 }))).toThrow(
      'limit: a slidingWindow cannot take the place of a tokenBucket and keep what it has counted; make another limit',
    )
    expect(() => tested.set({} as never)).toThrow('must be a limiter')
    expect(tested.level()).toEqual({ limit: 1, used: 1, waiting: 0 })
    expect(await ask()).toMatchObject(refusal('rate', 1_000))
  })

  it('given several endpoints, then they share one limit; by method, each has its own', async () => {
    const clock = virtualClock()
    const method = (name: string): MethodInfo => ({ contract: 'shop.Orders', name, kind: 'unary', idempotent: false })
    const one = (name: string): Endpoint<string, string> =>
      withMethod(
        endpoint((s: string) => ok(s)),
        method(name),
      )
    const record = { get: one('get'), place: one('place') }
    const names: string[] = []
    const make = () =>
      limit(tokenBucket(aMinute), { clock, onTelemetry: (event) => 'limiter' in event && names.push(event.limiter) })
    const shared = mapMethods(record, make())
    const apart = mapMethods(record, byMethod(make))
    for (const { get, place } of [shared, apart]) for (const each of [get, place, get, place]) await call(each, 'x')
    expect(names).toEqual([...Array(3).fill('shop.Orders'), 'shop.Orders/get', 'shop.Orders/place'])
  })

  it('given a contract, then what a limit adds needs no declaration, and its limit is named by it', async () => {
    const Orders = contract('shop.v1.Orders', { place: unary({ input: t.strict({}), output: t.strict({}) }) })
    const heard: Telemetry[] = []
    const limits = chain(
      limit(tokenBucket(aMinute), { clock: virtualClock(), onTelemetry: (event) => heard.push(event) }),
      limit(leaky({ perSecond: 1 })),
    )
    const served = { place: handler(Orders.methods.place, async () => ok({})) }
    const { endpoints } = implement(Orders, mapMethods(served, limits))
    const { place } = endpoints as { readonly place: Endpoint<unknown, unknown> }
    await call(place, {})
    expect(await call(place, {})).toMatchObject(refusal('rate', 60_000))
    expect(heard).toMatchObject([{ limiter: 'shop.v1.Orders/place' }])
  })

  it('given what three levels are, then a call passes each: of user and API, of account, and of the whole', async () => {
    interface Asked {
      readonly user: string
      readonly account: string
    }
    const clock = virtualClock()
    const asks: (user: string, account: string) => Promise<string> = (() => {
      const wrapped = chain(
        limit(tokenBucket({ perSecond: 1, burst: 2 }), { clock, by: (_, { user }: Asked) => `${user} POST /orders` }),
        limit(slidingWindow({ limit: 3, window: 60_000 }), { clock, by: (_, { account }: Asked) => account }),
        limit(leaky({ perSecond: 10, maxWait: 100 }), { clock }),
      )(endpoint((_: Asked) => ok('done')))
      return async (user, account) => {
        const answer = await run(wrapped, { user, account }, background({ clock }))
        return answer._tag === 'Right' ? 'done' : answer.left.message
      }
    })()
    const limited = 'rate limit exceeded'
    // The second of a user at once is within its burst, the third is not.
    const first = [asks('ann', 'acme'), asks('ann', 'acme'), asks('ann', 'acme')]
    await clock.advance(100)
    expect(await Promise.all(first)).toEqual(['done', 'done', limited])
    // Three an account, whoever of it asks.
    await clock.advance(1_000)
    expect([await asks('bob', 'acme'), await asks('cat', 'acme')]).toEqual(['done', limited])
    expect(await Promise.race([asks('dan', 'other'), clock.advance(200).then(() => 'late')])).toBe('done')
  })

  it('given a limit that decides at once, then it adds no hop and fuses with its neighbours', async () => {
    const { wrapped } = setUp(tokenBucket({ perSecond: 1_000 }))
    const order: string[] = []
    const around = chain(
      observe(() => void order.push('observe')),
      guard(() => pass()),
    )(wrapped)
    const answer = run(around, 'x', background()).then(() => order.push('limited'))
    const bare = run(
      endpoint((s: string) => ok(s)),
      'x',
      background(),
    ).then(() => order.push('bare'))
    await Promise.all([answer, bare])
    expect(order).toEqual(['observe', 'limited', 'bare'])
  })

  it('given a listener that throws, then it disturbs no call', async () => {
    const before = listenerFailures()
    const { ask } = setUp(tokenBucket(aMinute), {
      onTelemetry: () => {
        throw new Error('deaf')
      },
    })
    await ask()
    expect(await ask()).toMatchObject(refusal('rate', 60_000))
    expect(listenerFailures()).toBe(before + 1)
  })

  it('given no clock, then it runs on the system’s', async () => {
    const wrapped = limit(leaky({ perSecond: 50, maxWait: 10_000 }))(endpoint((s: string) => ok(s)))
    const began = performance.now()
    expect(await Promise.all([1, 2, 3].map((n) => call(wrapped, `${n}`)))).toEqual([ok('1'), ok('2'), ok('3')])
    expect(performance.now() - began).toBeGreaterThanOrEqual(39)
  })

  it.each([
    [() => limit({} as never), 'limit: the first argument must be a limiter, such as tokenBucket({ perSecond: 100 })'],
    [() => limit(undefined as never), 'must be a limiter'],
    [() => limit(tokenBucket(aMinute), { key: () => '' } as never), 'limit: there is no option "key"'],
    [() => limit(tokenBucket(aMinute), { by: 'user' as never }), 'limit: "by" must be a function, but was "user"'],
    [() => limit(tokenBucket(aMinute), { priority: 1 as never }), 'limit: "priority" must be a function, but was 1'],
    [() => limit(tokenBucket(aMinute), { maxKeys: 0 }), 'limit: "maxKeys" must be a whole number of at least 1'],
    [() => limit(tokenBucket(aMinute), { idle: -1 }), 'limit: "idle" must be a number above 0'],
  ])('given a bad option, then it says which: %#', (make, message) => {
    expect(make).toThrow(message)
  })
})
