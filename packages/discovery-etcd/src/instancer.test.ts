// Instances in a real etcd: sets, changes, what is malformed, and how many watches that takes.
import { balanced, endpointer, roundRobin } from '@tenon/discovery'
import { call, endpoint, ok, type Telemetry } from '@tenon/endpoint'
import { describe, expect, it } from 'vitest'
import { freshPrefix, isThere, quiet, sharedEtcd } from '../test/etcd-server.ts'
import { watched } from '../test/watched.ts'
import { etcd } from './index.ts'

describe.runIf(isThere)('an instancer of etcd', () => {
  const server = sharedEtcd()

  /** How many watches etcd counts, of everybody. */
  const watchers = async (): Promise<number> => {
    const text = await (await fetch(`${server.url}/metrics`)).text()
    return Number(/^etcd_debugging_mvcc_watcher_total (\d+)/m.exec(text)?.[1])
  }

  it('ET-11, ET-15: given entries, when they come, change and go, then each set is told, sorted', async () => {
    const prefix = freshPrefix()
    const events: Telemetry[] = []
    await server.raw.put(`${prefix}/orders/b`).value('10.0.0.2:80')
    await using registry = etcd({ endpoints: server.url, prefix, onTelemetry: (event) => events.push(event) })
    using orders = watched(registry.instancer('orders'))
    await orders.becomes(['10.0.0.2:80'])
    await server.raw.put(`${prefix}/orders/a`).value('10.0.0.1:80')
    await orders.becomes(['10.0.0.1:80', '10.0.0.2:80'])
    await server.raw.put(`${prefix}/orders/b`).value('10.0.0.3:80')
    await orders.becomes(['10.0.0.1:80', '10.0.0.3:80'])
    await server.raw.delete().prefix(`${prefix}/orders/`)
    await orders.becomes([])
    expect(orders.states.every(({ error }) => error === undefined)).toBe(true)
    const change = { kind: 'discovery.set', service: 'orders', size: 2 }
    expect(events).toEqual([
      { ...change, size: 1, added: ['b'], removed: [] },
      { ...change, added: ['a'], removed: [] },
      { ...change, added: [], removed: [] },
      { ...change, size: 0, added: [], removed: ['a', 'b'] },
    ])
  })

  it('given services whose names begin alike, or with a slash, then each has its own instances', async () => {
    const prefix = freshPrefix()
    await server.raw.put(`${prefix}/orders/a`).value('10.0.0.1:80')
    await server.raw.put(`${prefix}/orders-v2/a`).value('10.0.0.2:80')
    await server.raw.put(`${prefix}/orders%2Fa/a`).value('10.0.0.3:80')
    await using registry = quiet({ endpoints: server.url, prefix })
    using orders = watched(registry.instancer('orders'))
    using second = watched(registry.instancer('orders-v2'))
    using third = watched(registry.instancer('orders/a'))
    await orders.becomes(['10.0.0.1:80'])
    await second.becomes(['10.0.0.2:80'])
    await third.becomes(['10.0.0.3:80'])
  })

  it('given malformed entries among others, then they are left out, and each is reported once', async () => {
    const prefix = freshPrefix()
    const events: Telemetry[] = []
    await server.raw.put(`${prefix}/orders/a`).value('10.0.0.1:80')
    await server.raw.put(`${prefix}/orders/b`).value('nonsense')
    await server.raw.put(`${prefix}/orders/c`).value('')
    await using registry = etcd({ endpoints: server.url, prefix, onTelemetry: (event) => events.push(event) })
    using orders = watched(registry.instancer('orders'))
    await orders.becomes(['10.0.0.1:80'])
    await server.raw.put(`${prefix}/orders/d`).value('10.0.0.4:80')
    await orders.becomes(['10.0.0.1:80', '10.0.0.4:80'])
    const errors = events.filter(({ kind }) => kind === 'discovery.error')
    expect(errors.map((event) => String((event as { error: unknown }).error))).toEqual([
      expect.stringContaining(`${prefix}/orders/b is no instance: `),
      expect.stringContaining(`${prefix}/orders/c is no instance: there is no value`),
    ])
    await server.raw.put(`${prefix}/orders/b`).value('10.0.0.2:80')
    await orders.becomes(['10.0.0.1:80', '10.0.0.2:80', '10.0.0.4:80'])
  })

  it('given a decode of its own, then it says what a value is, and what it throws leaves out that entry alone', async () => {
    const prefix = freshPrefix()
    await server.raw.put(`${prefix}/orders/a`).value('host=10.0.0.1;port=80')
    await server.raw.put(`${prefix}/orders/b`).value('10.0.0.2:80')
    await using registry = quiet({ endpoints: server.url, prefix })
    const decode = (value: string, { id }: { id: string }) => {
      const [, host, port] = /^host=(.*);port=(.*)$/.exec(value) as RegExpExecArray
      return { id, address: `${host}:${port}` }
    }
    using orders = watched(registry.instancer('orders', { decode }))
    using plain = watched(registry.instancer('orders'))
    await orders.becomes(['10.0.0.1:80'])
    await plain.becomes(['10.0.0.2:80'])
  })

  it('given 500 entries that come at once, then all are known, told in far fewer sets', async () => {
    const prefix = freshPrefix()
    await using registry = quiet({ endpoints: server.url, prefix })
    using orders = watched(registry.instancer('orders'))
    await orders.becomes([])
    await Promise.all(
      Array.from({ length: 500 }, (_, n) =>
        server.raw.put(`${prefix}/orders/${n}`).value(`10.1.${n >> 8}.${n & 255}:80`),
      ),
    )
    await expect.poll(() => orders.addresses()?.length, { timeout: 10_000 }).toBe(500)
    await server.raw.delete().prefix(`${prefix}/orders/`)
    await orders.becomes([])
    // Removed in one transaction: one message, one set.
    expect(orders.states.at(-2)?.instances).toHaveLength(500)
  })

  it('given several instancers of a service and several who listen, then etcd has one watch; none when all have left', async () => {
    const prefix = freshPrefix()
    await server.raw.put(`${prefix}/orders/a`).value('10.0.0.1:80')
    await expect.poll(watchers, { timeout: 10_000 }).toBe(0)
    await using registry = quiet({ endpoints: server.url, prefix })
    const [one, two] = [registry.instancer('orders'), registry.instancer('orders', { coalesce: 10 })]
    const all = [watched(one), watched(one), watched(two)]
    for (const each of all) await each.becomes(['10.0.0.1:80'])
    await expect.poll(watchers, { timeout: 10_000 }).toBe(1)
    // Somebody who comes later is told at once.
    using late = watched(registry.instancer('orders'))
    expect(late.addresses()).toEqual(['10.0.0.1:80'])
    for (const each of [...all, late]) each[Symbol.dispose]()
    await expect.poll(watchers, { timeout: 10_000 }).toBe(0)
    // And it begins again, with what is there then.
    await server.raw.put(`${prefix}/orders/a`).value('10.0.0.2:80')
    using again = watched(one)
    expect(again.last).toEqual({ instances: undefined, error: undefined })
    await again.becomes(['10.0.0.2:80'])
  })

  it('given a registry that is disposed while it is asked, then nobody hears of it, and etcd has no watch', async () => {
    await expect.poll(watchers, { timeout: 10_000 }).toBe(0)
    for (let n = 0; n < 20; n++) {
      const registry = quiet({ endpoints: server.url, prefix: freshPrefix() })
      using orders = watched(registry.instancer('orders'))
      // At another point each time: connecting, reading, opening the watch, watching.
      if (n > 0) await new Promise((resolve) => setTimeout(resolve, n))
      await registry[Symbol.asyncDispose]()
      const { length } = orders.states
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(orders.states).toHaveLength(length)
    }
    await expect.poll(watchers, { timeout: 10_000 }).toBe(0)
  })

  it('given connections on it, when instances change, then calls go to those that are there', async () => {
    const prefix = freshPrefix()
    await server.raw.put(`${prefix}/orders/a`).value('10.0.0.1:80')
    await using registry = quiet({ endpoints: server.url, prefix })
    await using orders = endpointer(registry.instancer('orders'), {
      connect: ({ address }) => endpoint(async () => ok(address)),
    })
    const place = balanced(orders, roundRobin())
    expect(await call(place, undefined)).toEqual(ok('10.0.0.1:80'))
    await server.raw.put(`${prefix}/orders/a`).value('10.0.0.2:80')
    await expect.poll(() => call(place, undefined), { timeout: 10_000 }).toEqual(ok('10.0.0.2:80'))
  })
})
