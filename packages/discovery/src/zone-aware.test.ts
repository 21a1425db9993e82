// Zones: what stays, what spills over, and that every instance gets the same in the end.
import { seeded } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instances, numbered, simulated } from '../test/simulated.ts'
import { leastRequests } from './least-requests.ts'
import { zoneAware } from './zone-aware.ts'

const zoned = (counts: Record<string, number>) => {
  const ids = numbered(Object.values(counts).reduce((a, b) => a + b, 0))
  return Object.entries(counts).flatMap(([zone, count]) => instances(ids.splice(0, count), { zone }))
}
const from = (zone: string, more = {}) => zoneAware({ zone, random: seeded(5), ...more })
/** How many of 3,000 calls from this zone each zone gets. */
function byZone(zone: string, counts: Record<string, number>, more = {}): Record<string, number> {
  const sim = simulated(from(zone, more), zoned(counts))
  const sums: Record<string, number> = {}
  for (const [id, n] of Object.entries(sim.spread(3_000))) {
    const at = sim.pool.nodes().find((node) => node.id === id)?.instance.zone as string
    sums[at] = (sums[at] ?? 0) + n
  }
  return sums
}

describe('zone-aware', () => {
  it('given zones of the same size, or a larger one of its own, then all calls stay', () => {
    expect(byZone('a', { a: 3, b: 3, c: 3 })).toEqual({ a: 3_000 })
    expect(byZone('a', { a: 4, b: 1 })).toEqual({ a: 3_000 })
  })

  it('given too few of its own, then what they cannot take goes to where there are more than needed', () => {
    const { a, b, c } = byZone('a', { a: 1, b: 5, c: 3 })
    expect(c).toBeUndefined()
    expect((a as number) / 3_000).toBeCloseTo(1 / 3, 1)
    expect((b as number) / 3_000).toBeCloseTo(2 / 3, 1)
  })

  it('given none of its own, or a zone of nobody, then all calls go to the others', () => {
    expect(Object.keys(byZone('x', { a: 2, b: 2 })).sort()).toEqual(['a', 'b'])
    expect(byZone('a', { b: 2 })).toEqual({ b: 3_000 })
  })

  it('given callers in all zones evenly, then every instance gets the same, however they are spread', () => {
    const names = ['a', 'b', 'c', 'd']
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }), (sizes) => {
        const counts = Object.fromEntries(sizes.map((size, at) => [names[at], size]))
        const got: Record<string, number> = {}
        for (const zone of Object.keys(counts))
          for (const [id, n] of Object.entries(simulated(from(zone), zoned(counts)).spread(4_000)))
            got[id] = (got[id] ?? 0) + n
        const share = (4_000 * sizes.length) / sizes.reduce((a, b) => a + b, 0)
        for (const n of Object.values(got)) expect(Math.abs(n / share - 1)).toBeLessThan(0.2)
        expect(Object.keys(got)).toHaveLength(sizes.reduce((a, b) => a + b, 0))
      }),
      { numRuns: 25 },
    )
  })

  it('given most callers are here, then more spills over; given weights, then they are what a zone can take', () => {
    const { a, b } = byZone('a', { a: 5, b: 5 }, { callers: 1 })
    expect((a as number) / 3_000).toBeCloseTo(0.5, 1)
    expect(b).toBeGreaterThan(1_300)
    const sim = simulated(from('a'), [...instances('x', { zone: 'a', weight: 3 }), ...instances('yz', { zone: 'b' })])
    expect(sim.spread(100)).toEqual({ x: 100 })
  })

  it('given a call that has tried all of its zone, then it goes to another', () => {
    const sim = simulated(from('a'), zoned({ a: 2, b: 2 }))
    const tried = new Set<string>()
    const zones = Array.from({ length: 4 }, () => sim.open(undefined, tried)?.node.instance.zone)
    expect(zones).toEqual(['a', 'a', 'b', 'b'])
  })

  it('given a strategy that hears of calls, then it hears of those of its zone; an instance that moves is called where it is', () => {
    const sim = simulated(zoneAware({ zone: 'a' }, leastRequests()), zoned({ a: 2, b: 2 }))
    const busy = sim.open()
    for (let n = 0; n < 3; n++) expect(sim.once()).not.toBe(busy?.node.id)
    busy?.close()
    sim.set(zoned({ a: 1, b: 3 }))
    expect(sim.once()).toBeDefined()
  })

  it('given a bad option, then an error names it', () => {
    expect(() => zoneAware({ zone: '' })).toThrow('zoneAware: "zone" must be the name of a zone')
    expect(() => zoneAware({ zone: 'a', callers: 0 })).toThrow('zoneAware: "callers" must be a number above 0')
    expect(() => zoneAware({ zone: 'a', random: 1 as never })).toThrow('zoneAware: "random"')
  })
})
