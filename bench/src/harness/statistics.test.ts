import { seeded } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apart, noiseFloor } from './noise.ts'
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
  it('given a pair that differs, then it is at least that difference', () => {
    expect(noiseFloor([100, 100, 100], [120, 120, 120], seeded(1))).toBeGreaterThanOrEqual(apart(100, 120))
  })

  it('given a pair whose medians agree by luck but whose rounds scatter, then it is what the scatter allows', () => {
    const a = [80, 90, 100, 110, 120]
    expect(apart(median(a), median(a))).toBe(0)
    expect(noiseFloor(a, a, seeded(1))).toBeGreaterThan(0.1)
  })

  it('given rounds that are all alike, then it is one per cent: nothing less is called a difference', () => {
    expect(noiseFloor([50, 50, 50], [50, 50, 50], seeded(1))).toBe(0.01)
  })
})
