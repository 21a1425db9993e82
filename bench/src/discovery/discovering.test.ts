// The instruments of the suite: what they count and when they heard must be right, or nothing is.
import { describe, expect, it } from 'vitest'
import { caching } from './caching.ts'
import { ear, has } from './ear.ts'
import { slope } from './first.ts'
import { most } from './load.ts'
import { counting } from './meter.ts'

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

describe('a meter', () => {
  const split = (text: string | Buffer, size: number): Buffer[] => {
    const bytes = Buffer.from(text as string)
    return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
  }
  const count = (chunks: readonly Buffer[]): number => {
    let requests = 0
    const hear = counting(() => requests++)
    for (const chunk of chunks) hear(chunk)
    return requests
  }

  it('given HTTP/1.1 in pieces of any size, then each request is counted once', () => {
    const talk = 'GET /v1/a HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(3)
    for (const size of [1, 7, 24, 1_000]) expect(count(split(talk, size)), `${size}`).toBe(3)
  })

  it('given HTTP/2 in pieces of any size, then each frame of headers is counted, and no other', () => {
    const frame = (kind: number, length: number): Buffer =>
      Buffer.concat([Buffer.from([0, length >> 8, length & 255, kind, 0, 0, 0, 0, 1]), Buffer.alloc(length, 1)])
    const talk = Buffer.concat([
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      ...[4, 1, 0, 6, 1, 8, 0].map((kind) => frame(kind, 300)),
    ])
    for (const size of [1, 10, 25, 333, 10_000]) expect(count(split(talk as never, size)), `${size}`).toBe(2)
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
