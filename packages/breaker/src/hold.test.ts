import { type BreakerTransition, call, endpoint, type Fail, type Failure, fail, type Ok, ok } from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import { describe, expect, it } from 'vitest'
import { adaptiveThrottle } from './adaptive-throttle.ts'
import { type BreakerOptions, breaker } from './breaker.ts'
import { consecutive } from './consecutive.ts'
import { probes } from './probes.ts'
import { ratio } from './ratio.ts'
import { sequential } from './sequential.ts'
import type { BreakerSnapshot } from './snapshot.ts'

/** A breaker that opens at the third failure in a row, and what goes through it. */
function setUp(options: BreakerOptions<string> = {}, clock = virtualClock()) {
  const transitions: string[] = []
  let calls = 0
  let down = false
  const answer = (input: string): Ok<string> | Fail<Failure> => {
    calls++
    return down ? fail({ _tag: 'Down', code: 'unavailable', message: '' }) : ok(input)
  }
  const tested = breaker<string>({
    detector: consecutive({ failures: 3 }),
    recovery: probes(),
    clock,
    onTelemetry: (event) => {
      const { key, from, to } = event as BreakerTransition
      transitions.push(`${key}${from} ${to}`)
    },
    ...options,
  })
  const wrapped = tested(endpoint(answer))
  return {
    clock,
    tested,
    transitions,
    calls: () => calls,
    break: (it = true) => {
      down = it
    },
    send: async (input = '', times = 1): Promise<string> => {
      let last = 'ok'
      for (let i = 0; i < times; i++) {
        const outcome = await call(wrapped, input)
        last = outcome._tag === 'Left' ? outcome.left._tag : 'ok'
      }
      return last
    },
  }
}
const byInput: BreakerOptions<string> = { by: (_, input) => input }

describe('holding a breaker', () => {
  it('B55 B61 B71: given it is held open, then it makes no call however long, until it is released', async () => {
    const t = setUp()
    t.tested.hold('open')
    await t.clock.advance(3_600_000)
    expect([await t.send(), t.tested.state(), t.calls()]).toEqual(['CircuitOpen', 'open', 0])
    expect(t.tested.states()).toEqual([{ key: '', state: 'open', retryAfter: 5_000 }])
    t.tested.hold('open')
    t.tested.release()
    expect([await t.send(), t.tested.state()]).toEqual(['ok', 'closed'])
    expect(t.transitions).toEqual(['closed open', 'open closed'])
  })

  it('B61: given it is held closed, when everything fails, then all calls are made and none is counted', async () => {
    const t = setUp()
    t.break()
    await t.send('', 2)
    t.tested.hold('closed')
    expect(await t.send('', 100)).toBe('Down')
    expect([t.tested.state(), t.calls()]).toEqual(['closed', 102])
    t.tested.release()
    expect([await t.send('', 2), t.tested.state(), await t.send(), t.tested.state()]).toEqual([
      'Down',
      'closed',
      'Down',
      'open',
    ])
    expect(t.transitions).toEqual(['closed open'])
  })

  it('given an open one, when it is held closed and released, then it is closed; releasing one that is not held changes nothing', async () => {
    const t = setUp()
    t.break()
    await t.send('', 3)
    t.tested.release()
    expect(t.tested.state()).toBe('open')
    t.tested.hold('closed')
    t.break(false)
    expect(await t.send()).toBe('ok')
    t.tested.release()
    expect(t.tested.state()).toBe('closed')
    expect(t.transitions).toEqual(['closed open', 'open closed'])
  })

  it('given a probe is under way, when it is held open, then how the probe ends changes nothing', async () => {
    const t = setUp()
    t.break()
    await t.send('', 3)
    await t.clock.advance(5_000)
    t.break(false)
    const sent = t.send()
    t.tested.hold('open')
    expect([await sent, t.tested.state()]).toEqual(['ok', 'open'])
  })

  it('given keys, then one may be held, or all of them, those to come included; one that is held is not forgotten', async () => {
    const t = setUp({ ...byInput, maxKeys: 2, idle: 1_000 })
    t.tested.hold('open', 'a')
    expect([await t.send('a'), await t.send('b')]).toEqual(['CircuitOpen', 'ok'])
    await t.clock.advance(10_000)
    expect([await t.send('c'), await t.send('d'), await t.send('a')]).toEqual(['ok', 'ok', 'CircuitOpen'])
    t.tested.hold('open')
    expect([await t.send('d'), await t.send('new')]).toEqual(['CircuitOpen', 'CircuitOpen'])
    t.tested.release()
    expect([await t.send('a'), await t.send('d'), await t.send('new')]).toEqual(['ok', 'ok', 'ok'])
  })

  it('given another state to be held in, then a TypeError says which there are', () => {
    expect(() => breaker().hold('halfOpen' as never)).toThrow('must be "open" or "closed", but was "halfOpen"')
  })
})

describe('a ramp', () => {
  const ramp = { shares: [0.1, 0.25, 0.5], every: 1_000 }
  const opened = async (options: BreakerOptions<string> = {}) => {
    const t = setUp({ recovery: probes({ ramp }), ...options })
    t.break()
    await t.send('', 3)
    await t.clock.advance(5_000)
    t.break(false)
    await t.send()
    return t
  }
  const admitted = async (t: Awaited<ReturnType<typeof opened>>, of: number): Promise<number> => {
    const before = t.calls()
    await t.send('', of)
    return t.calls() - before
  }

  it('given a good trial, then 10, 25 and 50 of 100 calls pass, evenly, before it closes; meanwhile it is half-open', async () => {
    const t = await opened()
    for (const share of [10, 25, 50]) {
      expect(t.tested.states()).toEqual([{ key: '', state: 'halfOpen', retryAfter: 0 }])
      expect(await admitted(t, 100)).toBe(share)
      await t.clock.advance(1_000)
    }
    expect(t.tested.state()).toBe('closed')
    expect(await admitted(t, 100)).toBe(100)
    expect(t.transitions).toEqual(['closed open', 'open halfOpen', 'halfOpen closed'])
  })

  it('given calls of the ramp fail, then the detector opens it again, with the next wait of the backoff', async () => {
    const waits = { next: (attempt: number) => attempt * 1_000 }
    const t = await opened({ recovery: probes({ wait: waits, ramp }) })
    t.break()
    await t.send('', 30)
    expect(t.tested.states()).toEqual([{ key: '', state: 'open', retryAfter: 2_000 }])
    expect(t.transitions).toEqual(['closed open', 'open halfOpen', 'halfOpen open'])
  })

  it('given failures at the end of the ramp, then they count after it, too; and a clock that goes back makes it longer at most', async () => {
    const t = await opened()
    await t.clock.advance(2_000)
    t.break()
    expect(await admitted(t, 4)).toBe(2)
    await t.clock.advance(1_000)
    await t.send()
    expect(t.tested.state()).toBe('open')
  })
})

describe('a snapshot', () => {
  const stored = (snapshot: BreakerSnapshot): BreakerSnapshot => JSON.parse(JSON.stringify(snapshot)) as BreakerSnapshot

  it('given an open circuit, when it comes back in another process, then it waits for what was left', async () => {
    const t = setUp()
    t.break()
    await t.send('', 3)
    await t.clock.advance(2_000)
    const other = setUp()
    await other.clock.advance(77)
    other.tested.restore(stored(t.tested.snapshot()))
    expect(other.tested.states()).toEqual([{ key: '', state: 'open', retryAfter: 3_000 }])
    await other.clock.advance(3_000)
    expect([await other.send(), other.tested.state()]).toEqual(['ok', 'closed'])
    expect(other.transitions).toEqual(['open halfOpen', 'halfOpen closed'])
  })

  it('given a half-open one, then it comes back ready to try; given one that is held, then held; a backoff goes on', async () => {
    const waits = { next: (attempt: number) => attempt * 1_000 }
    const t = setUp({ ...byInput, recovery: probes({ wait: waits }) })
    t.break()
    await t.send('a', 3)
    await t.clock.advance(1_000)
    await t.send('a')
    await t.clock.advance(2_000)
    t.tested.hold('closed', 'b')
    t.tested.hold('open', 'c')
    await t.send('d')
    const other = setUp({ ...byInput, recovery: probes({ wait: waits }) })
    other.tested.restore(stored(t.tested.snapshot()))
    const states = Object.fromEntries(other.tested.states().map(({ key, state }) => [key, state]))
    expect(states).toEqual({ a: 'halfOpen', b: 'closed', c: 'open', d: 'closed' })
    other.break()
    await other.send('a')
    expect(other.tested.states()[0]).toEqual({ key: 'a', state: 'open', retryAfter: 3_000 })
    expect(await other.send('b', 50)).toBe('Down')
    expect(await other.send('c')).toBe('CircuitOpen')
  })

  it.each([
    ['consecutive', consecutive({ failures: 3 })],
    ['ratio', ratio({ minimum: 3 })],
    ['sequential', sequential({ meanCallsBetweenFalseTrips: 10_000, threshold: 0.1 })],
  ])(
    'given evidence of %s, when it comes back, then it opens at the same call as the first one',
    async (_, detector) => {
      const t = setUp({ detector })
      const other = setUp({ detector })
      t.break()
      other.break()
      await t.send('', 2)
      other.tested.restore(stored(t.tested.snapshot()))
      for (let i = 0; i < 10; i++) expect(await other.send()).toBe(await t.send())
      expect([t.tested.state(), other.tested.state()]).toEqual(['open', 'open'])
    },
  )

  it('given a call that was under way when it came back, then its end counts for nothing', async () => {
    const t = setUp({ detector: consecutive({ failures: 1 }) })
    t.break()
    const sent = t.send()
    t.tested.restore({ version: 1, circuits: [{ key: '', state: 'closed' }] })
    expect([await sent, t.tested.state()]).toEqual(['Down', 'closed'])
  })

  it('given what is no snapshot, then the error names it', () => {
    const wrong = (snapshot: unknown) => () => breaker().restore(snapshot as BreakerSnapshot)
    expect(wrong(undefined)).toThrow('breaker: "snapshot" must be an object')
    expect(wrong({ version: 2, circuits: [] })).toThrow('"snapshot.version" must be 1, but was 2')
    expect(wrong({ version: 1, circuits: {} })).toThrow('"snapshot.circuits" must be an array')
    const one = (circuit: unknown) => wrong({ version: 1, circuits: [circuit] })
    expect(one({ key: 1, state: 'open' })).toThrow('"snapshot.circuits[0].key" must be a string')
    expect(one({ key: '', state: 'ajar' })).toThrow('"snapshot.circuits[0].state" must be one of')
    expect(one({ key: '', state: 'open', wait: -5 })).toThrow(
      '"snapshot.circuits[0].wait" must be a number of at least 0',
    )
    expect(one({ key: '', state: 'open', left: '5' })).toThrow('"snapshot.circuits[0].left"')
    expect(one({ key: '', state: 'closed', held: 1 })).toThrow('"snapshot.circuits[0].held"')
    expect(one({ key: '', state: 'closed', detector: 'sequential', evidence: 'much' })).toThrow('sequential')
    const t = setUp(byInput)
    const second = { key: 'b', state: 'closed', detector: 'consecutive', evidence: ['x'] }
    const half = { version: 1, circuits: [{ key: 'a', state: 'open', wait: 9, left: 9 }, second] } as never
    expect(() => t.tested.restore(half)).toThrow('consecutive')
    expect(t.tested.state('a')).toBe('closed')
  })
})

describe('a swap', () => {
  it('given another threshold while calls go on, then what was counted counts against the new one', async () => {
    const t = setUp({ detector: ratio({ threshold: 0.5, minimum: 10 }) })
    await t.send('', 8)
    t.break()
    await t.send('', 4)
    expect(t.tested.state()).toBe('closed')
    t.tested.swap({ detector: ratio({ threshold: 0.3, minimum: 10 }) })
    await t.send()
    expect(t.tested.state()).toBe('open')
  })

  it('given a longer window, or another kind of detector, then the first keeps what it counted, and the second starts afresh', async () => {
    const t = setUp({ detector: ratio({ window: 1_000, minimum: 5, threshold: 1 }) })
    t.break()
    await t.send('', 3)
    await t.clock.advance(500)
    t.tested.swap({ detector: ratio({ window: 60_000, minimum: 5, threshold: 1 }) })
    await t.send()
    await t.clock.advance(20_000)
    expect([t.tested.state(), await t.send(), t.tested.state()]).toEqual(['closed', 'Down', 'open'])
    const other = setUp()
    other.break()
    await other.send('', 2)
    other.tested.swap({ detector: ratio({ minimum: 3 }) })
    await other.send('', 2)
    expect(other.tested.state()).toBe('closed')
  })

  it('given another recovery or classification, then waits under way stay, and the next verdict is by the new ones', async () => {
    const t = setUp()
    t.break()
    await t.send('', 3)
    t.tested.swap({ recovery: probes({ wait: 60_000 }) })
    await t.clock.advance(5_000)
    await t.send()
    expect(t.tested.states()).toEqual([{ key: '', state: 'open', retryAfter: 60_000 }])
    const other = setUp()
    other.break()
    other.tested.swap({ classify: { codes: { unavailable: 'ignored' } } })
    await other.send('', 5)
    expect(other.tested.state()).toBe('closed')
    other.tested.swap({ classify: () => 'failure' })
    await other.send('', 3)
    expect(other.tested.state()).toBe('open')
  })

  it('given keys, then each finds the new detector at its next call; a bad part changes nothing', async () => {
    const t = setUp(byInput)
    t.break()
    await t.send('a', 2)
    expect(() => t.tested.swap({ detector: consecutive({ failures: 1 }), recovery: {} as never })).toThrow('"recovery"')
    expect(() => t.tested.swap({ by: 1 } as never)).toThrow('"by"')
    await t.send('b', 2)
    expect(t.tested.state('b')).toBe('closed')
    t.tested.swap({ detector: consecutive({ failures: 2 }) })
    await t.send('a')
    expect([t.tested.state('a'), t.tested.state('b')]).toEqual(['open', 'closed'])
  })

  it('given a throttle that refuses some is exchanged for a detector that does not, then nobody goes on believing that it does', async () => {
    const t = setUp({ detector: adaptiveThrottle({ minimum: 2 }), random: () => 0 })
    t.break()
    await t.send('', 3)
    expect(t.tested.state()).toBe('halfOpen')
    t.tested.swap({ detector: consecutive({ failures: 3 }) })
    expect([await t.send('', 3), t.tested.state()]).toEqual(['Down', 'open'])
    expect(t.transitions).toEqual(['closed halfOpen', 'halfOpen closed', 'closed open'])
  })
})
