import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { constant, list } from './backoff.ts'

const unused = (): number => {
  throw new Error('drawn')
}

describe('constant', () => {
  it('given any attempt, when asked, then the wait is the same and no randomness is drawn', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.integer({ min: 1, max: 1e6 }), (ms, attempt) => {
        expect(constant(ms).next(attempt, 0, unused)).toBe(ms)
      }),
    )
  })

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])(
    'given %d, when made, then it throws a RangeError that names it',
    (ms) => {
      expect(() => constant(ms)).toThrow(RangeError)
      expect(() => constant(ms)).toThrow(`constant: "ms" must be a number of at least 0 (milliseconds), but was ${ms}`)
    },
  )
})

describe('list', () => {
  it('given waits, when asked, then they come one by one and the last stays', () => {
    const backoff = list([30_000, 60_000, 120_000])
    expect([1, 2, 3, 4, 1e6].map((attempt) => backoff.next(attempt, 0, unused))).toEqual([
      30_000, 60_000, 120_000, 120_000, 120_000,
    ])
  })

  it('given any attempt, even one that makes no sense, when asked, then the answer is one of the waits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { minLength: 1 }),
        fc.oneof(fc.double(), fc.double({ min: -1, max: 9 })),
        (waits, attempt) => {
          expect(waits).toContain(list(waits).next(attempt, 0, unused))
        },
      ),
    )
  })

  it('given its array changes later, when asked, then the waits are those it was made of', () => {
    const waits = [1, 2]
    const backoff = list(waits)
    waits[0] = Number.NaN
    expect(backoff.next(1, 0, unused)).toBe(1)
  })

  it('given no waits or bad ones, when made, then it throws and says which', () => {
    expect(() => list([])).toThrow(new RangeError('list: there must be at least one wait'))
    expect(() => list([1, -2])).toThrow(RangeError)
    expect(() => list([1, -2])).toThrow('list: "[1]" must be a number of at least 0 (milliseconds), but was -2')
    expect(() => list(5 as never)).toThrow(TypeError)
  })
})
