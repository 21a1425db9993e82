// Active health checks: when an instance is asked, and when its answers take it out or let it in. Virtual time; the probes of
// real sockets have tests of their own.
import type { Telemetry } from '@tenon/endpoint'
import { seeded, virtualClock } from '@tenon/endpoint/testing'
import { describe, expect, it } from 'vitest'
import { type CheckedOptions, checked } from './checked.ts'
import type { InstanceFields } from './instance.ts'
import { type InstanceSink, type InstanceState, instancerOf } from './instancer.ts'

/** What each says when it is asked: `true`, `false`, an error, or nothing at all. */
type Health = Record<string, boolean | Error | 'silent'>

/** Checked instances whose registry and whose health the test is. Addresses `a:1`, `b:1`, ... */
function world(first: string, options: Partial<CheckedOptions> = {}, health: Health = {}) {
  const clock = virtualClock()
  const events: Telemetry[] = []
  const asked: { readonly id: string; readonly at: number; readonly signal: AbortSignal }[] = []
  let sink: InstanceSink | undefined
  const fields = (ids: string): InstanceFields[] => Array.from(ids, (id) => ({ id, address: `${id}:1` }))
  const instancer = checked(
    instancerOf({
      service: 'orders',
      start(given) {
        sink = given
        given.set(fields(first))
      },
    }),
    {
      probe({ id }, { signal }) {
        asked.push({ id, at: clock.now(), signal })
        const says = health[id] ?? true
        if (says === 'silent') return new Promise(() => {})
        if (says instanceof Error) throw says
        return says
      },
      jitter: 0,
      clock,
      onTelemetry: (event) => events.push(event),
      ...options,
    },
  )
  const states: InstanceState[] = []
  const subscription = instancer.subscribe((state) => states.push(state))
  return {
    clock,
    events,
    health,
    asked,
    instancer,
    states,
    ids: () =>
      states
        .at(-1)
        ?.instances?.map(({ id }) => id)
        .join(''),
    last: () => states.at(-1),
    set: (ids: string) => sink?.set(fields(ids)),
    setFields: (list: InstanceFields[]) => sink?.set(list),
    fail: (error: unknown) => sink?.fail(error),
    leave: () => subscription[Symbol.dispose](),
    times: (id: string) => asked.filter((one) => one.id === id).map(({ at }) => at),
  }
}

describe('given instances that are checked', () => {
  it('when they come first, then they are told when each was asked once, without those that are not well', async () => {
    const { clock, ids, states } = world('abc', {}, { b: false })
    expect(states).toEqual([{ instances: undefined, error: undefined }])
    await clock.advance(0)
    expect(ids()).toBe('ac')
    expect(states).toHaveLength(2)
  })

  it('when one of the first does not answer, then it is waited for as long as a probe may take, and no longer', async () => {
    const silent: Health = { b: 'silent', c: 'silent' }
    const { clock, ids, states } = world('abc', { timeout: 500, concurrency: 1 }, silent)
    await clock.advance(499)
    expect(states).toHaveLength(1)
    await clock.advance(1)
    // c has not been asked at all: with one at a time, b is in its way.
    expect(ids()).toBe('a')
  })

  it('when none of the first has answered yet, then nothing is told, and the first that is well serves', async () => {
    const silent: Health = { a: 'silent', b: 'silent' }
    const { clock, ids, states } = world('abc', { timeout: 500, concurrency: 1 }, silent)
    await clock.advance(999)
    expect(states).toHaveLength(1)
    await clock.advance(1)
    expect(ids()).toBe('c')
  })

  it('when one fails less often in a row than it may, then it stays; when as often, it is out', async () => {
    const { health, clock, ids } = world('ab', { interval: 1_000, unhealthy: 3 })
    await clock.advance(0)
    health.b = new Error('down')
    await clock.advance(2_000)
    health.b = true
    await clock.advance(1_000)
    health.b = new Error('down')
    await clock.advance(2_999)
    expect(ids()).toBe('ab')
    await clock.advance(1)
    expect(ids()).toBe('a')
  })

  it('when one that is out is well as often in a row as it must, then it is back', async () => {
    const { health, clock, ids } = world('ab', { interval: 1_000, healthy: 2 }, { b: false })
    await clock.advance(0)
    health.b = true
    await clock.advance(1_000)
    health.b = false
    await clock.advance(1_000)
    health.b = true
    await clock.advance(1_999)
    expect(ids()).toBe('a')
    await clock.advance(1)
    expect(ids()).toBe('ab')
  })

  it('when one hangs, then each probe is given up in time and counts as failed, and its signal aborts', async () => {
    const { health, clock, ids, asked } = world('ab', { interval: 1_000, timeout: 300, unhealthy: 2 })
    await clock.advance(0)
    health.b = 'silent'
    await clock.advance(1_300)
    const { signal } = asked.at(-1) as (typeof asked)[number]
    expect(signal.aborted).toBe(true)
    expect(ids()).toBe('ab')
    await clock.advance(1_300)
    expect(ids()).toBe('a')
  })

  it('when a new one comes, then it serves once it is well, and the others are not asked sooner for it', async () => {
    const { health, clock, ids, set, times } = world('a', { interval: 1_000 })
    await clock.advance(400)
    health.b = 'silent'
    set('abc')
    await clock.advance(0)
    expect(ids()).toBe('ac')
    expect(times('a')).toEqual([0])
    await clock.advance(600)
    expect(times('a')).toEqual([0, 1_000])
  })

  it('when all are replaced, then the old ones stay until one of the new ones is well', async () => {
    const { health, clock, ids, set } = world('ab', { interval: 1_000, timeout: 500 })
    await clock.advance(0)
    health.c = 'silent'
    set('cd')
    expect(ids()).toBe('ab')
    await clock.advance(0)
    expect(ids()).toBe('d')
  })

  it('when an instance says something else of itself, then its health is kept; at another address it is asked anew', async () => {
    const { clock, last, setFields, times } = world('a', { interval: 1_000 })
    await clock.advance(0)
    setFields([{ id: 'a', address: 'a:1', weight: 5 }])
    expect(last()?.instances?.[0]?.weight).toBe(5)
    expect(times('a')).toEqual([0])
    setFields([{ id: 'a', address: 'a:2' }])
    await clock.advance(0)
    expect(times('a')).toEqual([0, 0])
    expect(last()?.instances?.[0]?.address).toBe('a:2')
  })

  it('when the registry knows of none, then that is told', async () => {
    const { clock, set, last } = world('a')
    await clock.advance(0)
    set('')
    expect(last()).toEqual({ instances: [], error: undefined })
  })

  it('when the registry fails, then that is told, and health is looked after meanwhile, the error still beside it', async () => {
    const { health, clock, ids, fail, last, set } = world('ab', { interval: 1_000, unhealthy: 1 })
    await clock.advance(0)
    const error = new Error('no registry')
    fail(error)
    expect(last()).toMatchObject({ error, instances: [{ id: 'a' }, { id: 'b' }] })
    health.b = false
    await clock.advance(1_000)
    expect(ids()).toBe('a')
    expect(last()?.error).toBe(error)
    set('ab')
    expect(last()).toMatchObject({ error: undefined, instances: [{ id: 'a' }] })
  })

  it('when the registry has failed before it knew anything, then that is told', async () => {
    const error = new Error('no registry')
    const probe = () => true
    const inner = instancerOf({ service: 'orders', start: (sink) => sink.fail(error) })
    let last: InstanceState | undefined
    checked(inner, { probe, clock: virtualClock() }).subscribe((state) => (last = state))
    expect(last).toEqual({ instances: undefined, error })
  })
})

describe('given that none is well', () => {
  it('when that is so by default, then all serve, until one is well', async () => {
    const { health, clock, ids, events } = world(
      'abc',
      { interval: 1_000, healthy: 1 },
      { a: false, b: false, c: false },
    )
    await clock.advance(0)
    expect(ids()).toBe('abc')
    health.b = true
    await clock.advance(1_000)
    expect(ids()).toBe('b')
    expect(events.filter(({ kind }) => kind === 'discovery.panic')).toEqual([
      { kind: 'discovery.panic', service: 'orders', state: 'began', healthy: 0, size: 3 },
      { kind: 'discovery.panic', service: 'orders', state: 'ended', healthy: 1, size: 3 },
    ])
  })

  it('when the checks are always believed, then there is nobody', async () => {
    const { clock, last } = world('ab', { panic: false }, { a: false, b: false })
    await clock.advance(0)
    expect(last()).toEqual({ instances: [], error: undefined })
  })

  it('when half are needed, then half or fewer are not believed, and more are', async () => {
    const { health, clock, ids } = world(
      'abcd',
      { panic: 0.5, interval: 1_000, unhealthy: 1, healthy: 1 },
      { a: false },
    )
    await clock.advance(0)
    expect(ids()).toBe('bcd')
    health.b = false
    await clock.advance(1_000)
    expect(ids()).toBe('abcd')
    health.a = true
    await clock.advance(1_000)
    expect(ids()).toBe('acd')
  })
})

describe('given many checks', () => {
  it('when they are due, then no more than allowed run at once, in turn, and each is asked', async () => {
    let running = 0
    let most = 0
    const answers: (() => void)[] = []
    const ids = 'abcdefghijklmnopqrstuvwxyz'
    const seen: string[] = []
    world(ids, {
      concurrency: 4,
      probe: ({ id }) => {
        seen.push(id)
        most = Math.max(most, ++running)
        return new Promise((resolve) =>
          answers.push(() => {
            running--
            resolve(true)
          }),
        )
      },
    })
    for (let n = 0; n < ids.length; n++) {
      answers[n]?.()
      await new Promise(setImmediate)
    }
    expect(most).toBe(4)
    expect(seen.join('')).toBe(ids)
  })

  it('when they have begun together, then chance drives them apart within the bounds of their jitter', async () => {
    const ids = 'abcdefghijklmnopqrstuvwxyz'
    const { clock, times } = world(ids, { interval: 10_000, jitter: 0.2, random: seeded(3), concurrency: 100 })
    await clock.advance(100_000)
    const waits = Array.from(ids, times).flatMap((at) => at.slice(1).map((time, n) => time - (at[n] as number)))
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(8_000)
    expect(Math.max(...waits)).toBeLessThanOrEqual(12_000)
    const last = Array.from(ids, (id) => times(id).at(-1) as number).sort((a, b) => a - b)
    expect((last.at(-1) as number) - (last[0] as number)).toBeGreaterThan(5_000)
  })

  it('when somebody leaves, then no probe, no timer and nothing in the queue is left; the next one begins anew', async () => {
    const { health, clock, asked, instancer, leave, states } = world('abc', { concurrency: 1 }, { a: 'silent' })
    await clock.advance(0)
    leave()
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true])
    expect(clock.pending).toBe(0)
    health.a = true
    instancer.subscribe((state) => states.push(state))
    await clock.advance(0)
    expect(states.at(-1)?.instances).toHaveLength(3)
    await instancer[Symbol.asyncDispose]()
    expect(clock.pending).toBe(0)
  })

  it('when an instance is gone while it is asked, then its answer says nothing any more, and another takes its turn', async () => {
    const { clock, asked, ids, set, events } = world('ab', { concurrency: 1 }, { a: 'silent' })
    await clock.advance(0)
    set('b')
    await clock.advance(0)
    expect(asked.map(({ id }) => id)).toEqual(['a', 'b'])
    expect(asked[0]?.signal.aborted).toBe(true)
    expect(ids()).toBe('b')
    expect(events.some((event) => event.kind === 'discovery.health' && event.instance === 'a')).toBe(false)
  })
})

describe('given a listener', () => {
  it('when health changes, then it hears who, from what to what, and why', async () => {
    const rules = { interval: 1_000, unhealthy: 1, timeout: 300 }
    const { health, clock, events, set } = world('ab', rules, { b: 'silent' })
    await clock.advance(300)
    health.b = true
    health.a = false
    await clock.advance(2_300)
    set('b')
    const of = { kind: 'discovery.health', service: 'orders' }
    expect(events).toEqual([
      { ...of, instance: 'a', from: 'unknown', to: 'healthy' },
      { ...of, instance: 'b', from: 'unknown', to: 'unhealthy', error: new Error('no answer within 300 ms') },
      {
        ...of,
        instance: 'a',
        from: 'healthy',
        to: 'unhealthy',
        error: new Error('the probe says that it is not well'),
      },
      { kind: 'discovery.panic', service: 'orders', state: 'began', healthy: 0, size: 2 },
      { ...of, instance: 'b', from: 'unhealthy', to: 'healthy' },
      { kind: 'discovery.panic', service: 'orders', state: 'ended', healthy: 1, size: 2 },
      { ...of, instance: 'a', from: 'unhealthy', to: 'gone' },
    ])
  })
})

describe('given options that are wrong', () => {
  const probe = () => true
  it.each([
    [{}, '"probe" must be a function'],
    [{ probe, interval: 0 }, '"interval" must be a number above 0'],
    [{ probe, jitter: 1.1 }, '"jitter" must be'],
    [{ probe, timeout: -1 }, '"timeout" must be'],
    [{ probe, healthy: 0 }, '"healthy" must be'],
    [{ probe, unhealthy: 1.5 }, '"unhealthy" must be a whole number'],
    [{ probe, concurrency: 0 }, '"concurrency" must be'],
    [{ probe, panic: 2 }, '"panic" must be'],
    [{ probe, panics: 1 }, 'there is no option "panics"'],
  ])('when it is made with %j, then the field is named', (options, message) => {
    const inner = instancerOf({ service: 'orders', start: () => {} })
    expect(() => checked(inner, options as CheckedOptions)).toThrow(message)
  })
})
