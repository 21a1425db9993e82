// Least requests: the least of all, and turns among equals.
import { seeded } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instances, simulated } from '../test/simulated.ts'
import { leastRequests } from './least-requests.ts'

describe('least requests', () => {
  it('given calls that start and end in any order, and a set that changes, then each goes to one with the fewest for its weight', () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.constant('open' as const) },
      { weight: 3, arbitrary: fc.nat() },
      { weight: 1, arbitrary: fc.subarray([...'abcdef'], { minLength: 1 }) },
    )
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 80 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 3 })),
        (steps, drawn) => {
          const weight = Object.fromEntries([...'abcdef'].map((id) => [id, drawn.next().value as number]))
          const of = (ids: Iterable<string>) =>
            Array.from(ids, (id) => ({ id, address: `${id}:1`, weight: weight[id] as number }))
          const sim = simulated(leastRequests(), of('abc'))
          const running: (() => void)[] = []
          for (const step of steps) {
            if (step === 'open') {
              const least = Math.min(...sim.pool.nodes().map((node) => node.inFlight / node.instance.weight))
              const call = sim.open()
              if (call === undefined) return expect.unreachable()
              expect((call.node.inFlight - 1) / call.node.instance.weight).toBeCloseTo(least, 9)
              running.push(call.close)
            } else if (typeof step === 'number') running.splice(step % Math.max(1, running.length), 1)[0]?.()
            else sim.set(of(step))
          }
        },
      ),
    )
  })

  it('given nothing in flight, then equals take turns by their weights', () => {
    const sim = simulated(leastRequests(), [...instances('a', { weight: 2 }), ...instances('bc')])
    expect(sim.spread(40)).toEqual({ a: 20, b: 10, c: 10 })
  })

  it('given one that was busy for long, when it is done, then it takes turns and catches up on nothing', () => {
    const sim = simulated(leastRequests(), instances('ab'))
    const busy = sim.open()
    sim.spread(1_000)
    busy?.close()
    for (const calls of Object.values(sim.spread(100))) expect(Math.abs(calls - 50)).toBeLessThanOrEqual(1)
  })

  it('given calls that overlap and end in any order, then over time each gets its share', () => {
    const share = (weights: readonly number[]): number[] => {
      const random = seeded(1)
      const sim = simulated(
        leastRequests(),
        weights.map((weight, at) => ({ id: `i${at + 10}`, address: `h:${at + 1}`, weight })),
      )
      const running: (() => void)[] = []
      const counts: Record<string, number> = {}
      for (let n = 0; n < 20_000; n++) {
        if (running.length === 12) running.splice(Math.floor(random() * 12), 1)[0]?.()
        const call = sim.open()
        if (call === undefined) throw new Error('nobody')
        counts[call.node.id] = (counts[call.node.id] ?? 0) + 1
        running.push(call.close)
      }
      return Object.keys(counts)
        .sort()
        .map((id) => (counts[id] as number) / 20_000)
    }
    for (const one of share(Array.from({ length: 20 }, () => 1))) expect(Math.abs(one - 0.05)).toBeLessThan(0.0025)
  })

  it('given weight 0, then it is not called while others have more', () => {
    expect(simulated(leastRequests(), [...instances('a', { weight: 0 }), ...instances('b')]).spread(10)).toEqual({
      b: 10,
    })
  })
})
