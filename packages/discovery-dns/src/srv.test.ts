// Priorities and weights (RFC 2782).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chosen, placesOf, type SrvInstance } from './srv.ts'

const place = fc
  .record({
    host: fc.integer({ min: 1, max: 50 }),
    port: fc.constantFrom(0, 80, 81),
    priority: fc.nat(4),
    weight: fc.nat(9),
  })
  .map(({ host, ...rest }): SrvInstance => ({ ...rest, target: `h${host}`, address: `10.0.0.${host}:${rest.port}` }))

describe('the places of SRV records', () => {
  it('given any, when they are chosen, then whole groups are, the better ones first, and no more than needed', () => {
    fc.assert(
      fc.property(fc.array(place), fc.integer({ min: 1, max: 9 }), (places, atLeast) => {
        const picked = chosen(places, atLeast)
        const good = places.filter(({ port }) => port !== 0)
        const worst = Math.max(...picked.map(({ priority }) => priority))
        expect(new Set(picked)).toEqual(new Set(good.filter(({ priority }) => priority <= worst)))
        expect(picked.length).toBeGreaterThanOrEqual(Math.min(atLeast, good.length))
        // Without its last group there would be too few.
        expect(picked.filter(({ priority }) => priority < worst).length).toBeLessThan(atLeast)
      }),
    )
  })

  it('given that all are wanted, when they are chosen, then all are, but for those of port 0', () => {
    fc.assert(
      fc.property(fc.array(place), (places) => {
        expect(chosen(places, Number.POSITIVE_INFINITY)).toHaveLength(places.filter(({ port }) => port !== 0).length)
      }),
    )
  })

  it('given a target with several addresses, when they are places, then together they have its weight', () => {
    const record = { type: 'SRV', name: 'x', ttl: 1, priority: 2, weight: 10, port: 80, target: 'h' } as const
    expect(placesOf(record, ['10.0.0.1', 'fd00::1'])).toEqual([
      { address: '10.0.0.1:80', target: 'h', port: 80, priority: 2, weight: 5 },
      { address: '[fd00::1]:80', target: 'h', port: 80, priority: 2, weight: 5 },
    ])
  })
})
