// An etcd that is killed, emptied, hangs, is cut off or compacted: what is known stays, with an error beside it, and is fresh within a second
// once etcd answers.
import { etcdServer, faultProxy } from '@tenon/example-registries'
import { Etcd3 } from 'etcd3'
import { describe, expect, it } from 'vitest'
import { freshPrefix, isThere, quiet, sharedEtcd } from '../test/etcd-server.ts'
import { watched } from '../test/watched.ts'
import { EtcdError } from './index.ts'

/** Found sooner than by default, so that a test takes no seconds. */
const soon = { timeout: 600, heartbeat: 100 }

describe.runIf(isThere)('an etcd that fails', () => {
  const shared = sharedEtcd()

  it('given one that is down at first, when it starts, then the set is known within a second; emptied, that it is empty', async () => {
    await using server = await etcdServer()
    const raw = new Etcd3({ hosts: server.url })
    await raw.put('/services/orders/a').value('10.0.0.1:80')
    raw.close()
    await server.kill()
    await using registry = quiet({ endpoints: server.url })
    using orders = watched(registry.instancer('orders'))
    const error = await orders.fails()
    expect(error).toBeInstanceOf(EtcdError)
    expect(error).toMatchObject({
      _tag: 'EtcdError',
      code: 'unavailable',
      message: `etcd at ${server.host}:2379: no connection: connect ECONNREFUSED ${server.host}:2379`,
    })
    expect(orders.last.instances).toBeUndefined()
    await server.restart()
    await orders.becomes(['10.0.0.1:80'])

    await server.kill()
    await orders.fails()
    expect(orders.addresses()).toEqual(['10.0.0.1:80'])
    // Its revision is lower than what was seen, and the same keys may come again with the same revisions.
    await server.restart({ empty: true })
    await orders.becomes([])
    const again = new Etcd3({ hosts: server.url })
    await again.put('/services/orders/a').value('10.0.0.9:80')
    again.close()
    await orders.becomes(['10.0.0.9:80'])
  })

  it('given one that is restarted, when it is ready, then what was written meanwhile is known within a second', async () => {
    const prefix = freshPrefix()
    await using server = await etcdServer()
    await using registry = quiet({ endpoints: server.url, prefix })
    using orders = watched(registry.instancer('orders'))
    await orders.becomes([])
    const late: number[] = []
    for (let n = 1; n <= 5; n++) {
      await server.restart()
      // What connecting and writing takes by itself on this machine, at this moment.
      const began = performance.now()
      const raw = new Etcd3({ hosts: server.url })
      await raw.put(`${prefix}/orders/a`).value(`10.0.0.${n}:80`)
      raw.close()
      const start = performance.now()
      await orders.becomes([`10.0.0.${n}:80`])
      late.push(performance.now() - start - (start - began))
    }
    expect(late.toSorted((a, b) => a - b)[2]).toBeLessThan(1_000)
  })

  it('given one that hangs, then that is found without waiting for it; when it goes on, the set is fresh', async () => {
    const prefix = freshPrefix()
    await using server = await etcdServer()
    await using registry = quiet({ endpoints: server.url, prefix, ...soon })
    using orders = watched(registry.instancer('orders'))
    await orders.becomes([])
    server.stop()
    expect(await orders.fails()).toMatchObject({ code: 'deadline_exceeded' })
    expect(orders.addresses()).toEqual([])
    // Whoever comes now is told as well, and not kept waiting.
    using other = watched(registry.instancer('other'))
    expect(await other.fails()).toMatchObject({ code: 'deadline_exceeded' })
    server.cont()
    await orders.becomes([])
    await other.becomes([])
    const raw = new Etcd3({ hosts: server.url })
    await raw.put(`${prefix}/orders/a`).value('10.0.0.1:80')
    raw.close()
    await orders.becomes(['10.0.0.1:80'])
  })

  it('given a network that is cut, and later well, then what was written meanwhile is known', async () => {
    const prefix = freshPrefix()
    await using network = await faultProxy(shared.url)
    await using registry = quiet({ endpoints: network.url, prefix, ...soon })
    using orders = watched(registry.instancer('orders'))
    await orders.becomes([])
    for (const [n, cut] of (['partition', 'refuse', 'reset'] as const).entries()) {
      await network[cut]()
      // Connections that are open pass while new ones are refused.
      if (cut === 'refuse') network.reset()
      await shared.raw.put(`${prefix}/orders/a`).value(`10.0.0.${n}:80`)
      if (cut !== 'reset') await orders.fails()
      await network.heal()
      await orders.becomes([`10.0.0.${n}:80`])
    }
    // No connection is left behind: one for what is watched now.
    await expect.poll(() => network.open, { timeout: 10_000 }).toBe(1)
    await registry[Symbol.asyncDispose]()
    await expect.poll(() => network.open, { timeout: 10_000 }).toBe(0)
  })

  it('given several endpoints, when the one that is used fails in any way, then another one serves', async () => {
    const prefix = freshPrefix()
    await using one = await faultProxy(shared.url)
    await using two = await faultProxy(shared.url)
    await using registry = quiet({
      endpoints: ['http://127.0.0.1:1', one.url, two.url],
      prefix,
      ...soon,
      timeout: 2_000,
    })
    using orders = watched(registry.instancer('orders'))
    await orders.becomes([])
    for (let n = 0; n < 4; n++) {
      const used = one.open > 0 ? one : two
      if (n % 2 === 0) used.partition()
      else {
        await used.refuse()
        used.reset()
      }
      await shared.raw.put(`${prefix}/orders/a`).value(`10.0.0.${n}:80`)
      await orders.becomes([`10.0.0.${n}:80`])
      await used.heal()
    }
  })

  it('given an etcd that is compacted beyond what a watch would need, then all is read anew, without an error', async () => {
    const prefix = freshPrefix()
    await using network = await faultProxy(shared.url)
    await using registry = quiet({ endpoints: network.url, prefix, timeout: 10_000, heartbeat: 10_000 })
    using orders = watched(registry.instancer('orders'))
    await orders.becomes([])
    // Each message takes a while, so that etcd goes on between the reading and the watch that begins there.
    network.delay(150)
    using other = watched(registry.instancer('other'))
    let written = 0
    // Until it has been read, and then for as long as the watch may take to get there.
    for (let more = 30; more > 0; written++) {
      const { header } = await shared.raw.put(`${prefix}/other/a`).value(`10.0.0.${written % 256}:80`)
      await shared.raw.kv.compact({ revision: header.revision, physical: true })
      await new Promise((resolve) => setTimeout(resolve, 10))
      if (other.last.instances !== undefined) more--
    }
    await other.becomes([`10.0.0.${(written - 1) % 256}:80`])
    expect(other.states.every(({ error }) => error === undefined)).toBe(true)
    // It was read more than once: the first time before the last value was written.
    expect(other.states.length).toBeGreaterThan(2)
  })
})
