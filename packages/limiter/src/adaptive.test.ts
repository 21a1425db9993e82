import { seeded } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Adaptive, Estimate } from './adaptive.ts'
import { aimd } from './aimd.ts'
import { bbr } from './bbr.ts'
import { gradient } from './gradient.ts'
import type { Sign } from './sign.ts'
import { vegas } from './vegas.ts'

interface Load {
  /** Milliseconds from the start until when this holds. */
  readonly until: number
  readonly workers: number
  /** Milliseconds of work that a call is. */
  readonly work: () => number
  readonly perSecond: number
}

interface Simulated {
  /** Calls done a second, over the last half of the phase. */
  readonly done: number
  /** Milliseconds that they took, the 95th percentile of them. */
  readonly p95: number
  /** The limit at the end of the phase. */
  readonly limit: number
}

/** A service in virtual time behind an estimate: so many workers, a queue in front of them, and calls at a rate. Runs the phases one after the other; what a call takes includes its wait for a worker. */
function simulated(estimate: Estimate, phases: readonly Load[], sign: (took: number) => Sign = () => 'served') {
  const ends: { readonly at: number; readonly began: number; readonly beside: number }[] = []
  const free: number[] = []
  let underWay = 0
  const endUntil = (now: number, taken: number[], from: number): void => {
    for (let next = ends[0]; next !== undefined && next.at <= now; next = ends[0]) {
      ends.shift()
      underWay--
      const took = next.at - next.began
      if (next.at >= from) taken.push(took)
      estimate.record(next.at, next.began, next.beside, sign(took))
    }
  }
  let now = 0
  return phases.map(({ until, workers, work, perSecond }): Simulated => {
    const half = (now + until) / 2
    const taken: number[] = []
    while (free.length < workers) free.push(now)
    free.length = workers
    for (; now < until; now += 1_000 / perSecond) {
      endUntil(now, taken, half)
      if (underWay >= estimate.limit(now)) {
        estimate.refused?.(now)
        continue
      }
      underWay++
      free.sort((a, b) => a - b)
      const at = Math.max(now, free[0] as number) + work()
      free[0] = at
      const place = ends.findLastIndex((end) => end.at <= at) + 1
      ends.splice(place, 0, { at, began: now, beside: underWay })
    }
    taken.sort((a, b) => a - b)
    return {
      done: (taken.length * 1_000) / (until - half),
      p95: taken[Math.floor(taken.length * 0.95)] ?? Number.NaN,
      limit: estimate.limit(now),
    }
  })
}

/** Work that varies as work does: 10 ms on average, most of it near that. */
const around = (ms: number, seed: number) => {
  const random = seeded(seed)
  return () => ms * (0.5 + random() / 2 + random() / 2)
}
/** Ten workers can do 1,000 calls a second. */
const calm = { workers: 10, perSecond: 500 }
const storm = { workers: 10, perSecond: 3_000 }
const algorithms: Record<string, Adaptive> = {
  aimd: aimd({ slow: 40 }),
  gradient: gradient(),
  vegas: vegas(),
}

describe('what adapts a limit, in front of a service that can do a third of what is asked of it', () => {
  it('given no limit, then calls wait ever longer', () => {
    const none: Estimate = { limit: () => 1e9, record: () => {} }
    const [end] = simulated(none, [{ ...storm, until: 4_000, work: around(10, 1) }])
    expect(end?.p95).toBeGreaterThan(2_000)
  })

  it.each(Object.entries(algorithms))(
    'given %s, then nearly all that can be done is done, and quickly',
    (_, algorithm) => {
      for (const seed of [1, 2]) {
        const [end] = simulated(algorithm.start(), [{ ...storm, until: 30_000, work: around(10, seed) }])
        expect(end?.done).toBeGreaterThan(950)
        expect(end?.p95).toBeLessThan(100)
        expect(end?.limit).toBeGreaterThanOrEqual(10)
        expect(end?.limit).toBeLessThan(100)
      }
    },
  )

  it.each(Object.entries(algorithms))(
    'given %s, when the service loses most of its workers and gets them back, then the limit follows it down and up',
    (_, algorithm) => {
      const work = around(10, 4)
      const [before, weak, after] = simulated(algorithm.start(), [
        { ...storm, until: 15_000, work },
        { ...storm, until: 30_000, work, workers: 2 },
        { ...storm, until: 60_000, work },
      ])
      expect(weak?.limit).toBeLessThan(before?.limit as number)
      expect(weak?.done).toBeGreaterThan(180)
      expect(after?.done).toBeGreaterThan(900)
    },
  )

  it.each(Object.entries(algorithms))(
    'given %s and few calls, then the limit does not grow beyond need',
    (_, algorithm) => {
      const [end] = simulated(algorithm.start(), [{ ...calm, until: 30_000, work: around(10, 5) }])
      expect(end?.done).toBeGreaterThan(490)
      // Five are under way on average: twice that and a step is what may be asked.
      expect(end?.limit).toBeLessThanOrEqual(40)
    },
  )

  it('given bbr, then there is no limit while there is time to spare, and under load what the service has shown it can do', () => {
    let load = 0.5
    const estimate = bbr({ load: () => load }).start()
    const work = around(10, 6)
    const [quiet] = simulated(estimate, [{ ...calm, perSecond: 900, until: 20_000, work }])
    expect(quiet?.limit).toBe(Number.POSITIVE_INFINITY)
    load = 1
    const [busy] = simulated(estimate, [{ ...storm, until: 20_000, work }])
    expect(busy?.done).toBeGreaterThan(900)
    expect(busy?.p95).toBeLessThan(100)
  })
})

describe('any of them', () => {
  const signs = fc.constantFrom<Sign>('served', 'served', 'served', 'overloaded', 'nothing')
  const time = fc.oneof(fc.nat(100), fc.double({ min: -1e12, max: 1e12, noNaN: true }))
  const calls = fc.array(fc.tuple(time, time, fc.integer({ min: 1, max: 2_000 }), signs), {
    maxLength: 200,
    size: 'max',
  })
  const bounds = { min: 3, max: 50 }
  const bounded: Record<string, Adaptive> = {
    aimd: aimd(bounds),
    gradient: gradient({ ...bounds, every: 1 }),
    vegas: vegas({ ...bounds, every: 1, forget: 5 }),
  }

  it.each(Object.entries(bounded))(
    'given %s, calls of any kind and clocks that jump, then it stays within its bounds',
    (_, algorithm) => {
      fc.assert(
        fc.property(calls, (all) => {
          const estimate = algorithm.start()
          for (const [now, began, beside, sign] of all) {
            estimate.record(now, began, beside, sign)
            const limit = estimate.limit(now)
            expect(Number.isInteger(limit) && limit >= 3 && limit <= 50).toBe(true)
          }
        }),
      )
    },
  )

  it('given bbr, calls of any kind and clocks that jump, then at least two may be under way', () => {
    fc.assert(
      fc.property(calls, fc.array(fc.double({ min: 0, max: 1 }), { minLength: 1 }), (all, loads) => {
        let at = 0
        const estimate = bbr({ load: () => loads[at++ % loads.length] as number, window: 100, buckets: 4 }).start()
        for (const [now, began, beside, sign] of all) {
          estimate.record(now, began, beside, sign)
          estimate.refused?.(now)
          expect(estimate.limit(now)).toBeGreaterThanOrEqual(2)
        }
      }),
    )
  })

  it.each(Object.entries(bounded))(
    'given %s that takes the place of another limit, then it goes on from there, within its bounds',
    (_, algorithm) => {
      expect([1, 17, 1_000, Number.POSITIVE_INFINITY].map((from) => algorithm.start(from).limit(0))).toEqual([
        3, 17, 50, 50,
      ])
      expect(algorithm.start().limit(0)).toBe(20)
    },
  )
})

describe('aimd', () => {
  it('given a round of calls that were served, then the limit grows by one; given one that is not half used, then not', () => {
    const estimate = aimd({ initial: 10 }).start()
    for (let call = 0; call < 11; call++) estimate.record(10, 0, 10, 'served')
    expect(estimate.limit(0)).toBe(11)
    for (let call = 0; call < 100; call++) estimate.record(10, 0, 5, 'served')
    expect(estimate.limit(0)).toBe(11)
  })

  it('given a hundred failures of calls that were under way together, then it backs off once; those that began later count again', () => {
    const estimate = aimd({ initial: 100, backoff: 0.5 }).start()
    for (let call = 0; call < 100; call++) estimate.record(1_000 + call, call, 100, 'overloaded')
    expect(estimate.limit(0)).toBe(50)
    estimate.record(1_200, 1_001, 50, 'overloaded')
    expect(estimate.limit(0)).toBe(25)
    estimate.record(1_300, 1_250, 50, 'nothing')
    expect(estimate.limit(0)).toBe(25)
    estimate.record(3_000, 1_999, 1, 'served')
    expect(estimate.limit(0)).toBe(12)
  })
})

describe('bbr, by the behaviours of aegis', () => {
  const options = { window: 1_000, buckets: 10, load: () => 1 }
  /** Calls that take `ms` and end in the part of the window that begins at `at`. */
  const calls = (estimate: Estimate, at: number, count: number, ms: number): void => {
    for (let call = 0; call < count; call++) estimate.record(at + 1, at + 1 - ms, 1, 'served')
  }
  /** What may be under way beside the next call. */
  const beside = (estimate: Estimate, now: number): number => estimate.limit(now) - 1

  it('aegis 80, 81, 82: given parts of 100 to 1,000 calls of 6 ms, then the best part and the least time count: 60; and none counts that is under way', () => {
    const estimate = bbr(options).start()
    expect(beside(estimate, 0)).toBe(1)
    for (let part = 1; part <= 9; part++) calls(estimate, part * 100, part * 100, 6)
    calls(estimate, 1_000, 1_000, 5.2)
    // Of the parts that are whole: 900 calls, 6 ms, 100 ms long.
    expect(beside(estimate, 1_050)).toBe(54)
    calls(estimate, 1_060, 5_000, 1)
    expect(beside(estimate, 1_099)).toBe(54)
    const whole = bbr(options).start()
    for (let part = 1; part <= 10; part++) calls(whole, part * 100, part * 100, 5.2)
    expect(beside(whole, 1_100)).toBe(60)
    expect(beside(whole, 1_199)).toBe(60)
    // The window has passed.
    expect(beside(whole, 5_000)).toBe(1)
  })

  it('aegis 83: given a load of 0.8, then calls above the limit are refused; at 0.7 still for a second after the last refusal, and then no longer', () => {
    let load = 0.7
    const estimate = bbr({ ...options, load: () => load, window: 10_000, buckets: 100 }).start()
    for (let part = 1; part <= 50; part++) calls(estimate, part * 100, 100, 10)
    expect(estimate.limit(5_100)).toBe(Number.POSITIVE_INFINITY)
    load = 0.8
    expect(beside(estimate, 5_100)).toBe(10)
    estimate.refused?.(5_100)
    load = 0.7
    // A refusal without load does not make it longer.
    estimate.refused?.(6_000)
    expect(beside(estimate, 6_100)).toBe(10)
    expect(estimate.limit(6_101)).toBe(Number.POSITIVE_INFINITY)
  })

  it('given calls that ended out of time, refused or left, then they are neither work done nor quick', () => {
    const estimate = bbr(options).start()
    calls(estimate, 100, 200, 50)
    for (const sign of ['overloaded', 'nothing'] as const)
      for (let call = 0; call < 1_000; call++) estimate.record(150, 149, 1, sign)
    expect(beside(estimate, 200)).toBe(100)
  })
})

it.each([
  [() => aimd({ min: 5, max: 3 }), 'aimd: "max" must be a whole number of at least 5'],
  [() => aimd({ initial: 0 }), 'aimd: "initial" must be'],
  [() => aimd({ backoff: 1 }), 'aimd: "backoff" must be below 1'],
  [() => aimd({ slow: 0 }), 'aimd: "slow" must be a number above 0 (milliseconds)'],
  [() => aimd({ fast: 1 } as never), 'aimd: there is no option "fast"'],
  [() => gradient({ tolerance: 0.9 }), 'gradient: "tolerance" must be'],
  [() => gradient({ smoothing: 2 }), 'gradient: "smoothing" must be'],
  [() => gradient({ every: 0 }), 'gradient: "every" must be'],
  [() => gradient({ memory: 0 }), 'gradient: "memory" must be'],
  [() => gradient({ headroom: 0 }), 'gradient: "headroom" must be'],
  [() => vegas({ forget: 1 }), 'vegas: "forget" must be a whole number of at least 2 (steps)'],
  [() => vegas({ every: -1 }), 'vegas: "every" must be'],
  [() => bbr({ threshold: 0 }), 'bbr: "threshold" must be'],
  [() => bbr({ load: 1 as never }), 'bbr: "load" must be a function, but was 1'],
  [() => bbr({ buckets: 1 }), 'bbr: "buckets" must be'],
  [() => bbr({ cooldown: -1 }), 'bbr: "cooldown" must be'],
])('given a bad option, then it says which: %#', (make, message) => {
  expect(make).toThrow(message)
})
