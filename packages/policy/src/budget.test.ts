import { virtualClock } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { budget } from './budget.ts'

const steps = fc.array(
  fc.record({
    wait: fc.oneof({ weight: 8, arbitrary: fc.nat(30) }, { weight: 1, arbitrary: fc.nat(3_000) }),
    retry: fc.boolean(),
  }),
  { maxLength: 200 },
)

describe('budget', () => {
  it('given any calls and retries, when one is asked for, then a list of all of them gives the same answer', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 5 }), (all, percent, perSecond) => {
        const clock = virtualClock(123)
        const tested = budget({ share: percent / 100, perSecond, window: 1_000, clock })
        const calls: number[] = []
        const retries: number[] = []
        for (const { wait, retry } of all) {
          clock.advanceSync(wait)
          const oldest = (Math.floor(clock.now() / 100) - 9) * 100
          const live = (times: readonly number[]): number => times.filter((at) => at >= oldest).length
          // In whole hundredths, so that nothing is rounded.
          const left = Math.floor((perSecond * 100 + percent * live(calls)) / 100) - live(retries)
          expect(tested.balance()).toBe(Math.max(0, left))
          if (retry) {
            expect(tested.withdraw()).toBe(left >= 1)
            if (left >= 1) retries.push(clock.now())
          } else {
            tested.deposit()
            calls.push(clock.now())
          }
        }
      }),
    )
  })

  it('given an outage where every call would retry for ever, when it lasts, then retries stay near a fifth of the calls', () => {
    const clock = virtualClock()
    const tested = budget({ share: 0.2, perSecond: 0, clock })
    let retries = 0
    for (let call = 0; call < 20_000; call++) {
      clock.advanceSync(5)
      tested.deposit()
      while (tested.withdraw()) retries++
    }
    expect(retries).toBeGreaterThan(3_900)
    // By the bucket that leaves early, a tenth of the window: 20 % of 11 buckets' calls against 10 of retries.
    expect(retries).toBeLessThan(4_400)
  })

  it('given the defaults and no calls, when asked, then it gives 100 retries in each window of ten seconds', () => {
    const clock = virtualClock()
    const tested = budget({ clock })
    const drain = (): number => {
      let given = 0
      while (tested.withdraw()) given++
      return given
    }
    expect(tested.balance()).toBe(100)
    expect(drain()).toBe(100)
    expect(tested.balance()).toBe(0)
    clock.advanceSync(9_999)
    expect(drain()).toBe(0)
    clock.advanceSync(1)
    expect(drain()).toBe(100)
  })

  it('given the defaults, when calls are made, then every fifth earns a retry', () => {
    const tested = budget({ clock: virtualClock() })
    for (let i = 0; i < 50; i++) tested.deposit()
    expect(tested.balance()).toBe(110)
  })

  it('given a share of 0.29, when 100 calls were made, then it is 29 retries and not 28', () => {
    const tested = budget({ share: 0.29, perSecond: 0, clock: virtualClock() })
    for (let i = 0; i < 100; i++) tested.deposit()
    expect(tested.balance()).toBe(29)
  })

  it('given nothing is allowed, when asked, then no call ever earns a retry', () => {
    const tested = budget({ share: 0, perSecond: 0, clock: virtualClock() })
    for (let i = 0; i < 1_000; i++) tested.deposit()
    expect(tested.withdraw()).toBe(false)
    expect(tested.balance()).toBe(0)
  })

  it('given the calls that paid leave before the retries, when read, then the balance is 0 and not below', () => {
    const tested = budget({ share: 1, perSecond: 0, window: 1_000 })
    tested.deposit(0)
    expect(tested.withdraw(900)).toBe(true)
    expect(tested.balance(1_000)).toBe(0)
    tested.deposit(1_000)
    expect(tested.withdraw(1_000)).toBe(false)
    tested.deposit(1_000)
    expect(tested.withdraw(1_000)).toBe(true)
  })

  it.each([
    [{ share: -0.1 }, '"share" must be a number of at least 0 and of at most 1000 (retries a call), but was -0.1'],
    [{ share: Number.NaN }, '"share"'],
    [{ perSecond: -1 }, '"perSecond"'],
    [{ window: 999 }, '"window" must be a number of at least 1000 and of at most 60000 (milliseconds), but was 999'],
    [{ window: 60_001 }, '"window"'],
  ])('given %o, when made, then it throws a RangeError that names the option', (options, message) => {
    expect(() => budget(options)).toThrow(RangeError)
    expect(() => budget(options)).toThrow(message)
  })
})
