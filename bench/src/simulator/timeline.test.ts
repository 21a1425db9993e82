import { describe, expect, it } from 'vitest'
import { timeline } from './timeline.ts'

describe('a timeline', () => {
  it('given events in any order, then they happen in order of their moments, and of their planning when those are equal', async () => {
    const time = timeline()
    const seen: string[] = []
    const moments = Array.from({ length: 500 }, (_, at) => (at * 7_919) % 101)
    for (const [at, when] of moments.entries()) time.plan(when, () => seen.push(`${time.clock.now()} ${at}`))
    await time.until(100)
    const expected = moments.map((when, at) => ({ when, at })).sort((a, b) => a.when - b.when || a.at - b.at)
    expect(seen).toEqual(expected.map(({ when, at }) => `${when} ${at}`))
  })

  it('given an event that plans another, a timer that is called off and one beyond the end, then only the first two happen', async () => {
    const time = timeline()
    const seen: number[] = []
    time.plan(1, () => time.plan(2, () => seen.push(time.clock.now())))
    time.clock.at(3, () => seen.push(3)).cancel()
    time.plan(5, () => seen.push(5))
    await time.until(4)
    expect([seen, time.clock.now()]).toEqual([[2], 4])
  })

  it('given an event that promises something, then time goes on only when that is settled', async () => {
    const time = timeline()
    const seen: string[] = []
    const slowly = async (): Promise<void> => {
      for (let n = 0; n < 20; n++) await null
      seen.push(`settled at ${time.clock.now()}`)
    }
    time.plan(1, slowly)
    time.plan(2, () => seen.push('next'))
    await time.until(3)
    expect(seen).toEqual(['settled at 1', 'next'])
  })
})
