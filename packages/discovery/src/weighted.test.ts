// Weighted turns: exact shares, spread out, and what a change of the set does to them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instances, numbered, simulated } from '../test/simulated.ts'
import { weighted } from './weighted.ts'

const weights = (all: Record<string, number>) =>
  Object.entries(all).map(([id, weight]) => ({ id, address: `${id}:1`, weight }))

describe('weighted', () => {
  it('given weights 10 and 20 and 90 calls, then 30 and 60', () => {
    expect(simulated(weighted(), weights({ a: 10, b: 20 })).spread(90)).toEqual({ a: 30, b: 60 })
  })

  it('given 5, 1 and 1, then the others come in between and not at the end', () => {
    const { once } = simulated(weighted(), weights({ a: 5, b: 1, c: 1 }))
    const order = Array.from({ length: 14 }, () => once()).join('')
    expect(order.slice(0, 7)).toBe(order.slice(7))
    expect(order.split('a').length - 1).toBe(10)
    expect(order).not.toMatch(/aaaaa|bc|cb/)
  })

  it('given any weights, then each round is exact, and at no time is one further ahead or behind than the law allows', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 }), (list) => {
        const ids = numbered(list.length)
        const sum = list.reduce((a, b) => a + b, 0)
        fc.pre(sum > 0)
        const { once } = simulated(
          weighted(),
          ids.map((id, at) => ({ id, address: `${id}:1`, weight: list[at] as number })),
        )
        const counts = new Map(ids.map((id) => [id, 0]))
        for (let call = 1; call <= 3 * sum; call++) {
          const id = once() as string
          counts.set(id, (counts.get(id) as number) + 1)
          ids.forEach((one, at) => {
            const share = (list[at] as number) / sum
            const ahead = (counts.get(one) as number) - call * share
            expect(Math.abs(ahead)).toBeLessThanOrEqual(1 + list.length * share)
            if (call % sum === 0) expect(ahead).toBeCloseTo(0, 6)
          })
        }
      }),
      { numRuns: 50 },
    )
  })

  it('given only weights of 0, then all are equal; given one that has more, then the others get nothing', () => {
    const all = simulated(weighted(), weights({ a: 0, b: 0 }))
    expect(all.spread(10)).toEqual({ a: 5, b: 5 })
    all.set(weights({ a: 0, b: 0, c: 0.001 }))
    expect(all.spread(10)).toEqual({ c: 10 })
  })

  it('given a new instance, or one that is back, then it catches up on nothing; given a new weight, then it holds from now on', () => {
    const sim = simulated(weighted(), weights({ a: 1, b: 1 }))
    sim.spread(1_000)
    sim.set(weights({ a: 1, b: 1, c: 1 }))
    expect(sim.spread(30)).toEqual({ a: 10, b: 10, c: 10 })
    const gone = sim.pool.nodes()[2]
    const call = sim.open()
    sim.set(weights({ a: 1, b: 1 }))
    sim.spread(1_000)
    sim.set(weights({ a: 1, b: 1, c: 1 }))
    if (call?.node === gone) expect(sim.pool.nodes()[2]).toBe(gone)
    const back = sim.spread(30)
    for (const id of ['a', 'b', 'c']) expect(Math.abs((back[id] as number) - 10)).toBeLessThanOrEqual(1)
    sim.set(weights({ a: 3, b: 1, c: 1 }))
    const heavier = sim.spread(500)
    expect(Math.abs((heavier['a'] as number) - 300)).toBeLessThanOrEqual(2)
  })

  it('given 10,000 instances, then each is called once in a round', () => {
    const { spread } = simulated(weighted(), instances(numbered(10_000)))
    const counts = spread(10_000)
    expect(Object.keys(counts)).toHaveLength(10_000)
  })
})
