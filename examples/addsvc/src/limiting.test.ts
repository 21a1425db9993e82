import { background, endpoint, ok, run, subscribe } from '@tenon/endpoint'
import { type VirtualClock, virtualClock } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limit } from './limiting.ts'

const limited = (clock: VirtualClock, perSecond: number, burst: number) => {
  const wrapped = limit({ name: 'test', perSecond, burst })(endpoint(() => ok('done')))
  return () => run(wrapped, undefined, background({ clock }))
}

describe('limit', () => {
  it('given a burst of two and one a second, when more come, then they are refused and told when to come again', async () => {
    const clock = virtualClock()
    const ask = limited(clock, 1, 2)
    const rejected: unknown[] = []
    using _ = subscribe((event) => rejected.push(event), ['limiter.rejected'])
    expect(await ask()).toEqual(ok('done'))
    expect(await ask()).toEqual(ok('done'))
    const refusal = { _tag: 'RateLimited', code: 'resource_exhausted', message: 'rate limit exceeded' }
    expect(await ask()).toEqual({ _tag: 'Left', left: { ...refusal, retryAfter: 1_000 } })
    clock.advanceSync(400)
    expect(await ask()).toEqual({ _tag: 'Left', left: { ...refusal, retryAfter: 600 } })
    expect(rejected).toEqual(Array(2).fill({ kind: 'limiter.rejected', limiter: 'test', key: '' }))
    clock.advanceSync(600)
    expect(await ask()).toEqual(ok('done'))
    expect(await ask()).toMatchObject({ left: refusal })
  })

  it('given an hour of silence, then there is one burst and no more', async () => {
    const clock = virtualClock()
    const ask = limited(clock, 10, 3)
    clock.advanceSync(3_600_000)
    const answers = await Promise.all(Array.from({ length: 5 }, ask))
    expect(answers.map(({ _tag }) => _tag)).toEqual(['Right', 'Right', 'Right', 'Left', 'Left'])
  })

  it('given calls at any times, then never more than the burst and what came since pass; who waits as told is let in', async () => {
    const times = fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(
        times,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 50 }),
        async (gaps, burst, rate) => {
          const clock = virtualClock()
          const ask = limited(clock, rate, burst)
          let passed = 0
          for (const gap of gaps) {
            clock.advanceSync(gap)
            const answer = await ask()
            if (answer._tag === 'Right') passed++
            else if (answer.left._tag === 'RateLimited') {
              clock.advanceSync(answer.left.retryAfter)
              expect((await ask())._tag).toBe('Right')
              passed++
            }
            expect(passed).toBeLessThanOrEqual(burst + (clock.now() / 1_000) * rate + 1e-6)
          }
        },
      ),
    )
  })
})
