// How often it beats.
import { seeded } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adaptiveHeartbeat, fixedHeartbeat } from './heartbeat.ts'

describe('heartbeats', () => {
  it('given a fixed one, then waits are as long as it says, or up to a tenth shorter', () => {
    const random = seeded(1)
    const waits = Array.from({ length: 1_000 }, (_, n) => fixedHeartbeat(5_000).next(n, 0, random))
    expect(Math.max(...waits)).toBeLessThanOrEqual(5_000)
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(4_500)
    expect(new Set(waits).size).toBeGreaterThan(900)
  })

  it('given an adaptive one, then it is quick after a registration and while it fails, slow when all is well or lost', () => {
    const beat = adaptiveHeartbeat({ min: 500, max: 5_000 })
    const wait = (well: number, failed: number): number => beat.next(well, failed, () => 0)
    expect([0, 1, 2, 3, 4, 1_000].map((well) => wait(well, 0))).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000])
    expect([1, 5, 10, 11, 12, 5_000].map((failed) => wait(0, failed))).toEqual([500, 500, 500, 1_000, 2_000, 5_000])
    expect(beat.longest).toBe(5_000)
  })

  it('given any counts, then no wait is longer than `longest`, and none is nothing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.nat(1e6),
        fc.nat(),
        fc.nat(),
        fc.integer(),
        (min, more, a, b, seed) => {
          const beat = adaptiveHeartbeat({ min, max: min + more })
          const wait = beat.next(a, b, seeded(seed))
          expect(wait > 0 && wait <= beat.longest && wait >= min * 0.9).toBe(true)
        },
      ),
    )
  })

  it('given bad values, then the error names them', () => {
    expect(() => fixedHeartbeat(0)).toThrow('"ms" must be a number above 0')
    expect(() => adaptiveHeartbeat({ min: 10, max: 5 })).toThrow('"max" must be a number of at least 10')
    expect(() => adaptiveHeartbeat({ mni: 10 } as never)).toThrow('there is no option "mni"')
  })
})
