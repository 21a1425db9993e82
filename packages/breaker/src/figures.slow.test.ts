// The figures of the README's decision table, and the bounds that the default detector and `ratio` are held to.
import { seeded } from '@tenon/endpoint/testing'
import { describe, expect, it } from 'vitest'
import { consecutive } from './consecutive.ts'
import type { Detector } from './detector.ts'
import { ratio } from './ratio.ts'
import { sequential } from './sequential.ts'

/** One run: calls come at random, `perSecond` in the mean; the rate of failures follows the clock. When does it open? */
function opens(
  detector: Detector,
  perSecond: number,
  seconds: number,
  rateAt: (second: number) => number,
  seed: number,
): number {
  const random = seeded(seed)
  const detection = detector.start()
  let second = 0
  for (;;) {
    second -= Math.log(1 - random()) / perSecond
    if (second >= seconds) return Number.POSITIVE_INFINITY
    if (detection.record(random() < rateAt(second), second * 1_000, 0)) return second
  }
}

const runsOf = (runs: number, run: (seed: number) => number): readonly number[] =>
  Array.from({ length: runs }, (_, index) => run(1_000 + index)).sort((a, b) => a - b)
const quantile = (sorted: readonly number[], q: number): number => sorted[Math.floor(q * (sorted.length - 1))] as number
const share = (all: readonly number[]): number => all.filter(Number.isFinite).length / all.length

const compared: readonly (readonly [string, Detector])[] = [
  ['sequential()', sequential()],
  ['ratio({ minimum: 200 })', ratio({ minimum: 200 })],
  ['ratio()', ratio()],
  ['ratio({ calls: 100 })', ratio({ calls: 100 })],
  ['consecutive()', consecutive()],
]

describe('the figures of detectors', () => {
  it.each(compared)('%s', { timeout: 600_000 }, (name, detector) => {
    const falsely = [5, 100, 1_000].map((perSecond) => {
      const runs = perSecond === 1_000 ? 100 : 400
      return share(runsOf(runs, (seed) => opens(detector, perSecond, 600, () => 0.4, seed)))
    })
    // A minute of 5 % before the step.
    const delays = [5, 100, 1_000].flatMap((perSecond) =>
      [0.75, 1].map((bad) => {
        const step = (second: number): number => (second < 60 ? 0.05 : bad)
        const found = runsOf(200, (seed) => opens(detector, perSecond, 300, step, seed) - 60)
        return `${perSecond}/s to ${bad}: ${quantile(found, 0.5).toFixed(2)} s [${quantile(found, 0.95).toFixed(2)}]`
      }),
    )
    const blip = share(runsOf(200, (seed) => opens(detector, 100, 120, (at) => (at > 60 && at < 61 ? 1 : 0.05), seed)))
    console.info(`${name}: false at .4 in 10 min ${falsely.join(', ')}; blip ${blip}; ${delays.join('; ')}`)
    if (name === 'sequential()') for (const part of falsely) expect(part).toBeLessThanOrEqual(0.01)
  })

  it.each([
    ['sequential()', sequential(), 100, -1, 5],
    ['sequential()', sequential(), 1_000, -1, 5],
    ['ratio({ minimum: 200 })', ratio({ minimum: 200 }), 100, -3, 2],
    ['ratio({ minimum: 200 })', ratio({ minimum: 200 }), 1_000, -0.5, 2],
  ] as const)(
    '%s: on a ramp of 600 s at $2 calls a second, then it opens near the threshold',
    { timeout: 600_000 },
    (name, detector, perSecond, low, high) => {
      const ramp = runsOf(1_000, (seed) => opens(detector, perSecond, 600, (at) => at / 600, seed)).map(
        (at) => at / 6 - 50,
      )
      console.info(
        `${name} at ${perSecond}/s: ${quantile(ramp, 0.5).toFixed(2)} points [${quantile(ramp, 0.05).toFixed(2)}, ${quantile(ramp, 0.95).toFixed(2)}]`,
      )
      expect(quantile(ramp, 0.05)).toBeGreaterThan(low)
      expect(quantile(ramp, 0.95)).toBeLessThan(high)
    },
  )
})
