import { background, endpoint, ok, run, type Telemetry } from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import { describe, expect, it } from 'vitest'
import { type AdaptiveRateOptions, adaptiveRate } from './adaptive-rate.ts'
import { limit } from './limit.ts'
import type { Rate } from './rate.ts'
import { tokenBucket } from './token-bucket.ts'

/** Seconds in which calls come at a rate and take so long each; answers the limit after each second. */
function seconds(
  state: Rate,
  from: number,
  count: number,
  perSecond: number,
  took: (passed: number) => number,
): number[] {
  const limits: number[] = []
  const ends: { readonly at: number; readonly began: number }[] = []
  for (let second = 0; second < count; second++) {
    let passed = 0
    for (let call = 0; call < perSecond; call++) {
      const now = (from + second) * 1_000 + (call * 1_000) / perSecond
      for (let next = ends[0]; next !== undefined && next.at <= now; next = ends[0]) {
        ends.shift()
        state.record?.(next.at, next.began, 'served')
      }
      if (state.take(now, 0, 2) === 0) {
        passed++
        ends.push({ at: now + took(passed), began: now })
        ends.sort((a, b) => a.at - b.at)
      }
    }
    limits.push(state.level((from + second + 1) * 1_000).limit)
  }
  return limits
}
const state = (more: Partial<AdaptiveRateOptions> = {}): Rate =>
  adaptiveRate({ perSecond: 100, burst: 10, ...more }).start()

describe('adaptiveRate', () => {
  it('given calls that pass 800 ms, then the rate is lowered step by step from what was done, and no further than its least', () => {
    const limits = seconds(state({ min: 5 }), 0, 30, 200, () => 900)
    expect(limits[0]).toBe(100)
    const lowered = limits.filter((limit, at) => limit < (limits[at - 1] ?? 101) && at > 0)
    expect(lowered.length).toBeGreaterThan(8)
    expect(limits.at(-1)).toBe(5)
  })

  it('given quick calls again, then it is raised by a twentieth a step, up to what it was and no higher', () => {
    const tested = state()
    seconds(tested, 0, 10, 200, () => 900)
    const low = tested.level(10_000).limit
    const limits = seconds(tested, 11, 40, 200, () => 10)
    for (const [at, limit] of limits.entries()) expect(limit - (limits[at - 1] ?? low)).toBeLessThanOrEqual(5.000001)
    expect(limits.at(-1)).toBe(100)
  })

  it('given a service that answers in time up to 50 calls a second, when 200 come, then the rate settles there', () => {
    const tested = state({ burst: 1 })
    const limits = seconds(tested, 0, 120, 200, (passed) => (passed > 50 ? 1_500 : 100)).slice(40)
    // What is too much shows 1.5 s late, so it swings around that.
    const mean = limits.reduce((sum, limit) => sum + limit, 0) / limits.length
    expect(mean).toBeGreaterThan(35)
    expect(mean).toBeLessThan(60)
    expect(Math.max(...limits)).toBeLessThan(100)
  })

  it('given a rate that nobody uses up, when calls are slow, then it is lowered below what was done', () => {
    const limits = seconds(state({ perSecond: 10_000, min: 1 }), 0, 4, 50, () => 900)
    expect(limits.at(-1)).toBeLessThan(60)
  })

  it('given a slow call in forty, then nothing changes; given no call that ended, or none that says anything, then nothing either', () => {
    let nth = 0
    expect(new Set(seconds(state(), 0, 20, 50, () => (nth++ % 40 === 0 ? 2_000 : 10)))).toEqual(new Set([100]))
    const tested = state()
    for (let now = 0; now < 60_000; now += 100) {
      tested.take(now, 0, 2)
      expect(tested.record?.(now, 0, 'nothing')).toBe(undefined)
    }
    expect(tested.level(60_000).limit).toBe(100)
  })

  it('given calls refused further in or out of time, then they count as slow', () => {
    const tested = state()
    for (let now = 0; now <= 1_000; now += 100) tested.record?.(now, now, 'overloaded')
    expect(tested.level(1_000).limit).toBeLessThan(10)
  })

  it('given other parameters, then the rate keeps its share of the new ones', () => {
    const tested = state()
    seconds(tested, 0, 10, 200, () => 900)
    const share = tested.level(10_000).limit / 100
    expect(adaptiveRate({ perSecond: 1_000 }).adopt(tested, 10_000)).toBe(true)
    expect(tested.level(10_000).limit).toBeCloseTo(share * 1_000)
    expect(tokenBucket({ perSecond: 1 }).adopt(tested, 10_000)).toBe(false)
    expect(tested.fresh(1e9)).toBe(false)
  })

  it('given an endpoint that has become slow, when it is limited, then calls are refused, and the move is told', async () => {
    const clock = virtualClock()
    const heard: Telemetry[] = []
    const tested = limit(adaptiveRate({ perSecond: 20, burst: 1 }), {
      clock,
      name: 'api',
      onTelemetry: (e) => heard.push(e),
    })
    const wrapped = tested(
      endpoint(async (ms: number) => {
        await clock.sleep(ms)
        return ok()
      }),
    )
    const all: Promise<unknown>[] = []
    for (let i = 0; i < 80; i++) {
      all.push(run(wrapped, 900, background({ clock })))
      await clock.advance(50)
    }
    await clock.advance(1_000)
    const outcomes = await Promise.all(all)
    const moves = heard.filter(({ kind }) => kind === 'limiter.limit')
    expect(moves[0]).toMatchObject({ limiter: 'api', key: '', from: 20 })
    expect(moves.length).toBeGreaterThanOrEqual(2)
    expect(outcomes).toContainEqual(expect.objectContaining({ left: expect.objectContaining({ why: 'rate' }) }))
  })

  it.each([
    [{ perSecond: 0 }, 'adaptiveRate: "perSecond" must be'],
    [{ perSecond: 1, min: 2 }, 'adaptiveRate: "min" must be a number above 0 and of at most 1 (calls a second)'],
    [{ perSecond: 1, tolerance: 1 }, 'adaptiveRate: "tolerance" must be below 1'],
    [{ perSecond: 1, backoff: 1 }, 'adaptiveRate: "backoff" must be below 1'],
    [{ perSecond: 1, slow: 0 }, 'adaptiveRate: "slow" must be'],
    [{ perSecond: 1, step: 0 }, 'adaptiveRate: "step" must be'],
    [{ perSecond: 1, every: 0 }, 'adaptiveRate: "every" must be'],
    [{ perSecond: 1, rt: 1 }, 'adaptiveRate: there is no option "rt"'],
  ])('given bad options, then it says which: %j', (options, message) => {
    expect(() => adaptiveRate(options as never)).toThrow(message)
  })
})
