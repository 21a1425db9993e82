import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { call, endpoint, fail, ok } from '@tenon/endpoint'
import client from 'prom-client'
import { describe, expect, it } from 'vitest'
import { parse } from '../test/exposition.ts'
import { type Metrics, type MetricsOptions, metrics } from './metrics.ts'

const serve = async (listener: Metrics['handler']): Promise<AsyncDisposable & { url: string; port: number }> => {
  const server: Server = createServer(listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}/metrics`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}

const used = async (options?: MetricsOptions): Promise<Metrics> => {
  const measured = metrics(options)
  const red = measured.red({ side: 'server' })
  const method = { contract: 'shop.v1.Orders', name: 'place', kind: 'unary', idempotent: false } as const
  await call(red(endpoint(() => ok(), method)), undefined)
  await call(red(endpoint(() => fail({ _tag: 'No', code: 'not_found', message: '' }), method)), undefined)
  measured.onTelemetry({ kind: 'limiter.rejected', limiter: 'api', key: '', why: 'rate' })
  return measured
}

const prometheus = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'

describe('/metrics', () => {
  it('given a real server, when it is scraped, then the page is what a scraper takes', async () => {
    const measured = await used()
    await using server = await serve(measured.handler)
    const answer = await fetch(server.url)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const samples = parse(await answer.text())
    expect(samples.get('tenon_server_calls_total{contract="shop.v1.Orders",method="place",code="ok"}')).toBe(1)
    expect(samples.get('tenon_server_calls_total{contract="shop.v1.Orders",method="place",code="not_found"}')).toBe(1)
  })

  it('given HEAD, when it is asked, then the headers are those of GET and there is no body', async () => {
    const measured = await used()
    await using server = await serve(measured.handler)
    const get = await fetch(server.url)
    const head = await fetch(server.url, { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(await head.text()).toBe('')
    for (const name of ['content-type', 'content-length']) expect(head.headers.get(name)).toBe(get.headers.get(name))
  })

  it('given another method, when it is asked, then 405 says which are allowed', async () => {
    await using server = await serve(metrics().handler)
    const answer = await fetch(server.url, { method: 'POST', body: 'x' })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('GET, HEAD')
  })

  it('given a metric that cannot be read, when it is scraped, then 500 says so, and the next scrape works', async () => {
    const measured = await used()
    let broken = true
    new client.Gauge({
      name: 'mine',
      help: 'mine',
      registers: [measured.registry],
      collect() {
        if (broken) throw new Error('no sensor')
        this.set(7)
      },
    })
    await using server = await serve(measured.handler)
    const answer = await fetch(server.url)
    expect(answer.status).toBe(500)
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await answer.text()).toBe('the metrics could not be read: no sensor\n')
    broken = false
    expect(parse(await (await fetch(server.url)).text()).get('mine')).toBe(7)
  })

  it('given many scrapes at once, when the page is being made, then it is made once for them all', async () => {
    const measured = await used()
    const gate = Promise.withResolvers<void>()
    let reads = 0
    new client.Gauge({
      name: 'mine',
      help: 'mine',
      registers: [measured.registry],
      async collect() {
        reads++
        await gate.promise
      },
    })
    let arrived = 0
    const all = Promise.withResolvers<void>()
    await using server = await serve((request, response) => {
      measured.handler(request, response)
      if (++arrived === 5) all.resolve()
    })
    const answers = Array.from({ length: 5 }, () => fetch(server.url).then((answer) => answer.text()))
    await all.promise
    gate.resolve()
    expect(new Set(await Promise.all(answers)).size).toBe(1)
    expect(reads).toBe(1)
  })

  it('given OpenMetrics is on, when Prometheus asks for it, then it gets it, and the registry stays as it was', async () => {
    const measured = await used({ openMetrics: true })
    measured.registry.setDefaultLabels({ zone: 'a' })
    new client.Histogram({ name: 'mine', help: 'mine', registers: [measured.registry], buckets: [1] }).observe(0.5)
    await using server = await serve(measured.handler)
    for (let round = 0; round < 2; round++) {
      const open = await fetch(server.url, { headers: { accept: prometheus } })
      expect(open.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
      const samples = parse(await open.text(), 'openmetrics')
      const at = 'contract="shop.v1.Orders",method="place",code="ok"'
      expect(samples.get(`tenon_server_calls_total{${at},zone="a"}`)).toBe(1)
      expect(samples.get('mine_bucket{le="1",zone="a"}')).toBe(1)
      const plain = await fetch(server.url)
      expect(parse(await plain.text()).get(`tenon_server_calls_total{zone="a",${at}}`)).toBe(1)
    }
  })

  it('given a registry of OpenMetrics, when it is read again and again, then its names stay', async () => {
    const registry = new client.Registry<client.OpenMetricsContentType>()
    registry.setContentType(client.Registry.OPENMETRICS_CONTENT_TYPE)
    const measured = await used({ registry })
    await using server = await serve(measured.handler)
    for (let round = 0; round < 2; round++) {
      const answer = await fetch(server.url)
      expect(answer.headers.get('content-type')).toContain('openmetrics')
      expect(await answer.text()).toContain('\ntenon_limiter_rejected_total{limiter="api",why="rate"} 1\n')
    }
    expect(() => metrics({ registry }).red({ side: 'server' })).not.toThrow()
  })

  it.each([
    [undefined, false],
    ['*/*', false],
    ['text/plain', false],
    [prometheus, true],
    ['application/openmetrics-text', true],
    ['application/openmetrics-text;q=0', false],
    ['application/openmetrics-text;q=0.2, text/plain;q=0.9', false],
    ['application/openmetrics-text;q=rubbish, text/plain;q=0.1', false],
  ])('given OpenMetrics is on, when Accept is %s, then OpenMetrics is sent: %s', async (accept, expected) => {
    const measured = await used({ openMetrics: true })
    await using server = await serve(measured.handler)
    const answer = await fetch(server.url, accept === undefined ? {} : { headers: { accept } })
    expect(answer.headers.get('content-type')?.includes('openmetrics')).toBe(expected)
    await answer.text()
  })

  it('given somebody answered before us, when the page is ready, then nothing is thrown', async () => {
    const measured = await used()
    await using server = await serve((request, response) => {
      measured.handler(request, response)
      response.end('first')
    })
    expect(await (await fetch(server.url)).text()).toBe('first')
    expect((await fetch(server.url)).status).toBe(200)
  })

  it('given a scraper that hangs up, when the page is ready, then the server goes on', async () => {
    const measured = await used()
    const gate = Promise.withResolvers<void>()
    const arrived = Promise.withResolvers<void>()
    new client.Gauge({ name: 'mine', help: 'mine', registers: [measured.registry], collect: () => gate.promise })
    await using server = await serve((request, response) => {
      measured.handler(request, response)
      arrived.resolve()
    })
    const socket = connect(server.port, '127.0.0.1')
    socket.write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n')
    await arrived.promise
    socket.destroy()
    gate.resolve()
    expect((await fetch(server.url)).status).toBe(200)
  })

  it("given runtime(), when it is called again, then it is there once, with prom-client's usual names, and the process ends", () => {
    const fixture = fileURLToPath(new URL('../test/runtime.ts', import.meta.url))
    const { status, stdout, stderr } = spawnSync(process.execPath, [fixture], { encoding: 'utf8', timeout: 15_000 })
    expect([status, stderr]).toEqual([0, ''])
    const samples = parse(stdout)
    expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000)
    expect(samples.get('process_cpu_seconds_total')).toBeGreaterThan(0)
  })

  it('given promtool, when it reads the page, then it has nothing to say', async (context) => {
    if (spawnSync('promtool', ['--version']).error !== undefined) {
      const missing = 'promtool is not on PATH (Debian: the package prometheus)'
      if (process.env.CI) expect.fail(missing)
      context.skip(`${missing}: the page was only parsed by our own reader`)
    }
    const measured = await used()
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: await measured.registry.metrics(),
      encoding: 'utf8',
    })
    expect([status, stdout + stderr]).toEqual([0, ''])
  })
})
