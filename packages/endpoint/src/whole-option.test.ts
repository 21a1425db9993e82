// What people are told about numbers and lists that are none.
import { describe, expect, it } from 'vitest'
import { allowOption, hooksOption, limitOptions, passedOn, type WholeRule, wholeOption } from './index.ts'

const grace: WholeRule = { value: 10, unit: 'milliseconds', min: 0 }

describe('whole numbers', () => {
  it('given nothing, then the default; given one within its bounds, then that', () => {
    expect([undefined, 0, 7].map((given) => wholeOption('grace', given, grace))).toEqual([10, 0, 7])
    expect(wholeOption('grace', 'unbounded', { ...grace, unbounded: true })).toBe(Number.POSITIVE_INFINITY)
  })

  it.each([
    [-1, grace, 'grace: whole milliseconds from 0 on and not -1'],
    [1.5, grace, 'grace: whole milliseconds from 0 on and not 1.5'],
    [2 ** 53, grace, 'grace: whole milliseconds from 0 on and not 9007199254740992'],
    ['10', grace, 'grace: whole milliseconds from 0 on and not "10"'],
    ['unbounded', grace, 'grace: whole milliseconds from 0 on and not "unbounded"'],
    [null, { ...grace, unbounded: true }, "grace: whole milliseconds from 0 on, or 'unbounded', and not null"],
    [70_000, { ...grace, max: 65_535 }, 'grace: whole milliseconds from 0 to 65535 and not 70000'],
  ])('given %s, then a TypeError says what is allowed', (given, rule, message) => {
    expect(() => wholeOption('grace', given, rule)).toThrow(new TypeError(message))
  })
})

describe('limits', () => {
  const rules = { body: { value: 100, unit: 'bytes', min: 0 }, calls: { value: 5, unit: 'calls', min: 1 } }

  it('given some, then all are there; given another, then a TypeError names those that there are', () => {
    expect(limitOptions('serve', rules, { calls: 2 })).toEqual({ body: 100, calls: 2 })
    expect(limitOptions('serve', rules)).toEqual({ body: 100, calls: 5 })
    expect(() => limitOptions('serve', rules, { bodies: 1 })).toThrow(
      new TypeError('serve: there is no limit "bodies"; there are body, calls'),
    )
    expect(() => limitOptions('serve', rules, { calls: 0 })).toThrow(
      'serve: limits.calls: whole calls from 1 on and not 0',
    )
  })
})

describe('lists', () => {
  it('given hooks one by one, as lists, or not at all, then they are one list; what is no function is a TypeError', () => {
    const [a, b, c] = [() => 1, () => 2, () => 3]
    expect(hooksOption('serve', a, undefined, [b, c])).toEqual([a, b, c])
    expect(hooksOption('serve', undefined)).toEqual([])
    expect(() => hooksOption('serve', [5 as never])).toThrow(new TypeError('serve: a hook is a function and not 5'))
  })

  it('given names of metadata, then those; given none, then those of the kernel; upper case is a TypeError', () => {
    expect(allowOption('client', ['x-a'])).toEqual(['x-a'])
    expect(allowOption('client')).toBe(passedOn)
    for (const bad of [['X-A'], 'x-a', [1]])
      expect(() => allowOption('client', bad as never)).toThrow('client: allow is a list of lower-case names and not ')
  })
})
