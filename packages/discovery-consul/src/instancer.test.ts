import { spawnSync } from 'node:child_process'
import { subscribe, type Telemetry } from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import { type ConsulServer, consulServer, faultProxy, needs } from '@tenon/example-registries'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, fresh, hang, hear, patience, tell } from '../test/heard.ts'
import { type ConsulError, type ConsulOptions, consul, type Read } from './index.ts'

const errors = (seen: Telemetry[]): string[] =>
  seen.flatMap((event) => (event.kind === 'discovery.error' ? [(event.error as Error).message] : []))

describe.runIf(needs('consul'))('given a Consul', () => {
  let server: ConsulServer
  beforeAll(async () => {
    server = await consulServer()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  const at = (more: ConsulOptions = {}) => consul({ url: server.url, ...more })
  const register = (service: string, id: string, more: object = {}): Promise<unknown> =>
    tell(server.url, '/agent/service/register', { Name: service, ID: id, Address: '10.0.0.7', Port: 8080, ...more })

  it('when nobody is registered, then the set is known to be empty; who registers and leaves is told', async () => {
    const service = fresh('orders')
    await using registry = at()
    using heard = hear(registry.instancer(service))
    expect(heard.states).toEqual([{ instances: undefined, error: undefined }])
    expect(await heard.ids()).toEqual([])
    await register(service, 'b', {
      Tags: ['version=1.2.0', 'blue'],
      Meta: { zone: 'eu-1', 'health-path': '/healthz' },
      Weights: { Passing: 7, Warning: 1 },
    })
    const [one] = await heard.ids('b')
    expect(one).toMatchObject({
      id: 'b',
      address: '10.0.0.7:8080',
      url: 'http://10.0.0.7:8080',
      name: service,
      version: '1.2.0',
      zone: 'eu-1',
      healthPath: '/healthz',
      weight: 7,
      tags: ['version=1.2.0', 'blue'],
    })
    await register(service, 'a', { Port: 8081 })
    await heard.ids('a', 'b')
    await tell(server.url, '/agent/service/deregister/b')
    await heard.ids('a')
    await tell(server.url, '/agent/service/deregister/a')
    await heard.ids()
  })

  it('when checks differ, then only those that pass come; all of them if asked, by the weights of their state', async () => {
    const service = fresh('checked')
    const check = (Status: string) => ({ TTL: '60s', Status })
    const Weights = { Passing: 10, Warning: 3 }
    await register(service, 'passing', { Check: check('passing'), Weights })
    await register(service, 'warning', { Check: check('warning'), Weights })
    await register(service, 'critical', { Check: check('critical'), Weights })
    await using registry = at()
    using well = hear(registry.instancer(service))
    using all = hear(registry.instancer(service, { passing: false }))
    await well.ids('passing')
    const weights = (await all.ids('critical', 'passing', 'warning')).map(({ id, weight }) => [id, weight])
    expect(weights).toEqual([
      ['critical', 0],
      ['passing', 10],
      ['warning', 3],
    ])
    await tell(server.url, `/agent/check/pass/service:critical`)
    await well.ids('critical', 'passing')
    await tell(server.url, `/agent/service/maintenance/passing?enable=true`)
    await well.ids('critical')
  })

  it('when tags or a filter are asked for, then Consul answers those only that have all of them', async () => {
    const service = fresh('tagged')
    await register(service, 'both', { Tags: ['v2', 'eu'], Meta: { release: '2' } })
    await register(service, 'one', { Tags: ['v2'], Meta: { release: '3' } })
    await register(service, 'none')
    await using registry = at()
    using both = hear(registry.instancer(service, { tags: ['v2', 'eu'] }))
    using one = hear(registry.instancer(service, { tags: ['v2'] }))
    using third = hear(registry.instancer(service, { filter: 'Service.Meta.release == "3"' }))
    await both.ids('both')
    await one.ids('both', 'one')
    await third.ids('one')
  })

  it('when an id stands on two nodes, then both are told apart; a zone of the node and an IPv6 address are read', async () => {
    const service = fresh('twice')
    const place = (Node: string, Address: string, NodeMeta: object = {}) =>
      tell(server.url, '/catalog/register', {
        Node,
        Address,
        NodeMeta,
        Service: { ID: service, Service: service, Port: 80 },
      })
    await place('n1', '10.0.0.1', { zone: 'eu-1' })
    await using registry = at()
    using heard = hear(registry.instancer(service))
    await heard.ids(service)
    await place('n2', 'fd00::2', { region: 'us' })
    const [first, second] = await heard.ids(`${service}@n1`, `${service}@n2`)
    expect(first).toMatchObject({ address: '10.0.0.1:80', zone: 'eu-1' })
    expect(second).toMatchObject({ address: '[fd00::2]:80', zone: 'us' })
    await tell(server.url, '/catalog/deregister', { Node: 'n1', ServiceID: service })
    await heard.ids(service)
  })

  it('when an entry is malformed, then it is reported once and left out; the others serve', async () => {
    const service = fresh('malformed')
    const seen: Telemetry[] = []
    await using registry = at({ onTelemetry: (event) => seen.push(event) })
    using heard = hear(registry.instancer(service))
    await heard.ids()
    await register(service, 'bad', { Port: 0 })
    await register(service, 'good')
    await heard.ids('good')
    await register(service, 'better')
    await heard.ids('better', 'good')
    const node = ((await ask(server.url, '/agent/self')) as { Config: { NodeName: string } }).Config.NodeName
    expect(errors(seen)).toEqual([`watching ${service}: left out "bad" of ${node}: it is registered without a port`])
  })

  it('when many watch the same, then they share one connection; who asks for something else has another', async () => {
    const service = fresh('shared')
    await register(service, 'a')
    await using proxy = await faultProxy(server.url)
    await using registry = consul({ url: proxy.url })
    const watches = [
      registry.instancer(service),
      registry.instancer(service),
      registry.instancer(service, { tags: [] }),
    ]
    const heard = watches.flatMap((instancer) => [hear(instancer), hear(instancer)])
    await Promise.all(heard.map((each) => each.ids('a')))
    expect(proxy.open).toBe(1)
    using late = hear(registry.instancer(service))
    expect(late.state.instances?.map(({ id }) => id)).toEqual(['a'])
    using other = hear(registry.instancer(service, { tags: ['v2'] }))
    await other.ids()
    expect(proxy.open).toBe(2)
    late[Symbol.dispose]()
    await register(service, 'b')
    await Promise.all(heard.map((each) => each.ids('a', 'b')))
    expect(late.states).toHaveLength(1)
    for (const each of heard) each[Symbol.dispose]()
  })

  it('when a namespace, a datacenter or a filter is asked for that it has not, then it says so', async () => {
    const service = fresh('elsewhere')
    await using registry = at({ namespace: 'team' })
    using namespace = hear(registry.instancer(service))
    await using plain = at()
    using datacenter = hear(plain.instancer(service, { datacenter: 'nowhere' }))
    using filter = hear(plain.instancer(service, { filter: 'Nonsense' }))
    for (const [heard, words] of [
      [namespace, 'Consul Enterprise'],
      [datacenter, 'No path to datacenter'],
      [filter, 'boolean expression'],
    ] as const) {
      const { error } = await heard.until((state) => state.error !== undefined)
      expect(error).toMatchObject({ name: 'ConsulError', trouble: 'rejected', code: 'invalid_argument' })
      expect((error as Error).message).toContain(words)
    }
  })

  it('when reads are chosen by a function, then it hears of what, and how often it has failed; a wrong answer is named', async () => {
    const service = fresh('chosen')
    await register(service, 'a')
    const asked: Read[] = []
    let mode = 'nearly'
    await using registry = at({
      reads: (read) => {
        asked.push(read)
        return mode as 'stale'
      },
    })
    using heard = hear(registry.instancer(service))
    const { error } = await heard.until((state) => state.error !== undefined)
    expect((error as Error).message).toContain(
      '"reads" must be one of "default", "consistent", "stale", but was "nearly"',
    )
    mode = 'stale'
    await heard.ids('a')
    expect(asked[0]).toEqual({ of: 'instances', name: service, failures: 0 })
    expect(asked[1]?.failures).toBe(1)
  })
})

describe.runIf(needs('consul'))('given a Consul of its own', () => {
  it('when it is killed and comes back empty, with its index set back, then the last set serves, and it is fresh at once', async () => {
    await using server = await consulServer()
    const service = fresh('orders')
    const put = (id: string) =>
      tell(server.url, '/agent/service/register', { Name: service, ID: id, Address: '10.0.0.7', Port: 80 })
    for (let n = 0; n < 40; n++) await tell(server.url, '/kv/raises-the-index', String(n))
    await put('old')
    await using registry = consul({ url: server.url })
    using heard = hear(registry.instancer(service, { protectEmpty: 60_000 }))
    await heard.ids('old')
    await server.kill()
    const { error, instances } = await heard.until((state) => state.error !== undefined)
    expect(error).toMatchObject({ trouble: 'unreachable', code: 'unavailable' })
    expect(instances?.map(({ id }) => id)).toEqual(['old'])
    await heard.until(
      (state) => (state.error as Error | undefined)?.message.includes('Is an agent running there') === true,
    )
    await server.restart()
    await heard.until((state) => (state.error as Error | undefined)?.message.includes('no instance any more') === true)
    const start = performance.now()
    await put('new')
    await heard.ids('new')
    // An index from the future sleeps out its wait of 30 s.
    expect(performance.now() - start).toBeLessThan(10_000)
  })

  it('when it hangs, then that is told within a heartbeat and two seconds; when it goes on, it is fresh', async () => {
    await using server = await consulServer()
    const service = fresh('orders')
    const clock = virtualClock()
    await using registry = consul({ url: server.url, clock, random: () => 0.5 })
    using heard = hear(registry.instancer(service))
    await heard.ids()
    await hang(server)
    await clock.advance(1_999)
    expect(heard.state.error).toBeUndefined()
    await clock.advance(2_001)
    const { error } = await heard.until((state) => state.error !== undefined)
    expect(error).toMatchObject({ trouble: 'timeout', message: expect.stringContaining('whether the agent is there') })
    server.cont()
    await clock.advance(1_000)
    await tell(server.url, '/agent/service/register', { Name: service, ID: 'a', Port: 80 })
    await heard.ids('a')
  })

  it('when it hangs and is seldom asked, then that is told after the wait, a sixteenth and two seconds', async () => {
    await using server = await consulServer()
    const service = fresh('orders')
    const clock = virtualClock()
    await using registry = consul({ url: server.url, clock, wait: 16_000, timeout: 3_000, heartbeat: 600_000 })
    using heard = hear(registry.instancer(service))
    await heard.ids()
    await hang(server)
    await clock.advance(18_999)
    expect(heard.state.error).toBeUndefined()
    await clock.advance(1)
    expect(heard.state).toMatchObject({ instances: [], error: { trouble: 'timeout' } })
    server.cont()
    await tell(server.url, '/agent/service/register', { Name: service, ID: 'a', Port: 80 })
    await heard.ids('a')
  })

  it('when a process has disposed what watched, then it ends by itself', async () => {
    await using server = await consulServer()
    const source = `
      import { consul } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)}
      const registry = consul({ url: ${JSON.stringify(server.url)} })
      const heard = new Promise((resolve) => registry.instancer('orders').subscribe(({ instances }) => instances && resolve()))
      await heard
      await new Promise((resolve) => setTimeout(resolve, 100)) // it waits for changes now
      await registry[Symbol.asyncDispose]()
      console.log('disposed')`
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
      encoding: 'utf8',
      timeout: patience,
    })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'disposed\n', stderr: '' })
  })

  it('when it asks for tokens, then a wrong one is named and a right one sees; the token of the moment is used', async () => {
    const acl = { enabled: true, default_policy: 'deny', tokens: { master: 'root', default: 'root' } }
    await using server = await consulServer({ config: { acl } })
    const service = fresh('orders')
    await tell(server.url, '/agent/service/register', { Name: service, ID: 'a', Port: 80 }, 'root')
    let token: string | undefined = 'no-such-token'
    await using registry = consul({ url: server.url, token: () => token })
    using heard = hear(registry.instancer(service))
    const { error } = await heard.until((state) => state.error !== undefined)
    const denied = error as ConsulError
    expect(denied).toMatchObject({ trouble: 'denied', code: 'permission_denied', status: 403 })
    expect(denied.message).toBe(
      `watching ${service}: Consul answered 403: ACL not found. Give "token" one whose policy allows this`,
    )
    expect(denied.message).not.toContain('no-such-token')
    token = 'root'
    await heard.ids('a')
  })
})

describe('given nobody at the address', () => {
  it('when it is watched, then that is told with what to do, and asked again after pauses that grow, with jitter', async () => {
    const clock = virtualClock()
    const seen: Telemetry[] = []
    using _ = subscribe((event) => seen.push(event), ['discovery.error'])
    // Port 1 is nobody's.
    await using registry = consul({ url: '127.0.0.1:1', clock, random: () => 0.5 })
    using heard = hear(registry.instancer('orders'))
    const { error } = await heard.until((state) => state.error !== undefined)
    expect((error as Error).message).toBe(
      'watching orders: no connection to http://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1. Is an agent running there, and is its HTTP address that one?',
    )
    // The same error again is no news.
    expect(errors(seen)).toHaveLength(1)
    expect(clock.pending).toBe(1)
  })
})
