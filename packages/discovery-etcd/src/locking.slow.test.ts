// A line that stands for longer than leases last which nobody renews.
import { describe, expect, it } from 'vitest'
import { isThere, quiet, sharedEtcd } from '../test/etcd-server.ts'

describe.runIf(isThere)('a line for a lock of etcd', () => {
  const server = sharedEtcd()

  it('given one who waits for longer than its time to live, then it keeps its place; one who gives up loses it', async () => {
    const key = 'job'
    await using registry = quiet({ endpoints: server.url })
    const order: string[] = []
    const began = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const take = (name: string, wait = 60_000) =>
      registry.lock(key, { ttl: 3_000, holder: name }).hold(() => void order.push(name), { wait })
    const first = registry.lock(key, { ttl: 3_000 }).hold(async () => {
      began.resolve()
      await release.promise
    })
    await began.promise
    const waiting = (count: number) =>
      expect
        .poll(async () => (await server.raw.getAll().prefix(`/locks/${key}/`).exec()).kvs.length, { timeout: 10_000 })
        .toBe(count)
    const second = take('second')
    await waiting(2)
    const impatient = take('impatient', 500)
    await waiting(3)
    const third = take('third')
    await waiting(4)
    expect(await impatient).toMatchObject({ left: { reason: 'taken' } })
    await waiting(3)
    // Longer than leases that nobody renews.
    await new Promise((resolve) => setTimeout(resolve, 8_000))
    await waiting(3)
    release.resolve()
    await Promise.all([first, second, third])
    expect(order).toEqual(['second', 'third'])
  })
})
