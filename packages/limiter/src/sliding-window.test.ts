import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Rate } from './rate.ts'
import { type SlidingWindowOptions, slidingWindow } from './sliding-window.ts'

const state = (options: SlidingWindowOptions): Rate => slidingWindow(options).start()
const takes = (rate: Rate, now: number): boolean => rate.take(now, 0, 2) === 0

const gaps = fc.array(fc.oneof(fc.nat(20), fc.nat(150), fc.constantFrom(0, 0, 100, 1_000_000)), {
  maxLength: 100,
  size: 'max',
})
const options = fc.record({
  limit: fc.integer({ min: 1, max: 8 }),
  window: fc.constantFrom(1, 7, 33.3, 100, 1_000),
})

describe('a sliding window against all that ever went', () => {
  it('given calls at any times, when it remembers each, then one goes exactly where fewer than `limit` went in the window before', () => {
    let refused = 0
    fc.assert(
      fc.property(gaps, options, (waits, { limit, window }) => {
        const tested = state({ limit, window })
        const went: number[] = []
        let now = 0
        for (const gap of waits) {
          now += gap
          const inside = went.filter((moment) => now < moment + window)
          const wait = tested.take(now, 0, 2)
          expect(wait === 0).toBe(inside.length < limit)
          if (wait === 0) went.push(now)
          else {
            refused++
            expect(wait).toBe((inside[inside.length - limit] as number) + window - now)
            now += Math.ceil(wait)
            expect(takes(tested, now)).toBe(true)
            went.push(now)
          }
          const held = went.filter((moment) => now < moment + window).length
          expect(tested.level(now)).toEqual({ limit, used: held, waiting: 0 })
          expect(tested.fresh(now)).toBe(held === 0)
        }
      }),
      { numRuns: 300 },
    )
    expect(refused).toBeGreaterThan(300)
  })

  it('given calls at any times, when it counts in parts, then never more than `limit` go in any window, and no more are refused than one part explains', () => {
    let refused = 0
    fc.assert(
      fc.property(gaps, options, fc.constantFrom(1, 3, 10), (waits, { limit, window }, buckets) => {
        const tested = state({ limit, window, buckets })
        const went: number[] = []
        let now = 0
        const note = (): void => {
          went.push(now)
          expect(went.filter((moment) => now < moment + window - 1e-6).length).toBeLessThanOrEqual(limit)
        }
        for (const gap of waits) {
          now += gap
          const wait = tested.take(now, 0, 2)
          if (wait === 0) {
            note()
            continue
          }
          refused++
          const longer = window + window / buckets
          expect(went.filter((moment) => now < moment + longer + 1e-6).length).toBeGreaterThanOrEqual(limit)
          // Whoever waits as told is let through.
          now += Math.ceil(wait)
          expect(takes(tested, now)).toBe(true)
          note()
        }
      }),
      { numRuns: 300 },
    )
    expect(refused).toBeGreaterThan(300)
  })

  it.each([undefined, 10])(
    'given a clock that jumps back, buckets %s, then the calls are as old as they were',
    (buckets) => {
      const tested = state({ limit: 2, window: 100, ...(buckets && { buckets }) })
      expect([takes(tested, 1_000_000), takes(tested, 1_000_050), takes(tested, 1_000_050)]).toEqual([
        true,
        true,
        false,
      ])
      expect(takes(tested, 50)).toBe(false)
      // The first was 50 ms old, and with parts counts up to 10 ms longer.
      expect(takes(tested, 112)).toBe(true)
      expect(takes(tested, 113)).toBe(false)
      expect(takes(tested, 165)).toBe(true)
    },
  )

  it('given any jumps, then it always comes back after a window', () => {
    const times = fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(times, fc.constantFrom(undefined, 1, 10), (all, buckets) => {
        const tested = state({ limit: 2, window: 100, ...(buckets && { buckets }) })
        for (const now of all) {
          while (takes(tested, now)) expect(tested.level(now).used).toBeLessThanOrEqual(2)
          expect(tested.take(now, 0, 2)).toBeLessThanOrEqual(200.001)
        }
        const last = all.at(-1) as number
        expect(tested.fresh(last + 210)).toBe(true)
      }),
    )
  })
})

describe('slidingWindow', () => {
  it('given another limit, when a state follows it, then what went still counts', () => {
    const tested = state({ limit: 3, window: 1_000 })
    for (const now of [0, 100, 200]) takes(tested, now)
    expect(slidingWindow({ limit: 5, window: 1_000 }).adopt(tested, 300)).toBe(true)
    expect([takes(tested, 300), takes(tested, 300), takes(tested, 300)]).toEqual([true, true, false])
    expect(slidingWindow({ limit: 2, window: 100 }).adopt(tested, 350)).toBe(true)
    expect([takes(tested, 350), takes(tested, 400), takes(tested, 400), takes(tested, 400)]).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  it('given parts, when a state follows another limit, then it keeps its counts; given another number of parts, then it refuses', () => {
    const tested = state({ limit: 3, window: 1_000, buckets: 10 })
    for (let i = 0; i < 3; i++) takes(tested, 0)
    expect(slidingWindow({ limit: 4, window: 500, buckets: 10 }).adopt(tested, 100)).toBe(true)
    expect(tested.level(100)).toEqual({ limit: 4, used: 3, waiting: 0 })
    expect(slidingWindow({ limit: 4, buckets: 5 }).adopt(tested, 100)).toBe(false)
    expect(slidingWindow({ limit: 4 }).adopt(tested, 100)).toBe(false)
  })

  it.each([
    [() => slidingWindow({ limit: 0 }), 'slidingWindow: "limit" must be a whole number of at least 1'],
    [() => slidingWindow({ limit: 1.5 }), 'slidingWindow: "limit" must be'],
    [() => slidingWindow({ limit: 1, window: 0 }), 'slidingWindow: "window" must be a number above 0 (milliseconds)'],
    [() => slidingWindow({ limit: 1, buckets: 0 }), 'slidingWindow: "buckets" must be'],
    [() => slidingWindow({ limit: 1, size: 1 } as never), 'slidingWindow: there is no option "size"'],
  ])('given a bad option, then it says which: %#', (make, message) => {
    expect(make).toThrow(message)
  })
})
