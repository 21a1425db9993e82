import { expect, it } from 'vitest'
import { consulCluster, consulServer, needs } from './registries.ts'

it.runIf(needs('consul'))(
  'given three servers and an agent, when the leader is killed, then another leads, the agent reads on, and it comes back',
  async () => {
    await using cluster = await consulCluster({ client: true })
    expect(cluster.url).toBe(cluster.client?.url)
    const first = await cluster.leader()
    await fetch(`${cluster.url}/v1/kv/a`, { method: 'PUT', body: 'kept' })
    await first.kill()
    const second = await cluster.leader()
    expect(second.host).not.toBe(first.host)
    const read = (): Promise<string> => fetch(`${cluster.url}/v1/kv/a?raw`).then((answer) => answer.text())
    await expect.poll(read, { timeout: 10_000 }).toBe('kept')
    await first.restart()
    const stale = await fetch(`${first.url}/v1/kv/a?raw&stale`)
    expect(await stale.text()).toBe('kept')
  },
)

it.runIf(needs('consul'))(
  'given a Consul with a disk, when it is restarted, then it knows what it knew, unless empty',
  async () => {
    await using server = await consulServer({ durable: true })
    const key = `${server.url}/v1/kv/a`
    const read = (): Promise<string> => fetch(`${key}?raw`).then((answer) => answer.text())
    await fetch(key, { method: 'PUT', body: 'kept' })
    await server.kill()
    await server.restart()
    expect(await read()).toBe('kept')
    await server.restart({ empty: true })
    expect(await read()).toBe('')
  },
)
