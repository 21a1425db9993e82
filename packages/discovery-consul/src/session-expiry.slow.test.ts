// Consul keeps sessions longer than their time to live, and locks longer than sessions.
import { consulServer, faultProxy, needs } from '@tenon/example-registries'
import { expect, it } from 'vitest'
import { consul } from './index.ts'

it.runIf(needs('consul'))(
  'given the times that a Consul takes by itself, when a leader dies, then another leads within twice the time to live and the delay',
  async () => {
    await using server = await consulServer()
    await using proxy = await faultProxy(server.url)
    await using dying = consul({ url: proxy.url })
    await using heir = consul({ url: server.url })
    const ttl = 10_000
    const first = dying.leader('leaders/one', { ttl, drainTimeout: 100 })
    await first.start()
    await expect.poll(() => first.view().status, { timeout: 10_000 }).toBe('held')
    const second = heir.leader('leaders/one', { ttl })
    await second.start()
    await expect.poll(() => second.view().status, { timeout: 10_000 }).toBe('waiting')
    proxy.partition()
    const start = performance.now()
    let lost = 0
    first.subscribe(({ status }) => {
      if (status === 'lost' && lost === 0) lost = performance.now()
    })
    await expect.poll(() => second.view().status, { timeout: 60_000, interval: 50 }).toBe('held')
    const took = performance.now() - start
    expect(lost).toBeGreaterThan(0)
    expect(lost - start).toBeLessThan(ttl)
    // Counted from its last renewal, a third of the time to live before at most.
    expect(took).toBeGreaterThan(ttl)
    expect(took).toBeLessThan(45_000)
    await proxy.heal()
  },
)
