import {
  background,
  type Context,
  call,
  endpoint,
  fail,
  type Outcome,
  ok,
  run,
  stream,
  type Telemetry,
  withCancel,
  withMetadata,
  withTimeout,
} from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aimd } from './aimd.ts'
import { bbr } from './bbr.ts'
import { type ConcurrencyOptions, concurrency } from './concurrency.ts'
import { type LimitOptions, limit } from './limit.ts'
import { priorities } from './priority.ts'
import { tokenBucket } from './token-bucket.ts'
import { vegas } from './vegas.ts'

/** An endpoint whose calls take as long as their input says, in milliseconds; `begun` are the names of those that began. */
function setUp(options: ConcurrencyOptions, more: LimitOptions<[string, number]> = {}) {
  const clock = virtualClock()
  const begun: string[] = []
  const events: Telemetry[] = []
  const tested = limit(concurrency(options), { clock, name: 'pool', onTelemetry: (e) => events.push(e), ...more })
  const wrapped = tested(
    endpoint(async ([name, ms]: [string, number]) => {
      begun.push(name)
      await clock.sleep(ms)
      return ok(name)
    }),
  )
  const ask = (name: string, ms: number, ctx: Context = background({ clock })) => run(wrapped, [name, ms], ctx)
  const priority = (level: string) => withMetadata(background({ clock }), { 'x-priority': level })
  return { clock, begun, events, tested, ask, priority }
}
const refusal = (why: string, retryAfter?: number) => ({
  _tag: 'Left',
  left: { _tag: 'RateLimited', code: 'resource_exhausted', why, ...(retryAfter && { retryAfter }) },
})

describe('concurrency', () => {
  it('Kitex 87: given a limit that is reached, then calls are refused; after one ends, it is let in; another limit is respected', async () => {
    const { clock, ask, tested, begun, events } = setUp({ limit: 2 })
    const first = [ask('a', 100), ask('b', 200)]
    expect(await ask('c', 1)).toMatchObject(refusal('full', 500))
    expect(tested.level()).toEqual({ limit: 2, used: 2, waiting: 0 })
    await clock.advance(100)
    expect(await first[0]).toEqual(ok('a'))
    const third = ask('d', 100)
    // Calls take 100 ms, and two are under way.
    expect(await ask('e', 1)).toMatchObject(refusal('full', 50))
    tested.set(concurrency({ limit: 3 }))
    const fourth = ask('f', 1)
    tested.set(concurrency({ limit: 1 }))
    expect(await ask('g', 1)).toMatchObject(refusal('full', 100))
    await clock.advance(200)
    expect([await first[1], await third, await fourth]).toEqual([ok('b'), ok('d'), ok('f')])
    expect(begun).toEqual(['a', 'b', 'd', 'f'])
    expect(tested.level()).toEqual({ limit: 1, used: 0, waiting: 0 })
    expect(events).toEqual(Array(3).fill({ kind: 'limiter.rejected', limiter: 'pool', key: '', why: 'full' }))
  })

  it('given calls that fail, throw, or are cancelled, then each gives its place back once', async () => {
    const clock = virtualClock()
    const tested = limit(concurrency({ limit: 2 }), { clock })
    const failing = tested(endpoint(() => fail({ _tag: 'No', code: 'unavailable', message: '' } as const)))
    const throwing = tested(
      endpoint(() => {
        throw new Error('bug')
      }),
    )
    const hanging = tested(
      endpoint(
        (_: undefined, ctx) =>
          new Promise<Outcome>((end) => ctx.signal.addEventListener('abort', () => end(ok(1)))) as never,
      ),
    )
    for (let i = 0; i < 100; i++) {
      await run(failing, undefined, background({ clock }))
      await run(throwing, undefined, background({ clock }))
      const { ctx, cancel } = withCancel(background({ clock }))
      const hung = run(hanging, undefined, ctx)
      expect(tested.level()?.used).toBe(1)
      cancel()
      await hung
    }
    expect(tested.level()?.used).toBe(0)
  })

  it('given a stream, then it holds its place until it ends or its reader leaves', async () => {
    const clock = virtualClock()
    const tested = limit(concurrency({ limit: 1 }), { clock })
    async function* items() {
      yield ok(1)
      yield ok(2)
    }
    const numbers = tested(endpoint(async () => ok(stream(items()))))
    for (const leaveEarly of [false, true]) {
      const opened = await call(numbers, undefined)
      if (opened._tag === 'Left') throw new Error('refused')
      expect(await call(numbers, undefined)).toMatchObject(refusal('full'))
      for await (const _ of opened.right) if (leaveEarly) break
      expect(tested.level()?.used).toBe(0)
    }
  })

  it('given a queue, then calls go in the order in which they came, nobody overtakes, and telemetry tells how long they waited', async () => {
    const { clock, ask, begun, events, tested } = setUp({ limit: 1, queue: 2 })
    const answers = [ask('a', 100), ask('b', 100), ask('c', 100)]
    expect(await ask('d', 100)).toMatchObject(refusal('full', 3_000))
    expect(tested.level()).toEqual({ limit: 1, used: 1, waiting: 2 })
    await clock.advance(100)
    expect(begun).toEqual(['a', 'b'])
    // One that comes now stands behind.
    const last = ask('e', 100)
    await clock.advance(300)
    expect(begun).toEqual(['a', 'b', 'c', 'e'])
    expect(await Promise.all([...answers, last])).toEqual(['a', 'b', 'c', 'e'].map(ok))
    expect(events.flatMap((event) => (event.kind === 'limiter.waited' ? [event.wait] : []))).toEqual([100, 200, 200])
    expect([clock.pending, tested.level()?.used]).toEqual([0, 0])
  })

  it('given lifo, then the newest goes first, and a full queue lets its oldest go', async () => {
    const { clock, ask, begun } = setUp({ limit: 1, queue: 2, order: 'lifo' })
    const answers = ['a', 'b', 'c', 'd'].map((name) => ask(name, 100))
    expect(await answers[1]).toMatchObject(refusal('displaced'))
    await clock.advance(300)
    expect(begun).toEqual(['a', 'd', 'c'])
    await Promise.all(answers)
  })

  it('given a call that waits for longer than it may, then it is refused then, and its room is free', async () => {
    const { clock, ask, tested, begun } = setUp({ limit: 1, queue: 1, maxWait: 50 })
    const first = ask('a', 200)
    const second = ask('b', 1)
    await clock.advance(49)
    expect(tested.level()?.waiting).toBe(1)
    await clock.advance(1)
    expect(await second).toMatchObject(refusal('waited'))
    expect(tested.level()?.waiting).toBe(0)
    await clock.advance(200)
    expect([await first, begun]).toEqual([ok('a'), ['a']])
  })

  it('given calls that take 100 ms, when one has less left, then it is not begun: not queued, given up in time, and passed over', async () => {
    const { clock, ask, begun, tested } = setUp({ limit: 1, queue: 5, maxWait: 10_000 })
    const within = (ms: number) => withTimeout(background({ clock }), ms).ctx
    const first = ask('first', 100)
    await clock.advance(100)
    await first
    const running = ask('running', 200)
    // Too little time for itself.
    expect(await ask('hopeless', 1, within(100))).toMatchObject(refusal('deadline', 100))
    expect(tested.level()?.waiting).toBe(0)
    // Enough now; after 150 ms no longer, and that is when it is told.
    const late = ask('late', 1, within(250))
    const intime = ask('intime', 1, within(1_000))
    await clock.advance(149)
    expect(tested.level()?.waiting).toBe(2)
    await clock.advance(1)
    expect(await late).toMatchObject(refusal('deadline'))
    await clock.advance(100)
    expect([await running, await intime]).toEqual([ok('running'), ok('intime')])
    expect(begun).toEqual(['first', 'running', 'intime'])
    // Where nobody is under way one is begun all the same: else nobody would find out that calls have become quicker.
    expect((await Promise.all([ask('try', 1, within(5)), clock.advance(5)]))[0]).toEqual(ok('try'))
  })

  it('given a caller that leaves while it waits, then it is answered at once, nobody waits for it, and no timer is left', async () => {
    const { clock, ask, begun, tested } = setUp({ limit: 1, queue: 5 })
    const scope = withCancel(background({ clock }))
    const answers = [ask('a', 100), ask('b', 100, scope.ctx), ask('c', 100)]
    scope.cancel()
    expect(await answers[1]).toMatchObject({ left: { _tag: 'Cancelled', code: 'cancelled' } })
    expect(await ask('d', 1, scope.ctx)).toMatchObject({ left: { _tag: 'Cancelled' } })
    expect(tested.level()?.waiting).toBe(1)
    await clock.advance(200)
    expect(begun).toEqual(['a', 'c'])
    expect(clock.pending).toBe(0)
  })

  it('given priorities in the metadata, then what matters more goes first and takes the room of what matters less', async () => {
    const { clock, ask, begun, events, priority } = setUp({ limit: 1, queue: 3 })
    const running = ask('running', 10)
    const low = [ask('low 1', 10, priority('low')), ask('low 2', 10, priority('low'))]
    const usual = ask('usual', 10)
    // Full: the newest of the lowest goes for each that matters more.
    const critical = ask('critical', 10, priority('critical'))
    expect(await low[1]).toMatchObject(refusal('displaced'))
    const high = ask('high', 10, priority('high'))
    expect(await low[0]).toMatchObject(refusal('displaced'))
    expect(await ask('low 3', 10, priority('low'))).toMatchObject(refusal('full'))
    expect(await ask('odd', 10, priority('URGENT!'))).toMatchObject(refusal('full'))
    await clock.advance(40)
    await Promise.all([running, usual, critical, high])
    expect(begun).toEqual(['running', 'critical', 'high', 'usual'])
    expect(events.flatMap((event) => (event.kind === 'limiter.rejected' ? [event.why] : []))).toEqual([
      'displaced',
      'displaced',
      'full',
      'full',
    ])
  })

  it('given shares and a priority of one’s own, then low calls leave places for others, and are never shut out', async () => {
    const { clock, ask, begun } = setUp(
      { limit: 4, shares: { normal: 0.75, low: 0.1 } },
      { priority: (_, [name]) => (name.startsWith('low') ? 'low' : name.startsWith('c') ? 'critical' : 'normal') },
    )
    const all = ['low 1', 'low 2', 'n1', 'n2', 'n3', 'c1', 'c2'].map((name) => ask(name, 10))
    await clock.advance(10)
    const tags = (await Promise.all(all)).map(({ _tag }) => _tag)
    expect(tags).toEqual(['Right', 'Left', 'Right', 'Right', 'Left', 'Right', 'Left'])
    expect(begun).toEqual(['low 1', 'n1', 'n2', 'c1'])
  })

  it('given keys, then each has its own places, and one with calls under way is not forgotten', async () => {
    const { clock, ask, tested } = setUp({ limit: 1, queue: 1 }, { by: (_, [name]) => name[0] as string, idle: 50 })
    const answers = [ask('a1', 200), ask('a2', 200), ask('b1', 200)]
    await clock.advance(100)
    const third = ask('c1', 1)
    await clock.advance(1)
    expect(await third).toEqual(ok('c1'))
    expect(tested.level('a')).toEqual({ limit: 1, used: 1, waiting: 1 })
    await clock.advance(400)
    await Promise.all(answers)
    await Promise.all([ask('d1', 1), clock.advance(1)])
    expect(tested.levels().map(({ key }) => key)).toEqual(['d'])
  })

  it('given another limit or queue while calls wait, then they keep their place, and go as soon as there is room', async () => {
    const { clock, ask, begun, tested } = setUp({ limit: 1, queue: 5 })
    const answers = ['a', 'b', 'c', 'd'].map((name) => ask(name, 100))
    tested.set(concurrency({ limit: 3, queue: 0 } as ConcurrencyOptions))
    await clock.advance(0)
    expect(begun).toEqual(['a', 'b', 'c'])
    await clock.advance(200)
    expect(begun).toEqual(['a', 'b', 'c', 'd'])
    await Promise.all(answers)
    expect(() => tested.set(tokenBucket({ perSecond: 1 }))).toThrow(
      'limit: a tokenBucket cannot take the place of a concurrency',
    )
    expect(() => limit(tokenBucket({ perSecond: 1 })).set(concurrency({ limit: 1 }))).toThrow('cannot take the place')
  })

  it('given many calls of fixed places, then few of them are timed, and all are counted', async () => {
    let readings = 0
    const clock = { ...virtualClock(), now: () => readings++ }
    const wrapped = limit(concurrency({ limit: 1 }), { clock })(endpoint((n: number) => ok(n)))
    for (let n = 0; n < 1_600; n++) expect(await run(wrapped, n, background())).toEqual(ok(n))
    expect(readings).toBeLessThanOrEqual(2 * 102)
  })

  it.each([
    [{ limit: 0 }, 'concurrency: "limit" must be a whole number of at least 1'],
    [{ limit: 1.5 }, 'concurrency: "limit" must be'],
    [{ limit: {} }, 'concurrency: "limit" must be'],
    [{}, 'concurrency: "limit" must be'],
    [{ limit: 1, queue: -1 }, 'concurrency: "queue" must be a whole number of at least 0'],
    [{ limit: 1, order: 'random' }, 'concurrency: "order" must be one of "fifo", "lifo", but was "random"'],
    [{ limit: 1, maxWait: Number.POSITIVE_INFINITY }, 'concurrency: "maxWait" must be a number above 0 (milliseconds)'],
    [{ limit: 1, shares: { low: 0 } }, 'concurrency: "shares.low" must be a number above 0 and of at most 1'],
    [{ limit: 1, shares: { normal: 0.5 } }, 'concurrency: "shares.low" must not be more than "shares.normal"'],
    [{ limit: 1, shares: { urgent: 1 } }, 'concurrency: shares: there is no option "urgent"'],
    [{ limit: 1, size: 1 }, 'concurrency: there is no option "size"'],
  ])('given bad options, then it says which: %j', (options, message) => {
    expect(() => concurrency(options as never)).toThrow(message)
  })
})

describe('concurrency, whatever comes', () => {
  const asked = fc.record({
    gap: fc.nat(30),
    ms: fc.integer({ min: 1, max: 60 }),
    timeout: fc.option(fc.integer({ min: 1, max: 150 }), { nil: undefined }),
    leaves: fc.option(fc.nat(100), { nil: undefined }),
    priority: fc.constantFrom(...priorities),
  })
  const options = fc.record({
    limit: fc.integer({ min: 1, max: 3 }),
    queue: fc.nat(4),
    order: fc.constantFrom<'fifo' | 'lifo'>('fifo', 'lifo'),
    maxWait: fc.constantFrom(20, 1_000),
  })

  it('given calls that come, leave and run out of time, then never more than the limit are under way, each is answered once, and nothing is left behind', async () => {
    const ends = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { maxLength: 25, size: 'max' }), options, async (all, chosen) => {
        const clock = virtualClock()
        const tested = limit(concurrency(chosen), { clock })
        let [underWay, begun, answered] = [0, 0, 0]
        const wrapped = tested(
          endpoint(async (ms: number) => {
            begun++
            expect(++underWay).toBeLessThanOrEqual(chosen.limit)
            await clock.sleep(ms)
            underWay--
            return ok(ms)
          }),
        )
        for (const { gap, ms, timeout: allowed, leaves, priority } of all) {
          await clock.advance(gap)
          const caller = withCancel(withMetadata(background({ clock }), { 'x-priority': priority }))
          const { ctx } = allowed === undefined ? caller : withTimeout(caller.ctx, allowed)
          if (leaves !== undefined) clock.at(clock.now() + leaves, () => caller.cancel())
          void run(wrapped, ms, ctx).then((outcome) => {
            answered++
            const end =
              outcome._tag === 'Right' ? 'done' : ((outcome.left as { why?: string }).why ?? outcome.left._tag)
            ends.set(end, (ends.get(end) ?? 0) + 1)
          })
          const level = tested.level()
          expect(level?.used).toBeLessThanOrEqual(chosen.limit)
          expect(level?.waiting).toBeLessThanOrEqual(chosen.queue)
        }
        await clock.advance(5_000)
        expect(answered).toBe(all.length)
        expect(begun).toBeLessThanOrEqual(all.length)
        expect(tested.level()).toEqual({ limit: chosen.limit, used: 0, waiting: 0 })
        expect(clock.pending).toBe(0)
      }),
      { numRuns: 150 },
    )
    // The runs were no idle ones.
    expect([...ends.keys()].sort()).toEqual(['Cancelled', 'deadline', 'displaced', 'done', 'full', 'waited'])
  })
})

describe('concurrency with a limit that adapts', () => {
  it('given calls that fail for lack of room, then the limit falls, is told, and recovers; another algorithm goes on from there', async () => {
    const { clock, ask, events, tested } = setUp({ limit: aimd({ initial: 10, backoff: 0.5, slow: 100 }) })
    for (const ms of [200, 200]) {
      const all = Array.from({ length: 10 }, () => ask('x', ms))
      await clock.advance(ms)
      await Promise.all(all)
    }
    expect(tested.level()).toEqual({ limit: 2, used: 0, waiting: 0 })
    expect(events.filter(({ kind }) => kind === 'limiter.limit')).toEqual([
      { kind: 'limiter.limit', limiter: 'pool', key: '', from: 10, to: 5 },
      { kind: 'limiter.limit', limiter: 'pool', key: '', from: 5, to: 2 },
    ])
    for (let round = 0; round < 20; round++) await Promise.all([ask('a', 10), ask('b', 10), clock.advance(10)])
    const { limit: recovered = 0 } = tested.level() ?? {}
    expect(recovered).toBeGreaterThan(3)
    tested.set(concurrency({ limit: vegas() }))
    expect(tested.level()?.limit).toBe(recovered)
    tested.set(concurrency({ limit: 3 }))
    expect(tested.level()?.limit).toBe(3)
  })

  it('aegis 84: given bbr, then an end is counted as work done and frees its place; under load a call beyond what was done is refused', async () => {
    let load = 0.1
    const { clock, ask, tested } = setUp({ limit: bbr({ load: () => load, window: 1_000, buckets: 10 }) })
    // Twenty at once, of 50 ms each: in a part of 100 ms that is twenty, so ten can be under way.
    const work = () => Promise.all([...Array.from({ length: 20 }, () => ask('x', 50)), clock.advance(100)])
    for (let round = 0; round < 5; round++) await work()
    expect(tested.level()).toEqual({ limit: Number.POSITIVE_INFINITY, used: 0, waiting: 0 })
    load = 0.9
    const all = Array.from({ length: 20 }, () => ask('y', 50))
    await clock.advance(50)
    const tags = (await Promise.all(all)).map(({ _tag }) => _tag)
    expect(tags.filter((tag) => tag === 'Right')).toHaveLength(11)
    expect(tested.level()).toEqual({ limit: 11, used: 0, waiting: 0 })
  })

  it('given a load that has gone and calls that wait, when one ends, then all that may go do', async () => {
    let load = 1
    const { clock, ask, begun } = setUp({ limit: bbr({ load: () => load, cooldown: 0 }), queue: 10, maxWait: 10_000 })
    const all = Array.from({ length: 5 }, (_, i) => ask(`${i}`, 100))
    expect(begun).toHaveLength(2)
    load = 0.1
    await clock.advance(100)
    expect(begun).toHaveLength(5)
    await clock.advance(100)
    await Promise.all(all)
  })
})
