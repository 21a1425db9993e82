import { describe, expect, it } from 'vitest'
import { seeded, virtualClock } from './testing.ts'

describe('virtualClock', () => {
  it('runs timers in order of time, then of setting, and lets promises settle between them', async () => {
    const clock = virtualClock(1_000)
    const log: string[] = []
    clock.at(1_020, () => log.push(`b ${clock.now()}`))
    clock.at(1_010, () => {
      log.push(`a ${clock.now()}`)
      void Promise.resolve().then(() => log.push('settled'))
    })
    clock.at(1_020, () => log.push(`c ${clock.now()}`))
    const dropped = clock.at(1_015, () => log.push('dropped'))
    dropped.cancel()
    await clock.advance(15)
    expect([log, clock.now(), clock.pending]).toEqual([['a 1010', 'settled'], 1_015, 2])
    clock.advanceSync(5)
    expect([log.slice(2), clock.pending]).toEqual([['b 1020', 'c 1020'], 0])
  })

  it('given a sleeper that sleeps again, then one advance carries it through', async () => {
    const clock = virtualClock()
    let rounds = 0
    void (async () => {
      for (; rounds < 5; rounds++) await clock.sleep(10)
    })()
    await clock.advance(50)
    expect(rounds).toBe(5)
  })
})

describe('seeded', () => {
  it('repeats for a seed, differs between seeds, and is spread evenly over [0, 1)', () => {
    const take = (seed: number, n: number): number[] => {
      const random = seeded(seed)
      return Array.from({ length: n }, random)
    }
    expect(take(1, 5)).toEqual(take(1, 5))
    expect(take(1, 5)).not.toEqual(take(2, 5))
    const bins = new Array<number>(10).fill(0)
    for (const x of take(42, 100_000)) {
      expect(x >= 0 && x < 1).toBe(true)
      bins[Math.floor(x * 10)] = (bins[Math.floor(x * 10)] as number) + 1
    }
    // Chi-square with 9 degrees of freedom: 27.9 is passed by chance once in a thousand.
    expect(bins.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0)).toBeLessThan(27.9)
  })
})
