// Registrations in a real etcd: there while they live, gone when they drain or die, back when etcd forgot them.
import { instance } from '@tenon/discovery'
import { ok, type Telemetry } from '@tenon/endpoint'
import { etcdServer, faultProxy } from '@tenon/example-registries'
import { Etcd3 } from 'etcd3'
import { describe, expect, it } from 'vitest'
import { freshPrefix, isThere, quiet, sharedEtcd } from '../test/etcd-server.ts'
import { watched } from '../test/watched.ts'
import { etcd } from './index.ts'

const soon = { timeout: 600, heartbeat: 100 }
const one = { service: 'orders', id: 'one', address: '10.0.0.1:80' } as const

describe.runIf(isThere)('a registrar of etcd', () => {
  const server = sharedEtcd()

  it('ET-15, ET-17: given an instance, when it starts and drains, then it is there and gone, with all that is known of it', async () => {
    const prefix = freshPrefix()
    await using registry = quiet({ endpoints: server.url, prefix })
    using orders = watched(registry.instancer('orders'))
    const fields = {
      url: 'https://a.example/api',
      version: '1.2.0',
      zone: 'a',
      tags: ['blue'],
      metadata: { env: 'prod' },
      weight: 2,
    }
    const registrar = registry.registrar({ service: 'orders', id: 'one', ...fields })
    await registrar.start()
    await orders.becomes(['a.example:443'])
    expect(orders.last.instances).toEqual([instance({ id: 'one', name: 'orders', ...fields })])
    const [kv] = (await server.raw.getAll().prefix(`${prefix}/`).exec()).kvs
    expect(kv?.key.toString()).toBe(`${prefix}/orders/one`)
    const { TTL } = await server.raw.leaseClient.leaseTimeToLive({ ID: kv?.lease as string, keys: true })
    expect(Number(TTL)).toBeGreaterThan(10)
    expect(Number(TTL)).toBeLessThanOrEqual(15)
    await registrar.drain()
    await orders.becomes([])
    expect(registrar.view().status).toBe('deregistered')
    // Nothing of it is left in etcd.
    await expect(server.raw.leaseClient.leaseTimeToLive({ ID: kv?.lease as string })).resolves.toMatchObject({
      TTL: '-1',
    })
  })

  it('ET-21: given a lease that is lost, or a key that somebody deleted, then it is registered again', async () => {
    const prefix = freshPrefix()
    await using registry = quiet({ endpoints: server.url, prefix })
    using orders = watched(registry.instancer('orders'))
    await using registrar = registry.registrar({ ...one, ttl: 3_000 })
    await registrar.start()
    await orders.becomes(['10.0.0.1:80'])
    const [kv] = (await server.raw.getAll().prefix(prefix).exec()).kvs
    await server.raw.leaseClient.leaseRevoke({ ID: kv?.lease as string })
    await orders.becomes([])
    await orders.becomes(['10.0.0.1:80'])
    await server.raw.delete().prefix(prefix)
    await orders.becomes([])
    await orders.becomes(['10.0.0.1:80'])
    expect(await registrar.registered()).toEqual(ok())
  })

  it('given two with one id, when the older one drains, then the younger one stays; no heartbeat takes its place', async () => {
    const prefix = freshPrefix()
    await using registry = quiet({ endpoints: server.url, prefix })
    using orders = watched(registry.instancer('orders'))
    await using older = registry.registrar({ ...one, ttl: 1_000 })
    await older.start()
    await using younger = registry.registrar({ ...one, address: '10.0.0.2:80', ttl: 1_000 })
    await younger.start()
    await orders.becomes(['10.0.0.2:80'])
    // The older one beats every third of a second.
    await new Promise((resolve) => setTimeout(resolve, 800))
    expect(orders.addresses()).toEqual(['10.0.0.2:80'])
    await older.drain()
    expect(older.view().status).toBe('deregistered')
    const { kvs } = await server.raw.getAll().prefix(prefix).exec()
    expect(kvs).toHaveLength(1)
  })

  it('given an instance that is cut off, then etcd drops it after its time to live, and it is back as soon as it can be', async () => {
    const prefix = freshPrefix()
    await using network = await faultProxy(server.url)
    await using theirs = quiet({ endpoints: network.url, prefix, ...soon })
    await using ours = quiet({ endpoints: server.url, prefix })
    using orders = watched(ours.instancer('orders'))
    const registrar = theirs.registrar({ ...one, ttl: 1_000 })
    await registrar.start()
    await orders.becomes(['10.0.0.1:80'])
    const start = performance.now()
    network.partition()
    await orders.becomes([])
    // A heartbeat came a third of that before, at the earliest.
    expect(performance.now() - start).toBeGreaterThan(600)
    await expect.poll(() => registrar.view().status, { timeout: 10_000 }).toBe('unconfirmed')
    await network.heal()
    await orders.becomes(['10.0.0.1:80'])
    expect(await registrar.registered()).toEqual(ok())
  })

  it('given a registry that is disposed, then what was registered with it is taken out', async () => {
    const prefix = freshPrefix()
    await using ours = quiet({ endpoints: server.url, prefix })
    using orders = watched(ours.instancer('orders'))
    const theirs = quiet({ endpoints: server.url, prefix })
    await theirs.registrar(one).start()
    await theirs.registrar({ ...one, id: 'two', address: '10.0.0.2:80' }).start()
    await orders.becomes(['10.0.0.1:80', '10.0.0.2:80'])
    await theirs[Symbol.asyncDispose]()
    await orders.becomes([])
  })

  it('given 100 at once, and as many that drain, then all come and all go', async () => {
    const prefix = freshPrefix()
    await using registry = quiet({ endpoints: server.url, prefix })
    using orders = watched(registry.instancer('orders'))
    const all = Array.from({ length: 100 }, (_, n) =>
      registry.registrar({ service: 'orders', address: `10.0.0.${n}:80` }),
    )
    await Promise.all(all.map((registrar) => registrar.start()))
    await expect.poll(() => orders.addresses()?.length, { timeout: 10_000 }).toBe(100)
    await Promise.all(all.map((registrar) => registrar.drain()))
    await orders.becomes([])
  })

  it('given an encode of its own, then that is written', async () => {
    const prefix = freshPrefix()
    await using registry = quiet({ endpoints: server.url, prefix })
    await using registrar = registry.registrar({ ...one, encode: ({ address }) => address })
    await registrar.start()
    expect(await server.raw.get(`${prefix}/orders/one`).string()).toBe('10.0.0.1:80')
  })
})

describe.runIf(isThere)('an etcd that fails', () => {
  it('given one that is down when a service starts, then the service starts, and is registered as soon as etcd is there; also when it comes back empty', async () => {
    await using server = await etcdServer()
    await server.kill()
    const events: Telemetry[] = []
    const registry = etcd({
      endpoints: server.url,
      timeout: 10_000,
      heartbeat: 100,
      onTelemetry: (event) => events.push(event),
    })
    // Neither try nor heartbeat would come soon by itself.
    const registrar = registry.registrar({
      ...one,
      timeout: 10_000,
      delay: 60_000,
      ttl: 600_000,
      heartbeat: { longest: 300_000, next: () => 300_000 },
    })
    await registrar.start()
    expect(registrar.view()).toMatchObject({ status: 'registering', failures: 1, error: { code: 'unavailable' } })
    await server.restart()
    expect(await registrar.registered()).toEqual(ok())

    {
      using orders = watched(registry.instancer('orders'))
      await orders.becomes(['10.0.0.1:80'])
      await server.restart({ empty: true })
      await orders.becomes([])
      await orders.becomes(['10.0.0.1:80'])
    }
    // Also where nothing is watched, whose end would tell; and where gRPC is connected again before anybody asks.
    const raw = new Etcd3({ hosts: server.url })
    for (let n = 0; n < 10; n++) await raw.put('count').value(n)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await server.restart({ empty: true })
    await expect.poll(() => raw.get('/services/orders/one').string(), { timeout: 10_000 }).toContain('10.0.0.1:80')
    raw.close()
    await registry[Symbol.asyncDispose]()
    const told = events
      .filter(({ kind }) => kind === 'discovery.registration')
      .map((event) => (event as { to: string }).to)
    expect(told.slice(0, 2)).toEqual(['registering', 'registered'])
    expect(told.slice(-2)).toEqual(['deregistering', 'deregistered'])
    expect(told.filter((to) => to === 'registered').length).toBeGreaterThanOrEqual(3)
  })

  it('given one that hangs, when a registration drains, then that ends in time and says that it may linger', async () => {
    await using server = await etcdServer()
    await using registry = quiet({ endpoints: server.url, ...soon })
    const registrar = registry.registrar({ ...one, drainTimeout: 500 })
    await registrar.start()
    server.stop()
    await expect(registrar.drain()).rejects.toMatchObject({ failure: { _tag: 'NotRegistered', reason: 'lingering' } })
    server.cont()
  })

  it('given one that hangs before the first try, then the service starts all the same', async () => {
    await using server = await etcdServer()
    await using registry = quiet({ endpoints: server.url, ...soon })
    server.stop()
    const registrar = registry.registrar({ ...one, drainTimeout: 100 })
    await registrar.start()
    expect(registrar.view()).toMatchObject({ status: 'registering', error: { code: 'deadline_exceeded' } })
    server.cont()
    expect(await registrar.registered()).toEqual(ok())
  })
})

describe('a registration that makes no sense', () => {
  it.each<[string, object, string]>([
    ['an option that there is not', { lease: 5 }, 'there is no option "lease"'],
    ['no address', { address: undefined }, 'an instance needs an address or a url'],
    [
      'a time to live of half seconds',
      { ttl: 1_500 },
      'registrar of orders: "ttl" must be whole seconds, but was 1500',
    ],
    ['a time to live that is too short', { ttl: 15 }, 'registrar of orders: "ttl" must be a number of at least 1000'],
    [
      'heartbeats that come too late',
      { ttl: 5_000, heartbeat: { longest: 5_000, next: () => 5_000 } },
      'at least twice the longest wait between heartbeats (5000 ms), but was 5000',
    ],
    [
      'an encode that answers no text',
      { encode: () => ({}) },
      'registrar of orders: "encode" answers a text, and not [object Object]',
    ],
  ])('given %s, then it is refused by its name', async (_, options, message) => {
    await using registry = quiet({})
    expect(() => registry.registrar({ ...one, ...options })).toThrow(message)
  })
})
