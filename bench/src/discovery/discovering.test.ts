// The instruments of the suite: what they count and when they heard must be right, or nothing is.
import { describe, expect, it } from 'vitest'
import { caching } from './caching.ts'
import { ear, has } from './ear.ts'
import { slope } from './first.ts'
import { most } from './load.ts'

const signal = new AbortController().signal

describe('an ear', () => {
  it('given sets, then it knows the last one, when it was first as asked, and which were told twice', async () => {
    let tell: (ids: readonly string[] | undefined, error?: unknown) => void = () => {}
    using heard = ear((given) => {
      tell = given
      return () => {}
    })
    const before = performance.now()
    const at = heard.until(has('b'), { signal })
    tell(['a'])
    tell(['a'])
    tell(['a', 'b'])
    expect(await at).toBeGreaterThanOrEqual(before)
    tell(['a', 'b'], new Error('down'))
    expect(heard.known).toEqual({ ids: ['a', 'b'], error: new Error('down') })
    expect([heard.told, heard.again]).toEqual([2, 1])
  })

  it('given nothing in time, or a user who had enough, then waiting ends', async () => {
    using heard = ear(() => () => {})
    await expect(heard.until(has('a'), { signal, patience: 1 })).rejects.toThrow('not heard within 1 ms')
    await expect(heard.until(has('a'), { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  })
})

describe('a cache', () => {
  it('given many callers, then one question; given a registry that fails, then the old answer and the error', async () => {
    let asked = 0
    let down = false
    const cache = caching(async () => {
      asked++
      if (down) throw new Error('down')
      return ['a']
    }, 20)
    const all = await Promise.all([cache.get(), cache.get(), cache.get()])
    expect([asked, ...all.map(({ ids }) => ids?.[0])]).toEqual([1, 'a', 'a', 'a'])
    down = true
    await expect.poll(() => cache.get()).toEqual({ ids: ['a'], error: new Error('down') })
    expect(asked).toBe(2)
  })
})

describe('what is computed', () => {
  it('given points on a line, then its slope; given times, then the most within a tenth of a second', () => {
    expect(slope([0, 1, 10, 40], [3, 5, 23, 83])).toBeCloseTo(2, 9)
    expect(most([0, 50, 100, 150, 400, 450])).toBe(3)
    expect(most([])).toBe(0)
  })
})
