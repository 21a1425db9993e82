// Keys of a real etcd as typed values.
import type { KvState } from '@tenon/discovery'
import { ok } from '@tenon/endpoint'
import { etcdServer, faultProxy } from '@tenon/example-registries'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { isThere, quiet, sharedEtcd } from '../test/etcd-server.ts'

const Limits = t.strict({ rate: t.number, burst: t.number })
const soon = { timeout: 600, heartbeat: 100 }
let keys = 0
const freshKey = (): string => `config/${process.pid}-${++keys}`

describe.runIf(isThere)('a key of etcd', () => {
  const server = sharedEtcd()

  it('given a codec, when written and read, then it is the value, and its index the revision; in etcd it is JSON', async () => {
    const key = freshKey()
    await using registry = quiet({ endpoints: server.url })
    const limits = registry.kv(key, Limits)
    expect(await limits.get()).toEqual(ok(undefined))
    expect(await limits.put({ rate: 10, burst: 2 })).toEqual(ok())
    expect(await server.raw.get(key).string()).toBe('{"rate":10,"burst":2}')
    const { kvs } = await server.raw.get(key).exec()
    expect(await limits.get()).toEqual(ok({ value: { rate: 10, burst: 2 }, index: Number(kvs[0]?.mod_revision) }))
    expect(await limits.delete()).toEqual(ok())
    expect(await limits.delete()).toEqual(ok())
    expect(await limits.get()).toEqual(ok(undefined))
    await server.raw.put(key).value('nonsense')
    expect(await limits.get()).toMatchObject({ left: { _tag: 'KvInvalid', key } })
    expect(await registry.kv(key).get()).toMatchObject({ right: { value: 'nonsense' } })
  })

  it('given many who update it from several processes, then no change is lost; another index is a conflict', async () => {
    const key = freshKey()
    await using one = quiet({ endpoints: server.url })
    await using two = quiet({ endpoints: server.url })
    const [here, there] = [one.kv(key, t.number), two.kv(key, t.number)]
    for (let n = 0; n < 5; n++) await Promise.all([here, there].map((each) => each.update((value) => (value ?? 0) + 1)))
    const { right: entry } = (await here.get()) as { right: { value: number; index: number } }
    expect(entry.value).toBe(10)
    expect(await here.cas(1, 0)).toMatchObject({ left: { _tag: 'KvConflict' } })
    expect(await here.cas(1, entry.index - 1)).toMatchObject({ left: { _tag: 'KvConflict' } })
    expect(await there.cas(11, entry.index)).toEqual(ok())
    expect(await here.delete({ index: entry.index })).toMatchObject({ left: { _tag: 'KvConflict' } })
    expect(await here.get()).toMatchObject({ right: { value: 11 } })
  })

  it('given one who watches, when it changes by another hand, then each value is told, and nothing of keys that begin alike', async () => {
    const key = freshKey()
    await using registry = quiet({ endpoints: server.url })
    const states: KvState<number>[] = []
    using _ = registry.kv(key, t.number).watch((state) => states.push(state))
    const becomes = (state: object) =>
      expect.poll(() => states.at(-1), { timeout: 10_000, interval: 5 }).toMatchObject(state)
    await becomes({ known: true, entry: undefined })
    await server.raw.put(`${key}-2`).value('9')
    await server.raw.put(key).value('1')
    await becomes({ entry: { value: 1 } })
    await server.raw.put(key).value('"one"')
    await becomes({ entry: { value: 1 }, error: { _tag: 'KvInvalid' } })
    await server.raw.put(key).value('2')
    await becomes({ entry: { value: 2 }, error: undefined })
    await server.raw.delete().key(key)
    await becomes({ known: true, entry: undefined, error: undefined })
    expect(states.some(({ entry }) => entry?.value === 9)).toBe(false)
  })

  it('given an etcd that is cut off, then calls fail in time, the watch keeps what it knows, and both are well again after', async () => {
    const key = freshKey()
    await server.raw.put(key).value('1')
    await using network = await faultProxy(server.url)
    await using registry = quiet({ endpoints: network.url, ...soon })
    const limits = registry.kv(key, t.number)
    let state: KvState<number> | undefined
    using _ = limits.watch((now) => {
      state = now
    })
    await expect.poll(() => state?.entry?.value, { timeout: 10_000 }).toBe(1)
    network.partition()
    // What is held back now may still be written later: not to that key.
    const other = registry.kv(`${key}-other`, t.number)
    for (const call of [limits.get(), other.put(2), limits.get({ timeout: 50 })])
      expect(await call).toMatchObject({
        left: { _tag: 'EtcdError', code: expect.stringMatching(/unavailable|deadline/) },
      })
    await expect.poll(() => state?.error, { timeout: 10_000 }).toMatchObject({ _tag: 'EtcdError' })
    expect(state?.entry?.value).toBe(1)
    await network.heal()
    await server.raw.put(key).value('3')
    await expect.poll(() => state, { timeout: 10_000 }).toMatchObject({ entry: { value: 3 }, error: undefined })
    expect(await limits.put(4)).toEqual(ok())
    expect(await limits.get()).toMatchObject({ right: { value: 4 } })
  })

  it('given an etcd that was restarted while nobody asked, when something is written, then it is', async () => {
    await using own = await etcdServer()
    await using registry = quiet({ endpoints: own.url })
    const limits = registry.kv('limits', t.number)
    expect(await limits.put(1)).toEqual(ok())
    await own.restart()
    expect(await limits.put(2)).toEqual(ok())
    expect(await limits.get()).toMatchObject({ right: { value: 2 } })
  })

  it('given a signal that aborts, or a registry that is disposed, then a call that waits is over at once', async () => {
    await using own = await etcdServer()
    const registry = quiet({ endpoints: own.url, timeout: 60_000, heartbeat: 60_000 })
    const limits = registry.kv('limits', t.number)
    await limits.put(1)
    own.stop()
    const giveUp = new AbortController()
    const [first, second] = [limits.get({ signal: giveUp.signal }), limits.get()]
    giveUp.abort()
    expect(await first).toMatchObject({
      left: { _tag: 'EtcdError', code: 'cancelled', message: 'get of limits: not wanted any more' },
    })
    await registry[Symbol.asyncDispose]()
    const closed = { left: { _tag: 'EtcdError', code: 'cancelled', message: 'the registry of etcd is closed' } }
    expect(await second).toMatchObject(closed)
    expect(await limits.get()).toMatchObject(closed)
    const states: KvState<number>[] = []
    using _ = limits.watch((state) => states.push(state))
    expect(states.at(-1)?.error).toMatchObject(closed.left)
  })
})
