// Probes against real sockets: what is well, what is not, and that nothing is left behind.
import { createServer as createHttp, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net'
import { call, endpoint, ok, type Telemetry } from '@tenon/endpoint'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checked } from './checked.ts'
import { httpProbe } from './http-probe.ts'
import { balanced, endpointer, fixed, type Instance, instance, roundRobin } from './index.ts'
import type { Probe } from './probe.ts'
import { tcpProbe } from './tcp-probe.ts'

/** Listens on loopback until the test is over; answers `127.0.0.1:<port>`. */
async function listening(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const sockets = new Set<{ destroy(): void }>()
  server.on('connection', (socket) => sockets.add(socket))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((done) => server.close(done))
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}
const http = (listener: RequestListener): Promise<string> => listening(createHttp(listener))

/** An address on which nobody listens any more. */
async function closed(): Promise<string> {
  const server = createTcp()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return `127.0.0.1:${port}`
}

const ask = (probe: Probe, of: Instance, signal = new AbortController().signal) => probe(of, { signal })

describe('a probe over HTTP', () => {
  it('given an instance, when it is asked, then at its health path, with the method and headers given, on a new connection', async () => {
    const asked: unknown[] = []
    const at = await http(({ method, url, headers, socket }, response) => {
      asked.push([method, url, headers['x-probe'], socket.remotePort])
      response.end('x'.repeat(100_000))
    })
    const probe = httpProbe({ headers: { 'x-probe': 'yes' }, path: '/live' })
    expect(await ask(probe, instance({ address: at, healthPath: '/health?full' }))).toBe(true)
    expect(await ask(probe, instance(at))).toBe(true)
    expect(await ask(httpProbe({ method: 'HEAD' }), instance(at))).toBe(true)
    const [one, two, three] = asked as [unknown[], unknown[], unknown[]]
    expect(one.slice(0, 3)).toEqual(['GET', '/health?full', 'yes'])
    expect(two.slice(0, 3)).toEqual(['GET', '/live', 'yes'])
    expect(three.slice(0, 3)).toEqual(['HEAD', '/healthz', undefined])
    expect(new Set([one[3], two[3], three[3]]).size).toBe(3)
  })

  it.each([301, 404, 429, 500, 503])(
    'given one that answers %i, when it is asked, then it is not well',
    async (status) => {
      const at = await http((_, response) => response.writeHead(status, { location: '/' }).end())
      await expect(ask(httpProbe(), instance(at))).rejects.toThrow(`GET /healthz answered ${status}`)
      expect(await ask(httpProbe({ status: (code) => code === status }), instance(at))).toBe(true)
    },
  )

  it('given nobody, or somebody who hangs up or speaks otherwise, when asked, then it is not well', async () => {
    await expect(ask(httpProbe(), instance(await closed()))).rejects.toThrow('ECONNREFUSED')
    const rude = await listening(createTcp((socket) => socket.destroy()))
    await expect(ask(httpProbe(), instance(rude))).rejects.toThrow()
    const other = await listening(createTcp((socket) => socket.end('hello\r\n\r\n')))
    await expect(ask(httpProbe(), instance(other))).rejects.toThrow()
  })

  it('given one that never answers, when the time is up, then the connection is closed', async () => {
    let hungUp: () => void = () => {}
    const gone = new Promise<void>((resolve) => (hungUp = resolve))
    let arrived: () => void = () => {}
    const there = new Promise<void>((resolve) => (arrived = resolve))
    const at = await http(({ socket }) => {
      socket.on('close', hungUp)
      arrived()
    })
    const time = new AbortController()
    const answer = ask(httpProbe(), instance(at), time.signal)
    const refused = expect(answer).rejects.toThrow()
    await there
    time.abort()
    await refused
    await gone
  })

  it('given another port for health, when asked, then there', async () => {
    const at = await http((_, response) => response.end())
    const probe = httpProbe({ port: Number(at.split(':')[1]) })
    expect(await ask(probe, instance(await closed()))).toBe(true)
  })

  it.each([
    [{ path: 'healthz' }, '"path" must begin with "/"'],
    [{ port: 0 }, '"port" must be'],
    [{ method: 'POST' }, '"method" must be'],
    [{ status: 200 }, '"status" must be a function'],
    [{ timeout: 1 }, 'there is no option "timeout"'],
  ])('given %j, when it is made, then the field is named', (options, message) => {
    expect(() => httpProbe(options as object)).toThrow(message)
  })
})

describe('a probe over TCP', () => {
  it('given somebody who listens, and nobody, when they are asked, then the one is well', async () => {
    const at = await listening(createTcp())
    expect(await ask(tcpProbe(), instance(at))).toBe(true)
    const none = await closed()
    await expect(ask(tcpProbe(), instance(none))).rejects.toThrow('ECONNREFUSED')
    expect(await ask(tcpProbe({ port: Number(at.split(':')[1]) }), instance(none))).toBe(true)
    expect(() => tcpProbe({ port: -1 })).toThrow('"port" must be')
    await expect(ask(tcpProbe(), instance(at), AbortSignal.abort())).rejects.toThrow()
  })
})

describe('given three servers, one of which is not well', () => {
  it('when they are called through checked instances, then it gets no call, and gets calls once it is well', async () => {
    let well = false
    const sick: RequestListener = (_, response) => response.writeHead(well ? 200 : 503).end()
    const fine: RequestListener = (_, response) => response.end()
    const addresses = [await http(fine), await http(fine), await http(sick)] as const
    const events: Telemetry[] = []
    const instances = checked(fixed(addresses, { service: 'orders' }), {
      probe: httpProbe(),
      interval: 20,
      healthy: 2,
      onTelemetry: (event) => events.push(event),
    })
    await using orders = endpointer(instances, { connect: ({ address }) => endpoint(() => ok(address)) })
    const place = balanced(orders, roundRobin())
    const reached = async () =>
      new Set(
        await Promise.all(
          Array.from({ length: 9 }, async () => {
            const answer = await call(place, undefined)
            return answer._tag === 'Right' ? answer.right : 'failed'
          }),
        ),
      )
    expect(await reached()).toEqual(new Set(addresses.slice(0, 2)))
    well = true
    expect(await orders.ready({ atLeast: 3 })).toEqual(ok(3))
    expect(await reached()).toEqual(new Set(addresses))
    expect(events).toContainEqual({
      kind: 'discovery.health',
      service: 'orders',
      instance: addresses[2],
      from: 'unhealthy',
      to: 'healthy',
    })
  })
})
