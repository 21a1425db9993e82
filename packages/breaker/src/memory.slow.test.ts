// What a key costs, measured: keyed state is what a service has a hundred thousand of.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { background, endpoint, ok } from '@tenon/endpoint'
import { describe, expect, it } from 'vitest'
import { breaker } from './breaker.ts'
import { consecutive } from './consecutive.ts'
import { ratio } from './ratio.ts'
import { sequential } from './sequential.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void
const heap = (): number => {
  gc()
  gc()
  return process.memoryUsage().heapUsed
}

const keys = Array.from({ length: 100_000 }, (_, i) => `key-${i}`)

async function bytesPerKey(options: Parameters<typeof breaker<string>>[0]): Promise<number> {
  const ctx = background()
  const make = () => breaker<string>({ by: (_, key) => key, maxKeys: keys.length, ...options })
  const warm = make()(endpoint(() => ok(1)))
  for (const key of keys.slice(0, 1_000)) await warm(key)(ctx)()
  const tested = make()
  const wrapped = tested(endpoint(() => ok(1)))
  const before = heap()
  for (const key of keys) await wrapped(key)(ctx)()
  const bytes = (heap() - before) / keys.length
  expect(tested.state('key-0')).toBe('closed')
  return bytes
}

describe('memory per key', () => {
  it('given 100,000 keys, then consecutive takes at most 320 bytes a key, sequential 512, ratio 700', async () => {
    const run = await bytesPerKey({ detector: consecutive() })
    const window = await bytesPerKey({ detector: ratio() })
    const bank = await bytesPerKey({ detector: sequential() })
    console.info(
      `bytes per key: consecutive ${run.toFixed(0)}, sequential ${bank.toFixed(0)}, ratio ${window.toFixed(0)}`,
    )
    expect(run).toBeLessThan(320)
    expect(bank).toBeLessThan(512)
    expect(window).toBeLessThan(700)
  })

  it('given a million keys in turn, then the memory stays flat', async () => {
    const ctx = background()
    const wrapped = breaker<string>({ by: (_, key) => key, maxKeys: 1_000 })(endpoint(() => ok(1)))
    for (let i = 0; i < 10_000; i++) await wrapped(`key-${i}`)(ctx)()
    const before = heap()
    for (let i = 10_000; i < 1_010_000; i++) await wrapped(`key-${i}`)(ctx)()
    expect(heap() - before).toBeLessThan(1_000_000)
  })
})
