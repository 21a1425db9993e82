// Slow start: how much a new instance gets as time goes on, under any strategy.
import { seeded } from '@tenon/endpoint/testing'
import { describe, expect, it } from 'vitest'
import { instances, simulated } from '../test/simulated.ts'
import { consistentHash } from './consistent-hash.ts'
import { leastRequests } from './least-requests.ts'
import { p2c } from './p2c.ts'
import { random } from './random.ts'
import { roundRobin } from './round-robin.ts'
import { slowStart } from './slow-start.ts'
import type { Strategy } from './strategy.ts'
import { subset } from './subset.ts'
import { weighted } from './weighted.ts'

/** The part of an equal share that `d` gets at these moments after it came to a, b and c; calls take no time. */
function parts(strategy: Strategy<string>, moments: readonly number[], more = {}): number[] {
  const sim = simulated(slowStart(strategy, { random: seeded(11), ...more }), instances('abc'))
  sim.once('')
  sim.clock.advanceSync(60_000)
  sim.set(instances('abcd'))
  sim.once('')
  let at = 0
  return moments.map((moment) => {
    sim.clock.advanceSync(moment - at)
    at = moment
    const counts = sim.spread(8_000, (n) => `key ${n}`)
    return (counts['d'] ?? 0) / 2_000
  })
}

describe('slow start', () => {
  it.each([
    ['roundRobin', roundRobin()],
    ['random', random({ random: seeded(1) })],
    ['weighted', weighted()],
    ['leastRequests', leastRequests()],
  ] as const)(
    'given %s and a new instance, then its part grows in a straight line from 0.1 to 1 in 30 s',
    (_, strategy) => {
      const grows = parts(strategy, [0, 10_000, 20_000, 29_900, 30_000])
      const expected = [0.1, 0.4, 0.7, 1, 1]
      for (const [at, part] of grows.entries()) {
        expect(part).toBeLessThan((expected[at] as number) + 0.02)
        // What comes in bunches is cut: random picks lose a little.
        expect(part).toBeGreaterThan((expected[at] as number) - 0.05)
      }
    },
  )

  it('given p2c, then it begins with little and ends with its share; given a hash, then its keys come to it one by one', () => {
    for (const strategy of [p2c({ random: seeded(1) }), consistentHash<string>({ by: (_, key) => key })]) {
      const [first, half, whole] = parts(strategy, [0, 15_000, 31_000]) as [number, number, number]
      expect(first).toBeLessThan(0.11)
      expect(half).toBeGreaterThan(first)
      expect(whole).toBeGreaterThan(half)
    }
  })

  it('given a start and a window of its own, then they hold', () => {
    const [first, last] = parts(roundRobin(), [0, 1_000], { window: 1_000, from: 0.5 }) as [number, number]
    expect(first).toBeCloseTo(0.5, 1)
    expect(last).toBeCloseTo(1, 1)
  })

  it('given the first set, or what is connected within seconds of the first call, then nobody is new', () => {
    const sim = simulated(slowStart(roundRobin(), { random: seeded(1) }), instances('ab'))
    expect(sim.spread(100)).toEqual({ a: 50, b: 50 })
    sim.clock.advanceSync(4_000)
    sim.set(instances('abc'))
    expect(sim.spread(90)).toEqual({ a: 30, b: 30, c: 30 })
  })

  it('given all are new, then they share as the strategy says, and one that comes later begins with little', () => {
    const sim = simulated(slowStart(roundRobin(), { random: seeded(1) }), instances('ab'))
    sim.once()
    sim.clock.advanceSync(60_000)
    sim.set(instances('cd'))
    expect(sim.spread(100)).toEqual({ c: 50, d: 50 })
    sim.clock.advanceSync(15_000)
    sim.set(instances('cde'))
    const counts = sim.spread(9_000)
    expect((counts['e'] as number) / 3_000).toBeCloseTo(0.1 / 0.55, 1)
  })

  it('given an instance that went and is back, then it begins anew', () => {
    const sim = simulated(slowStart(roundRobin(), { random: seeded(1) }), instances('abc'))
    sim.once()
    sim.clock.advanceSync(60_000)
    const kept = sim.open()
    sim.set(instances('ab'))
    sim.once()
    sim.set(instances('abc'))
    expect(sim.spread(3_000)['c']).toBeLessThan(120)
    kept?.close()
  })

  it('given a subset that is all new, then it is not led out of it', () => {
    const strategy = slowStart(subset({ version: '2' }), { random: seeded(1) })
    const sim = simulated(strategy, instances('ab', { version: '1' }))
    sim.once()
    sim.clock.advanceSync(60_000)
    sim.set([...instances('ab', { version: '1' }), ...instances('c', { version: '2' })])
    expect(sim.spread(100)).toEqual({ c: 100 })
  })

  it('given a bad option, then an error names it', () => {
    expect(() => slowStart(roundRobin(), { window: 0 })).toThrow('slowStart: "window" must be a number above 0')
    expect(() => slowStart(roundRobin(), { from: 0 })).toThrow('slowStart: "from" must be a number above 0')
  })
})
