// What the default detector promises, measured: the time between false trips, and how far from the best it is.
import { seeded } from '@tenon/endpoint/testing'
import { describe, expect, it } from 'vitest'
import { RunLength } from './run-length.ts'
import { sequential } from './sequential.ts'

/** Mean calls until it opens, at a steady failure rate. */
function meanCalls(options: Parameters<typeof sequential>[0], rate: number, runs: number, seed: number): number {
  const random = seeded(seed)
  const detection = sequential({ ...options, forget: Number.POSITIVE_INFINITY }).start()
  let calls = 0
  for (let run = 0; run < runs; run++) {
    for (calls++; !detection.record(random() < rate, 0, 0); calls++);
    detection.clear()
  }
  return calls / runs
}

/** The best there is for a known rate: its own CUSUM (Moustakides 1986), between levels by the logarithm. */
function optimum(healthy: number, rate: number, calls: number): number {
  const bad = Math.min(rate, 0.9999)
  const up = Math.log(bad / healthy)
  const down = Math.log((1 - healthy) / (1 - bad))
  let sum = 2
  while (Math.abs(Math.round((down / (up + down)) * sum) / sum - down / (up + down)) > 5e-4) sum++
  const walk = { up: sum - Math.round((down / (up + down)) * sum), down: Math.round((down / (up + down)) * sum) }
  const false_ = new RunLength(walk, healthy)
  const level = false_.level(calls)
  const part = Math.log(calls / false_.mean(level - 1)) / Math.log(false_.mean(level) / false_.mean(level - 1))
  const delay = new RunLength(walk, rate)
  return delay.mean(level - 1) + part * (delay.mean(level) - delay.mean(level - 1))
}

describe('sequential', () => {
  it.each([
    [0.5, 0.05],
    [0.5, 0.1],
    [0.5, 0.02],
    [0.3, 0.05],
    [0.1, 0.02],
    [0.05, 0.01],
    [0.8, 0.05],
    [0.95, 0.02],
  ])(
    'given threshold %f and margin %f, then the mean between false trips is 1 to 2 times what was asked',
    (threshold, margin) => {
      for (const asked of [10_000, 50_000]) {
        // 3,000 runs: a standard error of 1.8 %, so 1 is not met by luck.
        const mean = meanCalls({ threshold, margin, meanCallsBetweenFalseTrips: asked }, threshold - margin, 3_000, 11)
        console.info(`threshold ${threshold} +- ${margin}, asked ${asked}: ${(mean / asked).toFixed(2)} x`)
        expect(mean / asked).toBeGreaterThan(1)
        expect(mean / asked).toBeLessThan(2)
      }
    },
  )

  it('given the threshold .5 and 100,000 calls between false trips, then it is nearly as quick as the best for each fault', () => {
    const options = { meanCallsBetweenFalseTrips: 100_000 }
    const between = meanCalls(options, 0.45, 2_000, 5)
    for (const rate of [0.55, 0.6, 0.65, 0.75, 0.8, 0.9, 0.95, 1]) {
      const mean = meanCalls(options, rate, 20_000, 13)
      const best = optimum(0.45, rate, between)
      console.info(
        `failure rate ${rate}: ${mean.toFixed(1)} calls, the best ${best.toFixed(1)}: ${(mean / best).toFixed(3)} x`,
      )
      expect(mean / best).toBeLessThan(rate >= 0.75 ? 1.15 : 1.4)
    }
  })
})
