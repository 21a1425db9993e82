import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { contract, implement, unary } from '@tenon/contract'
import type { Registrar } from '@tenon/discovery'
import { endpoint, ok, type Telemetry } from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import { type ConsulServer, consulServer, needs } from '@tenon/example-registries'
import { grpc } from '@tenon/transport-grpc'
import * as t from 'io-ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, fresh, hang, hear, patience, tell } from '../test/heard.ts'
import {
  type CheckState,
  type ConsulOptions,
  type ConsulRegistration,
  checkTimes,
  consul,
  grpcCheck,
  httpCheck,
  tcpCheck,
  ttl,
} from './index.ts'

const url = 'http://10.0.0.7:8080'
const dispose = (part: Registrar): Promise<void> => part[Symbol.asyncDispose]()

describe.runIf(needs('consul'))('given a Consul', () => {
  let server: ConsulServer
  beforeAll(async () => {
    server = await consulServer()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())
  const at = (more: ConsulOptions = {}) => consul({ url: server.url, ...more })

  it('when an instance is registered, then those who watch see all that it said of itself; drained, it is gone', async () => {
    const service = fresh('orders')
    await using registry = at()
    using heard = hear(registry.instancer(service))
    const registrar = registry.registrar({
      service,
      id: 'one',
      url: 'https://10.0.0.7:8443',
      version: '1.2.0',
      zone: 'eu-1',
      healthPath: '/well',
      weight: 0.25,
      tags: ['blue', 'v2'],
      metadata: { team: 'shop' },
    })
    expect(registrar).toMatchObject({ announces: true, service, id: 'one', name: `registration of ${service} one` })
    await registrar.start()
    await registrar.start()
    const [one] = await heard.ids('one')
    expect(one).toMatchObject({
      id: 'one',
      address: '10.0.0.7:8443',
      url: 'https://10.0.0.7:8443',
      name: service,
      version: '1.2.0',
      zone: 'eu-1',
      healthPath: '/well',
      weight: 0.25,
      tags: ['blue', 'v2'],
    })
    expect(one?.metadata.team).toBe('shop')
    expect(registrar.view()).toEqual({ service, id: 'one', status: 'registered', failures: 0 })
    await registrar.drain()
    await registrar.drain()
    await heard.ids()
    expect(registrar.view().status).toBe('deregistered')
  })

  it.each([
    ['http://10.0.0.7:8080', '10.0.0.7:8080'],
    ['http://10.0.0.7:8080/shop', '10.0.0.7:8080'],
    ['http://[fd00::7]:8080', '[fd00::7]:8080'],
    ['https://shop.example/a?b=c', 'shop.example:443'],
  ])('when the url is %s, then it is the url that others see', async (url, address) => {
    const service = fresh('orders')
    await using registry = at()
    await using registrar = registry.registrar({ service, id: 'one', url })
    using heard = hear(registry.instancer(service))
    await registrar.start()
    expect((await heard.ids('one'))[0]).toMatchObject({ url, address })
  })

  it('when a server listens everywhere, then others see the address of its node', async () => {
    const service = fresh('orders')
    await using registry = at()
    await using registrar = registry.registrar({ service, id: 'one', url: 'https://0.0.0.0:8080' })
    using heard = hear(registry.instancer(service))
    await registrar.start()
    expect((await heard.ids('one'))[0]?.url).toBe(`https://${server.host}:8080`)
  })

  it.each([2.5, 0, 7, 100_000])('when its weight is %d, then others see that', async (weight) => {
    const service = fresh('orders')
    await using registry = at()
    await using registrar = registry.registrar({ service, id: 'one', url, weight })
    using heard = hear(registry.instancer(service))
    await registrar.start()
    expect((await heard.ids('one'))[0]?.weight).toBe(weight)
  })

  it('when it falls silent for its time to live, then it is critical; the next heartbeat brings it back, by its state', async () => {
    const service = fresh('orders')
    const clock = virtualClock()
    let state: () => CheckState = () => 'passing'
    await using registry = at()
    const registrar = registry.registrar({
      service,
      id: 'one',
      url,
      weight: 5,
      warningWeight: 2,
      clock,
      check: ttl({ every: 500, ttl: 1_000, state: () => state() }),
    })
    using well = hear(registry.instancer(service))
    using all = hear(registry.instancer(service, { passing: false }))
    const weighs = (weight: number) =>
      all.until(({ instances }) => instances?.length === 1 && instances[0]?.weight === weight)
    await registrar.start()
    await well.ids('one')
    await well.ids() // our clock stands still, and Consul's does not
    await weighs(0)
    state = () => 'warning'
    await clock.advance(500)
    await weighs(2)
    state = () => 'passing'
    await clock.advance(500)
    await weighs(5)
    await well.ids('one')
    state = () => {
      throw new Error('who knows')
    }
    await clock.advance(500)
    await weighs(0)
    await dispose(registrar)
    expect(clock.pending).toBe(0)
  })

  it('when Consul asks over HTTP, then it is as the answers are, and as it was said to be before the first', async () => {
    const service = fresh('orders')
    let status = 503
    const asked: (string | undefined)[] = []
    const health = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers['x-probe']}`)
      response.writeHead(status).end()
    })
    await new Promise<void>((resolve) => health.listen(0, '0.0.0.0', resolve))
    const { port } = health.address() as AddressInfo
    await using registry = at()
    await using registrar = registry.registrar({
      service,
      id: 'one',
      url: `http://0.0.0.0:${port}`,
      healthPath: '/well',
      check: httpCheck({ every: 1_000, timeout: 900, headers: { 'x-probe': 'yes' } }),
    })
    using heard = hear(registry.instancer(service))
    await registrar.start()
    await heard.ids('one') // nobody has asked yet
    await heard.ids()
    expect(asked[0]).toBe('GET /well yes')
    status = 200
    await heard.ids('one')
    await dispose(registrar)
    health.closeAllConnections()
    health.close()
  })

  it('when Consul asks over gRPC or TCP, then those who do not answer are left out, after so many failures', async () => {
    const [speaking, open, closed] = [fresh('speaking'), fresh('open'), fresh('closed')]
    const Echo = contract('test.consul.v1.Echo', { say: unary({ input: t.strict({}), output: t.strict({}) }) })
    await using speaker = await grpc.serve(implement(Echo, { say: endpoint(async () => ok({})) }), {
      port: 0,
      host: '127.0.0.1',
      health: true,
    })
    const { address: host } = speaker
    const nobody = '127.0.0.1:1'
    const every = 1_000
    await using registry = at()
    const of = (service: string, address: string, check: ConsulRegistration['check']) =>
      registry.registrar({ service, id: service, address, check } as ConsulRegistration)
    const registrars = [
      of(speaking, host, grpcCheck({ every, initially: 'critical', service: 'test.consul.v1.Echo' })),
      of(open, host, [tcpCheck({ every, initially: 'critical' }), ttl()]),
      of(closed, nobody, grpcCheck({ every, timeout: 500, failures: 2 })),
    ]
    const heard = [speaking, open, closed].map((service) => hear(registry.instancer(service)))
    await Promise.all(registrars.map((each) => each.start()))
    await heard[0]?.ids(speaking)
    await heard[1]?.ids(open)
    await heard[2]?.ids()
    expect(heard[2]?.states.some(({ instances }) => instances?.length === 1)).toBe(true)
    for (const each of heard) each[Symbol.dispose]()
  })

  it('when it is put into maintenance, then it is critical until that ends, also when it is registered anew', async () => {
    const service = fresh('orders')
    const clock = virtualClock()
    await using registry = at()
    const registrar = registry.registrar({ service, id: 'one', url, clock, check: ttl({ ttl: 600_000, every: 1_000 }) })
    using heard = hear(registry.instancer(service))
    await registrar.maintenance(true, 'before it is there')
    await registrar.start()
    const checks = async () => {
      const [entry] = (await ask(server.url, `/health/service/${service}`)) as { Checks: { Notes: string }[] }[]
      return entry?.Checks.map(({ Notes }) => Notes)
    }
    expect(await checks()).toContain('before it is there')
    await registrar.maintenance(false)
    await heard.ids('one')
    await registrar.maintenance(true)
    await heard.ids()
    await tell(server.url, '/agent/service/deregister/one')
    const seen = registrar.registered()
    await clock.advance(1_000)
    await seen
    await expect.poll(async () => (await checks())?.length, { timeout: patience }).toBe(3)
    expect(heard.state.instances).toEqual([])
    await registrar.maintenance(false)
    await heard.ids('one')
    await dispose(registrar)
  })

  it('when somebody took it out, then the next heartbeat tells, and it is registered anew, whatever its check', async () => {
    const clock = virtualClock()
    await using registry = at()
    for (const check of [ttl(), 'none', tcpCheck({ address: new URL(server.url).host })] as const) {
      const service = fresh('orders')
      const registrar = registry.registrar({ service, id: service, url, clock, check })
      using heard = hear(registry.instancer(service))
      await registrar.start()
      await heard.ids(service)
      await tell(server.url, `/agent/service/deregister/${service}`)
      await heard.ids()
      await clock.advance(1_000)
      await heard.ids(service)
      await dispose(registrar)
      await heard.ids()
    }
    expect(clock.pending).toBe(0)
  })

  it('when somebody took it out, then it is registered anew at once, however long until the next heartbeat', async () => {
    const service = fresh('orders')
    await using registry = at()
    const check = ttl({ every: 600_000, ttl: 1_800_000 })
    const registrar = registry.registrar({ service, id: service, url, check })
    using heard = hear(registry.instancer(service))
    await registrar.start()
    await heard.ids(service)
    await tell(server.url, `/agent/service/deregister/${service}`)
    await heard.until(() => heard.states.filter(({ instances }) => instances?.length === 1).length === 2)
    await registrar.drain()
    await heard.ids()
  })

  it('when the registry is disposed, then what it registered is taken out', async () => {
    const service = fresh('orders')
    await using watching = at()
    using heard = hear(watching.instancer(service))
    const registry = at()
    const registrar = registry.registrar({ service, id: 'one', url })
    await registrar.start()
    await heard.ids('one')
    await registry[Symbol.asyncDispose]()
    await heard.ids()
    const late = registry.registrar({ service, id: 'two', url, attempts: 1, required: true, delay: 0 })
    await expect(late.start()).rejects.toMatchObject({ failure: { cause: { trouble: 'closed' } } })
  })
})

describe.runIf(needs('consul'))('given a Consul of its own', () => {
  it('when it is down at the start, comes, forgets and comes back empty, then the service stands, and is registered each time', async () => {
    await using server = await consulServer()
    await server.kill()
    const service = fresh('orders')
    const seen: Telemetry[] = []
    await using registry = consul({ url: server.url, onTelemetry: (event) => seen.push(event) })
    const registrar = registry.registrar({
      service,
      id: 'one',
      url,
      delay: 50,
      check: ttl({ every: 200, ttl: 60_000 }),
    })
    using heard = hear(registry.instancer(service))
    await registrar.start()
    expect(registrar.view()).toMatchObject({ status: 'registering', error: { trouble: 'unreachable' } })
    await server.restart()
    expect(await registrar.registered({ timeout: patience })).toEqual(ok())
    await heard.ids('one')
    const before = heard.states.length
    await server.restart()
    await heard.until(() => heard.states.slice(before).some(({ error }) => error !== undefined))
    await heard.ids('one')
    await server.kill()
    await expect.poll(() => registrar.view().status, { timeout: patience }).toBe('unconfirmed')
    await server.restart()
    await heard.ids('one')
    await registrar.drain()
    await heard.ids()
    const statuses = seen.flatMap((event) => (event.kind === 'discovery.registration' ? [event.to] : []))
    expect(statuses.at(0)).toBe('registering')
    expect(statuses.slice(-2)).toEqual(['deregistering', 'deregistered'])
  })

  it('when it comes back empty, then it is told at once, however long until the next heartbeat', async () => {
    await using server = await consulServer()
    const service = fresh('orders')
    await using registry = consul({ url: server.url })
    const check = ttl({ every: 600_000, ttl: 1_800_000 })
    const registrar = registry.registrar({ service, id: 'one', url, check })
    await registrar.start()
    await server.restart()
    await using other = consul({ url: server.url })
    using heard = hear(other.instancer(service))
    await heard.ids('one')
    await server.kill()
    await server.restart()
    await heard.until(({ error }) => error === undefined)
    await heard.ids('one')
  })

  it('when the token may not register, then that is said; where it must be registered, the start rejects with it', async () => {
    const acl = { enabled: true, default_policy: 'deny', tokens: { master: 'root', default: 'root' } }
    await using server = await consulServer({ config: { acl } })
    const service = fresh('orders')
    const Rules = 'service_prefix "" { policy = "read" } node_prefix "" { policy = "read" }'
    await tell(server.url, '/acl/policy', { Name: 'reads', Rules }, 'root')
    const made = await tell(server.url, '/acl/token', { Policies: [{ Name: 'reads' }] }, 'root')
    await using registry = consul({ url: server.url, token: (made as { SecretID: string }).SecretID })
    const registrar = registry.registrar({ service, id: 'one', url, attempts: 2, delay: 1, required: true })
    const error = await registrar.start().catch((cause) => cause)
    expect(error.failure).toMatchObject({ _tag: 'NotRegistered', reason: 'refused', cause: { trouble: 'denied' } })
    expect(error.failure.cause.message).toBe(
      `registering ${service} one: Consul answered 403: Permission denied: Missing service:write on ${service}. Give "token" one whose policy allows this`,
    )
  })

  it('when it hangs, then registering has its deadline, and so has leaving', async () => {
    await using server = await consulServer()
    const service = fresh('orders')
    await using registry = consul({ url: server.url })
    const late = registry.registrar({ service, url, timeout: 100, drainTimeout: 300, delay: 10 })
    const early = registry.registrar({ service, url, timeout: 100, drainTimeout: 300 })
    await early.start()
    expect(early.view().status).toBe('registered')
    await hang(server)
    await late.start()
    expect(late.view()).toMatchObject({ status: 'registering', error: { code: 'deadline_exceeded' } })
    await expect(early.drain()).rejects.toMatchObject({ failure: { _tag: 'NotRegistered', reason: 'lingering' } })
    await late.drain()
    server.cont()
  })
})

const bad: readonly (readonly [object, string])[] = [
  [{ address: '10.0.0.7' }, 'host:port'],
  [{ url, chek: 1 }, 'registrar of orders: there is no option "chek"; there are '],
  [{ url, check: 'ttl' }, '"check" is ttl(), httpCheck(), grpcCheck(), tcpCheck(), a list of them, or "none"'],
  [{ url, check: [ttl(), undefined] }, '"check" is ttl()'],
  [{ url, warningWeight: -1 }, '"warningWeight" must be a whole number of at least 0'],
  [{ url, metadata: { 'a.b': '1' } }, 'Consul takes no metadata called "a.b": names have letters, digits, _ and -'],
  [{ url, metadata: { a: 'x'.repeat(513) } }, 'Consul takes 512 bytes of metadata in one place, and "a" is longer'],
  [
    { url, metadata: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`k${n}`, ''])) },
    'Consul takes 64 pieces of metadata, and not 65',
  ],
  [
    { url: 'http://0.0.0.0:80/shop' },
    '"url" http://0.0.0.0:80/shop is where the server listens: say where others reach it',
  ],
  [{ url: 'unix:///run/orders.sock' }, 'Consul needs a host and a port'],
  [{ url: 'nats://10.0.0.7:4222', check: httpCheck() }, 'httpCheck: nats://10.0.0.7:4222 is no URL of HTTP'],
  [
    { url, check: ttl({ ttl: 5_000 }) },
    'twice the longest wait between two heartbeats at least, 10000 ms, and not 5000',
  ],
  [
    { url, check: ttl({ every: 10 }), heartbeat: { longest: 1, next: () => 1 } },
    '"heartbeat" and "every" of ttl() say the same: give one of them',
  ],
]

describe('given somebody who answers everything and is no Consul', () => {
  it('when an instance registers there, then it is not taken for registered', async () => {
    const junk = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
    await once(junk, 'listening')
    try {
      await using registry = consul({
        url: `http://127.0.0.1:${(junk.address() as AddressInfo).port}`,
        onTelemetry: () => {},
      })
      const registrar = registry.registrar({ service: 'orders', address: '10.0.0.1:80' })
      await registrar.start()
      expect(registrar.view()).toMatchObject({ status: 'registering', error: { trouble: 'malformed' } })
    } finally {
      junk.closeAllConnections()
      junk.close()
    }
  })
})

describe('given a bad registration', () => {
  it.each(bad)('when it is %o, then it is named', (given, words) => {
    expect(() => consul().registrar({ service: 'orders', ...given } as ConsulRegistration)).toThrow(words)
  })
})

const badChecks: readonly (readonly [() => unknown, string])[] = [
  [() => ttl({ evry: 1 } as object), 'ttl: there is no option "evry"; there are deregisterAfter, every, ttl, state'],
  [() => ttl({ every: 0 }), 'ttl: "every" must be'],
  [() => ttl({ ttl: -1 }), 'ttl: "ttl" must be'],
  [() => ttl({ every: 1_000, ttl: 1_999 }), 'must be twice "every" at least'],
  [() => ttl({ state: 'passing' as never }), 'ttl: "state" must be a function'],
  [() => ttl({ deregisterAfter: 59_999 }), 'ttl: "deregisterAfter" must be a number of at least 60000'],
  [() => httpCheck({ path: '/' } as object), 'httpCheck: there is no option "path"'],
  [() => httpCheck({ url: 'ftp://a' }), 'httpCheck: "url" is that of HTTP, and not "ftp://a"'],
  [() => httpCheck({ every: 999 }), 'httpCheck: "every" must be a number of at least 1000'],
  [() => grpcCheck({ timeout: 0 }), 'grpcCheck: "timeout" must be'],
  [() => grpcCheck({ address: '10.0.0.7' }), 'grpcCheck: "address" is host:port, and not "10.0.0.7"'],
  [
    () => tcpCheck({ initially: 'well' as never }),
    'tcpCheck: "initially" must be one of "passing", "warning", "critical"',
  ],
  [() => tcpCheck({ failures: 0 }), 'tcpCheck: "failures" must be'],
]

describe('given a bad option of a check', () => {
  it.each(badChecks)('when it is %s, then it is named', (make, words) => {
    expect(make).toThrow(words)
  })
})

it('given the times that have proven themselves, when a check takes them, then Consul is told these', () => {
  const instance = { url, address: '10.0.0.7:8080', healthPath: undefined } as never
  expect(httpCheck(checkTimes.patient).definition(instance, 0)).toMatchObject({
    HTTP: `${url}/health`,
    Interval: '10000ms',
    Timeout: '5000ms',
    DeregisterCriticalServiceAfter: '90000ms',
    Status: 'passing',
  })
  expect(httpCheck({ ...checkTimes.strict, deregisterAfter: 'never' }).definition(instance, 0)).toMatchObject({
    Interval: '10000ms',
    Timeout: '2000ms',
  })
})
