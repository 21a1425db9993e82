// The registry in this process.
import { virtualClock } from '@tenon/endpoint/testing'
import { describe, expect, it } from 'vitest'
import type { InstanceState } from './instancer.ts'
import { memoryRegistry } from './memory-registry.ts'

function watched(registry = memoryRegistry()) {
  const heard: (readonly string[] | undefined)[] = []
  registry.instancer('orders').subscribe((state: InstanceState) => heard.push(state.instances?.map((one) => one.id)))
  return { registry, heard }
}

describe('the memory registry', () => {
  it('given nobody has registered, when one watches, then the set is known to be empty', () => {
    expect(watched().heard).toEqual([[]])
  })

  it('given two instances, when they start and drain, then every watcher of the service hears each change', async () => {
    const { registry, heard } = watched()
    const one = registry.registrar({ service: 'orders', id: 'h:1', url: 'http://h:1', tags: ['v2'] })
    const two = registry.registrar({ service: 'orders', id: 'h:2', address: 'h:2' })
    await registry.registrar({ service: 'stock', address: 'h:9' }).start()
    await two.start()
    await one.start()
    await one.start()
    await two.drain({ signal: new AbortController().signal })
    await two.drain()
    expect(heard).toEqual([[], ['h:2'], ['h:1', 'h:2'], ['h:1']])
    expect(one.name).toBe('registration of orders h:1')
  })

  it('given the same id is registered anew, when the old registration drains, then the new one stays', async () => {
    const { registry, heard } = watched()
    const killed = registry.registrar({ service: 'orders', id: 'o-1', address: 'h:1' })
    const restarted = registry.registrar({ service: 'orders', id: 'o-1', address: 'h:2' })
    await killed.start()
    await restarted.start()
    await killed.drain()
    expect(heard).toEqual([[], ['o-1'], ['o-1']])
    await restarted.drain()
    expect(heard.at(-1)).toEqual([])
  })

  it('given a registration in a block, when the block ends, then it is taken out', async () => {
    const { registry, heard } = watched()
    {
      await using registration = registry.registrar({ service: 'orders', id: 'h:1', address: 'h:1' })
      await registration.start()
      expect(heard.at(-1)).toEqual(['h:1'])
    }
    expect(heard.at(-1)).toEqual([])
  })

  it('given no id, then each registrar has one that nobody else has', async () => {
    const { registry, heard } = watched()
    const [one, two] = ['h:1', 'h:1'].map((address) => registry.registrar({ service: 'orders', address }))
    await one?.start()
    await two?.start()
    expect(heard.at(-1)).toHaveLength(2)
    for (const id of heard.at(-1) ?? []) expect(id).toMatch(/^orders-h-1-[0-9a-f]{8}$/)
  })

  it('given it is disposed, then what was made with it ends: registrations, locks, leads', async () => {
    const clock = virtualClock()
    const { registry, heard } = watched(memoryRegistry({ clock }))
    await registry.registrar({ service: 'orders', id: 'h:1', address: 'h:1' }).start()
    const one = registry.leader('nightly')
    const two = registry.leader('nightly', { holder: 'two' })
    await one.start()
    await two.start()
    const working = registry
      .lock('hourly')
      .hold(({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)))
    await clock.advance(10)
    expect([one.view(), two.view()]).toMatchObject([{ status: 'held', token: 1n }, { status: 'waiting' }])
    await registry[Symbol.asyncDispose]()
    expect(heard.at(-1)).toEqual([])
    expect(await working).toMatchObject({ _tag: 'Right' })
    expect([one.view().status, two.view().status, clock.pending]).toEqual(['closed', 'closed', 0])
  })

  it('given no service or no address, when a registrar is made, then a TypeError says so', () => {
    const { registrar } = memoryRegistry()
    expect(() => registrar({ service: '', address: 'h:1' })).toThrow('registrar: "service" must be a name')
    expect(() => registrar({ service: 'orders' })).toThrow('an instance needs an address or a url')
    expect(() => registrar({ service: 'orders', address: 'h:0' })).toThrow('from 1 to 65535')
  })
})
