import { describe, expect, it } from 'vitest'
import { choiceOption, functionOption, numberOption } from './option.ts'

describe('numberOption', () => {
  it('given a value in the range, when checked, then it is handed back', () => {
    expect(numberOption('x', 'y', 3, { min: 3, max: 3, whole: true })).toBe(3)
    expect(numberOption('x', 'y', 0.5, { above: 0 })).toBe(0.5)
    expect(numberOption('x', 'y', -1)).toBe(-1)
    expect(numberOption('x', 'y', Number.POSITIVE_INFINITY, { max: Number.POSITIVE_INFINITY, whole: true })).toBe(
      Number.POSITIVE_INFINITY,
    )
  })

  it.each([
    [Number.NaN, {}],
    [Number.POSITIVE_INFINITY, {}],
    [Number.NEGATIVE_INFINITY, { max: Number.POSITIVE_INFINITY }],
    [2 ** 60, {}],
    [0, { above: 0 }],
    [0.9, { min: 1 }],
    [1.1, { max: 1 }],
    [1.5, { whole: true }],
  ])('given %d outside of %o, when checked, then it throws a RangeError', (value, range) => {
    expect(() => numberOption('x', 'y', value, range)).toThrow(RangeError)
  })

  it.each([['5'], [null], [undefined], [5n], [{}]])(
    'given %o for a number, when checked, then it throws a TypeError',
    (value) => {
      expect(() => numberOption('x', 'y', value)).toThrow(TypeError)
    },
  )

  it('given a bad value, when checked, then the message says which option, what is allowed and what was given', () => {
    expect(() => numberOption('timeWindow', 'window', -5, { min: 1, unit: 'milliseconds' })).toThrow(
      'timeWindow: "window" must be a number of at least 1 (milliseconds), but was -5',
    )
    expect(() => numberOption('a', 'b', '7', { above: 0, max: 9, whole: true })).toThrow(
      'a: "b" must be a whole number above 0 and of at most 9, but was "7"',
    )
    expect(() => numberOption('a', 'b', Object.create(null))).toThrow('a: "b" must be a number, but was an object')
  })
})

describe('choiceOption and functionOption', () => {
  it('given a value that is allowed, when checked, then it is handed back', () => {
    const run = (): void => {}
    expect(choiceOption('a', 'b', 'y', ['x', 'y'])).toBe('y')
    expect(functionOption('a', 'b', run)).toBe(run)
  })

  it('given one that is not, when checked, then it throws a TypeError that says what is', () => {
    expect(() => choiceOption('a', 'b', 'z', ['x', 'y'])).toThrow(TypeError)
    expect(() => choiceOption('a', 'b', 'z', ['x', 'y'])).toThrow('a: "b" must be one of "x", "y", but was "z"')
    expect(() => functionOption('a', 'b', 3 as never)).toThrow(new TypeError('a: "b" must be a function, but was 3'))
    expect(() => functionOption('a', 'b', [] as never)).toThrow('but was an array')
  })
})
