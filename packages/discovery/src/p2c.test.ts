// Power of two choices: who gets the calls when instances are equal, slow, dead, new, or silent.
import { type Outcome, ok } from '@tenon/endpoint'
import { seeded } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failing, instances, numbered, simulated, total } from '../test/simulated.ts'
import { p2c } from './p2c.ts'

const seededP2c = (seed = 7) => p2c({ random: seeded(seed) })
/** Exponential times with this mean: what real services look like more than constants do. */
const around = (ms: number) => (random: () => number) => ({ ms: -Math.log(1 - random()) * ms })

describe('p2c', () => {
  it('given 100 equal instances, then each gets its share within a half', () => {
    const sim = simulated(seededP2c(), instances(numbered(100)))
    const counts = sim.load(2_000, 30_000, (_, random) => around(20)(random))
    const share = total(counts) / 100
    for (const id of numbered(100)) {
      expect(counts[id]).toBeGreaterThan(share * 0.5)
      expect(counts[id]).toBeLessThan(share * 1.5)
    }
  })

  it('given one that takes twice as long under load, then about half as many calls run on it', () => {
    const sim = simulated(seededP2c(), instances('abcdefgh'))
    const counts = sim.load(4_000, 20_000, (id) => ({ ms: id === 'a' ? 40 : 20 }))
    const others = (total(counts) - (counts['a'] as number)) / 7
    const running = (2 * (counts['a'] as number)) / others
    expect(running).toBeGreaterThan(0.4)
    expect(running).toBeLessThan(0.65)
  })

  it('given one that hangs, then it gets one call at a time until the forced pick, and the others the rest', () => {
    const sim = simulated(seededP2c(), instances('abc'))
    const counts = sim.load(500, 30_000, (id, random) => (id === 'a' ? { ms: 1e9 } : around(10)(random)))
    // One at once, and one after each 3 s.
    expect(counts['a']).toBeLessThanOrEqual(11)
    expect(counts['a']).toBeGreaterThanOrEqual(5)
  })

  it('given one that fails at once, then being quick does not draw calls to it; when it is well again, it has its share back', () => {
    let down = true
    const sim = simulated(seededP2c(), instances('abcd'))
    const answer = (id: string, random: () => number): { ms: number; outcome?: Outcome } =>
      id === 'a' && down ? { ms: 0.1, outcome: failing() } : around(10)(random)
    const bad = sim.load(400, 20_000, answer)
    expect((bad['a'] as number) / total(bad)).toBeLessThan(0.05)
    down = false
    sim.load(400, 60_000, answer)
    const good = sim.load(400, 20_000, answer)
    expect((good['a'] as number) / total(good)).toBeGreaterThan(0.15)
  })

  it('given a first call that fails, then the instance keeps a good part of its share while the others are no better known', () => {
    const sim = simulated(seededP2c(), instances('ab'))
    let failed = false
    const counts = sim.load(200, 2_500, (id, random) => {
      if (id !== 'a' || failed) return around(10)(random)
      failed = true
      return { ms: 10, outcome: failing() }
    })
    expect(failed).toBe(true)
    expect((counts['a'] as number) / total(counts)).toBeGreaterThan(0.35)
  })

  it('given failures of the business, or callers who gave up, then they are not held against it', () => {
    for (const outcome of [failing('not_found'), failing('cancelled'), failing('unavailable', 'CircuitOpen')]) {
      const sim = simulated(seededP2c(), instances('ab'))
      const counts = sim.load(400, 10_000, (id, random) => ({
        ms: 10,
        ...(id === 'a' && random() < 0.5 && { outcome }),
      }))
      expect((counts['a'] as number) / total(counts)).toBeGreaterThan(0.4)
    }
  })

  it('given a new instance under load, then it has one call out until that has come back', () => {
    const sim = simulated(seededP2c(), instances('abc'))
    const answer = (id: string, random: () => number) => (id === 'd' ? { ms: 500 } : around(10)(random))
    sim.load(1_000, 5_000, answer)
    sim.set(instances('abcd'))
    expect(sim.load(1_000, 480, answer)['d']).toBe(1)
  })

  it('given the set changes, then what is known of those that stay is kept', () => {
    const sim = simulated(seededP2c(), instances('abc'))
    const answer = (id: string) => ({ ms: id === 'a' ? 200 : 5 })
    sim.load(300, 10_000, answer)
    sim.set(instances('abcd'))
    const counts = sim.load(300, 2_000, answer)
    // Were it forgotten, it would be called again as soon as its last call has come back: ten times.
    expect(counts['a'] ?? 0).toBeLessThanOrEqual(2)
    expect(counts['d']).toBeGreaterThan(50)
  })

  it('given long streams run on one and nothing was heard of it, then it is called all the same', () => {
    const sim = simulated(seededP2c(), instances('ab'))
    const streams = Array.from({ length: 4 }, () => sim.open())
    expect(streams.some((call) => call?.node.id === 'a')).toBe(true)
    sim.clock.advanceSync(60_000)
    const counts = sim.load(50, 60_000, () => ({ ms: 5 }))
    expect(counts['a']).toBeGreaterThan(300)
    expect(counts['b']).toBeGreaterThan(300)
  })

  it('given weights, then the heavier gets more, and weight 0 nothing while others have more, even when it was not called for long', () => {
    const sim = simulated(seededP2c(), [
      ...instances('a', { weight: 3 }),
      ...instances('bcd'),
      ...instances('z', { weight: 0 }),
    ])
    const counts = sim.load(2_000, 20_000, () => ({ ms: 20 }))
    expect(counts['z']).toBeUndefined()
    expect(counts['a']).toBeGreaterThan(1.5 * (counts['b'] as number))
    expect(simulated(seededP2c(), instances('z', { weight: 0 })).spread(3)).toEqual({ z: 3 })
  })

  it('given any outcomes at any times, then it picks one of the list', () => {
    const outcome = fc.constantFrom(ok(), failing(), failing('cancelled'), failing('resource_exhausted'))
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.tuple(fc.nat(20_000), fc.nat(20_000), outcome)),
        fc.integer(),
        (count, calls, seed) => {
          const sim = simulated(p2c({ random: seeded(seed) }), instances(numbered(count)))
          for (const [after, ms, outcome] of calls) {
            sim.clock.advanceSync(after)
            const call = sim.open()
            if (call === undefined) return expect.unreachable()
            sim.clock.at(sim.clock.now() + ms, () => call.close(outcome))
          }
        },
      ),
    )
  })

  it('given the same seed, then the same picks; given a bad option, then an error names it', () => {
    const run = () => simulated(seededP2c(3), instances('abcd')).load(100, 5_000, (_, random) => around(20)(random))
    expect(run()).toEqual(run())
    expect(() => p2c({ tau: 0 })).toThrow('p2c: "tau" must be a number above 0')
    expect(() => p2c({ forced: -1 })).toThrow('p2c: "forced"')
    expect(() => p2c({ random: 1 as never })).toThrow('p2c: "random"')
    expect(() => p2c({ decay: 1 } as never)).toThrow('decay')
  })
})
