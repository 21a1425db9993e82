import { seeded } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exponential, type Jitter } from './exponential.ts'

const bounds = fc
  .tuple(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), fc.double({ min: 1, max: 1e9, noNaN: true }))
  .map(([from, times]) => ({ from, to: Math.min(from * times, Number.MAX_SAFE_INTEGER) }))
const factor = fc.double({ min: 1, max: 1e6, noNaN: true })
const attempt = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 1e6 }))
const draw = fc.oneof(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.constantFrom(0, 1 - 2 ** -53))
const previous = fc.oneof(
  fc.double({ min: 0, max: 1e12, noNaN: true }),
  fc.constantFrom(0, Number.MAX_VALUE, Number.NaN),
)
const never = (): number => {
  throw new Error('drawn')
}

describe('exponential', () => {
  it('given any options, attempt and draw, when asked, then the wait is within the bounds of its jitter', () => {
    const least: Record<Jitter, (from: number, step: number) => number> = {
      none: (_, step) => step,
      full: () => 0,
      equal: (_, step) => step / 2,
      decorrelated: (from) => from,
    }
    fc.assert(
      fc.property(bounds, factor, attempt, previous, draw, (range, growth, n, before, random) => {
        const step = exponential({ ...range, factor: growth, jitter: 'none' }).next(n, before, never)
        for (const jitter of ['none', 'full', 'equal', 'decorrelated'] as const) {
          const wait = exponential({ ...range, factor: growth, jitter }).next(n, before, () => random)
          expect(wait).toBeGreaterThanOrEqual(least[jitter](range.from, step))
          expect(wait).toBeLessThanOrEqual(jitter === 'decorrelated' ? range.to : step)
        }
      }),
    )
  })

  it('given no jitter, when attempts go up, then waits never go down, start at "from" and end at the cap', () => {
    fc.assert(
      fc.property(bounds, fc.double({ min: 1.01, max: 1e3, noNaN: true }), attempt, (range, growth, n) => {
        const { next } = exponential({ ...range, factor: growth, jitter: 'none' })
        expect(next(1, 0, never)).toBe(range.from)
        expect(next(n + 1, 0, never)).toBeGreaterThanOrEqual(next(n, 0, never))
        expect(next(1e6, 0, never)).toBe(range.to)
      }),
    )
  })

  it('given 20 ms and a factor of 2, when asked without jitter, then waits double up to the cap', () => {
    const { next } = exponential({ from: 20, to: 100, jitter: 'none' })
    expect([1, 2, 3, 4, 5].map((n) => next(n, 0, never))).toEqual([20, 40, 80, 100, 100])
  })

  it('given only "from", when asked, then factor is 2, the cap 30 s and the jitter full', () => {
    const { next } = exponential({ from: 100 })
    const almost = 1 - 2 ** -53
    expect(next(3, 0, () => almost)).toBeCloseTo(400)
    expect(next(99, 0, () => almost)).toBeCloseTo(30_000)
    expect(next(3, 0, () => 0)).toBe(0)
  })

  it('given many draws, when asked, then full and equal jitter are spread evenly over their range', () => {
    const random = seeded(7)
    for (const [jitter, low, high] of [
      ['full', 0, 1_000],
      ['equal', 500, 1_000],
    ] as const) {
      const { next } = exponential({ from: 1_000, jitter })
      const quarters = [0, 0, 0, 0]
      for (let i = 0; i < 8_000; i++) {
        const quarter = Math.floor(((next(1, 0, random) - low) / (high - low)) * 4)
        quarters[quarter] = (quarters[quarter] as number) + 1
      }
      for (const count of quarters) expect(Math.abs(count - 2_000)).toBeLessThan(200)
    }
  })

  it('given decorrelated jitter, when asked, then it is min(cap, random between "from" and three times the wait before)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: 0, max: 5_000 }),
        draw,
        (from, more, random) => {
          const to = from + 2_000
          const before = Math.min(from + more, to)
          const { next } = exponential({ from, to, jitter: 'decorrelated' })
          const between = from + random * (before * 3 - from)
          expect(next(5, before, () => random)).toBe(Math.min(to, between))
          expect(next(1, 0, () => random)).toBe(next(1, from, () => random))
        },
      ),
    )
  })

  it('given decorrelated jitter, when each wait is fed into the next, then waits stay in bounds and reach the cap', () => {
    const random = seeded(3)
    const { next } = exponential({ from: 10, to: 500, jitter: 'decorrelated' })
    const waits: number[] = []
    for (let n = 1; n <= 1_000; n++) waits.push(next(n, waits.at(-1) ?? 0, random))
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(10)
    expect(Math.max(...waits)).toBe(500)
    expect(waits[0]).toBeLessThan(30)
  })

  it('given a shared recipe, when two use it in turn, then neither feels the other', () => {
    const { next } = exponential({ from: 10, jitter: 'none' })
    expect([next(1, 0, never), next(4, 40, never), next(1, 0, never)]).toEqual([10, 80, 10])
  })

  it.each([
    [{ from: 0 }, '"from" must be a number above 0 (milliseconds), but was 0'],
    [{ from: Number.NaN }, '"from"'],
    [{ from: 10, factor: 0.5 }, '"factor" must be a number of at least 1, but was 0.5'],
    [{ from: 10, to: 9 }, '"to" must be a number of at least 10 (milliseconds), but was 9'],
    [{ from: 10, to: Number.POSITIVE_INFINITY }, '"to"'],
  ])('given %o, when made, then it throws a RangeError that names the option', (options, message) => {
    expect(() => exponential(options)).toThrow(RangeError)
    expect(() => exponential(options)).toThrow(message)
  })

  it('given a jitter that there is not, when made, then it throws a TypeError with the choices', () => {
    expect(() => exponential({ from: 1, jitter: 'some' as Jitter })).toThrow(
      new TypeError('exponential: "jitter" must be one of "none", "full", "equal", "decorrelated", but was "some"'),
    )
  })
})
