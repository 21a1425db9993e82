// Priorities: the better group first, the next when that is gone or was tried.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failing, instances, simulated, total } from '../test/simulated.ts'
import { byPriority } from './by-priority.ts'
import { outlierEjection } from './outlier-ejection.ts'
import { weighted } from './weighted.ts'

const at = (ids: string, priority: number | string, more: object = {}) =>
  instances(ids, { metadata: { priority: String(priority) }, ...more })

describe('priorities', () => {
  it('given several, when calls are made, then all go to the lowest; when it is gone, to the next; when it is back, to it', () => {
    const sim = simulated(byPriority(), [...at('ab', 10), ...at('cd', 20), ...at('e', 5)])
    expect(sim.spread(4)).toEqual({ e: 4 })
    sim.set([...at('ab', 10), ...at('cd', 20)])
    expect(sim.spread(4)).toEqual({ a: 2, b: 2 })
    sim.set(at('cd', 20))
    expect(sim.spread(4)).toEqual({ c: 2, d: 2 })
    sim.set([...at('a', 10), ...at('cd', 20)])
    expect(sim.spread(4)).toEqual({ a: 4 })
    sim.set([])
    expect(sim.spread(1)).toEqual({ nobody: 1 })
  })

  it('given a call that is repeated, when it has tried all of a group, then it goes to the next, and to any when all were tried', () => {
    const sim = simulated(byPriority(), [...at('ab', 1), ...at('c', 2), ...at('d', 3)])
    const tried = new Set<string>()
    const order = Array.from({ length: 4 }, () => sim.open(undefined, tried)?.node.id)
    expect([...order.slice(0, 2)].sort()).toEqual(['a', 'b'])
    expect(order.slice(2)).toEqual(['c', 'd'])
    expect(['a', 'b']).toContain(sim.open(undefined, tried)?.node.id)
  })

  it('given weights, when calls are made, then they count within the group', () => {
    const sim = simulated(byPriority(weighted()), [
      ...at('a', 1, { weight: 3 }),
      ...at('b', 1),
      ...at('c', 2, { weight: 99 }),
    ])
    expect(sim.spread(40)).toEqual({ a: 30, b: 10 })
  })

  it('given what is no priority, or one by a function, when it is read, then that is 0, or what the function says', () => {
    const sim = simulated(byPriority(), [...instances('a'), ...at('b', 'high'), ...at('c', 1)])
    expect(sim.spread(4)).toEqual({ a: 2, b: 2 })
    const own = byPriority(undefined, { of: ({ id }) => (id === 'c' ? -1 : Number.NaN) })
    expect(simulated(own, instances('abc')).spread(2)).toEqual({ c: 2 })
  })

  it('given strategies that learn, when a group changes, then what they have learned of it stays', () => {
    const sim = simulated(byPriority(outlierEjection()), [...at('abc', 1), ...at('d', 2)])
    for (let n = 0; n < 60; n++) {
      const call = sim.open()
      call?.close(call.node.id === 'b' ? failing() : undefined)
      sim.clock.advanceSync(10)
    }
    expect(sim.events.filter(({ kind }) => kind === 'discovery.outlier')).toHaveLength(1)
    sim.set([...at('abce', 1), ...at('d', 2)])
    expect(sim.spread(60)).not.toHaveProperty('b')
  })

  it('given any set and any priorities, when calls are made, then none goes past the lowest', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 12 }), (priorities) => {
        const list = priorities.flatMap((priority, n) => at(String.fromCharCode(97 + n), priority))
        const counts = simulated(byPriority(), list).spread(30)
        const best = Math.min(...priorities)
        const lowest = priorities.flatMap((priority, n) => (priority === best ? [String.fromCharCode(97 + n)] : []))
        expect(Object.keys(counts).sort()).toEqual(lowest)
        expect(total(counts)).toBe(30)
      }),
    )
  })

  it('given an option that is wrong, when it is made, then the field is named', () => {
    expect(() => byPriority(undefined, { of: 'priority' as never })).toThrow('"of" must be a function')
  })
})
