import { background, endpoint, ok, run, withMetadata } from '@tenon/endpoint'
import { seeded, virtualClock } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventLoopLoad } from './event-loop.ts'
import { limit } from './limit.ts'
import { priorities, type Rank } from './priority.ts'
import { shed } from './shed.ts'
import { tokenBucket } from './token-bucket.ts'

/** Calls of each rank in each of the steps; what goes ahead of each, step by step. `load` is told what went in the last one. */
function steps(mix: readonly number[], count: number, load: (went: number) => number, threshold = 0.8) {
  let lastWent = 0
  const state = shed({ threshold, load: () => load(lastWent), every: 1_000 }).start()
  const random = seeded(1)
  return Array.from({ length: count }, (_, step) => {
    const went = [0, 0, 0, 0]
    const calls = mix.flatMap((n, rank) => Array.from({ length: n }, () => rank as Rank))
    calls.sort(() => random() - 0.5)
    for (const [at, rank] of calls.entries())
      if (state.take(step * 1_000 + (at * 999) / calls.length, 0, rank) === 0) (went[rank] as number)++
    lastWent = went.reduce((sum, n) => sum + n, 0)
    return went
  })
}

describe('shed', () => {
  it('given a process that can do half of what is asked, then it is kept at 80 %, all low calls go before the first normal one, and nothing that matters', () => {
    const capacity = 500
    const all = steps([50, 100, 650, 200], 60, (went) => Math.min(1, went / capacity))
    const end = all.slice(30)
    const mean = (rank: number): number => end.reduce((sum, went) => sum + (went[rank] as number), 0) / end.length
    expect([mean(0), mean(1), mean(3)]).toEqual([50, 100, 0])
    const total = mean(0) + mean(1) + mean(2)
    expect(total / capacity).toBeGreaterThan(0.74)
    expect(total / capacity).toBeLessThan(0.86)
  })

  it('given a load that falls, then calls come back step by step, the ones that matter first', () => {
    let load = 1
    const all = steps([10, 10, 40, 40], 40, () => {
      load = load < 0.1 ? load : load
      return load
    })
    expect(all.at(-1)?.slice(1)).toEqual([0, 0, 0])
    load = 0.1
    const back = steps([10, 10, 40, 40], 60, () => load)
    expect(back.at(-1)).toEqual([10, 10, 40, 40])
  })

  it('given whatever mix and load, then a call is refused only where all of lesser ones are, and a hundredth always goes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(60), { minLength: 4, maxLength: 4 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20, maxLength: 20 }),
        (mix, loads) => {
          let step = 0
          const all = steps(mix, 20, () => loads[step++] as number)
          for (const went of all)
            for (let rank = 0; rank < 3; rank++) {
              const refused = (mix[rank] as number) - (went[rank] as number)
              if (refused > 0) expect(went.slice(rank + 1)).toEqual(Array(3 - rank).fill(0))
            }
        },
      ),
    )
  })

  it('given what is refused in part, then it is refused evenly', () => {
    const state = shed({ load: () => 1, every: 1_000 }).start()
    const take = (now: number): boolean => state.take(now, 0, 2) === 0
    for (let i = 0; i < 100; i++) take(i)
    // A fifth of them: of five in a row never two.
    const went = Array.from({ length: 100 }, (_, i) => take(1_000 + i))
    for (let i = 0; i + 5 <= 100; i++) expect(went.slice(i, i + 5).filter((goes) => !goes)).toHaveLength(1)
    expect(state.level(1_500).used).toBeCloseTo(0.2)
    expect(state.take(1_600, 0, 3)).toBe(400)
  })

  it('given a load that is no number, or a clock that jumps, then it neither shuts for good nor throws', () => {
    let load = 1
    const state = shed({ load: () => load, every: 100 }).start()
    for (let now = 0; now < 10_000; now += 10) state.take(now, 0, 2)
    expect(state.fresh(0)).toBe(false)
    load = Number.NaN
    for (let now = 0; now < 10_000; now += 10) state.take(now, 0, 2)
    expect(state.fresh(0)).toBe(true)
  })

  it('given priorities in the metadata, when it is a limit, then low calls are refused for overload until the next step', async () => {
    const clock = virtualClock()
    const wrapped = limit(shed({ load: () => 1, every: 500 }), { clock })(endpoint((_: number) => ok('done')))
    const asked = (priority: string) => run(wrapped, 1, withMetadata(background({ clock }), { 'x-priority': priority }))
    for (let i = 0; i < 20; i++) for (const priority of priorities) await asked(priority)
    clock.advanceSync(500)
    for (const priority of ['critical', 'high', 'normal']) expect(await asked(priority)).toEqual(ok('done'))
    const low = await Promise.all(Array.from({ length: 5 }, () => asked('low')))
    expect(low.filter(({ _tag }) => _tag === 'Left')).toHaveLength(4)
    expect(low).toContainEqual({
      _tag: 'Left',
      left: {
        _tag: 'RateLimited',
        code: 'resource_exhausted',
        message: 'there is more work than can be done, and others go first',
        why: 'overload',
        retryAfter: 500,
      },
    })
  })

  it('given other parameters, then what is refused stays as it is until the next step', () => {
    const state = shed({ load: () => 1, every: 100 }).start()
    for (let now = 0; now < 300; now += 10) state.take(now, 0, 2)
    const { used } = state.level(300)
    expect(shed({ threshold: 0.5, load: () => 0 }).adopt(state, 300)).toBe(true)
    expect(state.level(300).used).toBe(used)
    expect(tokenBucket({ perSecond: 1 }).adopt(state, 0)).toBe(false)
  })

  it.each([
    [{ threshold: 1 }, 'shed: "threshold" must be below 1'],
    [{ threshold: 0 }, 'shed: "threshold" must be a number above 0'],
    [{ load: 0.5 }, 'shed: "load" must be a function, but was 0.5'],
    [{ every: 0 }, 'shed: "every" must be a number above 0 (milliseconds)'],
    [{ cpu: 1 }, 'shed: there is no option "cpu"'],
  ])('given bad options, then it says which: %j', (options, message) => {
    expect(() => shed(options as never)).toThrow(message)
  })
})

describe('eventLoopLoad', () => {
  it('given a loop that has work all the time, then it rises; given one that rests, then it falls', async () => {
    const until = async (done: () => boolean, turn: () => Promise<unknown>): Promise<void> => {
      const deadline = performance.now() + 15_000
      while (!done()) {
        expect(performance.now()).toBeLessThan(deadline)
        await turn()
      }
    }
    const busy = (): Promise<unknown> => {
      for (const end = performance.now() + 20; performance.now() < end; );
      return new Promise(setImmediate)
    }
    await until(() => eventLoopLoad() > 0.6, busy)
    await until(
      () => eventLoopLoad() < 0.5,
      () => new Promise((resolve) => setTimeout(resolve, 50)),
    )
    expect(eventLoopLoad()).toBeGreaterThanOrEqual(0)
  })
})
