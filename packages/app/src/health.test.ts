import { once } from 'node:events'
import { connect } from 'node:net'
import { virtualClock } from '@tenon/endpoint/testing'
import { describe, expect, it } from 'vitest'
import { type HealthOptions, health } from './health.ts'
import { run } from './run.ts'
import type { AppState } from './service.ts'

/** A health server of its own, in the state that it is told. */
const served = async (options: Partial<HealthOptions> = {}, state: () => AppState = () => 'ready') => {
  const service = health({ port: 0, ...options })
  await service.start({ app: 'shop', state })
  return {
    service,
    get: (path: string, init: RequestInit = {}) => fetch(`${service.url}${path}`, init),
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  }
}

describe('health', () => {
  it('given an app, when it starts, is ready, drains, then readyz says so and livez stays alive', async () => {
    const clock = virtualClock()
    const probes = health({ port: 0 })
    const stop = new AbortController()
    const gate = Promise.withResolvers<void>()
    const listening = Promise.withResolvers<void>()
    const slow = {
      name: 'slow',
      start() {
        listening.resolve()
        return gate.promise
      },
      drain() {},
    }
    const ended = run({ name: 'shop', services: [probes, slow], signals: [], signal: stop.signal, clock })
    await listening.promise
    const read = async (path: string): Promise<string> => {
      const answer = await fetch(`${probes.url}${path}`)
      return `${answer.status} ${(await answer.text()).trim()}`
    }
    expect(await read('/readyz')).toBe('503 not ready: starting')
    expect(await read('/livez')).toBe('200 ok')
    gate.resolve()
    await clock.advance(0)
    expect(await read('/readyz')).toBe('200 ok')
    stop.abort()
    await clock.advance(0)
    expect(await read('/readyz')).toBe('503 not ready: draining')
    expect(await read('/livez')).toBe('200 ok')
    await clock.advance(2_000)
    expect((await ended).failures).toEqual([])
    await expect(fetch(`${probes.url}/livez`)).rejects.toThrow()
  })

  it('given checks, when one says no, throws or is late, then readyz is 503 and says which and why, not what was thrown', async () => {
    const clock = virtualClock()
    let aborted = false
    await using page = await served({
      clock,
      checks: {
        cache: () => true,
        database: async () => {
          throw new Error('postgres://user:secret@db')
        },
        queue: () => false,
        slow: ({ signal }) =>
          new Promise(() => {
            signal.addEventListener('abort', () => {
              aborted = true
            })
          }),
      },
    })
    const asked = page.get('/readyz?verbose')
    await expect.poll(() => clock.pending).toBe(1)
    await clock.advance(1_000)
    const answer = await asked
    expect(answer.status).toBe(503)
    expect(await answer.text()).toBe(
      [
        '[+] app shop: ready',
        '[+] cache',
        '[-] database: the check threw',
        '[-] queue: the check said no',
        '[-] slow: no answer within 1000 ms',
        'not ready',
        '',
      ].join('\n'),
    )
    expect(aborted).toBe(true)
    // The slow one hangs still, and is not begun again.
    const json = await page.get('/readyz', { headers: { accept: 'application/json' } })
    expect(json.headers.get('content-type')).toBe('application/json')
    expect(await json.json()).toEqual({
      app: 'shop',
      ok: false,
      state: 'ready',
      checks: [
        { name: 'cache', ok: true },
        { name: 'database', ok: false, why: 'the check threw' },
        { name: 'queue', ok: false, why: 'the check said no' },
        { name: 'slow', ok: false, why: 'the check before has not ended yet' },
      ],
    })
    expect(await (await page.get('/readyz')).text()).toBe(
      'not ready: database (the check threw), queue (the check said no), slow (the check before has not ended yet)\n',
    )
    expect((await page.get('/livez')).status).toBe(200)
    expect(clock.pending).toBe(0)
  })

  it('given many probes at once, when a check runs, then it runs once for them all', async () => {
    const gate = Promise.withResolvers<boolean>()
    let runs = 0
    await using page = await served({
      checks: {
        database() {
          runs++
          return gate.promise
        },
      },
    })
    const probes = Array.from({ length: 5 }, () => page.get('/readyz'))
    await expect.poll(() => runs).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 50))
    gate.resolve(true)
    expect((await Promise.all(probes)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(runs).toBe(1)
    expect((await page.get('/readyz')).status).toBe(200)
    expect(runs).toBe(2)
  })

  it('given an app that is not ready, when it is probed, then no check is asked', async () => {
    await using page = await served({ checks: { never: () => expect.unreachable() } }, () => 'draining')
    expect((await page.get('/readyz')).status).toBe(503)
  })

  it('given HEAD, when it is asked, then status and headers are those of GET, and there is no body', async () => {
    await using page = await served()
    const head = await page.get('/readyz', { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '3', ''])
    expect(head.headers.get('cache-control')).toBe('no-store')
  })

  it.each([
    ['/', 'GET', 404],
    ['/readyz/', 'GET', 404],
    ['/READYZ', 'GET', 404],
    ['/__proto__', 'GET', 404],
    ['/readyz', 'POST', 405],
    ['/livez', 'DELETE', 405],
  ])('given %s by %s, when it is asked, then it is a problem of status %i', async (path, method, status) => {
    await using page = await served({ routes: { '/metrics': (_, response) => void response.end('m') } })
    const answer = await page.get(path, { method })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({ type: 'about:blank', status })
    expect(answer.headers.get('allow')).toBe(status === 405 ? 'GET, HEAD' : null)
  })

  it('given routes, when they are asked, then they answer, and one that throws is a problem of status 500', async () => {
    await using page = await served({
      routes: {
        '/metrics': (request, response) => void response.end(`you asked ${request.url}`),
        '/broken': () => {
          throw new Error('secret')
        },
        '/rejecting': () => Promise.reject(new Error('secret')),
        '/halfway': async (_, response) => {
          response.writeHead(200)
          response.write('half')
          throw new Error('secret')
        },
      },
    })
    expect(await (await page.get('/metrics?x=1')).text()).toBe('you asked /metrics?x=1')
    for (const path of ['/broken', '/rejecting']) {
      const answer = await page.get(path)
      expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining('secret')])
    }
    await expect(page.get('/halfway').then((answer) => answer.text())).rejects.toThrow()
    expect((await page.get('/livez')).status).toBe(200)
  })

  it('given a request that is no HTTP, when it comes, then the server goes on', async () => {
    await using page = await served()
    const { port } = new URL(page.service.url ?? '')
    for (const line of ['rubbish\r\n\r\n', 'GET //[ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n']) {
      const socket = connect(Number(port), '127.0.0.1')
      socket.write(line)
      socket.resume()
      await once(socket, 'close')
    }
    expect((await page.get('/livez')).status).toBe(200)
  })

  it('given a connection that hangs, when the drain is cut off, then it closes; and closing twice does no harm', async () => {
    const began = Promise.withResolvers<void>()
    const page = await served({ routes: { '/hangs': () => began.resolve() } })
    const hanging = page.get('/hangs').catch(() => 'cut')
    await began.promise
    const cut = new AbortController()
    let over = false
    const drained = page.service.drain({ signal: cut.signal }).then(() => {
      over = true
    })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(over).toBe(false)
    cut.abort()
    await drained
    expect(await hanging).toBe('cut')
    await page.service[Symbol.asyncDispose]()
    await page.service.drain({ signal: AbortSignal.abort() })
  })

  it('given a probe in flight, when the server drains, then it is answered, and its connection holds nothing up', async () => {
    const asked = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<boolean>()
    const database = (): Promise<boolean> => {
      asked.resolve()
      return gate.promise
    }
    const page = await served({ checks: { database } })
    const answer = page.get('/readyz')
    await asked.promise
    const drained = page.service.drain({ signal: AbortSignal.timeout(10_000) })
    const began = performance.now()
    gate.resolve(true)
    expect((await answer).status).toBe(200)
    await drained
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  it('given a port that is taken, when it starts, then it says so', async () => {
    await using page = await served()
    const port = Number(new URL(page.service.url ?? '').port)
    const error = await run({ name: 'shop', services: [health({ port })], signals: [] }).catch(
      (thrown: Error) => thrown,
    )
    expect(String(error)).toContain('service "health" did not start: listen EADDRINUSE')
  })

  it('given bad options, when it is made, then the error names the option', async () => {
    expect(() => health({ port: 70_000 })).toThrow(/"port"/)
    expect(() => health({ port: 0, checkTimeout: 0 })).toThrow(/"checkTimeout"/)
    expect(() => health({ port: 0, routes: { metrics: () => {} } })).toThrow(/"routes".*"metrics"/)
    expect(() => health({ port: 0, routes: { '/livez': () => {} } })).toThrow(/"routes".*"\/livez"/)
    expect(() => health({ port: 0, routes: { '/x': 1 as never } })).toThrow(/routes\["\/x"\]/)
    expect(() => health({ port: 0, checks: { x: true as never } })).toThrow(/checks\["x"\]/)
    await using page = await served()
    await expect(page.service.start({ app: 'x', state: () => 'ready' })).rejects.toThrow(/started before/)
  })
})
