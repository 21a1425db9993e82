import { seeded } from '@tenon/endpoint/testing'
import { describe, expect, it } from 'vitest'
import type { Detection, Evidence } from './detector.ts'
import { type SequentialOptions, sequential } from './sequential.ts'

/** A detection under a steady stream of calls; time is read where it says so. */
function stream(options: SequentialOptions, every = 10) {
  const detection: Detection = sequential(options).start()
  let now = 0
  let readings = 0
  const one = (failed: boolean): boolean => {
    now += every
    const timed = detection.timed(failed)
    if (timed) readings++
    return detection.record(failed, timed ? now : 0, 0)
  }
  return {
    detection,
    one,
    wait: (ms: number) => {
      now += ms
    },
    now: () => now,
    readings: () => readings,
    /** Calls until it opens, at most `most`. */
    until: (failed: () => boolean, most = 10_000): number => {
      for (let calls = 1; calls <= most; calls++) if (one(failed())) return calls
      return Number.POSITIVE_INFINITY
    },
  }
}
const always = (): boolean => true
const never = (): boolean => false

describe('sequential', () => {
  it('given a total outage, then it takes some 20 calls at 100 a second, fewer at little traffic, more at much', () => {
    const calls = [0.5, 5, 100, 10_000].map((perSecond) => {
      const t = stream({}, 1_000 / perSecond)
      t.until(never, 2_000)
      return t.until(always)
    })
    expect(calls).toEqual([14, 17, 20, 24])
  })

  it('given no call yet, then the first calls may open it: there is no window to fill', () => {
    expect(stream({}).until(always)).toBe(20)
  })

  it('given a healthy dependency, then hardly any clock is read, and a success in quiet times changes nothing', () => {
    const t = stream({})
    expect(t.until(never, 10_000)).toBe(Number.POSITIVE_INFINITY)
    expect(t.readings()).toBeLessThan(10_000 / 64 + 10)
  })

  it('given failures below the threshold, when they go on for long, then it stays closed; above, it opens', () => {
    const random = seeded(7)
    expect(stream({}).until(() => random() < 0.4, 200_000)).toBe(Number.POSITIVE_INFINITY)
    expect(stream({}).until(() => random() < 0.6)).toBeLessThan(1_500)
    expect(stream({ threshold: 0.05 }).until(() => random() < 0.02, 200_000)).toBe(Number.POSITIVE_INFINITY)
    expect(stream({ threshold: 0.05 }).until(() => random() < 0.2)).toBeLessThan(500)
  })

  it('given evidence just short of enough, when ten minutes pass without a call, then one failure does not open it', () => {
    const t = stream({})
    for (let i = 0; i < 19; i++) expect(t.one(true)).toBe(false)
    t.wait(600_000)
    expect(t.one(true)).toBe(false)
    expect(t.until(always)).toBeGreaterThan(10)
  })

  it('given the same, when it never forgets, then one failure opens it', () => {
    const t = stream({ forget: Number.POSITIVE_INFINITY, meanCallsBetweenFalseTrips: 8_640_000 })
    for (let i = 0; i < 19; i++) expect(t.one(true)).toBe(false)
    t.wait(600_000)
    expect(t.one(true)).toBe(true)
  })

  it('given a minimum duration, when a blip is shorter, then it stays closed; when the outage lasts, it opens after it', () => {
    const t = stream({ minDuration: 3_000 })
    t.until(never, 1_000)
    expect(t.until(always, 100)).toBe(Number.POSITIVE_INFINITY)
    expect(t.until(never, 1_000)).toBe(Number.POSITIVE_INFINITY)
    const from = t.now()
    expect(t.until(always)).toBeLessThan(Number.POSITIVE_INFINITY)
    // 20 calls of proof, and then the duration.
    expect(t.now() - from).toBeGreaterThanOrEqual(3_000)
    expect(t.now() - from).toBeLessThan(3_400)
  })

  it('given a minimum duration, when three of four fail for as long, then successes among them do not start it afresh', () => {
    const random = seeded(3)
    const t = stream({ minDuration: 3_000 })
    expect(t.until(() => random() < 0.75, 2_000)).toBeLessThan(600)
  })

  it('given it closes again, then no evidence is left, and the time it was open for is no silence', () => {
    const t = stream({}, 1)
    t.until(never, 5_000)
    const before = t.until(always)
    t.detection.clear()
    t.wait(3_600_000)
    expect(t.until(always)).toBe(before)
  })

  it('given a clock that jumps, then nothing opens by it and detection goes on', () => {
    const t = stream({})
    for (let i = 0; i < 15; i++) t.one(true)
    t.wait(-1_000_000)
    expect(t.until(always)).toBeLessThan(20)
    t.detection.clear()
    t.wait(1e12)
    expect(t.until(always)).toBeLessThan(25)
  })

  it('given its evidence as JSON, when another takes it up, then it opens at the same call', () => {
    const one = stream({})
    one.until(never, 1_000)
    for (let i = 0; i < 15; i++) one.one(true)
    const stored = JSON.parse(JSON.stringify(one.detection.evidence?.(one.now()))) as Evidence
    const other = stream({})
    other.wait(-5_000)
    other.detection.restore?.(stored, other.now())
    expect(other.until(always)).toBe(one.until(always))
    const wider = stream({ threshold: 0.1 })
    wider.detection.restore?.(stored, 0)
    expect(wider.until(always)).toBeLessThan(stream({ threshold: 0.1 }).until(always))
  })

  it('given evidence that is stale, or none of its own, then it is left out, or refused', () => {
    const one = stream({})
    for (let i = 0; i < 15; i++) one.one(true)
    const other = stream({})
    other.detection.restore?.(one.detection.evidence?.(one.now() + 600_000) ?? 0, 0)
    expect(other.until(always)).toBe(20)
    for (const wrong of [1, [1], ['x'], [[1], [0, 0]], [[1], [1, Number.NaN]], [[1], [], 3], null])
      expect(() =>
        sequential()
          .start()
          .restore?.(wrong as never, 0),
      ).toThrow(TypeError)
  })

  it('given bad options, then the error names them', () => {
    const wrong = (options: object) => () => sequential(options)
    expect(wrong({ threshold: 0 })).toThrow('sequential: "threshold" must be a number of at least 0.01')
    expect(wrong({ threshold: '0.5' })).toThrow(TypeError)
    expect(wrong({ margin: 0.5 })).toThrow('"margin" must leave "threshold" +- "margin" between 0 and 1')
    expect(wrong({ margin: 0 })).toThrow('"margin" must be a number of at least 0.005')
    expect(wrong({ meanTimeBetweenFalseTrips: 1, meanCallsBetweenFalseTrips: 1 })).toThrow('not both')
    expect(wrong({ meanCallsBetweenFalseTrips: 1 })).toThrow('at least 10000')
    expect(wrong({ minDuration: -1 })).toThrow('"minDuration"')
    expect(wrong({ forget: 0 })).toThrow('"forget"')
    expect(wrong({ window: 10 })).toThrow('"window"')
  })
})
