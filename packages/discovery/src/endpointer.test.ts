// Endpointers: which connections are made and closed, when, and that no call ever meets a closed one.
import { background, type Telemetry, withTimeout } from '@tenon/endpoint'
import { seeded, type VirtualClock, virtualClock } from '@tenon/endpoint/testing'
import { constant } from '@tenon/policy'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EndpointerOptions, endpointer } from './endpointer.ts'
import type { InstanceFields } from './instance.ts'
import { type InstanceSink, instancerOf } from './instancer.ts'
import { roundRobin } from './round-robin.ts'
import type { Strategy } from './strategy.ts'

interface Link extends AsyncDisposable {
  readonly id: string
  closed: number
}

/** An endpointer over a registry that is the test; its connections write down what happens to them. */
function setUp(options: Partial<EndpointerOptions<Link>> = {}, first?: (sink: InstanceSink) => void) {
  const clock: VirtualClock = virtualClock()
  const log: string[] = []
  const events: string[] = []
  let sink: InstanceSink | undefined
  const instancer = instancerOf({
    service: 'orders',
    start(given) {
      sink = given
      first?.(given)
    },
    onTelemetry: () => {},
  })
  const links: Link[] = []
  const link = (id: string): Link => {
    const made: Link = {
      id,
      closed: 0,
      async [Symbol.asyncDispose]() {
        made.closed++
        log.push(`close ${id}`)
      },
    }
    log.push(`open ${id}`)
    links.push(made)
    return made
  }
  const pool = endpointer<Link>(instancer, {
    connect: ({ id }) => link(id),
    clock,
    random: seeded(1),
    onTelemetry: (event: Telemetry) =>
      void (event.kind === 'discovery.connection' && events.push(`${event.state} ${event.instance}`)),
    ...options,
  })
  const set = (...instances: (string | InstanceFields)[]): void => sink?.set(instances.map(addressed))
  const ids = (): string[] => pool.nodes().map((node) => node.id)
  const take = (): string[] => log.splice(0)
  return {
    pool,
    clock,
    log,
    take,
    events,
    set,
    fail: (error: unknown) => sink?.fail(error),
    ids,
    links,
    link,
    instancer,
  }
}
const addressed = (of: string | InstanceFields) => (typeof of === 'string' ? { id: of, address: `${of}:1` } : of)
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('the connections of an endpointer', () => {
  it('S7 SD-11: given an instancer that knows its set, when it subscribes, then they are there at once', () => {
    const { ids } = setUp({}, (sink) => sink.set(['b:1', 'a:1']))
    expect(ids()).toEqual(['a:1', 'b:1'])
  })

  it('SD-1 SD-21 S8: given b, a, c, when they come, then there are three in order of their ids and nothing is closed', () => {
    const { set, ids, take, pool } = setUp()
    set('b', 'a', 'c')
    expect(ids()).toEqual(['a', 'b', 'c'])
    expect(take()).toEqual(['open a', 'open b', 'open c'])
    expect(pool.nodes()).toBe(pool.nodes())
  })

  it('SD-2: given the identical update again, then nothing is made, closed or swapped', () => {
    const { set, pool, take } = setUp()
    set('a', 'b')
    const before = pool.nodes()
    take()
    set('b', 'a')
    expect(pool.nodes()).toBe(before)
    expect(take()).toEqual([])
  })

  it('S9 SD-4 SD-22 SD-23: given a survivor, a newcomer and one gone, then create, swap, close; the survivor stays the same object', () => {
    const { set, pool, take, ids, log } = setUp({}, undefined)
    set('a', 'b')
    const [a] = pool.nodes()
    take()
    pool.balancer({
      name: 'spy',
      balancer: () => ({ pick: () => 0, changed: (nodes) => void log.push(`swap ${nodes.map((node) => node.id)}`) }),
    })
    take()
    set('a', 'c')
    expect(take()).toEqual(['open c', 'swap a,c', 'close b'])
    expect(ids()).toEqual(['a', 'c'])
    expect(pool.nodes()[0]).toBe(a)
    expect(pool.nodes()[0]?.resource).toBe(a?.resource)
  })

  it('SD-5 SD-12: given an empty set, then all are closed, and there is none, which is no error', () => {
    const { set, take, ids, pool } = setUp()
    set('a', 'b')
    take()
    set()
    expect(take()).toEqual(['close a', 'close b'])
    expect(ids()).toEqual([])
    expect(pool.missing()).toMatchObject({ _tag: 'NoEndpoints', code: 'unavailable', reason: 'empty' })
  })

  it('SD-29 D-1: given an instance is listed twice, then it has one connection', () => {
    const { set, take, ids } = setUp()
    set('a', 'a')
    expect(take()).toEqual(['open a'])
    expect(ids()).toEqual(['a'])
  })

  it('given the weight or the tags change, then the connection stays, the node says the new ones, and balancers hear of it', () => {
    const { set, take, pool } = setUp()
    let swaps = 0
    pool.balancer({ name: 'spy', balancer: () => ({ pick: () => 0, changed: () => void swaps++ }) })
    set({ id: 'a', address: 'a:1', weight: 1 })
    const node = pool.nodes()[0]
    set({ id: 'a', address: 'a:1', weight: 5, tags: ['v2'] })
    expect(take()).toEqual(['open a'])
    expect(pool.nodes()[0]).toBe(node)
    expect(node?.instance).toMatchObject({ weight: 5, tags: ['v2'] })
    expect(swaps).toBe(3)
  })

  it('given the same id at another address, then it is connected anew and the old connection closed', () => {
    const { set, pool, links } = setUp()
    set({ id: 'a', address: 'h:1' })
    set({ id: 'a', address: 'h:2' })
    expect(links.map((link) => link.closed)).toEqual([1, 0])
    expect(pool.nodes()[0]?.resource).toBe(links[1])
  })

  it('SD-27: given a factory whose result cannot be closed, when the instance leaves, then nothing fails', async () => {
    for (const resource of [{}, 'text', null, () => {}]) {
      const { set, pool, events } = setUp({ connect: () => resource as never })
      set('a')
      set()
      await pool[Symbol.asyncDispose]()
      expect(events).toEqual(['opened a', 'closing a', 'closed a'])
    }
  })

  it('given what it made has only Symbol.dispose, when the instance leaves, then that closes it', async () => {
    let closed = 0
    const { set } = setUp({ connect: () => ({ [Symbol.dispose]: () => void closed++ }) as never })
    set('a')
    set()
    expect(closed).toBe(1)
  })

  it('S10: given closing fails, then that is reported and nothing else happens', async () => {
    const errors: unknown[] = []
    const { set } = setUp({
      connect: () => ({ [Symbol.asyncDispose]: () => Promise.reject(new Error('stuck')) }) as never,
      onTelemetry: (event) => void (event.kind === 'discovery.connection' && errors.push(event.error)),
    })
    set('a')
    set()
    await settle()
    expect(errors.map(String)).toEqual(['undefined', 'undefined', 'Error: stuck'])
  })
})

describe('calls in flight', () => {
  it('given an instance leaves with a call in flight, then it gets no new one and is closed when that has ended', () => {
    const { set, pool, take, ids } = setUp()
    set('a', 'b')
    const a = pool.nodes()[0]
    a?.enter()
    a?.enter()
    take()
    set('b')
    expect(ids()).toEqual(['b'])
    expect(pool.view().nodes).toMatchObject([
      { id: 'b', state: 'ready' },
      { id: 'a', address: 'a:1', state: 'leaving', inFlight: 2 },
    ])
    a?.leave()
    expect(take()).toEqual([])
    a?.leave()
    expect(take()).toEqual(['close a'])
  })

  it('given a call that never ends, when the grace is over, then the connection is closed anyway, once', async () => {
    const { set, pool, take, clock } = setUp({ grace: 1_000 })
    set('a')
    const a = pool.nodes()[0]
    a?.enter()
    take()
    set()
    await clock.advance(999)
    expect(take()).toEqual([])
    await clock.advance(1)
    expect(take()).toEqual(['close a'])
    a?.leave()
    expect(take()).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('given an instance flaps while a call is in flight, then it keeps its connection', async () => {
    const { set, pool, take, clock, events } = setUp()
    set('a', 'b')
    const a = pool.nodes()[0]
    a?.enter()
    set('b')
    set('a', 'b')
    expect(pool.nodes()[0]).toBe(a)
    a?.leave()
    await clock.advance(60_000)
    expect(take()).toEqual(['open a', 'open b'])
    expect(events).toEqual(['opened a', 'opened b', 'closing a', 'opened a'])
    set('b')
    expect(take()).toEqual(['close a'])
  })

  it('given a close that hangs, when everything is disposed, then that does not wait for ever', async () => {
    const { set, pool, clock } = setUp({
      connect: () => ({ [Symbol.asyncDispose]: () => new Promise(() => {}) }) as never,
      connectTimeout: 500,
    })
    set('a')
    const closed = pool[Symbol.asyncDispose]()
    await clock.advance(500)
    await closed
    expect(clock.pending).toBe(0)
  })
})

describe('factories that fail', () => {
  it('SD-10 SD-28 S11: given a factory that fails for one of three, then the others serve', () => {
    const { set, ids, pool } = setUp({
      connect({ id }) {
        if (id === 'b') throw new Error('refused')
        return { id, closed: 0, [Symbol.asyncDispose]: async () => {} }
      },
    })
    set('a', 'b', 'c')
    expect(ids()).toEqual(['a', 'c'])
    expect(pool.view().nodes[1]).toMatchObject({ id: 'b', state: 'failing', error: new Error('refused') })
    set('b')
    expect(ids()).toEqual([])
    expect(pool.missing()).toMatchObject({ reason: 'unconnected', cause: new Error('refused') })
  })

  it('SD-31 D-3: given a failed factory, then it is tried again without a change of the set, with growing jittered waits', async () => {
    const tries: number[] = []
    const { clock, set, ids, events, link } = setUp({
      connect({ id }) {
        tries.push(clock.now())
        if (tries.length < 4) throw new Error('refused')
        return link(id)
      },
    })
    set('a')
    await clock.advance(10_000)
    expect(ids()).toEqual(['a'])
    expect(events).toEqual(['failed a', 'failed a', 'failed a', 'opened a'])
    const waits = tries.slice(1).map((at, before) => at - (tries[before] as number))
    for (const [n, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(50 * 2 ** n)
      expect(wait).toBeLessThanOrEqual(100 * 2 ** n)
    }
    expect(clock.pending).toBe(0)
  })

  it('given an instance leaves while it waits to be tried again, then no timer stays', async () => {
    const { clock, set } = setUp({
      connect() {
        throw new Error('refused')
      },
    })
    set('a')
    expect(clock.pending).toBe(1)
    set()
    expect(clock.pending).toBe(0)
  })

  it('given a factory that answers later, then it is called when it has, and others do not wait for it (D-4)', async () => {
    const answers = new Map<string, (link: Link) => void>()
    const { set, ids, link } = setUp({
      connect: ({ id }) => (id === 'slow' ? new Promise<Link>((resolve) => answers.set(id, resolve)) : link(id)),
    })
    set('slow', 'a')
    expect(ids()).toEqual(['a'])
    answers.get('slow')?.(link('slow'))
    await settle()
    expect(ids()).toEqual(['a', 'slow'])
  })

  it('given a factory that does not answer in time, then it counts as failed, its signal aborts, and what comes late is closed', async () => {
    let late: ((link: Link) => void) | undefined
    let signal: AbortSignal | undefined
    const { set, pool, clock, link, take } = setUp({
      connectTimeout: 200,
      reconnect: constant(10_000),
      connect(_, options) {
        signal = options.signal
        return new Promise((resolve) => {
          late = resolve
        })
      },
    })
    set('a')
    await clock.advance(199)
    expect(signal?.aborted).toBe(false)
    await clock.advance(1)
    expect(signal?.aborted).toBe(true)
    expect(pool.missing()).toMatchObject({ reason: 'unconnected', cause: new Error('no connection within 200 ms') })
    late?.(link('a'))
    await settle()
    expect(take()).toEqual(['open a', 'close a'])
    expect(pool.nodes()).toEqual([])
  })

  it('given an instance leaves while it is being connected, then its signal aborts and what comes late is closed', async () => {
    let late: ((link: Link) => void) | undefined
    let signal: AbortSignal | undefined
    const { set, clock, link, take } = setUp({
      connect(_, options) {
        signal = options.signal
        return new Promise((resolve) => {
          late = resolve
        })
      },
    })
    set('a')
    set()
    expect(signal?.aborted).toBe(true)
    late?.(link('a'))
    await settle()
    expect(take()).toEqual(['open a', 'close a'])
    expect(clock.pending).toBe(0)
  })

  it('given all instances are replaced and the new ones take time, then the old ones serve until the first of them can', async () => {
    const answers = new Map<string, () => void>()
    const { set, ids, link, take } = setUp({
      connect: ({ id }) =>
        id.startsWith('green') ? new Promise<Link>((resolve) => answers.set(id, () => resolve(link(id)))) : link(id),
    })
    set('blue1', 'blue2')
    take()
    set('green1', 'green2')
    expect(ids()).toEqual(['blue1', 'blue2'])
    expect(take()).toEqual([])
    answers.get('green2')?.()
    await settle()
    expect(ids()).toEqual(['green2'])
    expect(take()).toEqual(['open green2', 'close blue1', 'close blue2'])
  })

  it('given the replaced ones come back before their successors are there, then they were never closed', async () => {
    const { set, ids, take, link } = setUp({
      connect: ({ id }) => (id === 'green' ? new Promise<Link>(() => {}) : link(id)),
    })
    set('blue')
    set('green')
    set('blue')
    expect(ids()).toEqual(['blue'])
    expect(take()).toEqual(['open blue'])
  })

  it('given a factory that changes the set while it runs, then that set is heard after it', () => {
    const { set, ids, take, link } = setUp({
      connect({ id }) {
        if (id === 'a') set('b')
        return link(id)
      },
    })
    set('a', 'c')
    expect(take()).toEqual(['open a', 'open c', 'open b', 'close a', 'close c'])
    expect(ids()).toEqual(['b'])
  })
})

describe('a registry that fails', () => {
  it('S12 SD-3 S18: given an error and no option, then what was known is served for ever', async () => {
    const { set, fail, ids, take, clock, pool } = setUp()
    set('a', 'b')
    take()
    fail(new Error('down'))
    await clock.advance(86_400_000)
    expect(ids()).toEqual(['a', 'b'])
    expect(take()).toEqual([])
    expect(pool.view()).toMatchObject({ status: 'stale', error: new Error('down') })
  })

  it('S12 SD-26: given the first thing ever is an error, then there is none, and it is said that nothing is known', () => {
    const { fail, ids, pool } = setUp()
    fail(new Error('down'))
    expect(ids()).toEqual([])
    expect(pool.missing()).toMatchObject({ reason: 'unknown', cause: new Error('down') })
    expect(pool.view().status).toBe('unknown')
  })

  it('S13 SD-6 SD-7 SD-8 SD-9: given invalidateAfter, then it serves until then; after it the first error is the reason, and all are closed', async () => {
    const { set, fail, ids, take, clock, pool } = setUp({ invalidateAfter: 1_000 })
    set('a', 'b')
    take()
    fail(new Error('first'))
    expect(ids()).toEqual(['a', 'b'])
    await clock.advance(500)
    fail(new Error('second'))
    expect(ids()).toEqual(['a', 'b'])
    expect(take()).toEqual([])
    await clock.advance(500)
    expect(ids()).toEqual([])
    expect(take()).toEqual(['close a', 'close b'])
    expect(pool.missing()).toMatchObject({ reason: 'stale', cause: new Error('first') })
  })

  it('S14 SD-24: given the time has passed and nobody calls, then nothing is closed, and no timer runs', async () => {
    const { set, fail, ids, take, clock, pool } = setUp({ invalidateAfter: 1_000 })
    set('a')
    take()
    fail('down')
    expect(clock.pending).toBe(0)
    await clock.advance(5_000)
    expect(take()).toEqual([])
    expect(pool.view().status).toBe('invalid')
    expect(ids()).toEqual([])
    expect(take()).toEqual(['close a'])
  })

  it('S15 SD-25: given invalidation happened, when the same set comes again, then all are connected anew', async () => {
    const { set, fail, ids, take, clock } = setUp({ invalidateAfter: 1_000 })
    set('a')
    fail('down')
    await clock.advance(1_000)
    ids()
    take()
    fail('still down')
    expect(ids()).toEqual([])
    set('a')
    expect(ids()).toEqual(['a'])
    expect(take()).toEqual(['open a'])
    await clock.advance(60_000)
    expect(ids()).toEqual(['a'])
  })
})

describe('closing an endpointer', () => {
  it('SD-30 D-2 S17: given it is disposed, twice, then every connection is closed exactly once and nobody can be called', async () => {
    const { set, pool, links, ids, clock } = setUp()
    set('a', 'b', 'c')
    await Promise.all([pool[Symbol.asyncDispose](), pool[Symbol.asyncDispose]()])
    expect(links.map((link) => link.closed)).toEqual([1, 1, 1])
    expect(ids()).toEqual([])
    expect(pool.missing()).toMatchObject({ reason: 'closed' })
    expect(pool.view()).toMatchObject({ status: 'closed', nodes: [] })
    expect(clock.pending).toBe(0)
  })

  it('SD-13: given it is disposed, when sets come, then nothing happens', async () => {
    const { set, pool, take } = setUp()
    set('a')
    await pool[Symbol.asyncDispose]()
    take()
    set('b')
    expect(take()).toEqual([])
  })

  it('given calls in flight, when it is disposed, then it waits for them, and no longer than the grace', async () => {
    const { set, pool, clock, take } = setUp({ grace: 1_000 })
    set('a', 'b')
    const [a, b] = pool.nodes()
    a?.enter()
    b?.enter()
    take()
    let closed = false
    const closing = pool[Symbol.asyncDispose]().then(() => {
      closed = true
    })
    await settle()
    expect(closed).toBe(false)
    a?.leave()
    expect(take()).toEqual(['close a'])
    await clock.advance(1_000)
    await closing
    expect(take()).toEqual(['close b'])
  })
})

describe('being ready', () => {
  it('given nothing is known, when the first set comes, then it is ready with as many as are connected', async () => {
    const { set, pool, clock } = setUp()
    const ready = pool.ready()
    await clock.advance(100)
    set('a', 'b')
    expect(await ready).toEqual({ _tag: 'Right', right: 2 })
    expect(clock.pending).toBe(0)
  })

  it('given a set known to be empty, then it is ready with none; unless one is asked for', async () => {
    const { set, pool, clock } = setUp()
    set()
    expect(await pool.ready()).toEqual({ _tag: 'Right', right: 0 })
    const ready = pool.ready({ atLeast: 1 })
    await clock.advance(5_000)
    set('a')
    expect(await ready).toEqual({ _tag: 'Right', right: 1 })
  })

  it('given factories that take their time or fail, then it is ready when each was tried', async () => {
    const { set, pool, clock } = setUp({
      async connect({ id }) {
        await clock.sleep(id === 'a' ? 100 : 300)
        if (id === 'b') throw new Error('refused')
        return { id, closed: 0, [Symbol.asyncDispose]: async () => {} }
      },
      reconnect: constant(60_000),
    })
    set('a', 'b')
    let ready: unknown
    void pool.ready().then((answer) => (ready = answer))
    await clock.advance(299)
    expect(ready).toBeUndefined()
    await clock.advance(1)
    expect(ready).toEqual({ _tag: 'Right', right: 1 })
  })

  it('given the deadline passes, then it says why; closed while it waits, too', async () => {
    const { pool, clock, fail } = setUp()
    const ready = pool.ready({ timeout: 1_000 })
    fail(new Error('no agent'))
    await clock.advance(1_000)
    expect(await ready).toMatchObject({ _tag: 'Left', left: { reason: 'unknown', cause: new Error('no agent') } })
    const other = pool.ready()
    await pool[Symbol.asyncDispose]()
    expect(await other).toMatchObject({ _tag: 'Left', left: { reason: 'closed' } })
    expect(clock.pending).toBe(0)
  })

  it('given a call that ends while it waits for a first set, then the wait ends with it and leaves nothing behind', async () => {
    const { pool, clock } = setUp()
    using scope = withTimeout(background({ clock }), 50)
    const waited = pool.settled(scope.ctx, 1_000)
    await clock.advance(50)
    await waited
    expect(clock.pending).toBe(0)
    await pool.settled(scope.ctx, 1_000)
    expect(clock.pending).toBe(0)
  })
})

describe('the cost and the options of an endpointer', () => {
  it('SD-33 S16: given 10,000 instances, when one changes, then the others stay, and reading the list allocates nothing', () => {
    const { set, pool, links } = setUp()
    const names = Array.from({ length: 10_000 }, (_, n) => `i${String(n).padStart(5, '0')}`)
    set(...names)
    expect(pool.nodes()).toHaveLength(10_000)
    set(...names.slice(1), 'j')
    expect(links).toHaveLength(10_001)
    expect(links.filter((link) => link.closed > 0)).toHaveLength(1)
    const nodes = pool.nodes()
    for (let n = 0; n < 1_000; n++) expect(pool.nodes()).toBe(nodes)
  })

  it('given a strategy, when its balancer is asked for twice, then it is the same; another endpointer has another', () => {
    const strategy = roundRobin()
    const { pool } = setUp()
    expect(pool.balancer(strategy)).toBe(pool.balancer(strategy))
    expect(setUp().pool.balancer(strategy)).not.toBe(pool.balancer(strategy))
  })

  it('given a balancer that throws when it hears of a set, then the set is served', () => {
    const broken: Strategy = {
      name: 'broken',
      balancer: () => ({
        pick: () => 0,
        changed() {
          throw new Error('mine')
        },
      }),
    }
    const { pool, set, ids } = setUp()
    pool.balancer(broken)
    set('a')
    expect(ids()).toEqual(['a'])
  })

  it.each([
    [{ connect: undefined }, 'endpointer of orders: "connect" must be a function, but was undefined'],
    [
      { connectTimeout: 0 },
      'endpointer of orders: "connectTimeout" must be a number above 0 (milliseconds), but was 0',
    ],
    [{ grace: -1 }, 'endpointer of orders: "grace" must be a number of at least 0 (milliseconds), but was -1'],
    [{ invalidateAfter: -1 }, '"invalidateAfter" must be a number of at least 0 (milliseconds), but was -1'],
  ])('given the option %j, then an error names it', (options, message) => {
    expect(() => setUp(options as never)).toThrow(message)
  })
})

describe('whatever happens', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('set' as const), ids: fc.subarray(['a', 'b', 'c', 'd']), moved: fc.boolean() }),
    fc.record({ do: fc.constant('fail' as const) }),
    fc.record({ do: fc.constant('call' as const), lasts: fc.nat(3_000) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.nat(1_500) }),
  )
  it('no call is given a closed connection, none is closed twice, ids are unique and in order, and in the end nothing is left', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.integer(), async (steps, seed) => {
        const clock = virtualClock()
        const random = seeded(seed)
        const open = new Map<string, number>()
        let sink: InstanceSink | undefined
        const instancer = instancerOf({
          service: 's',
          start(given) {
            sink = given
          },
        })
        const pool = endpointer<{ closed: boolean; place: string } & AsyncDisposable>(instancer, {
          async connect({ address }) {
            const fails = random() < 0.3
            await clock.sleep(random() * 500)
            if (fails) throw new Error('refused')
            const link = {
              closed: false,
              place: address,
              async [Symbol.asyncDispose]() {
                expect(link.closed).toBe(false)
                link.closed = true
                open.set(address, (open.get(address) ?? 0) - 1)
              },
            }
            open.set(address, (open.get(address) ?? 0) + 1)
            return link
          },
          clock,
          random,
          invalidateAfter: 1_000,
          grace: 10_000,
        })
        for (const one of steps) {
          if (one.do === 'set')
            sink?.set(one.ids.map((id) => ({ id, address: `${id}${one.moved ? 2 : 1}`, url: `x://${id}` })))
          else if (one.do === 'fail') sink?.fail(new Error('down'))
          else if (one.do === 'wait') await clock.advance(one.ms)
          else
            for (const node of pool.nodes()) {
              expect(node.resource.closed).toBe(false)
              node.enter()
              clock.at(clock.now() + one.lasts, () => {
                expect(node.resource.closed).toBe(false)
                node.leave()
              })
            }
          const nodes = pool.nodes()
          expect(nodes.map((node) => node.id)).toEqual([...new Set(nodes.map((node) => node.id))].sort())
        }
        const closed = pool[Symbol.asyncDispose]()
        await clock.advance(20_000)
        await closed
        expect([...open.values()].every((count) => count === 0)).toBe(true)
        expect(clock.pending).toBe(0)
        expect(pool.view().nodes).toEqual([])
      }),
      { numRuns: 150 },
    )
  })
})
