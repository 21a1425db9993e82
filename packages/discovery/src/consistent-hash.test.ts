// Consistent hash: the same everywhere, little moves, and nobody has too much.
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { instances, numbered, simulated } from '../test/simulated.ts'
import { consistentHash } from './consistent-hash.ts'
import { hash } from './hash.ts'
import type { Strategy } from './strategy.ts'

const byKey = (more = {}) => consistentHash<string>({ by: (_, key) => key, ...more })
const keys = Array.from({ length: 5_000 }, (_, at) => `customer-${at}`)
const owners = (ids: Iterable<string>, strategy = byKey()) => {
  const { once } = simulated(strategy, instances(ids))
  return keys.map((key) => once(key) as string)
}

describe('consistent hash', () => {
  it('given texts, then their hashes are the ones of every process', () => {
    expect([hash('', 0), hash('orders', 0), hash('orders', 1), hash('größe', 0)]).toEqual([
      0, 3573629028, 2756251912, 64680701,
    ])
  })

  it('given ten instances, then keys have the places that they have in every process', () => {
    const { once } = simulated(byKey(), instances('abcdefghij'))
    expect(['oak', 'ash', 'elm', 'fir', 'yew', 'box'].map((key) => once(key)).join('')).toBe('giejba')
  })

  it('given 100 instances, then none has more than 1.5 of its share of the keys; given weights, then as they say', () => {
    const counts = new Map<string, number>()
    for (const id of owners(numbered(100))) counts.set(id, (counts.get(id) ?? 0) + 1)
    expect(Math.max(...counts.values())).toBeLessThan(1.5 * 50)
    expect(Math.min(...counts.values())).toBeGreaterThan(0.5 * 50)
    const sim = simulated(byKey(), [
      ...instances('a', { weight: 3 }),
      ...instances('bcdef'),
      ...instances('z', { weight: 0 }),
    ])
    const heavy = keys.filter((key) => sim.once(key) === 'a').length
    expect(heavy / keys.length).toBeGreaterThan(0.28)
    expect(heavy / keys.length).toBeLessThan(0.47)
    expect(keys.some((key) => sim.once(key) === 'z')).toBe(false)
  })

  it('given instances come and go, then only keys of those that went, or that the new ones get, move', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 2, maxLength: 12 }),
        fc.nat(),
        (ids, which) => {
          const gone = ids[which % ids.length] as string
          const all = owners(ids)
          const without = owners(ids.filter((id) => id !== gone))
          all.forEach((owner, at) => {
            if (owner !== gone) expect(without[at]).toBe(owner)
          })
        },
      ),
      { numRuns: 20 },
    )
  })

  it('given calls in flight, then none has more than 1.25 of its share, rounded up, and every call finds a place', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.oneof(fc.constantFrom('hot', 'warm', 'cold'), fc.nat()), { maxLength: 150 }),
        (count, steps) => {
          const sim = simulated(byKey(), instances(numbered(count)))
          const running: (() => void)[] = []
          for (const step of steps) {
            if (typeof step === 'number') {
              running.splice(step % Math.max(1, running.length), 1)[0]?.()
              continue
            }
            const call = sim.open(step)
            if (call === undefined) return expect.unreachable()
            running.push(call.close)
            expect(call.node.inFlight).toBeLessThanOrEqual(Math.ceil((1.25 * running.length) / count))
          }
        },
      ),
    )
  })

  it('given no bound, then one key stays with one instance, however much there is', () => {
    const sim = simulated(byKey({ load: Number.POSITIVE_INFINITY }), instances('abcd'))
    const home = sim.open('hot')?.node.id
    for (let n = 0; n < 100; n++) expect(sim.open('hot')?.node.id).toBe(home)
  })

  it('given a call that has tried its instance, then it goes on along the ring, and to all in the end', () => {
    const sim = simulated(byKey(), instances('abcd'))
    const tried = new Set<string>()
    const order: unknown[] = []
    for (let n = 0; n < 4; n++) {
      const call = sim.open('oak', tried)
      order.push(call?.node.id)
      call?.close()
    }
    expect(order[0]).toBe(sim.once('oak'))
    expect([...order].sort()).toEqual(['a', 'b', 'c', 'd'])
    const again = sim.open('oak', tried)
    expect(again?.node.id).toBe(order[0])
    again?.close()
    // Not all to the same neighbour: an instance that fails does not take another with it.
    const next = keys.slice(0, 200).map((key) => {
      const first = new Set([sim.once(key) as string])
      const call = sim.open(key, first)
      call?.close()
      return `${[...first][0]} ${call?.node.id}`
    })
    expect(new Set(next).size).toBeGreaterThan(4)
  })

  it('given calls without a key, then they are spread', () => {
    const sim = simulated(
      consistentHash<string>({ by: (_, key) => (key === '-' ? undefined : key) }),
      instances('abcd'),
    )
    for (const key of ['-', '']) expect(Object.values(sim.spread(400, () => key))).toEqual([100, 100, 100, 100])
  })

  it('given 10,000 instances, then the ring is made and keys find theirs', () => {
    const { once } = simulated(byKey(), instances(numbered(10_000)))
    expect(new Set(keys.map((key) => once(key))).size).toBeGreaterThan(3_500)
  })

  it('given a bad option, then an error names it; the type of the input is that of the key', () => {
    expect(() => consistentHash({} as never)).toThrow('consistentHash: "by" must be a function')
    expect(() => byKey({ load: 0.9 })).toThrow('consistentHash: "load" must be a number of at least 1')
    expect(() => byKey({ points: 0 })).toThrow('consistentHash: "points"')
    const strategy = consistentHash({ by: (_, order: { readonly customer: string }) => order.customer })
    expectTypeOf(strategy).toEqualTypeOf<Strategy<{ readonly customer: string }>>()
  })
})
