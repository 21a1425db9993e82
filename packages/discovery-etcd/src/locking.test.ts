// Locks and leads in a real etcd: one holder at a time, in the order in which they came, and none that goes on when it is lost.
import type { Held, LockView } from '@tenon/discovery'
import { ok } from '@tenon/endpoint'
import { etcdServer, faultProxy } from '@tenon/example-registries'
import { describe, expect, it } from 'vitest'
import { isThere, quiet, sharedEtcd } from '../test/etcd-server.ts'

const soon = { timeout: 600, heartbeat: 100 }
let keys = 0
const freshKey = (): string => `job/${process.pid}-${++keys}`

const until = (held: Held): Promise<void> =>
  new Promise((resolve) => held.signal.addEventListener('abort', () => resolve(), { once: true }))

describe.runIf(isThere)('a lock of etcd', () => {
  const server = sharedEtcd()

  it('given many who want it, in several processes, then one has it at a time, each once, and tokens only grow', async () => {
    const key = freshKey()
    await using one = quiet({ endpoints: server.url })
    await using two = quiet({ endpoints: server.url })
    let holders = 0
    const tokens: bigint[] = []
    const work = async ({ token }: Held): Promise<bigint> => {
      expect(++holders).toBe(1)
      tokens.push(token)
      await new Promise((resolve) => setTimeout(resolve, 5))
      holders--
      return token
    }
    const locks = [one, one, one, two, two, two].map((registry) => registry.lock(key))
    const answers = await Promise.all(locks.map((lock) => lock.hold(work, { wait: 30_000 })))
    expect(answers).toEqual(answers.map((answer) => ok((answer as { right: bigint }).right)))
    expect(tokens).toHaveLength(6)
    expect(tokens).toEqual(tokens.toSorted((a, b) => (a < b ? -1 : 1)))
    expect(new Set(tokens).size).toBe(6)
    // Nothing of it is left.
    const { kvs } = await server.raw
      .getAll()
      .prefix(`/locks/${key.replace('/', '%2F')}/`)
      .exec()
    expect(kvs).toEqual([])
  })

  it('given it is held, when others ask, then they are told by whom; one who does not wait has it not', async () => {
    const key = freshKey()
    await using registry = quiet({ endpoints: server.url })
    const held = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const first = registry.lock(key, { holder: 'the first' }).hold(async () => {
      held.resolve()
      await release.promise
      return 1
    })
    await held.promise
    const second = registry.lock(key)
    const views: LockView[] = []
    second.subscribe((view) => views.push(view))
    expect(await second.hold(() => 2, { wait: 0 })).toMatchObject({ left: { _tag: 'NotHeld', reason: 'taken', key } })
    expect(views).toContainEqual({ key, status: 'waiting', holder: 'the first' })
    const third = second.hold(() => 3, { wait: 30_000 })
    await expect
      .poll(() => second.view(), { timeout: 10_000 })
      .toMatchObject({ status: 'waiting', holder: 'the first' })
    release.resolve()
    expect(await Promise.all([first, third])).toEqual([ok(1), ok(3)])
  })

  it('given a holder that is cut off, then its signal aborts before anybody else has it', async () => {
    const key = freshKey()
    await using network = await faultProxy(server.url)
    await using theirs = quiet({ endpoints: network.url, ...soon })
    await using ours = quiet({ endpoints: server.url })
    const log: string[] = []
    const began = Promise.withResolvers<void>()
    const first = theirs.lock(key, { ttl: 2_000, timeout: 500 }).hold(async (held) => {
      began.resolve()
      expect(held.remaining()).toBeGreaterThan(0)
      await until(held)
      log.push('lost')
      expect(held.remaining()).toBe(0)
      expect(held.signal.reason).toMatchObject({ _tag: 'NotHeld', reason: 'lost' })
    })
    await began.promise
    network.partition()
    const second = ours.lock(key).hold(() => void log.push('taken'), { wait: 30_000 })
    expect(await first).toMatchObject({ left: { _tag: 'NotHeld', reason: 'lost' } })
    expect(await second).toEqual(ok(undefined))
    expect(log).toEqual(['lost', 'taken'])
    await network.heal()
  })

  it.each(['its lease is revoked', 'its key is deleted'])('given %s by somebody else, then it is lost', async (how) => {
    const key = freshKey()
    await using registry = quiet({ endpoints: server.url })
    const answer = registry.lock(key, { ttl: 1_000 }).hold(async (held) => {
      const { kvs } = await server.raw
        .getAll()
        .prefix(`/locks/${key.replace('/', '%2F')}/`)
        .exec()
      const [kv] = kvs
      expect(held.token).toBe(BigInt(kv?.create_revision as string))
      if (how.includes('lease')) await server.raw.leaseClient.leaseRevoke({ ID: kv?.lease as string })
      else await server.raw.delete().key(kv?.key as Buffer)
      await until(held)
    })
    expect(await answer).toMatchObject({ left: { reason: 'lost' } })
  })

  it("given a place in line of etcd's own recipe, then it is waited for, and seen", async () => {
    const key = freshKey()
    const line = `/locks/${key.replace('/', '%2F')}/`
    const { ID } = await server.raw.leaseClient.leaseGrant({ TTL: 60 })
    await server.raw.kv.put({
      key: Buffer.from(line + BigInt(ID).toString(16)),
      value: Buffer.from('gopher'),
      lease: ID,
    })
    await using registry = quiet({ endpoints: server.url })
    const lock = registry.lock(key)
    const answer = lock.hold(({ token }) => token, { wait: 30_000 })
    await expect.poll(() => lock.view().holder, { timeout: 10_000 }).toBe('gopher')
    // Ours stands behind it, named as theirs are.
    const mine = (await server.raw.getAll().prefix(line).exec()).kvs.find(({ lease }) => lease !== ID)
    expect(mine?.key.toString()).toBe(line + BigInt(mine?.lease as string).toString(16))
    await server.raw.leaseClient.leaseRevoke({ ID })
    expect(await answer).toEqual(ok(BigInt(mine?.create_revision as string)))
  })

  it('given a registry that is disposed while it holds and waits, then nothing of it stays in etcd', async () => {
    const key = freshKey()
    const registry = quiet({ endpoints: server.url })
    const began = Promise.withResolvers<void>()
    const first = registry.lock(key).hold(async (held) => {
      began.resolve()
      await until(held)
    })
    await began.promise
    const second = registry.lock(key).hold(() => 2)
    await registry[Symbol.asyncDispose]()
    expect(await Promise.all([first, second])).toMatchObject([{ _tag: 'Right' }, { left: { reason: 'closed' } }])
    expect(
      (
        await server.raw
          .getAll()
          .prefix(`/locks/${key.replace('/', '%2F')}/`)
          .exec()
      ).kvs,
    ).toEqual([])
  })
})

describe.runIf(isThere)('leads of etcd', () => {
  const server = sharedEtcd()

  it('given three who want to lead, then one does; when it resigns the next one does, with a greater token', async () => {
    const key = freshKey()
    await using registry = quiet({ endpoints: server.url })
    const terms: { readonly who: number; readonly token: bigint }[] = []
    const leaders = [0, 1, 2].map((who) =>
      registry.leader(key, {
        holder: `${who}`,
        async lead(held) {
          terms.push({ who, token: held.token })
          await until(held)
        },
      }),
    )
    for (const leader of leaders) await leader.start()
    for (let n = 1; n <= 3; n++) {
      await expect.poll(() => terms.length, { timeout: 10_000 }).toBe(n)
      const { who, token } = terms[n - 1] as (typeof terms)[number]
      expect(leaders.map((leader) => leader.view().status === 'held')).toEqual([0, 1, 2].map((other) => other === who))
      expect(leaders[who]?.view()).toMatchObject({ status: 'held', token })
      await leaders[who]?.drain()
    }
    expect(new Set(terms.map(({ who }) => who)).size).toBe(3)
    expect(terms.every(({ token }, at) => at === 0 || token > (terms[at - 1] as (typeof terms)[number]).token)).toBe(
      true,
    )
  })

  it('given a leader whose etcd comes back empty, then it is told, and leads again', async () => {
    await using own = await etcdServer()
    await using registry = quiet({ endpoints: own.url, ...soon })
    const statuses: string[] = []
    const leader = registry.leader('cron', { ttl: 2_000 })
    leader.subscribe(({ status }) => {
      if (statuses.at(-1) !== status) statuses.push(status)
    })
    await leader.start()
    await expect.poll(() => leader.view().status, { timeout: 10_000 }).toBe('held')
    await own.restart({ empty: true })
    await expect.poll(() => statuses.filter((status) => status === 'held').length, { timeout: 10_000 }).toBe(2)
    expect(statuses).toEqual(['idle', 'waiting', 'held', 'lost', 'waiting', 'held'])
  })

  it('given locks and leads of one name, then they do not concern each other', async () => {
    const key = freshKey()
    await using registry = quiet({ endpoints: server.url })
    const leader = registry.leader(key)
    await leader.start()
    await expect.poll(() => leader.view().status, { timeout: 10_000 }).toBe('held')
    expect(await registry.lock(key).hold(() => 1, { wait: 0 })).toEqual(ok(1))
  })
})

describe('options of locks and leads', () => {
  it.each<[string, (registry: ReturnType<typeof quiet>) => unknown, string]>([
    ['no key', (registry) => registry.lock(''), 'lock: "key" must be a name'],
    [
      'one that there is not',
      (registry) => registry.lock('job', { wait: 1 } as never),
      'lock job: there is no option "wait"',
    ],
    [
      'a time to live of half seconds',
      (registry) => registry.leader('job', { ttl: 2_500 }),
      'leader job: "ttl" must be whole seconds',
    ],
    [
      'a lead that is none',
      (registry) => registry.leader('job', { lead: 1 } as never),
      'leader job: "lead" must be a function',
    ],
    ['a lead for a lock', (registry) => registry.lock('job', { lead: () => {} } as never), 'there is no option "lead"'],
  ])('given %s, then it is refused by its name', async (_, make, message) => {
    await using registry = quiet({})
    expect(() => make(registry)).toThrow(message)
  })
})
