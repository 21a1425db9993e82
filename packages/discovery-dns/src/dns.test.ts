// Instances by DNS: what servers say, over real sockets, and when they are asked again, on a virtual clock.
import { systemClock, type Telemetry } from '@tenon/endpoint'
import { seeded, virtualClock } from '@tenon/endpoint/testing'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { a, aaaa, alias, type DnsServer, dnsServer, soa, srv } from '../test/dns-server.ts'
import { failed, type Heard, heard, known } from '../test/heard.ts'
import { type DnsOptions, dns } from './dns.ts'
import type { DnsInstancerOptions } from './instancer.ts'

let server: DnsServer
beforeEach(async () => {
  server = await dnsServer()
})
afterEach(() => server[Symbol.asyncDispose]())

const name = '_http._tcp.orders.example'

function registryOf(options: DnsOptions = {}) {
  const registry = dns({ servers: [server.at], random: seeded(1), ...options })
  onTestFinished(() => registry[Symbol.asyncDispose]())
  return registry
}

function watch(options: DnsOptions = {}, how: DnsInstancerOptions = {}, service = name): Heard {
  const listening = heard(registryOf(options).instancer(service, how))
  onTestFinished(() => listening[Symbol.dispose]())
  return listening
}

/** A SRV record and its host's address. */
function host(n: number, port: number, options: { priority?: number; weight?: number; ttl?: number } = {}) {
  server.zone.set(`h${n}.orders.example A`, { answers: [a(`h${n}.orders.example`, `10.0.0.${n}`, options.ttl)] })
  return srv(name, `h${n}.orders.example`, port, options)
}

describe('given SRV records', () => {
  it('when they are looked up, then each host is an instance with its weight, and the rest is metadata', async () => {
    server.zone.set(`${name} SRV`, {
      answers: [host(7, 8080, { weight: 30, priority: 5 }), host(8, 8081, { weight: 10, priority: 5 })],
    })
    const orders = watch()
    const { instances } = await orders.until(known)
    expect(instances).toMatchObject([
      {
        id: '10.0.0.7:8080',
        url: 'http://10.0.0.7:8080',
        weight: 30,
        metadata: { target: 'h7.orders.example', priority: '5' },
      },
      { id: '10.0.0.8:8081', url: 'http://10.0.0.8:8081', weight: 10 },
    ])
  })

  it('when there are several priorities, then only the lowest is taken, and with `atLeast` what is needed of the next', async () => {
    const answers = [host(1, 80, { priority: 30 }), host(2, 80, { priority: 20 }), host(3, 80, { priority: 10 })]
    server.zone.set(`${name} SRV`, { answers })
    const one = watch()
    const two = watch({}, { atLeast: 2 })
    const all = watch({}, { atLeast: Number.POSITIVE_INFINITY })
    await Promise.all([one, two, all].map((each) => each.until(known)))
    expect(one.addresses()).toEqual(['10.0.0.3:80'])
    expect(two.addresses()).toEqual(['10.0.0.2:80', '10.0.0.3:80'])
    expect(all.addresses()).toHaveLength(3)
  })

  it('when the hosts of the lowest priority have no addresses, then the next is taken', async () => {
    const gone = srv(name, 'gone.orders.example', 80, { priority: 1 })
    server.zone.set(`${name} SRV`, { answers: [gone, host(2, 80, { priority: 2 })] })
    const orders = watch()
    await orders.until(known)
    expect(orders.addresses()).toEqual(['10.0.0.2:80'])
  })

  it('when one has port 0, then it is reported and left out, and the others serve', async () => {
    const events: Telemetry[] = []
    server.zone.set(`${name} SRV`, { answers: [host(1, 0), host(2, 80)] })
    const orders = watch({ onTelemetry: (event) => events.push(event) })
    await orders.until(known)
    expect(orders.addresses()).toEqual(['10.0.0.2:80'])
    const errors = events.flatMap((event) => (event.kind === 'discovery.error' ? [String(event.error)] : []))
    expect(errors).toEqual([`Error: a SRV record of ${name} has port 0: h1.orders.example`])
  })

  it('when the target is the root, then the service is known not to be had', async () => {
    server.zone.set(`${name} SRV`, { answers: [srv(name, '.', 0)] })
    expect((await watch().until(known)).instances).toEqual([])
  })

  it('when addresses are sent along, then they are not asked for', async () => {
    const sent = { answers: [host(1, 80), host(2, 80)], additionals: [a('H1.orders.example', '10.9.0.1')] }
    server.zone.set(`${name} SRV`, sent)
    const orders = watch()
    await orders.until(known)
    expect(orders.addresses()).toEqual(['10.0.0.2:80', '10.9.0.1:80'])
    expect(server.asked.map(({ name, type }) => `${type} ${name}`)).toEqual([`SRV ${name}`, 'A h2.orders.example'])
  })

  it('when a host has only an IPv6 address, then that is taken, in brackets; with `family: 6` it is all that is asked for', async () => {
    server.zone.set(`${name} SRV`, { answers: [srv(name, 'six.example', 80)] })
    server.zone.set('six.example A', { answers: [] })
    server.zone.set('six.example AAAA', { answers: [aaaa('six.example', 'fd00:0:0:0:0:0:0:7')] })
    const any = watch()
    await any.until(known)
    expect(any.addresses()).toEqual(['[fd00::7]:80'])
    server.asked.length = 0
    const six = watch({}, { family: 6 })
    await six.until(known)
    expect(server.asked.map(({ type }) => type)).toEqual(['SRV', 'AAAA'])
  })

  it('when `url` says so, then clients connect by the name of the host', async () => {
    server.zone.set(`${name} SRV`, { answers: [host(1, 8443)] })
    const { instances } = await watch({}, { url: ({ target, port }) => `https://${target}:${port}` }).until(known)
    expect(instances).toMatchObject([{ address: '10.0.0.1:8443', url: 'https://h1.orders.example:8443' }])
  })

  it('when the answer does not fit into a datagram, then it is asked for over TCP, and comes in pieces', async () => {
    const answers = Array.from({ length: 200 }, (_, n) => host(n + 1, 80))
    server.zone.set(`${name} SRV`, { answers, truncated: true })
    const orders = watch()
    expect((await orders.until(known)).instances).toHaveLength(200)
    expect(server.asked.filter(({ type }) => type === 'SRV').map(({ over }) => over)).toEqual(['udp', 'tcp'])
  })

  it('when TCP is asked for, then all goes over TCP', async () => {
    server.zone.set(`${name} SRV`, { answers: [host(1, 80)] })
    await watch({ protocol: 'tcp' }).until(known)
    expect(server.asked.map(({ over }) => over)).toEqual(['tcp', 'tcp'])
  })

  it('when one host cannot be looked up any more, then it stays where it was, and the others change', async () => {
    const clock = virtualClock()
    const events: Telemetry[] = []
    server.zone.set(`${name} SRV`, { answers: [host(1, 80), host(2, 80)] })
    const orders = watch({ clock, tries: 1, refresh: { jitter: 0 }, onTelemetry: (event) => events.push(event) })
    await orders.until(known)
    server.zone.set('h1.orders.example A', { code: 2 })
    server.zone.set(`${name} SRV`, { answers: [srv(name, 'h1.orders.example', 80), host(3, 80)] })
    await clock.advance(60_000)
    await orders.until(({ instances }) => instances?.some(({ address }) => address === '10.0.0.3:80') === true)
    expect(orders.addresses()).toEqual(['10.0.0.1:80', '10.0.0.3:80'])
    expect(
      events.some((event) => event.kind === 'discovery.error' && /SERVFAIL to A h1/.test(String(event.error))),
    ).toBe(true)
  })
})

describe('given addresses of one name, a headless service', () => {
  const service = 'orders.default.svc.cluster.local'

  it('when they are looked up, then each is an instance on the given port', async () => {
    server.zone.set(`${service} A`, { answers: [a(service, '10.0.0.8'), a(service, '10.0.0.7')] })
    const orders = watch({}, { port: 8080 }, service)
    await orders.until(known)
    expect(orders.addresses()).toEqual(['10.0.0.7:8080', '10.0.0.8:8080'])
    expect(server.asked).toEqual([{ name: service, type: 'A', over: 'udp', extended: true }])
  })

  it('when the name is an alias, then it is followed, be it answered at once or not', async () => {
    server.zone.set('shop.example A', { answers: [alias('shop.example', 'web.example'), a('web.example', '10.0.0.1')] })
    server.zone.set('bare.example A', { answers: [alias('bare.example', 'shop.example')] })
    const at = async (name: string) => (await watch({}, { port: 80 }, name).until(known)).instances?.map(({ id }) => id)
    expect(await at('shop.example')).toEqual(['10.0.0.1:80'])
    expect(await at('bare.example')).toEqual(['10.0.0.1:80'])
  })

  it('when aliases lead in a circle, then that is an error, soon', async () => {
    server.zone.set('one.example A', { answers: [alias('one.example', 'two.example')] })
    server.zone.set('two.example A', { answers: [alias('two.example', 'one.example')] })
    const { error } = await watch({}, { port: 80 }, 'one.example').until(failed)
    expect(error).toMatchObject({ name: 'DnsError', code: 'MALFORMED' })
    expect(server.asked.length).toBeLessThan(10)
  })
})

describe('given nobody under a name', () => {
  it('when it does not exist, or has no such records, then it is known to be empty', async () => {
    server.zone.set(`there.example SRV`, { answers: [] })
    expect((await watch({}, {}, 'nowhere.example').until(known)).instances).toEqual([])
    expect((await watch({}, {}, 'there.example').until(known)).instances).toEqual([])
  })

  it('when the zone says for how long, then it is asked again after that, but after 30 s in any case', async () => {
    const clock = counted()
    server.zone.set(`${name} SRV`, { code: 3, authorities: [soa('example', 10)] })
    const orders = watch({ clock, refresh: { jitter: 0 } })
    await orders.until(known)
    await clock.advance(9_999)
    expect(server.asked).toHaveLength(1)
    server.zone.set(`${name} SRV`, { code: 3, authorities: [soa('example', 3_000)] })
    await clock.advance(1)
    // Twice a question's limit and the next look: only then the answer is in.
    await until(() => clock.set === 4)
    server.zone.set(`${name} SRV`, { answers: [host(1, 80)] })
    await clock.advance(30_000)
    await orders.until(({ instances }) => instances?.length === 1)
  })
})

describe('given servers that fail', () => {
  it.each([
    [2, 'SERVFAIL'],
    [5, 'REFUSED'],
    [11, 'RCODE11'],
  ])('when one answers with code %i, then that is an error and not an empty set', async (code, text) => {
    server.zone.set(`${name} SRV`, { code })
    const { instances, error } = await watch().until(failed)
    expect(instances).toBe(undefined)
    expect(error).toMatchObject({
      code: text,
      server: server.at,
      message: `${server.at} answered ${text} to SRV ${name}`,
    })
    expect(server.asked).toHaveLength(2)
  })

  it('when the server fails after it has answered, then the last set stays, and comes back without the error', async () => {
    const clock = virtualClock()
    server.zone.set(`${name} SRV`, { answers: [host(1, 80)] })
    const orders = watch({ clock, refresh: { jitter: 0 } })
    await orders.until(known)
    const answers = server.zone.get(`${name} SRV`) ?? {}
    server.zone.set(`${name} SRV`, { code: 2 })
    await clock.advance(60_000)
    const { instances } = await orders.until(failed)
    expect(instances).toHaveLength(1)
    server.zone.set(`${name} SRV`, answers)
    await clock.advance(1_000)
    await orders.until(known)
    expect(orders.addresses()).toEqual(['10.0.0.1:80'])
  })

  it('when one does not answer, then the next one is asked, in time', async () => {
    await using silent = await dnsServer()
    silent.zone.set(`${name} SRV`, { silent: true })
    server.zone.set(`${name} SRV`, { answers: [host(1, 80)], additionals: [a('h1.orders.example', '10.0.0.1')] })
    const clock = virtualClock()
    const orders = watch({ servers: [silent.at, server.at], clock, timeout: 700 })
    await arrived(silent, 1)
    await clock.advance(699)
    expect(server.asked).toHaveLength(0)
    await clock.advance(1)
    await orders.until(known)
    expect(orders.addresses()).toEqual(['10.0.0.1:80'])
  })

  it('when nobody answers, then it is a time-out, after as many tries as allowed', async () => {
    server.zone.set(`${name} SRV`, { silent: true })
    const clock = virtualClock()
    const orders = watch({ clock, timeout: 500, tries: 3 })
    for (let n = 1; n <= 3; n++) {
      await arrived(server, n)
      await clock.advance(500)
    }
    const { error } = await orders.until(failed)
    expect(error).toMatchObject({ code: 'TIMEOUT', message: `${server.at} did not answer within 500 ms` })
    expect(server.asked).toHaveLength(3)
  })

  it('when nobody listens there, then that is told at once', async () => {
    const closed = await dnsServer()
    await closed[Symbol.asyncDispose]()
    for (const protocol of ['udp', 'tcp'] as const) {
      const { error } = await watch({ servers: [closed.at], protocol }).until(failed)
      expect(error).toMatchObject({ code: 'UNREACHABLE', message: `${closed.at} cannot be asked: ECONNREFUSED` })
    }
  })

  it('when what comes is no answer, or answers somebody else, then it is not taken for one', async () => {
    const clock = virtualClock()
    const garbage = { raw: () => Buffer.from('hello') }
    const other = { raw: (query: Buffer) => Buffer.concat([Buffer.from([query.readUInt8(0) ^ 1]), query.subarray(1)]) }
    for (const reply of [garbage, other]) {
      server.zone.set(`${name} SRV`, reply)
      server.asked.length = 0
      const orders = watch({ clock, tries: 1 })
      await arrived(server, 1)
      // The datagram comes through the kernel: it is there when the next one that goes the same way is.
      await new Promise((done) => setTimeout(done, 20))
      await clock.advance(2_000)
      const { error } = await orders.until(failed)
      expect(['MALFORMED', 'TIMEOUT']).toContain((error as { code: string }).code)
    }
  })

  it('when one is from before EDNS, then it is asked without', async () => {
    const records = [host(1, 80)]
    const sent = [a('h1.orders.example', '10.0.0.1')]
    server.zone.set(`${name} SRV`, ({ extended }) => (extended ? { code: 1 } : { answers: records, additionals: sent }))
    const orders = watch()
    await orders.until(known)
    expect(server.asked.map(({ extended }) => extended)).toEqual([true, false])
  })

  it('when what comes over TCP is no answer, then that is told at once; when it hangs up, too', async () => {
    const clock = virtualClock()
    server.zone.set(`${name} SRV`, { raw: () => Buffer.from('hello') })
    const options = { protocol: 'tcp', tries: 1, clock } as const
    expect((await watch(options).until(failed)).error).toMatchObject({ code: 'MALFORMED' })
    server.zone.set(`${name} SRV`, { silent: true })
    server.asked.length = 0
    const orders = watch(options)
    await arrived(server, 1)
    await server[Symbol.asyncDispose]()
    server = await dnsServer()
    expect((await orders.until(failed)).error).toMatchObject({ code: 'UNREACHABLE' })
  })
})

describe('given a name that is watched', () => {
  it('when its records hold for a time, then it is asked again after that, and up to a quarter of it later', async () => {
    const clock = virtualClock()
    server.zone.set(`${name} SRV`, { answers: [host(1, 80, { ttl: 100 })] })
    const orders = watch({ clock, random: () => 0.5 })
    await orders.until(known)
    server.asked.length = 0
    await clock.advance(100_000 * 1.125 - 1)
    expect(server.asked).toHaveLength(0)
    await clock.advance(1)
    await arrived(server, 1)
  })

  it('when a host changes sooner than the records, then the sooner one counts', async () => {
    const clock = virtualClock()
    const record = host(1, 80, { ttl: 100 })
    server.zone.set('h1.orders.example A', { answers: [a('h1.orders.example', '10.0.0.1', 20)] })
    server.zone.set(`${name} SRV`, { answers: [record] })
    await watch({ clock, refresh: { jitter: 0 } }).until(known)
    server.asked.length = 0
    await clock.advance(20_000)
    await arrived(server, 1)
  })

  it('when its records hold for no time, or for days, then `min` and `max` count', async () => {
    const clock = virtualClock()
    server.zone.set(`${name} SRV`, { answers: [host(1, 80, { ttl: 0 })] })
    const orders = watch({ clock, refresh: { min: 7_000, max: 9_000, jitter: 0 } })
    await orders.until(known)
    server.asked.length = 0
    await clock.advance(6_999)
    expect(server.asked).toHaveLength(0)
    server.zone.set(`${name} SRV`, { answers: [host(2, 80, { ttl: 1_000_000 })] })
    await clock.advance(1)
    await orders.until(({ instances }) => instances?.[0]?.address === '10.0.0.2:80')
    server.asked.length = 0
    await clock.advance(9_000)
    await arrived(server, 1)
  })

  it('when a thousand clients begin at once, then soon they do not ask at once any more', async () => {
    const { nextLook } = await import('./instancer.ts')
    const random = seeded(7)
    const refreshing = { min: 5_000, max: 300_000, jitter: 0.25, clock: systemClock, random }
    const first = Array.from({ length: 1_000 }, () => nextLook(30, false, refreshing))
    expect(Math.min(...first)).toBeGreaterThanOrEqual(30_000)
    expect(Math.max(...first)).toBeLessThanOrEqual(37_500)
    const perSecond = new Map<number, number>()
    for (const wait of first)
      perSecond.set(Math.floor(wait / 1_000), (perSecond.get(Math.floor(wait / 1_000)) ?? 0) + 1)
    // 1,000 over 7.5 s are 133 a second.
    expect(Math.max(...perSecond.values())).toBeLessThan(180)
  })

  it('when the servers fail on and on, then the waits grow and are bounded', async () => {
    const clock = counted()
    server.zone.set(`${name} SRV`, { code: 2 })
    const orders = watch({ clock, tries: 1, random: () => 1 })
    await orders.until(failed)
    const times: number[] = []
    for (const wait of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      server.asked.length = 0
      await clock.advance(wait - 1)
      expect(server.asked).toHaveLength(0)
      await clock.advance(1)
      await arrived(server, 1)
      times.push(wait)
      await until(() => clock.set === 2 * (times.length + 1))
    }
    expect(times).toHaveLength(7)
  })

  it('when many watch it in the same way, then it is looked up once, and each hears', async () => {
    const clock = virtualClock()
    server.zone.set(`${name} SRV`, { answers: [host(1, 80)], additionals: [a('h1.orders.example', '10.0.0.1')] })
    const registry = registryOf({ clock })
    const all = Array.from({ length: 10 }, () => heard(registry.instancer(name)))
    const other = heard(registry.instancer('_HTTP._tcp.orders.example.'))
    await Promise.all([...all, other].map((each) => each.until(known)))
    expect(server.asked).toHaveLength(1)
    const late = heard(registry.instancer(name))
    expect(late.addresses()).toEqual(['10.0.0.1:80'])
    for (const each of [...all, other, late]) each[Symbol.dispose]()
    expect(clock.pending).toBe(0)
    using again = heard(registry.instancer(name))
    await again.until(known)
    expect(server.asked).toHaveLength(2)
  })

  it('when it is left while a question is out, then nothing is told, and no timer and no socket is left', async () => {
    const clock = virtualClock()
    const before = sockets()
    server.zone.set(`${name} SRV`, { silent: true })
    for (const protocol of ['udp', 'tcp'] as const) {
      server.asked.length = 0
      const orders = heard(registryOf({ clock, protocol }).instancer(name))
      await arrived(server, 1)
      orders[Symbol.dispose]()
      await new Promise(setImmediate)
      expect(orders.states).toHaveLength(1)
      expect(clock.pending).toBe(0)
    }
    await until(() => sockets() <= before)
  })

  it('when a thousand names are left while they wait for their turn, then no socket is opened for them', async () => {
    const clock = virtualClock()
    const before = sockets()
    const registry = registryOf({ clock, concurrency: 4 })
    const all = Array.from({ length: 1_000 }, (_, n) => {
      server.zone.set(`n${n}.example A`, { silent: true })
      return heard(registry.instancer(`n${n}.example`, { port: 80 }))
    })
    await arrived(server, 4)
    for (const each of all) each[Symbol.dispose]()
    for (let turn = 0; turn < 10; turn++) {
      await new Promise(setImmediate)
      expect(sockets()).toBeLessThanOrEqual(before + 4)
    }
    await until(() => sockets() <= before)
    expect(server.asked).toHaveLength(4)
  })

  it('when the registry is disposed, then lookups end, and it is told that what is known is old', async () => {
    const clock = virtualClock()
    server.zone.set(`${name} SRV`, { answers: [host(1, 80)] })
    const registry = registryOf({ clock })
    const orders = heard(registry.instancer(name))
    await orders.until(known)
    await registry[Symbol.asyncDispose]()
    expect(clock.pending).toBe(0)
    expect(orders.last()).toMatchObject({
      instances: [{ id: '10.0.0.1:80' }],
      error: { message: 'the registry is closed' },
    })
    expect(heard(registry.instancer(name)).last()).toMatchObject({
      instances: undefined,
      error: { message: 'the registry is closed' },
    })
  })

  it('when more questions are to be asked than may be out at once, then the others wait their turn', async () => {
    const answers = Array.from({ length: 20 }, (_, n) => host(n + 1, 80))
    let most = 0
    for (const [key, reply] of server.zone)
      if (key.endsWith(' A'))
        server.zone.set(key, () => {
          most++
          return { ...(reply as object), silent: true }
        })
    server.zone.set(`${name} SRV`, { answers })
    const clock = virtualClock()
    watch({ clock, concurrency: 4, tries: 1 })
    await arrived(server, 5)
    await new Promise((done) => setTimeout(done, 50))
    expect(most).toBe(4)
    await clock.advance(2_000)
    await arrived(server, 9)
  })
})

describe('given options that are wrong', () => {
  it.each([
    [{ servers: ['dns.example'] }, 'a server is an IP address'],
    [{ servers: ['10.0.0.1:99999'] }, 'a server is an IP address'],
    [{ servers: [] }, '"servers" must be a list'],
    [{ protocol: 'quic' }, '"protocol" must be one of "udp", "tcp"'],
    [{ timeout: 0 }, '"timeout" must be a number above 0'],
    [{ tries: 1.5 }, '"tries" must be a whole number'],
    [{ concurrency: 0 }, '"concurrency" must be'],
    [{ refresh: { min: 10, max: 5 } }, '"refresh.max" must be a number of at least 10'],
    [{ refresh: { jitter: 2 } }, '"refresh.jitter" must be'],
    [{ refesh: {} }, 'refesh'],
  ])('when a registry is made with %j, then the field is named', (options, message) => {
    expect(() => dns(options as DnsOptions)).toThrow(message)
  })

  it.each([
    ['', {}, 'a name is made of labels'],
    ['10.0.0.1:80', {}, 'a name is made of labels'],
    [name, { port: 0 }, '"port" must be a whole number of at least 1'],
    [name, { port: 80, atLeast: 2 }, 'atLeast'],
    [name, { atLeast: 0 }, '"atLeast" must be'],
    [name, { family: 5 }, '"family" must be one of'],
    [name, { family: '4' }, '"family" must be one of'],
    [name, { url: 'https' }, '"url" must be a function'],
    [name, { protectEmpty: -1 }, '"protectEmpty" must be'],
  ])('when %j is watched with %j, then the field is named', (service, options, message) => {
    expect(() => registryOf().instancer(service, options as DnsInstancerOptions)).toThrow(message)
  })

  it.each(['10.0.0.2', '10.0.0.2:8600', 'fd00::2', '[fd00::2]:8600'])('when a server is %s, then that is one', (at) => {
    expect(() => dns({ servers: [at] })).not.toThrow()
  })
})

/** A virtual clock that counts the timers that were ever set. */
function counted() {
  const clock = virtualClock()
  const counting = Object.assign(Object.create(clock) as typeof clock, {
    set: 0,
    at(when: number, run: () => void) {
      counting.set++
      return clock.at(when, run)
    },
  })
  return counting
}

const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => /UDP|TCPSocket/.test(kind)).length

async function until(so: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!so()) {
    if (performance.now() > deadline) throw new Error('it did not come to that within 10 s')
    await new Promise((done) => setTimeout(done, 5))
  }
}

/** Until the server has been asked so often. */
const arrived = (at: DnsServer, count: number): Promise<void> => until(() => at.asked.length >= count)
