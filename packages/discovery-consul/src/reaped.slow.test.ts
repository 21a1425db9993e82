// Consul's reaper takes its time.
import { virtualClock } from '@tenon/endpoint/testing'
import { consulServer, needs } from '@tenon/example-registries'
import { expect, it } from 'vitest'
import { ask, tell } from '../test/heard.ts'
import { consul, ttl } from './index.ts'

it.runIf(needs('consul'))(
  'given an instance that fell silent, when the reaper has taken it out of the catalog and it wakes up, then it is registered anew',
  async () => {
    await using server = await consulServer()
    const clock = virtualClock()
    await using registry = consul({ url: server.url })
    const registrar = registry.registrar({
      service: 'orders',
      url: 'http://10.0.0.7:8080',
      clock,
      check: ttl({ every: 500, ttl: 1_000, deregisterAfter: 60_000 }),
    })
    const count = async () => ((await ask(server.url, '/catalog/service/orders')) as unknown[]).length
    await registrar.start()
    expect(await count()).toBe(1)
    // A minute, and the reaper comes by every 30 s: 87 to 89 s were seen.
    await expect.poll(count, { timeout: 150_000, interval: 500 }).toBe(0)
    await clock.advance(500)
    await expect.poll(count, { timeout: 15_000 }).toBe(1)
    await registrar.drain()
    await tell(server.url, '/agent/service/deregister/none')
    expect(await count()).toBe(0)
  },
)
