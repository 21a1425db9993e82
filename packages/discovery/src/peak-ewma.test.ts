// What one node is thought to cost: bad news at once, good news slowly, and nothing for ever.
import { ewma } from '@tenon/policy'
import { describe, expect, it } from 'vitest'
import { PeakEwma } from './peak-ewma.ts'

const options = { tau: 10_000, forced: 3_000 }
/** A node, and what is typical: 10 ms. */
function node() {
  const typical = ewma({ timeConstant: 10_000 })
  typical.add(10, 0)
  return new PeakEwma(options, typical, 0)
}

describe('a node', () => {
  it('given nothing is known, then it costs what is typical, and nobody else is sent while one call is out', () => {
    const one = node()
    expect(one.load(0, 1, 0)).toBe(10)
    one.started(0)
    expect(one.load(1, 1, 2_999)).toBeGreaterThan(1e9)
    expect(one.load(1, 1, 3_000)).toBe(20)
    one.ended('fine', 50, 3_050)
    expect(one.load(0, 1, 3_050)).toBe(50)
  })

  it('given a slow call, then it costs that at once; given quick ones after it, then less and less', () => {
    const one = node()
    one.ended('fine', 10, 0)
    one.ended('fine', 100, 10)
    expect(one.load(0, 1, 10)).toBe(100)
    one.ended('fine', 10, 5_010)
    expect(one.load(0, 1, 5_010)).toBeCloseTo(10 + 90 * Math.exp(-0.5), 6)
  })

  it('given nothing is heard of it any more, then what it cost tends to what is typical, from above and from below', () => {
    for (const ms of [1, 1_000]) {
      const one = node()
      one.ended('fine', ms, 0)
      // The typical one is the mean of both.
      const typical = (10 + ms) / 2
      expect(one.load(0, 1, 0)).toBe(ms)
      expect(one.load(0, 1, 10_000)).toBeCloseTo(typical + (ms - typical) * Math.exp(-1), 6)
      expect(one.load(0, 1, 1_000_000)).toBeCloseTo(typical, 6)
    }
  })

  it('given a first call that fails, then it seems to cost twice as much and no more; given twenty, then many times', () => {
    const one = node()
    one.ended('fault', 0.1, 100_000)
    expect(one.load(0, 1, 100_000)).toBeGreaterThan(15)
    expect(one.load(0, 1, 100_000)).toBeLessThan(21)
    for (let n = 1; n < 20; n++) one.ended('fault', 0.1, 100_000 + n)
    expect(one.load(0, 1, 100_020)).toBeGreaterThan(100)
    for (let n = 0; n < 100; n++) one.ended('fine', 10, 100_020 + n)
    expect(one.load(0, 1, 100_120)).toBeLessThan(11)
  })

  it('given failures and calls that were given up, then being quick is no merit and being slow is held against it', () => {
    for (const verdict of ['fault', 'silent'] as const) {
      const one = node()
      one.ended('fine', 20, 0)
      one.ended(verdict, 0.1, 10)
      expect(one.load(0, 1, 10)).toBeGreaterThan(19.9)
      one.ended(verdict, 500, 20)
      expect(one.load(0, 1, 20)).toBeGreaterThan(490)
    }
  })

  it('given weights and calls in flight, then they divide and multiply', () => {
    const one = node()
    one.ended('fine', 10, 0)
    expect(one.load(3, 2, 0)).toBe(20)
  })
})
