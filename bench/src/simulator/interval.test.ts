import { describe, expect, it } from 'vitest'
import { exponential, stream } from './draws.ts'
import { interval } from './interval.ts'

describe('an interval', () => {
  it('given values, then their mean and what Student says of it', () => {
    // Mean 3, standard deviation 1.5811, t(4) = 2.776.
    const { value, low, high, n } = interval([1, 2, 3, 4, 5])
    expect([value, n]).toEqual([3, 5])
    expect(high - value).toBeCloseTo(1.963, 3)
    expect(value - low).toBeCloseTo(1.963, 3)
  })

  it('given one value, then it is that value', () => {
    expect(interval([7])).toEqual({ value: 7, low: 7, high: 7, n: 1 })
  })

  it('given many samples of a known mean, then 95 of 100 intervals hold it', () => {
    const draws = stream(1, 'intervals')
    const runs = 1_000
    const holding = Array.from({ length: runs }, () =>
      interval(Array.from({ length: 30 }, () => draws() + draws() + draws())),
    ).filter(({ low, high }) => low <= 1.5 && high >= 1.5).length
    // Three standard deviations of a binomial.
    expect(Math.abs(holding / runs - 0.95)).toBeLessThan(0.021)
  })
})

describe('draws', () => {
  it('given a seed and a name, then the same again, and others for another name or seed', () => {
    const three = (seed: number, name: string): number[] => {
      const draws = stream(seed, name)
      return [draws(), draws(), draws()]
    }
    expect(three(1, 'a')).toEqual(three(1, 'a'))
    expect(three(1, 'a')).not.toEqual(three(1, 'b'))
    expect(three(1, 'a')).not.toEqual(three(2, 'a'))
  })

  it('given a mean, then exponential draws have it, and a share of 1/e is longer', () => {
    const draws = stream(1, 'exponential')
    const all = Array.from({ length: 100_000 }, () => exponential(draws, 5))
    expect(all.reduce((sum, each) => sum + each, 0) / all.length).toBeCloseTo(5, 1)
    expect(all.filter((each) => each > 5).length / all.length).toBeCloseTo(Math.exp(-1), 2)
  })
})
