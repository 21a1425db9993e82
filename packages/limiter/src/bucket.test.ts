import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bucket } from './bucket.ts'
import { leaky } from './leaky.ts'
import { tokenBucket } from './token-bucket.ts'

/** A bucket in whole numbers: a token is `every` parts, a millisecond brings one. It replays all that ever happened. */
function model(every: number, burst: number) {
  const went: number[] = []
  return {
    /** Milliseconds to wait. */
    take(now: number): number {
      let held = burst * every
      let at = 0
      for (const moment of went) {
        held = Math.min(burst * every, held + moment - at) - every
        at = moment
      }
      const missing = every - Math.min(burst * every, held + now - at)
      if (missing > 0) return missing
      went.push(now)
      return 0
    },
    went,
  }
}

const gaps = fc.array(fc.oneof(fc.nat(30), fc.nat(300), fc.constantFrom(0, 0, 0, 1_000_000_000)), {
  maxLength: 80,
  size: 'max',
})
const everies = fc.constantFrom(1, 3, 7, 10, 100, 333)
const bursts = fc.integer({ min: 1, max: 6 })

describe('a bucket against the model', () => {
  it('given calls at any times, then it lets through and makes wait exactly as the model does', () => {
    let refusals = 0
    fc.assert(
      fc.property(gaps, everies, bursts, (waits, every, burst) => {
        const bucket = new Bucket({ perSecond: 1_000 / every, burst })
        const reference = model(every, burst)
        let now = 0
        for (const gap of waits) {
          now += gap
          const wait = bucket.take(now, 0)
          expect(wait).toBeCloseTo(reference.take(now), 5)
          if (wait > 0) {
            refusals++
            // Whoever waits as told is let through, if nobody else comes; a millisecond earlier they are not.
            const told = Math.ceil(wait - 1e-6)
            if (told > 1) expect(bucket.take(now + told - 1, 0)).toBeGreaterThan(0)
            now += told
            expect([bucket.take(now, 0), reference.take(now)]).toEqual([0, 0])
          }
        }
        // In no span of time more than the burst and what came meanwhile.
        const { went } = reference
        for (let from = 0; from < went.length; from++)
          for (let to = from; to < went.length; to++) {
            const span = (went[to] as number) - (went[from] as number)
            expect(to - from + 1).toBeLessThanOrEqual(burst + span / every)
          }
      }),
      { numRuns: 300 },
    )
    expect(refusals).toBeGreaterThan(300)
  })

  it('given calls that can wait, then they go in order, evenly spaced, as soon as they may and never later than they can', () => {
    let waited = 0
    fc.assert(
      fc.property(gaps, everies, bursts, fc.constantFrom(0, 50, 1_000), (waits, every, burst, patience) => {
        const bucket = new Bucket({ perSecond: 1_000 / every, burst })
        const starts: number[] = []
        let now = 0
        for (const gap of waits) {
          now += gap
          const wait = bucket.take(now, patience)
          const due = Math.max(now, earliest(starts, every, burst))
          expect(wait).toBeCloseTo(due - now, 4)
          if (wait <= patience) {
            starts.push(due)
            if (wait > 0) waited++
          }
          expect(bucket.level(now).waiting).toBe(starts.filter((start) => start > now + 1e-5).length)
        }
        for (let i = burst; i < starts.length; i++)
          expect((starts[i] as number) - (starts[i - burst] as number)).toBeGreaterThanOrEqual(every - 1e-6)
        expect(starts).toEqual([...starts].sort((a, b) => a - b))
      }),
      { numRuns: 300 },
    )
    expect(waited).toBeGreaterThan(300)
  })

  it('given a clock that jumps back and forth, then it never lets more through than a burst at once, and always comes back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e15, noNaN: true }), { maxLength: 50 }),
        bursts,
        (times, burst) => {
          const bucket = new Bucket({ perSecond: 10, burst })
          for (const now of times) {
            let went = 0
            while (bucket.take(now, 0) === 0) went++
            expect(went).toBeLessThanOrEqual(burst)
            expect(bucket.take(now, 0)).toBeLessThanOrEqual(100 + 1e-6)
          }
          // It sees the last jump at its next call, and then a token comes in its time.
          const last = times.at(-1) ?? 0
          expect(bucket.take(last + 200, 0)).toBe(0)
        },
      ),
    )
  })
})

/** When a token is there for one more, by replaying what went. */
function earliest(starts: readonly number[], every: number, burst: number): number {
  // The generic cell rate algorithm: the moment at which a bucket would be full.
  let full = Number.NEGATIVE_INFINITY
  for (const start of starts) full = Math.max(full, start) + every
  return full - (burst - 1) * every
}

describe('a bucket', () => {
  it('given the last of those that wait goes, then its place is free; given one before it, then it is not', () => {
    const bucket = new Bucket({ perSecond: 10, burst: 1 })
    const wait = (): number => bucket.take(0, 1_000)
    expect([wait(), wait(), wait(), wait()]).toEqual([0, 100, 200, 300])
    const last = bucket.ticket
    bucket.giveBack(last - 1)
    expect(wait()).toBe(400)
    bucket.giveBack(last + 1)
    expect(wait()).toBe(400)
    bucket.giveBack(last + 1)
    bucket.giveBack(last)
    expect(wait()).toBe(300)
  })

  it('given other parameters, then it goes on from where it was: what came until now came at the old rate', () => {
    const bucket = new Bucket({ perSecond: 10, burst: 10 })
    for (let i = 0; i < 10; i++) bucket.take(0, 0)
    expect(bucket.level(200).used).toBe(8)
    bucket.follow({ perSecond: 1, burst: 20 }, 200)
    expect(bucket.level(200)).toEqual({ limit: 20, used: 18, waiting: 0 })
    expect(bucket.level(1_200).used).toBe(17)
    bucket.follow({ perSecond: 1, burst: 2 }, 1_200)
    expect(bucket.level(1_200)).toEqual({ limit: 2, used: 0, waiting: 0 })
  })

  it('given the parameters of Kitex (86): 1,000 a second and 10 or 20 at once, then 2 s of asking get 2,000 within 2 %', () => {
    for (const burst of [10, 20]) {
      const state = tokenBucket({ perSecond: 1_000, burst }).start()
      let got = 0
      for (let now = 0; now < 2_000; now += 0.25) if (state.take(now, 0, 2) === 0) got++
      expect(Math.abs(got - 2_000)).toBeLessThanOrEqual(40)
      // An update takes effect.
      expect(tokenBucket({ perSecond: 100, burst: 1 }).adopt(state, 2_000)).toBe(true)
      let then = 0
      for (let now = 2_000; now < 4_000; now += 0.25) if (state.take(now, 0, 2) === 0) then++
      expect(Math.abs(then - 200)).toBeLessThanOrEqual(4)
    }
  })
})

describe('tokenBucket and leaky', () => {
  it('given no burst, then a token bucket has that of a second', () => {
    expect(tokenBucket({ perSecond: 7.5 }).start().level(0).limit).toBe(7)
    expect(tokenBucket({ perSecond: 0.1 }).start().level(0).limit).toBe(1)
    expect(leaky({ perSecond: 7.5 }).start().level(0).limit).toBe(1)
  })

  it.each([
    [
      () => tokenBucket({ perSecond: 0 }),
      'tokenBucket: "perSecond" must be a number above 0 (calls a second), but was 0',
    ],
    [() => tokenBucket({ perSecond: Number.POSITIVE_INFINITY }), 'tokenBucket: "perSecond" must be'],
    [() => tokenBucket({} as never), 'tokenBucket: "perSecond" must be'],
    [() => tokenBucket({ perSecond: 1, burst: 0.5 }), 'tokenBucket: "burst" must be a number of at least 1 (calls)'],
    [() => tokenBucket({ perSecond: 1, brust: 1 } as never), 'tokenBucket: there is no option "brust"'],
    [() => leaky({ perSecond: 1, maxWait: 0 }), 'leaky: "maxWait" must be a number above 0 (milliseconds), but was 0'],
    [() => leaky({ perSecond: 1, maxWait: Number.POSITIVE_INFINITY }), 'leaky: "maxWait" must be'],
    [() => leaky({ perSecond: Number.NaN }), 'leaky: "perSecond" must be'],
    [() => leaky({ perSecond: 1, burst: 0 }), 'leaky: "burst" must be'],
  ])('given a bad option, then it says which: %#', (make, message) => {
    expect(make).toThrow(message)
  })
})
