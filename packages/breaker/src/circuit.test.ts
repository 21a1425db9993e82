import type { BreakerState } from '@tenon/endpoint'
import { seeded } from '@tenon/endpoint/testing'
import { exponential, list } from '@tenon/policy'
import { describe, expect, it } from 'vitest'
import type { CircuitOptions } from './blueprint.ts'
import type { Circuit, Permit } from './circuit.ts'
import { consecutive } from './consecutive.ts'
import { circuit } from './new-circuit.ts'
import { probes } from './probes.ts'
import { ratio } from './ratio.ts'

interface Tested extends Circuit {
  at(ms: number): void
  later(ms: number): void
  /** A permit, which the test says there must be. */
  permit(): Permit
  fail(): void
  succeed(): void
  readonly transitions: readonly (readonly [BreakerState, BreakerState])[]
}

function under(options: CircuitOptions = {}): Tested {
  let now = 0
  const transitions: (readonly [BreakerState, BreakerState])[] = []
  const tested = circuit({
    detector: consecutive({ failures: 1 }),
    recovery: probes(),
    clock: { now: () => now },
    onTransition: (from, to) => transitions.push([from, to]),
    ...options,
  })
  const permit = (): Permit => {
    const given = tested.admit()
    if (given === undefined) throw new Error('no permit')
    return given
  }
  return {
    admit: (at) => tested.admit(at),
    record: (given, verdict, at) => tested.record(given, verdict, at),
    state: (at) => tested.state(at),
    retryAfter: (at) => tested.retryAfter(at),
    hold: (state, at) => tested.hold(state, at),
    release: () => tested.release(),
    swap: (parts) => tested.swap(parts),
    at(ms) {
      now = ms
    },
    later(ms) {
      now += ms
    },
    permit,
    fail: () => tested.record(permit(), 'failure'),
    succeed: () => tested.record(permit(), 'success'),
    transitions,
  }
}

describe('an open circuit', () => {
  it('B40 B58: given it opened, when 1 ms of the wait is left, then open; when the wait is over, then half-open', () => {
    const t = under({ recovery: probes({ wait: 60_000 }) })
    t.at(500)
    t.fail()
    t.at(60_499)
    expect([t.state(), t.admit(), t.retryAfter()]).toEqual(['open', undefined, 1])
    t.at(60_500)
    expect([t.state(), t.retryAfter()]).toEqual(['halfOpen', 0])
    expect(t.admit()?.probe).toBe(true)
  })

  it('given its wait is over, when somebody asks for the state, then nothing changes and nothing is reported', () => {
    const t = under()
    t.fail()
    t.later(5_000)
    expect([t.state(), t.state()]).toEqual(['halfOpen', 'halfOpen'])
    expect(t.transitions).toEqual([['closed', 'open']])
    t.permit()
    expect(t.transitions).toEqual([
      ['closed', 'open'],
      ['open', 'halfOpen'],
    ])
  })

  it('B37: given it opened and closed again, when the first call fails, then the old failures are forgotten', () => {
    const t = under({ detector: ratio({ minimum: 10 }) })
    for (let i = 0; i < 10; i++) t.fail()
    expect(t.state()).toBe('open')
    t.later(5_000)
    t.succeed()
    expect(t.state()).toBe('closed')
    for (let i = 0; i < 9; i++) t.fail()
    expect(t.state()).toBe('closed')
    t.fail()
    expect(t.state()).toBe('open')
  })

  it('given a thousand refusals, when it has closed, then they count for nothing (opossum: 1,001 failures to open again)', () => {
    const t = under({ detector: ratio({ minimum: 20 }) })
    for (let i = 0; i < 20; i++) t.fail()
    for (let i = 0; i < 1_000; i++) expect(t.admit()).toBe(undefined)
    t.later(5_000)
    t.succeed()
    for (let i = 0; i < 20; i++) t.fail()
    expect(t.state()).toBe('open')
  })
})

describe('a half-open circuit', () => {
  const halfOpen = (options: CircuitOptions = {}): Tested => {
    const t = under(options)
    t.fail()
    t.later(5_000)
    return t
  }

  it('B38 B69: given 50 calls when the wait is over, then exactly one is admitted and none waits', () => {
    const t = halfOpen()
    const admitted = Array.from({ length: 50 }, () => t.admit()).filter((permit) => permit !== undefined)
    expect(admitted).toHaveLength(1)
  })

  it('B31 B41: given its probe fails, then it is open for a full wait; given it succeeds, then closed', () => {
    const t = halfOpen()
    t.fail()
    expect([t.state(), t.retryAfter()]).toEqual(['open', 5_000])
    t.later(5_000)
    t.succeed()
    expect(t.state()).toBe('closed')
    expect(t.transitions.map(([, to]) => to)).toEqual(['open', 'halfOpen', 'open', 'halfOpen', 'closed'])
  })

  it('B44: given three probes, when two succeeded and the third is under way, then a fourth is refused; when it succeeds, closed', () => {
    const t = halfOpen({ recovery: probes({ count: 3 }) })
    t.succeed()
    t.succeed()
    const third = t.permit()
    expect([t.state(), t.admit()]).toEqual(['halfOpen', undefined])
    t.record(third, 'success')
    expect(t.state()).toBe('closed')
  })

  it('B56: given four probes allowed, when four are under way, then the fifth is refused', () => {
    const t = halfOpen({ recovery: probes({ count: 4 }) })
    for (let i = 0; i < 4; i++) t.permit()
    expect(t.admit()).toBe(undefined)
  })

  it('given three successes wanted one at a time, when one is under way, then the second waits for its end', () => {
    const t = halfOpen({ recovery: probes({ count: 3, concurrent: 1 }) })
    const one = t.permit()
    expect(t.admit()).toBe(undefined)
    t.record(one, 'success')
    expect(t.admit()).not.toBe(undefined)
  })

  it('B21 B32 Kitex: given one probe each 200 ms and two successes wanted, then the second comes after 200 ms and closes it', () => {
    const t = halfOpen({ recovery: probes({ count: 2, every: 200 }) })
    t.succeed()
    expect([t.admit(), t.retryAfter()]).toEqual([undefined, 200])
    t.later(199)
    expect([t.admit(), t.retryAfter()]).toEqual([undefined, 1])
    t.later(1)
    expect(t.state()).toBe('halfOpen')
    t.succeed()
    expect(t.state()).toBe('closed')
    t.succeed()
  })

  it('B45 B60 B79: given ignored probes, when four ended so, then it is half-open still and none is used up', () => {
    const t = halfOpen()
    for (let i = 0; i < 4; i++) {
      const permit = t.permit()
      expect(t.admit()).toBe(undefined)
      t.record(permit, 'ignored')
      expect(t.state()).toBe('halfOpen')
    }
    t.succeed()
    expect(t.state()).toBe('closed')
  })

  it('given a probe that never ends, when its time is up, then another is admitted (opossum, cockatiel: wedged for ever)', () => {
    const t = halfOpen({ recovery: probes({ timeout: 10_000 }) })
    t.permit()
    t.later(9_999)
    expect(t.admit()).toBe(undefined)
    t.later(1)
    const second = t.permit()
    expect([second.probe, t.state()]).toEqual([true, 'halfOpen'])
    t.record(second, 'success')
    expect(t.state()).toBe('closed')
  })

  it('given a probe that ran out of time, when it ends in the same phase, then its outcome counts; in a later one, not', () => {
    const t = halfOpen()
    const late = t.permit()
    t.later(20_000)
    const other = t.permit()
    t.record(late, 'success')
    expect(t.state()).toBe('closed')
    t.record(other, 'failure')
    expect(t.state()).toBe('closed')
  })

  it('B50: given a call admitted while closed, when it succeeds in the half-open phase, then nothing changes (opossum closes)', () => {
    const t = under()
    const old = t.permit()
    t.fail()
    t.later(5_000)
    const probe = t.permit()
    t.record(old, 'success')
    expect(t.state()).toBe('halfOpen')
    expect(t.admit()).toBe(undefined)
    t.record(probe, 'success')
    expect(t.state()).toBe('closed')
  })

  it('given calls admitted before it opened, when they fail after it closed again, then they count for nothing', () => {
    const t = under({ detector: consecutive({ failures: 2 }) })
    const old = [t.permit(), t.permit(), t.permit()]
    t.fail()
    t.fail()
    t.later(5_000)
    t.succeed()
    for (const permit of old) t.record(permit, 'failure')
    expect(t.state()).toBe('closed')
  })

  it('given slow calls in flight, when fast ones fail, then those in flight do not dilute them (opossum counts starts)', () => {
    const t = under({ detector: ratio({ minimum: 20 }) })
    for (let i = 0; i < 100; i++) t.permit()
    for (let i = 0; i < 20; i++) t.fail()
    expect(t.state()).toBe('open')
  })
})

describe('the waits', () => {
  it('B70 B78: given a list, when trials fail in a row, then each wait is the next, the last for ever; closing starts afresh', () => {
    const t = under({ recovery: probes({ wait: list([30_000, 60_000, 120_000]) }) })
    const waits: number[] = []
    for (let i = 0; i < 4; i++) {
      t.fail()
      waits.push(t.retryAfter())
      t.later(t.retryAfter())
    }
    expect(waits).toEqual([30_000, 60_000, 120_000, 120_000])
    t.succeed()
    t.fail()
    expect(t.retryAfter()).toBe(30_000)
  })

  it('given jitter and a seed, when run twice, then the waits are the same, within bounds', () => {
    const run = (): number[] => {
      const t = under({ recovery: probes({ wait: exponential({ from: 1_000, jitter: 'equal' }) }), random: seeded(7) })
      return Array.from({ length: 5 }, (_, i) => {
        t.fail()
        const wait = t.retryAfter()
        expect(wait).toBeGreaterThanOrEqual(500 * 2 ** i)
        expect(wait).toBeLessThanOrEqual(1_000 * 2 ** i)
        t.later(wait)
        return wait
      })
    }
    expect(run()).toEqual(run())
  })

  it('given a clock that jumps back, when it is open or half-open, then it waits no longer than its wait again', () => {
    const t = under({ recovery: probes({ every: 100 }) })
    t.at(1_000_000)
    t.fail()
    t.at(0)
    expect([t.state(), t.retryAfter(), t.admit()]).toEqual(['open', 5_000, undefined])
    t.at(5_000)
    t.permit()
    t.at(0)
    expect([t.admit(), t.retryAfter()]).toEqual([undefined, 100])
    t.at(100)
    expect(t.admit()).not.toBe(undefined)
  })

  it('given a moment is passed, then the clock is not read', () => {
    const clock = {
      now: (): number => {
        throw new Error('read')
      },
    }
    const tested = circuit({ detector: ratio({ minimum: 1 }), clock })
    const permit = tested.admit(10)
    if (permit !== undefined) tested.record(permit, 'failure', 20)
    expect([tested.state(30), tested.retryAfter(30), tested.admit(30)]).toEqual(['open', 4_990, undefined])
  })
})

describe('options', () => {
  it('given a bad one, when made, then the error names it', () => {
    expect(() => circuit({ detector: {} as never })).toThrow('"detector" must be a detector')
    expect(() => circuit({ recovery: 5 as never })).toThrow('"recovery" must be a recovery')
    expect(() => probes({ count: 0 })).toThrow('probes: "count"')
    expect(() => probes({ concurrent: 0 })).toThrow('probes: "concurrent"')
    expect(() => probes({ wait: -1 })).toThrow(
      'probes: "wait" must be a number of at least 0 (milliseconds, or a backoff), but was -1',
    )
    expect(() => probes({ wait: {} as never })).toThrow('probes: "wait"')
    expect(() => probes({ timeout: 0 })).toThrow('probes: "timeout"')
    expect(() => probes({ every: Number.NaN })).toThrow('probes: "every"')
  })
})
