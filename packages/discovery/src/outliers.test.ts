// Outliers: whose rate or time is far from the others', and when nobody can be judged.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DeviationOptions, type LatencyOptions, outliers, type Seen } from './outliers.ts'

const rates = (list: readonly number[], requests = 100): Seen[] =>
  list.map((percent) => ({ fine: (percent * requests) / 100, faults: ((100 - percent) * requests) / 100, time: 0 }))
const times = (list: readonly number[], requests = 100): Seen[] =>
  list.map((ms) => ({ fine: requests, faults: 0, time: ms * requests }))
const failing = (all: readonly Seen[], options: DeviationOptions = {}) =>
  outliers('test', options, false)(all).failing.map((seen) => all.indexOf(seen))
const slow = (all: readonly Seen[], options: LatencyOptions = {}) =>
  outliers('test', false, options)(all).slow.map((seen) => all.indexOf(seen))

describe('success rates', () => {
  it('given 50, 100, 100, 100, 100 percent, then the first is below 52 and out; at 4 others of 90, it is the same', () => {
    expect(failing(rates([50, 100, 100, 100, 100]))).toEqual([0])
    expect(failing(rates([90, 90, 40, 90, 90]))).toEqual([2])
  })

  it('given fewer than five, or too few calls, then nobody can be compared', () => {
    expect(failing(rates([0, 100, 100, 100]))).toEqual([])
    expect(failing(rates([0, 100, 100, 100, 100], 99))).toEqual([])
    expect(failing([...rates([0], 99), ...rates([100, 100, 100, 100, 100])])).toEqual([])
    expect(failing(rates([0, 100, 100], 10), { instances: 3, requests: 10, deviations: 1 })).toEqual([0])
  })

  it('given all are nearly alike, then a distance of nothing is no outlier', () => {
    expect(failing(rates([99, 100, 100, 100, 100, 100, 100, 100]))).toEqual([])
    expect(failing(rates([99, 100, 100, 100, 100, 100, 100, 100]), { distance: 0 })).toEqual([0])
  })

  it('given any rates, then whoever is out is below all that stay, worst first, and never all are', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 5, maxLength: 40 }), (list) => {
        const out = failing(rates(list))
        const left = list.filter((_, at) => !out.includes(at))
        expect(left.length).toBeGreaterThan(0)
        const worst = out.map((at) => list[at] as number)
        expect(worst).toEqual([...worst].sort((a, b) => a - b))
        for (const rate of worst) expect(rate).toBeLessThan(Math.min(...left))
      }),
    )
  })
})

describe('times', () => {
  it('given one that takes three times the median and 10 ms more, then it is out; given less of either, then it is not', () => {
    expect(slow(times([10, 10, 10, 31, 10]))).toEqual([3])
    expect(slow(times([10, 10, 10, 29, 10]))).toEqual([])
    expect(slow(times([1, 1, 1, 9, 1]))).toEqual([])
    expect(slow(times([1, 1, 1, 9, 1]), { distance: 1 })).toEqual([3])
    expect(slow(times([10, 10, 10, 25, 10]), { factor: 2 })).toEqual([3])
  })

  it('given one that did nothing, or too few to compare, then times say nothing', () => {
    expect(slow([...times([10, 10, 10, 10]), { fine: 0, faults: 200, time: 0 }])).toEqual([])
    expect(slow(times([10, 10, 10, 500]))).toEqual([])
  })

  it('given any times, then at least half stay', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { minLength: 5, maxLength: 40 }), (list) => {
        expect(slow(times(list)).length).toBeLessThanOrEqual(list.length / 2)
      }),
    )
  })
})
