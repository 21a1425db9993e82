import { seeded } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noiseFloor, off } from './noise.ts'
import { ratios } from './rounds.ts'
import { median, quantile, shuffled, summary } from './statistics.ts'

const numbers = fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 })

describe('quantile', () => {
  it('given any values, then it lies among them, grows with q, and the ends are the least and the greatest', () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        expect(quantile(values, 0)).toBe(Math.min(...values))
        expect(quantile(values, 1)).toBe(Math.max(...values))
        expect(quantile(values, q)).toBeLessThanOrEqual(quantile(values, Math.min(1, q + 0.1)) + 1e-6)
      }),
    )
  })

  it('given an even number of values, then the median is halfway', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(summary([10, 20, 30])).toEqual({ value: 20, low: 11, high: 29, n: 3 })
  })
})

describe('shuffled', () => {
  it('keeps every value, repeats for a seed, and leaves its input alone', () => {
    const values = Array.from({ length: 40 }, (_, i) => i)
    const mixed = shuffled(values, seeded(3))
    expect(mixed).toEqual(shuffled(values, seeded(3)))
    expect(mixed).not.toEqual(values)
    expect([...mixed].sort((a, b) => a - b)).toEqual(values)
  })
})

describe('the noise floor', () => {
  it('given twins that differ, whichever is the slower, then it is at least that difference', () => {
    expect(noiseFloor([1.2, 1.2, 1.2], seeded(1))).toBeCloseTo(0.2)
    expect(noiseFloor([1 / 1.2, 1 / 1.2, 1 / 1.2], seeded(1))).toBeCloseTo(0.2)
  })

  it('given twins that agree by luck while their rounds scatter, then it is what the scatter allows', () => {
    const scattered = [0.8, 0.9, 1, 1.1, 1.25]
    expect(off(median(scattered))).toBe(0)
    expect(noiseFloor(scattered, seeded(1))).toBeGreaterThan(0.09)
  })

  it('given rounds that are all alike, then it is one per cent: nothing less is called a difference', () => {
    expect(noiseFloor([1, 1, 1], seeded(1))).toBe(0.01)
  })
})

describe('ratios', () => {
  const measured = (...turns: number[]) => ({ calls: 1, bytes: 0, turns })

  it('given a machine that is slow for some cycles, then each is compared within its cycle', () => {
    expect(ratios([measured(100, 200, 200)], [measured(50, 100, 100)])).toEqual([2])
    expect(ratios([measured(100, 200, 200), measured(90)], [measured(50, 100), measured(30, 60)])).toEqual([2, 3])
  })

  it('given a round that only one has, then it does not count', () => {
    expect(ratios([measured(1), measured(2)], [measured(1)])).toEqual([1])
    expect(ratios([measured(1)], [])).toEqual([])
  })
})
