// What a key costs, measured: keyed state is what a service has a hundred thousand of.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { background, endpoint, ok } from '@tenon/endpoint'
import { describe, expect, it } from 'vitest'
import { adaptiveRate } from './adaptive-rate.ts'
import { aimd } from './aimd.ts'
import { bbr } from './bbr.ts'
import { concurrency } from './concurrency.ts'
import { gradient } from './gradient.ts'
import { limit } from './limit.ts'
import type { Limiter } from './limiter.ts'
import { slidingWindow } from './sliding-window.ts'
import { tokenBucket } from './token-bucket.ts'
import { vegas } from './vegas.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void
const heap = (): number => {
  gc()
  gc()
  return process.memoryUsage().heapUsed
}

const keys = Array.from({ length: 100_000 }, (_, i) => `key-${i}`)
const made = endpoint((_: string) => ok(1))

async function bytesPerKey(limiter: Limiter): Promise<number> {
  const ctx = background()
  const make = () => limit(limiter, { by: (_, key: string) => key, maxKeys: keys.length })
  const warm = make()(made)
  for (const key of keys.slice(0, 1_000)) await warm(key)(ctx)()
  const tested = make()
  const wrapped = tested(made)
  const before = heap()
  for (const key of keys) await wrapped(key)(ctx)()
  const bytes = (heap() - before) / keys.length
  expect(tested.levels()).toHaveLength(keys.length)
  return bytes
}

describe('memory per key', () => {
  it.each([
    ['tokenBucket', tokenBucket({ perSecond: 1 }), 300],
    ['slidingWindow of 100, one call seen', slidingWindow({ limit: 100 }), 500],
    ['slidingWindow in 10 parts', slidingWindow({ limit: 100, buckets: 10 }), 450],
    ['adaptiveRate', adaptiveRate({ perSecond: 100 }), 500],
    ['concurrency', concurrency({ limit: 10 }), 550],
    ['concurrency with aimd', concurrency({ limit: aimd() }), 650],
    ['concurrency with gradient', concurrency({ limit: gradient() }), 800],
    ['concurrency with vegas', concurrency({ limit: vegas() }), 800],
    ['concurrency with bbr', concurrency({ limit: bbr() }), 2_600],
    ['concurrency with a queue', concurrency({ limit: 10, queue: 10 }) as Limiter, 550],
  ] as const)('given 100,000 keys, then %s takes no more than it should', async (name, limiter, most) => {
    const bytes = await bytesPerKey(limiter)
    console.info(`bytes per key: ${name} ${bytes.toFixed(0)}`)
    expect(bytes).toBeLessThan(most)
  })

  it('given a million keys in turn, then the memory stays flat', async () => {
    const ctx = background()
    for (const limiter of [tokenBucket({ perSecond: 1 }), concurrency({ limit: 1 })]) {
      const wrapped = limit(limiter, { by: (_, key: string) => key, maxKeys: 1_000 })(made)
      for (let i = 0; i < 10_000; i++) await wrapped(`key-${i}`)(ctx)()
      const before = heap()
      for (let i = 10_000; i < 510_000; i++) await wrapped(`key-${i}`)(ctx)()
      expect(heap() - before).toBeLessThan(1_000_000)
    }
  })

  it('given an hour of calls at 10,000 a second, then a bucket and a window let through what they may, in flat memory', () => {
    const bucket = tokenBucket({ perSecond: 1_000, burst: 100 }).start()
    const window = slidingWindow({ limit: 500, window: 1_000, buckets: 10 }).start()
    let [byBucket, byWindow] = [0, 0]
    const before = heap()
    for (let now = 0; now < 3_600_000; now += 0.1) {
      if (bucket.take(now, 0, 2) === 0) byBucket++
      if (window.take(now, 0, 2) === 0) byWindow++
    }
    expect(heap() - before).toBeLessThan(1_000_000)
    expect(Math.abs(byBucket - 3_600_100)).toBeLessThan(10)
    expect(byWindow).toBeLessThanOrEqual(500 * 3_600)
    expect(byWindow).toBeGreaterThan(500 * 3_600 * 0.9)
  })
})
