import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countWindow } from './count-window.ts'

describe('countWindow', () => {
  it('given any outcomes, when added, then count and hits are those of the last N in a list', () => {
    const outcome = fc.oneof(
      { weight: 30, arbitrary: fc.boolean() },
      { weight: 1, arbitrary: fc.constant('clear' as const) },
    )
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 130 }), fc.array(outcome, { maxLength: 400 }), (size, outcomes) => {
        const tested = countWindow({ size })
        let list: boolean[] = []
        for (const each of outcomes) {
          if (each === 'clear') {
            tested.clear()
            list = []
          } else {
            tested.add(each)
            list = [...list, each].slice(-size)
          }
          expect(tested).toMatchObject({ count: list.length, hits: list.filter(Boolean).length })
        }
      }),
    )
  })

  it.each([31, 32, 33, 64, 1_000])(
    'given a ring of %d, when it goes round with hits and then misses, then it empties one by one',
    (size) => {
      const tested = countWindow({ size })
      for (let i = 0; i < size * 2; i++) tested.add(true)
      expect(tested).toMatchObject({ size, count: size, hits: size })
      for (let i = 1; i <= size; i++) {
        tested.add(false)
        expect(tested.hits).toBe(size - i)
      }
    },
  )

  it.each([0, -1, 1.5, Number.NaN, 1_000_001])(
    'given a size of %d, when made, then it throws a RangeError that names it',
    (size) => {
      expect(() => countWindow({ size })).toThrow(RangeError)
      expect(() => countWindow({ size })).toThrow(
        `countWindow: "size" must be a whole number of at least 1 and of at most 1000000, but was ${size}`,
      )
    },
  )
})
