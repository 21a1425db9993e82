import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, IntOverflow, MaxSizeExceeded, sum, TwoZeroes } from './service.ts'

const left = (outcome: ReturnType<typeof sum> | ReturnType<typeof concat>): unknown =>
  outcome._tag === 'Left' ? outcome.left : outcome

describe('sum', () => {
  it('given two zeroes, then it refuses, in the words of Go kit', () => {
    for (const zero of [0, -0]) {
      expect(TwoZeroes.is(left(sum(zero, 0)))).toBe(true)
      expect(left(sum(0, zero))).toMatchObject({ code: 'invalid_argument', message: "can't sum two zeroes" })
    }
    expect(sum(0, 1)).toEqual({ _tag: 'Right', right: { v: 1 } })
  })

  it('given any two whole numbers, then the answer is their sum where that has 32 bits, and an overflow where not', () => {
    const whole = fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.integer({ min: -3, max: 3 }))
    fc.assert(
      fc.property(whole, whole, (a, b) => {
        fc.pre(a !== 0 || b !== 0)
        const exact = BigInt(a) + BigInt(b)
        const outcome = sum(a, b)
        if (exact === BigInt.asIntN(32, exact)) expect(outcome).toEqual({ _tag: 'Right', right: { v: Number(exact) } })
        else expect(IntOverflow.is(left(outcome))).toBe(true)
      }),
    )
  })

  it.each([
    [2 ** 31 - 1, 0, true],
    [2 ** 31 - 1, 1, false],
    [-(2 ** 31), 0, true],
    [-(2 ** 31), -1, false],
    // What Go kit lets pass, because it only looks whether the second may be added.
    [2 ** 32, 0, false],
    [2 ** 32, -1, false],
    [2 ** 32, -(2 ** 32) + 1, true],
  ])('given %d and %d, then whether it fits is %s', (a, b, fits) => {
    expect(sum(a, b)._tag === 'Right').toBe(fits)
  })
})

describe('concat', () => {
  it('given texts of more than ten bytes together, then it refuses and says the limit', () => {
    for (const [a, b] of [
      ['12345', '678901'],
      ['ééééé', 'x'],
      ['', '😀😀😀'],
    ] as const) {
      expect(MaxSizeExceeded.is(left(concat(a, b)))).toBe(true)
      expect(left(concat(a, b))).toMatchObject({ message: 'result exceeds maximum size', limit: 10 })
    }
  })

  it('given any texts, then it is one after the other exactly where that has ten bytes at most', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.string({ maxLength: 8 }), (a, b) => {
        const fits = Buffer.byteLength(a + b) <= 10
        expect(concat(a, b)).toMatchObject(fits ? { right: { v: a + b } } : { left: { _tag: 'MaxSizeExceeded' } })
      }),
    )
  })
})
