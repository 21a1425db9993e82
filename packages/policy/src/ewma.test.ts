import { virtualClock } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ewma } from './ewma.ts'

const samples = fc.array(fc.record({ wait: fc.nat(300), value: fc.double({ min: -1e6, max: 1e6, noNaN: true }) }), {
  minLength: 1,
  maxLength: 50,
})

/** The average written out: for each moment the mean of its values, weighted by the time that it closed. */
function reference(timeConstant: number, values: readonly { readonly at: number; readonly value: number }[]): number {
  const moments = [...new Set(values.map(({ at }) => at))]
  const means = moments.map((moment) => {
    const there = values.filter(({ at }) => at === moment)
    return there.reduce((sum, { value }) => sum + value, 0) / there.length
  })
  const now = moments.at(-1) as number
  return means.reduce((sum, mean, i) => {
    const until = Math.exp(-(now - (moments[i] as number)) / timeConstant)
    const from = i === 0 ? 0 : Math.exp(-(now - (moments[i - 1] as number)) / timeConstant)
    return sum + mean * (until - from)
  }, 0)
}

describe('ewma', () => {
  it('given any values at any times, when read, then it is the sum of all moments weighted by their age', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 2_000 }), (steps, timeConstant) => {
        const clock = virtualClock()
        const tested = ewma({ timeConstant, clock })
        const all: { at: number; value: number }[] = []
        for (const { wait, value } of steps) {
          clock.advanceSync(wait)
          tested.add(value)
          all.push({ at: clock.now(), value })
        }
        const expected = reference(timeConstant, all)
        expect(Math.abs((tested.value() as number) - expected)).toBeLessThan(1e-3)
      }),
    )
  })

  it('given any values, when read, then it lies between the least and the greatest', () => {
    fc.assert(
      fc.property(samples, (steps) => {
        const tested = ewma({ timeConstant: 50 })
        let now = 0
        for (const { wait, value } of steps) {
          now += wait
          tested.add(value, now)
        }
        const values = steps.map(({ value }) => value)
        expect(tested.value()).toBeGreaterThanOrEqual(Math.min(...values) - 1e-6)
        expect(tested.value()).toBeLessThanOrEqual(Math.max(...values) + 1e-6)
      }),
    )
  })

  it('given no value, when read, then there is no average', () => {
    expect(ewma({ timeConstant: 1 }).value()).toBeUndefined()
  })

  it('given a first value, when read, then it is the average, with no pull towards zero', () => {
    const tested = ewma({ timeConstant: 10_000, clock: virtualClock() })
    tested.add(42)
    expect(tested.value()).toBe(42)
  })

  it('given several values of one moment, when read, then each weighs the same', () => {
    const tested = ewma({ timeConstant: 100, clock: virtualClock() })
    for (const value of [10, 20, 60]) tested.add(value)
    expect(tested.value()).toBe(30)
  })

  it('given total failure after success, when 0.223 time constants have passed, then the average falls below 0.8', () => {
    const tested = ewma({ timeConstant: 30_000 })
    tested.add(1, 0)
    for (let at = 10; at <= 6_690; at += 10) tested.add(0, at)
    expect(tested.value()).toBeGreaterThan(0.8)
    tested.add(0, 6_700)
    expect(tested.value()).toBeLessThan(0.8)
  })

  it('given values that are not finite, when added, then they are left out', () => {
    const tested = ewma({ timeConstant: 100, clock: virtualClock() })
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) tested.add(value)
    expect(tested.value()).toBeUndefined()
    tested.add(5)
    tested.add(Number.NaN)
    expect(tested.value()).toBe(5)
  })

  it('given a moment older than the last, when added, then it counts as the last', () => {
    const tested = ewma({ timeConstant: 100 })
    tested.add(10, 50)
    tested.add(20, 40)
    expect(tested.value()).toBe(15)
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'given a time constant of %d, when made, then it throws a RangeError',
    (timeConstant) => {
      expect(() => ewma({ timeConstant })).toThrow(RangeError)
      expect(() => ewma({ timeConstant })).toThrow('ewma: "timeConstant" must be a number above 0 (milliseconds)')
    },
  )
})
