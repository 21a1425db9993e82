import { virtualClock } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { timeWindow } from './time-window.ts'

const steps = fc.array(
  fc.record({
    wait: fc.oneof({ weight: 6, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(5_000) }),
    counter: fc.nat(2),
    n: fc.nat(3),
  }),
  { maxLength: 80 },
)
const shape = fc
  .record({ bucket: fc.integer({ min: 1, max: 20 }), buckets: fc.integer({ min: 1, max: 12 }) })
  .map(({ bucket, buckets }) => ({ window: bucket * buckets, buckets }))

describe('timeWindow against a list of everything', () => {
  it('given any additions at any times, when read, then each total is the sum over the live buckets', () => {
    fc.assert(
      fc.property(shape, steps, fc.nat(1_000), (options, adds, start) => {
        const clock = virtualClock(start)
        const tested = timeWindow({ ...options, counters: 3, clock })
        const all: { at: number; counter: number; n: number }[] = []
        for (const { wait, counter, n } of adds) {
          clock.advanceSync(wait)
          tested.add(counter, n)
          all.push({ at: clock.now(), counter, n })
          const oldest = (Math.floor(clock.now() / tested.bucket) - options.buckets + 1) * tested.bucket
          for (const each of [0, 1, 2]) {
            const live = all.filter((one) => one.counter === each && one.at >= oldest)
            expect(tested.total(each)).toBe(live.reduce((sum, one) => sum + one.n, 0))
          }
          expect(tested.span()).toBe(clock.now() - oldest)
        }
      }),
    )
  })

  it('given any times, fractions too, when read, then it holds all of the last window - bucket and none before window', () => {
    const times = fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { maxLength: 60 })
    fc.assert(
      fc.property(fc.integer({ min: 7, max: 300 }), fc.integer({ min: 1, max: 7 }), times, (window, buckets, waits) => {
        const tested = timeWindow({ window, buckets })
        const all: number[] = []
        let now = 0
        for (const wait of waits) {
          now += wait
          all.push(now)
          tested.add(0, 1, now)
          // Not touched between: reading alone must move it on as well.
          const later = now + wait / 3
          now = later
          const total = tested.total(0, later)
          const rounding = 1e-6
          expect(total).toBeGreaterThanOrEqual(
            all.filter((at) => at > later - (window - tested.bucket) + rounding).length,
          )
          expect(total).toBeLessThanOrEqual(all.filter((at) => at > later - window - rounding).length)
          expect(tested.span(later)).toBeGreaterThan(window - tested.bucket - rounding)
          expect(tested.span(later)).toBeLessThanOrEqual(window + rounding)
        }
      }),
    )
  })
})

describe('timeWindow', () => {
  it('given an addition without a number, when read, then it counts as one and the other counters hold none', () => {
    const tested = timeWindow({ window: 100, clock: virtualClock() })
    tested.add(1)
    expect([tested.total(0), tested.total(1)]).toEqual([0, 1])
  })

  it('given counts, when the clock jumps a window or a year, then all is forgotten', () => {
    for (const jump of [100, 101, 3.2e10, Number.MAX_SAFE_INTEGER]) {
      const clock = virtualClock(5)
      const tested = timeWindow({ window: 100, clock })
      tested.add(0, 3)
      clock.advanceSync(jump)
      expect(tested.total(0)).toBe(0)
      tested.add(0)
      expect(tested.total(0)).toBe(1)
    }
  })

  it('given a quiet time, when only the span is asked for, then the window moves on as well', () => {
    const tested = timeWindow({ window: 100 })
    tested.add(0, 1, 0)
    expect(tested.span(1_003)).toBe(93)
    expect(tested.total(0, 0)).toBe(0)
  })

  it('given a moment older than the newest, when added, then it counts as the newest and nothing moves back', () => {
    const tested = timeWindow({ window: 100 })
    tested.add(0, 1, 500)
    tested.add(0, 1, 380)
    expect(tested.total(0, 400)).toBe(2)
    expect(tested.span(400)).toBe(90)
    expect(tested.total(0, 599)).toBe(2)
    expect(tested.total(0, 600)).toBe(0)
  })

  it('given a moment that is no number, when added, then the window stays whole', () => {
    const tested = timeWindow({ window: 100 })
    tested.add(0, 1, 500)
    tested.add(0, 1, Number.NaN)
    expect(tested.total(0, 500)).toBe(2)
    expect(tested.total(0, 600)).toBe(0)
  })

  it('given a clock that is not the system clock, when every call passes its moment, then the clock is never read', () => {
    const never = {
      now: (): number => {
        throw new Error('read')
      },
    }
    const tested = timeWindow({ window: 100, clock: never })
    tested.add(0, 1, -1_000)
    expect(tested.total(0, -999)).toBe(1)
    expect(tested.span(-999)).toBe(91)
    expect(() => tested.total(0)).toThrow('read')
  })

  it('given counts, when cleared, then it is as new and goes on', () => {
    const clock = virtualClock()
    const tested = timeWindow({ window: 100, clock })
    tested.add(0, 7)
    clock.advanceSync(35)
    tested.clear()
    expect(tested.total(0)).toBe(0)
    tested.add(0, 2)
    clock.advanceSync(80)
    expect(tested.total(0)).toBe(2)
    clock.advanceSync(20)
    expect(tested.total(0)).toBe(0)
  })

  it('given its options, when asked, then it tells its window and the width of a bucket', () => {
    expect(timeWindow({ window: 10_000 })).toMatchObject({ window: 10_000, bucket: 1_000 })
    expect(timeWindow({ window: 90, buckets: 4 })).toMatchObject({ window: 90, bucket: 22.5 })
  })

  it('given a counter that there is not, when added or read, then it throws a RangeError', () => {
    const tested = timeWindow({ window: 100 })
    for (const counter of [2, -1, 0.5, Number.NaN]) {
      expect(() => tested.add(counter)).toThrow(RangeError)
      expect(() => tested.total(counter)).toThrow(`there is no counter ${counter}, only 0 to 1`)
    }
    expect(tested.total(1)).toBe(0)
  })

  it.each([
    [{ window: 0 }, '"window" must be a number of at least 1 (milliseconds), but was 0'],
    [{ window: Number.NaN }, '"window"'],
    [
      { window: 5 },
      '"buckets" must be a whole number of at least 1 and of at most 5 (each at least 1 ms wide), but was 10',
    ],
    [{ window: 100, buckets: 0 }, '"buckets"'],
    [{ window: 100, buckets: 2.5 }, '"buckets"'],
    [{ window: 5_000, buckets: 1_001 }, '"buckets"'],
    [{ window: 100, counters: 0 }, '"counters"'],
    [{ window: 100, counters: 17 }, '"counters"'],
  ])('given %o, when made, then it throws a RangeError that names the option', (options, message) => {
    expect(() => timeWindow(options)).toThrow(RangeError)
    expect(() => timeWindow(options)).toThrow(message)
  })

  it('given what it holds, when it is poured into another, shifted by a clock, then that one forgets at the same moments', () => {
    const window = timeWindow({ window: 1_000 })
    for (const [at, n] of [
      [5, 1],
      [250, 2],
      [260, 3],
      [990, 4],
    ] as const)
      window.add(n % 2, n, at)
    expect(window.buckets(995)).toEqual([
      [995, 0, 1],
      [795, 2, 3],
      [95, 4, 0],
    ])
    const other = timeWindow({ window: 1_000 })
    const shift = 7_000
    for (const [age = 0, ...counts] of window.buckets(995))
      counts.forEach((count, counter) => {
        other.add(counter, count, 995 + shift - age)
      })
    for (let now = 995; now < 2_500; now += 5)
      for (const counter of [0, 1]) expect(other.total(counter, now + shift)).toBe(window.total(counter, now))
    expect(window.buckets(2_500)).toEqual([])
  })
})
