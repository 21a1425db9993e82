// Keys as typed values: what is read, written, refused and told, on the registry in memory and on one that fails as the test says.
import { ok, type Telemetry } from '@tenon/endpoint'
import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import type { KvState } from './kv.ts'
import { kvKeyOf } from './kv-of.ts'
import type { KvPort, KvSink } from './kv-port.ts'
import { memoryRegistry } from './memory-registry.ts'

const Limits = t.strict({ rate: t.number, burst: t.number })
const key = 'config/orders'
const down = { _tag: 'Down', code: 'unavailable', message: 'nobody answers' } as const

/** A port that fails until it is told otherwise; its watch is fed by hand. */
function handmade() {
  const sinks = new Set<KvSink>()
  const refuse = async (): Promise<never> => {
    throw down
  }
  const port: KvPort = {
    get: refuse,
    set: refuse,
    delete: refuse,
    watch(sink) {
      sinks.add(sink)
      return () => void sinks.delete(sink)
    },
  }
  return { port, sinks, sink: (): KvSink => [...sinks][0] as KvSink }
}

describe('a key', () => {
  it('given a codec, when written and read, then it is the value, with an index that grows', async () => {
    const limits = memoryRegistry().kv(key, Limits)
    expect(await limits.get()).toEqual(ok(undefined))
    expect(await limits.put({ rate: 10, burst: 2 })).toEqual(ok())
    expect(await limits.get()).toEqual(ok({ value: { rate: 10, burst: 2 }, index: 1 }))
    await limits.put({ rate: 11, burst: 2 })
    expect(await limits.get()).toMatchObject({ right: { index: 2 } })
    expect(await limits.delete()).toEqual(ok())
    expect(await limits.get()).toEqual(ok(undefined))
  })

  it('given no codec, then any text is written and read as it is', async () => {
    const note = memoryRegistry().kv(key)
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        await note.put(text)
        expect(await note.get()).toMatchObject({ right: { value: text } })
      }),
    )
    expect(await note.put(5 as never)).toMatchObject({ left: { _tag: 'KvInvalid' } })
  })

  it.each([
    ['another shape', '{"rate":"10","burst":2}', 'expected number'],
    ['a key too many', '{"rate":10,"burst":2,"depth":1}', 'depth'],
    ['no JSON', 'rate=10', 'expected JSON, got another text'],
    ['nothing', '', 'expected JSON, got empty text'],
  ])('given %s, when read, then it is invalid, and what is wrong is told', async (_, text, message) => {
    const registry = memoryRegistry()
    await registry.kv(key).put(text)
    expect(await registry.kv(key, Limits).get()).toMatchObject({
      left: { _tag: 'KvInvalid', code: 'failed_precondition', key, message: expect.stringContaining(message) },
    })
  })

  it('given keys that the codec does not know, when they are to be stripped, then they are', async () => {
    const registry = memoryRegistry()
    await registry.kv(key).put('{"rate":10,"burst":2,"depth":1}')
    const limits = registry.kv(key, Limits, { unknownKeys: 'strip' })
    expect(await limits.get()).toMatchObject({ right: { value: { rate: 10, burst: 2 } } })
  })

  it('given a value that could not be read again, when written, then it is invalid, and nothing is written', async () => {
    const limits = memoryRegistry().kv(key, Limits)
    expect(await limits.put({ rate: Number.NaN, burst: 2 })).toMatchObject({ left: { _tag: 'KvInvalid' } })
    expect(await limits.get()).toEqual(ok(undefined))
  })

  it('given another index than it has, when it is changed or taken out, then that is a conflict, and it stays', async () => {
    const limits = memoryRegistry().kv(key, t.number)
    expect(await limits.cas(1, 5)).toMatchObject({ left: { _tag: 'KvConflict', code: 'aborted', key } })
    expect(await limits.cas(1, 0)).toEqual(ok())
    expect(await limits.cas(2, 0)).toMatchObject({ left: { _tag: 'KvConflict' } })
    expect(await limits.delete({ index: 9 })).toMatchObject({ left: { _tag: 'KvConflict' } })
    expect(await limits.cas(2, 1)).toEqual(ok())
    expect(await limits.delete({ index: 2 })).toEqual(ok())
    expect(await limits.get()).toEqual(ok(undefined))
  })

  it('given many who update at once, then no change is lost; one who always comes too late gives up', async () => {
    const registry = memoryRegistry()
    const count = registry.kv(key, t.number)
    const more = (value: number | undefined) => (value ?? 0) + 1
    await Promise.all(Array.from({ length: 5 }, () => registry.kv(key, t.number).update(more)))
    expect(await count.get()).toMatchObject({ right: { value: 5 } })
    const answer = await count.update((value) => {
      void registry.kv(key, t.number).put(0)
      return more(value)
    })
    expect(answer).toMatchObject({ left: { _tag: 'KvConflict' } })
    await expect(
      count.update(() => {
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
  })

  it('given a registry that fails, then each call answers with that; a bug is no answer', async () => {
    const { port } = handmade()
    const limits = kvKeyOf({ key, codec: t.number, port })
    const failed = { _tag: 'Left', left: down }
    expect(await limits.get()).toEqual(failed)
    expect(await limits.put(1)).toEqual(failed)
    expect(await limits.cas(1, 1)).toEqual(failed)
    expect(await limits.update(() => 1)).toEqual(failed)
    expect(await limits.delete()).toEqual(failed)
    const broken = kvKeyOf({ key, codec: t.number, port: { ...port, get: () => Promise.reject(new Error('a bug')) } })
    await expect(broken.get()).rejects.toThrow('a bug')
  })

  it.each<[string, () => unknown, string]>([
    ['no key', () => memoryRegistry().kv(''), 'kv: "key"'],
    [
      'an option that there is not',
      () => memoryRegistry().kv(key, t.number, { strict: true } as never),
      'there is no option "strict"',
    ],
    [
      'a choice that there is not',
      () => memoryRegistry().kv(key, t.number, { unknownKeys: 'keep' } as never),
      '"unknownKeys" must be one of',
    ],
    ['an index below 0', () => memoryRegistry().kv(key, t.number).cas(1, -1), '"index" must be'],
    [
      'a listener that is none',
      () =>
        memoryRegistry()
          .kv(key, t.number)
          .watch(1 as never),
      '"listener" must be a function',
    ],
  ])('given %s, then the error names it', (_, make, message) => {
    expect(make).toThrow(message)
  })
})

describe('watching a key', () => {
  it('given changes, then each is told, to each of those who listen, by one watch of the registry', () => {
    const { port, sink, sinks } = handmade()
    const limits = kvKeyOf<number, typeof down>({ key, codec: t.number, port })
    const [one, two]: KvState<number>[][] = [[], []]
    const first = limits.watch((state) => one?.push(state))
    sink().set(undefined)
    sink().set({ text: '1', index: 1 })
    sink().set({ text: '1', index: 1 })
    const second = limits.watch((state) => two?.push(state))
    sink().set({ text: '2', index: 2 })
    expect(sinks.size).toBe(1)
    const [nothing, none] = [
      { known: false, entry: undefined, error: undefined },
      { known: true, entry: undefined, error: undefined },
    ]
    const [was, is] = [1, 2].map((value) => ({ known: true, entry: { value, index: value }, error: undefined }))
    expect([one, two]).toEqual([
      [nothing, none, was, is],
      [was, is],
    ])
    first[Symbol.dispose]()
    second[Symbol.dispose]()
    expect(sinks.size).toBe(0)
  })

  it('given a value that is not valid, or a registry that fails, then the last good one stays, and it is reported once', () => {
    const { port, sink } = handmade()
    const events: Telemetry[] = []
    const limits = kvKeyOf({ key, codec: t.number, port, onTelemetry: (event) => events.push(event) })
    const states: KvState<number>[] = []
    using _ = limits.watch((state) => states.push(state))
    sink().set({ text: '1', index: 1 })
    sink().set({ text: 'x', index: 2 })
    sink().set({ text: 'x', index: 2 })
    expect(states.at(-1)).toMatchObject({ entry: { value: 1, index: 1 }, error: { _tag: 'KvInvalid' } })
    sink().fail(down)
    sink().fail({ ...down })
    expect(states.at(-1)).toMatchObject({ entry: { value: 1 }, error: down })
    // It answers again, and what stands there is still not valid.
    sink().set({ text: 'x', index: 2 })
    expect(states.at(-1)).toMatchObject({ entry: { value: 1 }, error: { _tag: 'KvInvalid' } })
    sink().set({ text: '3', index: 3 })
    expect(states.at(-1)).toEqual({ known: true, entry: { value: 3, index: 3 }, error: undefined })
    expect(states).toHaveLength(6)
    expect(events.map((event) => (event as { error?: { _tag: string } }).error?._tag)).toEqual([
      'KvInvalid',
      'Down',
      'KvInvalid',
    ])
  })

  it('given the registry in memory, when it changes, then it is told; a listener that throws disturbs nobody', async () => {
    const registry = memoryRegistry()
    const seen: unknown[] = []
    const limits = registry.kv(key, t.number)
    using _ = limits.watch(() => {
      throw new Error('mine')
    })
    using __ = limits.watch(({ entry }) => seen.push(entry?.value))
    await registry.kv(key, t.number).put(1)
    await registry.kv(key, t.number).delete()
    expect(seen).toEqual([undefined, 1, undefined])
  })
})
