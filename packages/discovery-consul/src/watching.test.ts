// The rules of blocking queries, with an agent that breaks them.
import { virtualClock } from '@tenon/endpoint/testing'
import { describe, expect, it } from 'vitest'
import { hear } from '../test/heard.ts'
import { pretender } from '../test/pretender.ts'
import { type ConsulError, consul } from './index.ts'

const error = ({ error }: { readonly error: unknown }): ConsulError => error as ConsulError

describe('given an agent that pretends', () => {
  it('when it is asked, then first without an index, and then with that of the answer, for the wait', async () => {
    await using agent = await pretender()
    await using registry = consul({
      url: `${agent.url}/behind/`,
      wait: 20_000,
      token: 'secret',
      namespace: 'team',
      datacenter: 'dc2',
      reads: 'consistent',
    })
    using heard = hear(registry.instancer('a b/c', { tags: ['x', 'y&z'], filter: 'a == "b"' }))
    const first = await agent.next()
    expect(first.url).toBe(
      '/behind/v1/health/service/a%20b%2Fc?passing=1&tag=x&tag=y%26z&filter=a%20%3D%3D%20%22b%22&dc=dc2&consistent=',
    )
    expect(first.headers).toMatchObject({ 'x-consul-token': 'secret', 'x-consul-namespace': 'team' })
    first.answer(7, ['a'])
    const second = await agent.next()
    expect(second.url).toContain('&consistent=&index=7&wait=20000ms')
    second.answer(9, ['a', 'b'])
    await heard.ids('a', 'b')
    expect((await agent.next()).index).toBe(9)
    expect(agent.connections).toBe(1)
  })

  it('when a watch is left while it waits, then no connection and no timer is left; the last of several is what counts', async () => {
    await using agent = await pretender()
    const clock = virtualClock()
    await using registry = consul({ url: agent.url, clock })
    const instancer = registry.instancer('orders')
    using one = hear(instancer)
    using two = hear(registry.instancer('orders'))
    ;(await agent.next()).answer(7, ['a'])
    expect((await agent.next()).index).toBe(7)
    one[Symbol.dispose]()
    await two.ids('a')
    expect(agent.open).toBe(1)
    two[Symbol.dispose]()
    await expect.poll(() => agent.open, { timeout: 15_000 }).toBe(0)
    expect(clock.pending).toBe(0)
    // What was known is forgotten with the watch.
    using again = hear(instancer)
    expect(again.state.instances).toBeUndefined()
    ;(await agent.next()).answer(9, ['b'])
    await again.ids('b')
  })

  it('when the registry is disposed while queries wait, then nothing is left, and whoever listens hears of it', async () => {
    await using agent = await pretender()
    const clock = virtualClock()
    const registry = consul({ url: agent.url, clock })
    using answered = hear(registry.instancer('orders'))
    ;(await agent.next()).answer(7, ['a'])
    await agent.next()
    using unanswered = hear(registry.instancer('stock'))
    await agent.next()
    await registry[Symbol.asyncDispose]()
    await registry[Symbol.asyncDispose]()
    await expect.poll(() => agent.open, { timeout: 15_000 }).toBe(0)
    expect(clock.pending).toBe(0)
    using late = hear(registry.instancer('orders'))
    for (const { state } of [answered, unanswered, late]) expect(error(state).message).toBe('the registry is closed')
    expect(answered.state.instances).toHaveLength(1)
  })

  it('when it is left while it pauses, connects or is paced, then no timer is left', async () => {
    await using agent = await pretender()
    const clock = virtualClock()
    await using registry = consul({ url: agent.url, clock })
    using pausing = hear(registry.instancer('orders'))
    ;(await agent.next()).response.writeHead(500).end()
    await pausing.until(({ error }) => error !== undefined)
    expect(clock.pending).toBe(1)
    pausing[Symbol.dispose]()
    using connecting = hear(registry.instancer('stock'))
    connecting[Symbol.dispose]()
    using polled = hear(registry.instancer('polled'))
    ;(await agent.next()).answer(0)
    await polled.ids()
    polled[Symbol.dispose]()
    await expect.poll(() => [agent.open, clock.pending], { timeout: 15_000 }).toEqual([0, 0])
  })

  it('when no connection comes about in time, then that is told, and another one is tried without a pause', async () => {
    await using agent = await pretender()
    const clock = virtualClock()
    await using registry = consul({ url: agent.url, clock, connectTimeout: 700 })
    using heard = hear(registry.instancer('orders'))
    await new Promise<void>((resolve) => process.nextTick(resolve)) // it has a socket, which cannot be connected yet
    clock.advanceSync(700)
    const state = await heard.until(({ error }) => error !== undefined)
    expect(error(state).message).toBe(`watching orders, connecting: ${agent.url} did not answer within 700 ms`)
    ;(await agent.next()).answer(7, ['a'])
    await heard.ids('a')
  })

  it('when the index goes backwards, then the same is asked from the start at once, and that answer counts', async () => {
    await using agent = await pretender()
    await using registry = consul({ url: agent.url, clock: virtualClock() })
    using heard = hear(registry.instancer('orders'))
    ;(await agent.next()).answer(70, ['a'])
    ;(await agent.next()).answer(11, ['lagging'])
    const third = await agent.next()
    expect(third.index).toBe(0)
    third.answer(11, ['b'])
    await heard.ids('b')
    expect((await agent.next()).index).toBe(11)
    expect(heard.states.some(({ instances }) => instances?.[0]?.id === 'lagging')).toBe(false)
    expect(heard.states.every(({ error }) => error === undefined)).toBe(true)
  })

  it('when one without a leader lags behind what is known, then that stays, until it has caught up or there is a leader', async () => {
    await using agent = await pretender()
    const clock = virtualClock()
    await using registry = consul({
      url: agent.url,
      clock,
      reads: ({ failures }) => (failures > 0 ? 'stale' : 'default'),
    })
    using heard = hear(registry.instancer('orders'))
    const alone = { 'x-consul-knownleader': 'false' }
    ;(await agent.next()).answer(12, ['a'])
    ;(await agent.next()).response.writeHead(500).end('No cluster leader')
    await heard.until(({ error }) => error !== undefined)
    await clock.advance(500)
    const second = await agent.next()
    expect(second.url).toContain('stale')
    second.answer(11, [], alone)
    await expect.poll(() => clock.advance(100).then(() => agent.waiting), { timeout: 15_000, interval: 5 }).toBe(1)
    expect(heard.state).toMatchObject({ instances: [{ id: 'a' }], error: { trouble: 'leaderless' } })
    const third = await agent.next()
    expect(third.url).toContain('stale')
    expect(third.index).toBe(0)
    third.answer(12, ['a'], alone)
    await heard.ids('a')
    ;(await agent.next()).answer(3, [])
    ;(await agent.next()).answer(3, ['b'])
    await heard.ids('b')
  })

  it.each([undefined, 0, -1, 1.5, 'many' as never])(
    'when the index is %s, then the set counts, and it is asked again after a second',
    async (index) => {
      await using agent = await pretender()
      const clock = virtualClock()
      await using registry = consul({ url: agent.url, clock })
      using heard = hear(registry.instancer('orders'))
      ;(await agent.next()).answer(index, ['a'])
      await heard.ids('a')
      await clock.advance(999)
      expect(agent.waiting).toBe(0)
      await clock.advance(1)
      const second = await agent.next()
      expect(second.index).toBe(0)
      second.answer(5, ['b'])
      await heard.ids('b')
    },
  )

  it('when answers come one upon the other, then ten are asked for at once, and ten a second', async () => {
    await using agent = await pretender()
    const clock = virtualClock()
    await using registry = consul({ url: agent.url, clock })
    using heard = hear(registry.instancer('orders'))
    for (let n = 1; n <= 10; n++) (await agent.next()).answer(n, [`a${n}`])
    ;(await agent.next()).answer(11, ['a11'])
    await heard.ids('a11')
    await clock.advance(99)
    expect(agent.waiting).toBe(0)
    await clock.advance(1)
    ;(await agent.next()).answer(12, ['a12'])
    await heard.ids('a12')
    await clock.advance(99)
    expect(agent.waiting).toBe(0)
    await clock.advance(1)
    expect((await agent.next()).index).toBe(12)
  })

  it('when the connection breaks while it waits, then it begins anew without an index', async () => {
    await using agent = await pretender()
    const clock = virtualClock()
    await using registry = consul({ url: agent.url, clock, random: () => 0 })
    using heard = hear(registry.instancer('orders'))
    ;(await agent.next()).answer(7, ['a'])
    ;(await agent.next()).response.socket?.destroy()
    const { instances } = await heard.until((state) => error(state)?.trouble === 'unreachable')
    expect(instances).toHaveLength(1)
    await clock.advance(24)
    expect(agent.connections).toBe(1)
    await clock.advance(1)
    const again = await agent.next()
    expect(again.index).toBe(0)
    again.answer(3, ['b'])
    await heard.ids('b')
    expect((await agent.next()).index).toBe(3)
  })

  it.each([
    ['default', 'consistent='],
    ['stale', 'stale='],
  ] as const)(
    'when it failed and reads are %s, then it is asked for what holds with "%s", until it has answered',
    async (reads, asked) => {
      await using agent = await pretender()
      await using registry = consul({ url: agent.url, reads })
      using heard = hear(registry.instancer('orders'))
      ;(await agent.next()).response.socket?.destroy()
      const second = await agent.next()
      expect(second.url).toContain(asked)
      second.answer(7, ['a'])
      await heard.ids('a')
      expect((await agent.next()).url.includes('consistent')).toBe(false)
    },
  )

  it('when it closes the connection behind an answer, then it says nothing of the agent, and the index is kept', async () => {
    await using agent = await pretender()
    await using registry = consul({ url: agent.url })
    using heard = hear(registry.instancer('orders'))
    ;(await agent.next()).answer(7, ['a'], { connection: 'close' })
    await heard.ids('a')
    expect((await agent.next()).index).toBe(7)
    expect(agent.connections).toBe(2)
  })

  it('when it closes the connection between answers without a word, then it is taken for a new one', async () => {
    await using agent = await pretender()
    const clock = virtualClock()
    await using registry = consul({ url: agent.url, clock })
    using heard = hear(registry.instancer('orders'))
    // So many that the next one must wait a moment.
    for (let n = 1; n <= 10; n++) (await agent.next()).answer(n, [`a${n}`])
    const { response, answer } = await agent.next()
    answer(11, ['a11'])
    await heard.ids('a11')
    const { socket } = response.req
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.end()
    await closed
    await clock.advance(100)
    expect((await agent.next()).index).toBe(0)
    expect(heard.states.every(({ error }) => error === undefined)).toBe(true)
  })

  it.each([
    ['<html>welcome</html>', 'something that is no list of instances'],
    ['{"Node":{}}', 'something that is no list of instances'],
  ])('when it answers %s, then that is told, and a good answer heals it', async (body, words) => {
    await using agent = await pretender()
    const clock = virtualClock()
    await using registry = consul({ url: agent.url, clock })
    using heard = hear(registry.instancer('orders'))
    ;(await agent.next()).answer(7, body)
    const state = await heard.until(({ error }) => error !== undefined)
    expect(error(state)).toMatchObject({ trouble: 'malformed', code: 'internal' })
    expect(error(state).message).toBe(`watching orders: ${agent.url} answered with ${words}. Is it a Consul agent?`)
    await clock.advance(1_000)
    ;(await agent.next()).answer(7, ['a'])
    await heard.ids('a')
  })

  it('when entries are no entries, then each is left out with what is wrong, and the good one serves', async () => {
    await using agent = await pretender()
    const told: string[] = []
    await using registry = consul({
      url: agent.url,
      onTelemetry: (event) => event.kind === 'discovery.error' && told.push((event.error as Error).message),
    })
    using heard = hear(registry.instancer('orders'))
    const good = {
      Node: { Address: '10.0.0.1' },
      Service: { ID: 'good', Port: 80, Tags: null, Meta: null, Weights: null },
    }
    const entries = [
      null,
      7,
      {},
      { Service: { ID: '', Port: 80 } },
      { Service: { ID: 'a' }, Node: { Node: 'n' } },
      { Service: { ID: 'b', Port: 80 } },
      { Service: { ID: 'c', Port: 99_999, Address: '10.0.0.1' } },
      { Service: { ID: 'd', Port: 80, Address: 'a b' } },
      good,
    ]
    const answer = JSON.stringify(entries)
    ;(await agent.next()).answer(7, answer)
    const [one] = await heard.ids('good')
    expect(one).toMatchObject({ address: '10.0.0.1:80', weight: 1, tags: [], metadata: {} })
    expect(told).toHaveLength(8)
    expect(told[0]).toBe('watching orders: left out an entry without an id: it has no Service.ID')
    expect(told.slice(4)).toEqual([
      'watching orders: left out "a" of n: it is registered without a port',
      'watching orders: left out "b" of no node: neither it nor its node has an address',
      `watching orders: left out "c" of no node: the instance's port is from 1 to 65535, and not 99999 ("10.0.0.1:99999")`,
      `watching orders: left out "d" of no node: the instance's address is host:port (IPv6: [host]:port), and not "a b:80"`,
    ])
    ;(await agent.next()).answer(8, answer)
    await agent.next()
    expect(told).toHaveLength(8)
  })

  it('when an answer breaks off, then it fails; when it never ends, its time is up', async () => {
    await using agent = await pretender()
    const clock = virtualClock()
    await using registry = consul({ url: agent.url, clock, timeout: 5_000 })
    using heard = hear(registry.instancer('orders'))
    const first = await agent.next()
    first.response.writeHead(200, { 'content-length': '100' })
    first.response.write('[', () => first.response.socket?.destroy())
    await heard.until((state) => error(state)?.trouble === 'unreachable')
    await clock.advance(500)
    const second = await agent.next()
    second.response.write('[')
    await clock.advance(5_000)
    await heard.until((state) => error(state)?.trouble === 'timeout')
  })

  it('when it cannot be spoken to for long, then pauses grow to half a second, spread by chance', async () => {
    await using agent = await pretender()
    const clock = virtualClock()
    const chances = [0, 1, 0.5]
    let drawn = 0
    await using registry = consul({ url: agent.url, clock, random: () => chances[drawn++ % 3] as number })
    using heard = hear(registry.instancer('orders'))
    // Half of a step and a chance of the other half; steps of 50, 100, 200, 400, 500, 500.
    for (const pause of [25, 100, 150, 200, 500, 375]) {
      const { response } = await agent.next()
      response.writeHead(500)
      const told = heard.states.length
      response.end(`broken ${told}`)
      await heard.until(() => heard.states.length > told)
      await clock.advance(pause - 1)
      expect(agent.waiting).toBe(0)
      await clock.advance(1)
    }
    expect(error(heard.state)).toMatchObject({ trouble: 'failed', status: 500 })
    ;(await agent.next()).answer(3, ['a'])
    await heard.ids('a')
  })

  it('when it left out what the token may not see, then the rest serves with that beside it', async () => {
    await using agent = await pretender()
    await using registry = consul({ url: agent.url })
    using heard = hear(registry.instancer('orders'))
    ;(await agent.next()).answer(3, ['a'], { 'x-consul-results-filtered-by-acls': 'true' })
    const state = await heard.until(({ error }) => error !== undefined)
    expect(state.instances).toHaveLength(1)
    expect(error(state)).toMatchObject({ trouble: 'denied' })
  })

  it('when it says that it is too busy, has no leader or denies, then the code says so', async () => {
    await using agent = await pretender()
    const clock = virtualClock()
    await using registry = consul({ url: agent.url, clock })
    using heard = hear(registry.instancer('orders'))
    for (const [status, body, trouble] of [
      [429, 'rate limit', 'busy'],
      [500, 'No cluster leader', 'leaderless'],
      [500, 'rpc error getting client: failed to get conn: EOF', 'leaderless'],
      [403, 'Permission denied', 'denied'],
      [400, 'Bad request', 'rejected'],
      [502, '<html>', 'failed'],
    ] as const) {
      const { response } = await agent.next()
      response.writeHead(status).end(body)
      const state = await heard.until((state) => error(state)?.message.includes(`Consul answered ${status}: ${body}`))
      expect(error(state)).toMatchObject({ trouble, status })
      await clock.advance(500)
    }
  })
})
