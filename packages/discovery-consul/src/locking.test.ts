import type { Held } from '@tenon/discovery'
import { ok } from '@tenon/endpoint'
import { type ConsulServer, consulServer, faultProxy, needs } from '@tenon/example-registries'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, fresh, patience, tell } from '../test/heard.ts'
import { type ConsulLocking, consul } from './index.ts'

/** Aborts: when it is lost, or to be given back. */
const stopped = ({ signal }: Held): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve())
  })

describe.runIf(needs('consul'))('given a Consul', () => {
  let server: ConsulServer
  beforeAll(async () => {
    server = await consulServer({ config: { session_ttl_min: '1s' } })
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  const at = (url = server.url) => consul({ url })
  /** One that is renewed three times a second. */
  const quick: ConsulLocking = { ttl: 1_000, lockDelay: 0, retry: { next: () => 20 } }
  const sessions = async (): Promise<unknown[]> => (await ask(server.url, '/session/list')) as unknown[]
  const rawly = async (key: string): Promise<string> => (await fetch(`${server.url}/v1/kv/${key}`)).text()

  it('when two want a lock, then one has it, and the other has it at once when it is given back, with a greater token', async () => {
    const key = fresh('locks/one')
    await using first = at()
    await using second = at()
    const [one, two] = [first.lock(key, { ...quick, holder: 'first' }), second.lock(key, { lockDelay: 15_000 })]
    const holding = Promise.withResolvers<Held>()
    const release = Promise.withResolvers<void>()
    const done = one.hold((held) => {
      holding.resolve(held)
      return release.promise
    })
    const held = await holding.promise
    expect(one.view()).toMatchObject({ status: 'held', token: held.token })
    expect(await two.hold(() => 1, { wait: 0 })).toMatchObject({ left: { _tag: 'NotHeld', reason: 'taken' } })
    const waiting = two.hold(({ token }) => token, { wait: patience })
    await expect.poll(() => two.view().holder, { timeout: patience }).toBe('first')
    // Longer than its session lives without being renewed.
    await new Promise((resolve) => setTimeout(resolve, 2_200))
    expect(held.signal.aborted).toBe(false)
    expect(held.remaining()).toBeGreaterThan(0)
    release.resolve()
    expect(await done).toEqual(ok())
    const token = await waiting
    expect(token._tag === 'Right' && token.right > held.token).toBe(true)
    expect(held.remaining()).toBe(0)
  })

  it('when it does not take the ttl, then that is told at once, in our units', async () => {
    await using registry = at()
    const lock = registry.lock(fresh('locks/short'), { ttl: 500 })
    expect(await lock.hold(() => 1, { wait: patience })).toMatchObject({
      left: { reason: 'refused', message: expect.stringContaining('does not take a "ttl" of 500 ms') },
    })
  })

  it('when its token is compared with what Consul shows, then it is the index of the change that locked the key', async () => {
    const key = fresh('locks/index')
    await using registry = at()
    const token = await registry.lock(key, quick).hold(async (held) => {
      const [stored] = (await ask(server.url, `/kv/${key}`)) as { ModifyIndex: number; Session: string }[]
      expect(stored?.Session).toBeTruthy()
      expect(held.token).toBe(BigInt(stored?.ModifyIndex as number))
      const [session] = (await ask(server.url, `/session/info/${stored?.Session}`)) as object[]
      expect(session).toMatchObject({ TTL: '1000ms', LockDelay: 0, Behavior: 'release' })
      // Neither the agent's health nor anything else ends it before its time.
      expect(session).toMatchObject({ NodeChecks: [] })
      return held.token
    })
    expect(token._tag).toBe('Right')
    // As Consul's own client marks its locks: they keep each other out.
    expect(await rawly(key)).toMatch(/"Flags": ?3304740253564472344\b/)
    expect(await rawly(key)).not.toContain('"Session"')
  })

  it('when many hold a lock in turn, then never two at a time, and each later one has a greater token', async () => {
    const key = fresh('locks/many')
    let inside = 0
    let most = 0
    const tokens: bigint[] = []
    const registries = Array.from({ length: 5 }, () => at())
    await Promise.all(
      registries.flatMap((registry) => {
        const lock = registry.lock(key, { ...quick, ttl: 10_000 })
        return [1, 2, 3].map(async () => {
          const answer = await lock.hold(
            async ({ token }) => {
              inside++
              most = Math.max(most, inside)
              tokens.push(token)
              await new Promise((resolve) => setTimeout(resolve, 3))
              inside--
            },
            { wait: patience },
          )
          expect(answer).toEqual(ok())
        })
      }),
    )
    expect(most).toBe(1)
    expect(tokens).toHaveLength(15)
    expect(tokens).toEqual([...tokens].sort((a, b) => (a < b ? -1 : 1)))
    await Promise.all(registries.map((registry) => registry[Symbol.asyncDispose]()))
  })

  it('when the holder is cut off, then it knows before anybody else can have the lock', async () => {
    const key = fresh('locks/cut')
    await using proxy = await faultProxy(server.url)
    await using cut = at(proxy.url)
    await using other = at()
    const holding = Promise.withResolvers<void>()
    const lost = cut.lock(key, { ...quick, timeout: 300 }).hold(async (held) => {
      holding.resolve()
      await stopped(held)
      return performance.now()
    })
    await holding.promise
    const token = other.lock(key, quick).hold(() => performance.now(), { wait: patience })
    await new Promise((resolve) => setTimeout(resolve, 500))
    proxy.partition()
    const told = await lost.then(() => performance.now())
    expect(await lost).toMatchObject({ left: { _tag: 'NotHeld', reason: 'lost' } })
    const got = await token
    expect(got._tag === 'Right' && got.right > told).toBe(true)
    await proxy.heal()
  })

  it.each([
    ['its session is destroyed', (session: string) => tell(server.url, `/session/destroy/${session}`)],
    ['its key is deleted', (_: string, key: string) => fetch(`${server.url}/v1/kv/${key}`, { method: 'DELETE' })],
    ['its key is unlocked', (session: string, key: string) => tell(server.url, `/kv/${key}?release=${session}`, 'x')],
  ])('when %s, then the holder is told with the next renewal', async (_, undo) => {
    const key = fresh('locks/undone')
    await using registry = at()
    const answer = await registry.lock(key, quick).hold(async (held) => {
      const [stored] = (await ask(server.url, `/kv/${key}`)) as { Session: string }[]
      await undo(stored?.Session as string, key)
      await stopped(held)
      expect(held.signal.reason).toMatchObject({ _tag: 'NotHeld', reason: 'lost' })
    })
    expect(answer).toMatchObject({ left: { _tag: 'NotHeld', reason: 'lost' } })
  })

  it('when a session ends without giving back, then nobody has its lock before the delay is over', async () => {
    const key = fresh('locks/delayed')
    await using registry = at()
    const delayed = registry.lock(key, { ...quick, lockDelay: 1_500 })
    let since = 0
    await delayed.hold(async (held) => {
      const [stored] = (await ask(server.url, `/kv/${key}`)) as { Session: string }[]
      await tell(server.url, `/session/destroy/${stored?.Session}`)
      since = performance.now()
      await stopped(held)
    })
    const other = at()
    const got = await other.lock(key, quick).hold(() => performance.now() - since, { wait: patience })
    expect(got._tag === 'Right' && got.right >= 1_450).toBe(true)
    await other[Symbol.asyncDispose]()
  })

  it('when the key holds data of somebody else, then it is left alone, and that is said', async () => {
    const key = fresh('config/limits')
    await tell(server.url, `/kv/${key}`, 'data')
    await using registry = at()
    const answer = await registry.lock(key, quick).hold(() => 1, { wait: 0 })
    expect(answer).toMatchObject({
      left: {
        reason: 'refused',
        cause: {
          trouble: 'rejected',
          message: `lock ${key}: this key holds something that is no lock: take another one`,
        },
      },
    })
    expect(await (await fetch(`${server.url}/v1/kv/${key}?raw`)).text()).toBe('data')
  })

  it('when several want to lead, then one does; when it resigns or its registry is disposed, the next one does', async () => {
    const key = fresh('leaders/one')
    const led: [string, bigint][] = []
    const registries = ['a', 'b', 'c'].map((name) => {
      const registry = at()
      const lead = async (held: Held): Promise<void> => {
        led.push([name, held.token])
        await stopped(held)
      }
      return { registry, leader: registry.leader(key, { ...quick, ttl: 10_000, holder: name, lead }) }
    })
    const [a, b, c] = registries as [(typeof registries)[0], (typeof registries)[0], (typeof registries)[0]]
    await a.leader.start()
    await expect.poll(() => led.length, { timeout: patience }).toBe(1)
    await b.leader.start()
    await expect.poll(() => b.leader.view().holder, { timeout: patience }).toBe('a')
    await a.leader.drain()
    await expect.poll(() => led.length, { timeout: patience }).toBe(2)
    await c.leader.start()
    await expect.poll(() => c.leader.view().status, { timeout: patience }).toBe('waiting')
    await b.registry[Symbol.asyncDispose]()
    await expect.poll(() => led.length, { timeout: patience }).toBe(3)
    expect(led.map(([name]) => name)).toEqual(['a', 'b', 'c'])
    const [first, second, third] = led.map(([, token]) => token) as [bigint, bigint, bigint]
    expect(first < second && second < third).toBe(true)
    await Promise.all([a, c].map(({ registry }) => registry[Symbol.asyncDispose]()))
  })

  it('when all have let go, then no session is left', async () => {
    await expect.poll(sessions, { timeout: patience }).toEqual([])
  })
})

describe.runIf(needs('consul'))('given a Consul of its own', () => {
  it('when it comes back empty, then the holder has lost, and the leader leads again', async () => {
    await using server = await consulServer({ config: { session_ttl_min: '1s' } })
    await using registry = consul({ url: server.url })
    let terms = 0
    const leader = registry.leader('leaders/one', {
      ttl: 2_000,
      lockDelay: 0,
      lead: async (held) => {
        terms++
        await stopped(held)
      },
    })
    const statuses: string[] = []
    leader.subscribe(({ status }) => statuses.push(status))
    await leader.start()
    await expect.poll(() => terms, { timeout: patience }).toBe(1)
    await server.restart()
    await expect.poll(() => terms, { timeout: patience }).toBe(2)
    expect(statuses).toContain('lost')
    await leader.drain()
    expect(leader.view().status).toBe('closed')
  })
})

const bad: readonly (readonly [unknown, object, string])[] = [
  ['', {}, '"key" is a text that is not empty'],
  [7, {}, '"key" is a text that is not empty'],
  ['/a', {}, '"key" has parts between slashes, none of them empty or dots, and not "/a"'],
  ['a//b', {}, '"key" has parts between slashes'],
  ['a/../b', {}, '"key" has parts between slashes'],
  ['a', { lockdelay: 1 }, 'a: there is no option "lockdelay"; there are '],
  ['a', { lockDelay: 60_001 }, 'a: "lockDelay" must be a number of at least 0 and of at most 60000'],
  ['a', { ttl: 0 }, 'a: "ttl" must be a number above 0'],
  ['a', { margin: -1 }, 'a: "margin" must be'],
]

describe.each(['lock', 'leader'] as const)('given a bad option of a %s', (kind) => {
  it.each(bad)('when the key is %o with %o, then it is named', (key, options, words) => {
    expect(() => consul()[kind](key as string, options)).toThrow(words)
  })
})
