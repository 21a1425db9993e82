import { virtualClock } from '@tenon/endpoint/testing'
import { describe, expect, it } from 'vitest'
import type { InstanceState } from './instancer.ts'
import { type PollingAnswer, type PollingOptions, polling } from './polling.ts'

function setUp(answers: (() => PollingAnswer | Promise<PollingAnswer>)[], more: Partial<PollingOptions> = {}) {
  const clock = virtualClock()
  const asked: number[] = []
  const signals: AbortSignal[] = []
  const instancer = polling({
    service: 'orders',
    clock,
    jitter: 0,
    onTelemetry: () => {},
    ...more,
    ask({ signal }) {
      signals.push(signal)
      asked.push(clock.now())
      return (answers[asked.length - 1] ?? (answers.at(-1) as () => PollingAnswer))()
    },
  })
  const heard: InstanceState[] = []
  const subscription = instancer.subscribe((state) => heard.push(state))
  const ids = () => heard.at(-1)?.instances?.map(({ id }) => id)
  return { clock, asked, signals, heard, ids, leave: () => subscription[Symbol.dispose]() }
}

describe('polling', () => {
  it('given a subscriber, then it asks at once and again after each answer, and a change is told', async () => {
    const { clock, asked, ids, heard, leave } = setUp([() => ['10.0.0.2:80', '10.0.0.1:80'], () => ['10.0.0.1:80']])
    await clock.advance(0)
    expect(ids()).toEqual(['10.0.0.1:80', '10.0.0.2:80'])
    await clock.advance(4_999)
    expect(asked).toEqual([0])
    await clock.advance(1)
    expect([asked, ids()]).toEqual([[0, 5_000], ['10.0.0.1:80']])
    await clock.advance(5_000)
    expect([asked.length, heard.length]).toEqual([3, 3])
    leave()
    await clock.advance(20_000)
    expect([asked.length, clock.pending]).toEqual([3, 0])
  })

  it('given a registry that fails, then the last set stays with the error beside it, until it answers', async () => {
    const { clock, heard, leave } = setUp([
      () => ['10.0.0.1:80'],
      () => Promise.reject(new Error('down')),
      () => {
        throw new Error('down, and rude')
      },
      () => ['10.0.0.1:80'],
    ])
    await clock.advance(15_000)
    expect(
      heard.slice(1).map(({ instances, error }) => [instances?.length, (error as Error | undefined)?.message]),
    ).toEqual([
      [1, undefined],
      [1, 'down'],
      [1, 'down, and rude'],
      [1, undefined],
    ])
    leave()
  })

  it('given an answer that does not come, then it is given up in time, and the next one is asked for', async () => {
    const { clock, asked, signals, heard, ids, leave } = setUp([() => new Promise(() => {}), () => ['10.0.0.1:80']], {
      timeout: 100,
    })
    await clock.advance(100)
    expect(heard.at(-1)?.error).toEqual(new Error('no answer within 100 ms'))
    expect(signals[0]?.aborted).toBe(true)
    await clock.advance(5_000)
    expect([asked, ids()]).toEqual([[0, 5_100], ['10.0.0.1:80']])
    leave()
  })

  it('given that nobody listens any more, then the question that runs is given up, and nothing is left', async () => {
    const { clock, signals, heard, leave } = setUp([() => new Promise(() => {})])
    await clock.advance(10)
    leave()
    await clock.advance(60_000)
    expect([signals.length, signals[0]?.aborted, clock.pending, heard.length]).toEqual([1, true, 0, 1])
  })

  it('given jitter, then waits are longer and shorter by up to so much', async () => {
    const draws = [0, 0.5, 0.999_999]
    const { clock, asked, leave } = setUp([() => []], { jitter: 0.2, random: () => draws.shift() ?? 0.5 })
    await clock.advance(16_000)
    expect(asked.map(Math.round)).toEqual([0, 4_000, 9_000, 15_000])
    leave()
  })

  it.each([
    [{ every: 0 }, 'polling of orders: "every" must be a number above 0 (milliseconds), but was 0'],
    [{ jitter: 2 }, 'polling of orders: "jitter" must be a number of at least 0 and of at most 1, but was 2'],
    [{ timeout: Number.NaN }, 'polling of orders: "timeout" must be'],
    [{ ask: 'me' }, 'polling of orders: "ask" must be a function'],
    [{ evry: 5 }, 'evry'],
  ])('given %o, then that is named', (options, message) => {
    expect(() => polling({ service: 'orders', ask: () => [], ...(options as object) })).toThrow(message)
  })
})
