// What a Consul without a leader still answers.
import { consulCluster, needs } from '@tenon/example-registries'
import { expect, it } from 'vitest'
import { hear, tell } from '../test/heard.ts'
import { consul, type Read } from './index.ts'

it.runIf(needs('consul'))(
  'given three servers of which two die, when reads become stale once they fail, then instances are still found, and nothing is written until there is a leader',
  async () => {
    await using cluster = await consulCluster()
    const [first, second, third] = cluster.servers
    await tell(first.url, '/agent/service/register', { Name: 'orders', ID: 'one', Port: 80 })
    const asked: Read[] = []
    await using yielding = consul({
      url: first.url,
      reads: (read) => {
        asked.push(read)
        return read.failures > 0 ? 'stale' : 'default'
      },
    })
    await using strict = consul({ url: first.url })
    using known = hear(strict.instancer('orders'))
    using found = hear(yielding.instancer('orders'))
    await known.ids('one')
    await found.ids('one')
    const before = found.states.length
    await Promise.all([second.kill(), third.kill()])
    // It waits for a change, or for the leader that it asked: either way it hears of the trouble in the end.
    const { error, instances } = await known.until(
      (state) => (state.error as { trouble?: string })?.trouble === 'leaderless',
    )
    expect((error as Error).message).toContain('reads: "stale" answers without one')
    expect(instances).toHaveLength(1)
    await expect.poll(() => asked.some(({ failures }) => failures > 0), { timeout: 60_000 }).toBe(true)
    // However far behind the server was that is left.
    expect(found.states.slice(before).every(({ instances }) => instances?.length === 1)).toBe(true)
    expect(await strict.kv('text').put('a')).toMatchObject({ left: { trouble: 'leaderless', code: 'unavailable' } })
    await Promise.all([second.restart(), third.restart()])
    await cluster.leader()
    await known.ids('one')
    await expect.poll(async () => (await strict.kv('text').put('a'))._tag, { timeout: 30_000 }).toBe('Right')
  },
)
