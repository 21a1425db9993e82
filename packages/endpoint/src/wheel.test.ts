import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemClock } from './index.ts'

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 260))

describe('the timer wheel', () => {
  it('given any timers, some of them called off, then each of the others fires once and never early, and no called-off one does', async () => {
    const plans = fc.sample(
      fc.array(fc.record({ ms: fc.integer({ min: -5, max: 200 }), drop: fc.boolean() }), {
        minLength: 50,
        maxLength: 200,
      }),
      {
        numRuns: 20,
        seed: 7,
      },
    )
    const fired = new Map<object, number[]>()
    for (const plan of plans.flat()) {
      const when = systemClock.now() + plan.ms
      const times: number[] = []
      fired.set(plan, times)
      const timer = systemClock.at(when, () => times.push(systemClock.now() - when))
      if (plan.drop) timer.cancel()
    }
    await settled()
    for (const [plan, times] of fired) {
      if ((plan as { drop: boolean }).drop) expect(times).toEqual([])
      else {
        expect(times.length).toBe(1)
        expect(times[0]).toBeGreaterThanOrEqual(0)
      }
    }
  })

  it('given a timer that cancels and adds others when it fires, then that holds', async () => {
    const log: string[] = []
    const soon = systemClock.now() + 10
    systemClock.at(soon, () => {
      log.push('first')
      second.cancel()
      systemClock.at(systemClock.now() + 5, () => log.push('third'))
    })
    const second = systemClock.at(soon, () => log.push('second'))
    await settled()
    expect(log).toEqual(['first', 'third'])
    second.cancel()
  })

  it('given a moment beyond a full turn of the wheel (2 s), then it fires then and not a turn early', async () => {
    const start = systemClock.now()
    await systemClock.sleep(2_100)
    const waited = systemClock.now() - start
    expect(waited).toBeGreaterThanOrEqual(2_100)
    expect(waited).toBeLessThan(2_600)
  })

  it('given a sleep whose signal aborts, then it ends at once and does not reject', async () => {
    const controller = new AbortController()
    const start = systemClock.now()
    const asleep = systemClock.sleep(5_000, controller.signal)
    controller.abort()
    await asleep
    await systemClock.sleep(5_000, controller.signal)
    expect(systemClock.now() - start).toBeLessThan(1_000)
  })
})
