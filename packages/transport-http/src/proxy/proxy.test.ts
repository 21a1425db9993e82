// A proxy between real servers: what its options say, its hooks, its limits and its end.
import { createServer, type IncomingMessage, type RequestListener, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Context,
  deadlineExceeded,
  type Endpoint,
  endpoint,
  extend,
  type Failure,
  fail,
  middleware,
  ok,
  pause,
  subscribe,
  type Telemetry,
  withMetadata,
} from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import { dial, listening } from '../../test/peer.ts'
import { http } from '../index.ts'
import type { Running } from '../running.ts'
import type { ServeOptions } from '../serve.ts'
import type { ProxyRequest } from './message.ts'
import { type ProxyOptions, proxy, type ReverseProxy } from './proxy.ts'

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

/** A target: Node's own server. */
async function origin(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push({
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A target that tells what it was asked. */
const mirror = (): Promise<string> =>
  origin((req, res) => {
    const { method, url, headers } = req
    res.setHeader('content-type', 'application/json').end(JSON.stringify({ method, url, headers }))
  })
type Mirrored = { method: string; url: string; headers: Record<string, string> }

interface Fronted {
  readonly front: Running
  readonly through: ReverseProxy
  readonly events: Telemetry[]
}

async function before<E extends Failure, R>(options: ProxyOptions<E, R>, serving: ServeOptions = {}): Promise<Fronted> {
  const events: Telemetry[] = []
  const onTelemetry = (event: Telemetry): unknown => events.push(event)
  const through = proxy({ onTelemetry, ...options })
  const front = await http.serve([], {
    grace: 0,
    onTelemetry,
    ...serving,
    routes: { '* /*': through, ...serving.routes },
  })
  opened.push(through, front)
  return { front, through, events }
}

const ask = async (front: Running, path = '/x', init: RequestInit = {}): Promise<Mirrored> =>
  (await fetch(front.url + path, init)).json() as Promise<Mirrored>
const problemOf = async (answer: Response): Promise<{ status: number; code: string; tag: string; detail: string }> =>
  (await answer.json()) as never

/** A port that nobody listens on. */
const nowhere = async (): Promise<string> => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

describe('given a proxy before one target', () => {
  it('RP-1: when the target answers 200 and "hey", then so does the proxy', async () => {
    const { front } = await before({ url: await origin((_, res) => void res.end('hey')) })
    const answer = await fetch(front.url)
    expect([answer.status, await answer.text()]).toEqual([200, 'hey'])
  })

  it('RP-2 RP-5: when before hooks add headers, then the target receives them, each hook sees what the others did', async () => {
    const { front } = await before({
      url: await mirror(),
      before: [
        http.setRequestHeader('X-One', '1'),
        (_, { headers }) => {
          headers['x-two'] = `${headers['x-one']}2`
          headers.accept = undefined
        },
      ],
    })
    const { headers } = await ask(front, '/x', { headers: { accept: 'a/b' } })
    expect(headers).toMatchObject({ 'x-one': '1', 'x-two': '12' })
    expect(headers).not.toHaveProperty('accept')
  })

  it('RP-3: when the target answers 404, then so does the proxy, with its body', async () => {
    const { front } = await before({ url: await origin((_, res) => void res.writeHead(404).end('what?')) })
    const answer = await fetch(front.url)
    expect([answer.status, await answer.text()]).toEqual([404, 'what?'])
  })

  it('RP-4: when the target is dead, then 502 as a problem, and telemetry says that it is lost, once, and back', async () => {
    const server = createServer((_, res) => void res.end('back'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const { front, events } = await before({ url: `http://127.0.0.1:${port}` })
    for (let n = 0; n < 2; n++) {
      const answer = await fetch(front.url)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(await problemOf(answer)).toMatchObject({
        status: 502,
        code: 'unavailable',
        tag: 'Unavailable',
        detail: `http://127.0.0.1:${port} cannot be reached (ECONNREFUSED)`,
      })
    }
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    expect(await (await fetch(front.url)).text()).toBe('back')
    server.close()
    const peer = `http://127.0.0.1:${port}`
    expect(events).toEqual([
      { kind: 'client.connection', transport: 'http', peer, state: 'lost' },
      { kind: 'client.connection', transport: 'http', peer, state: 'connected' },
    ])
  })

  it.each([
    ['/base', '/dir?q=1', '/base/dir?q=1'],
    ['/base/', '/dir', '/base/dir'],
    ['', '/dir/', '/dir/'],
    ['/base', '/', '/base/'],
    ['/base', '//dir', '/base//dir'],
    ['/base', '/a%2Fb%20c', '/base/a%2Fb%20c'],
  ])('RP-6: when its url ends in %j and the path is %s, then the target sees %s', async (base, path, seen) => {
    const { front } = await before({ url: (await mirror()) + base })
    expect((await ask(front, path)).url).toBe(seen)
  })

  it('D-17: what a before hook adds to the context reaches the target, the other hooks and the finalizers', async () => {
    const url = await mirror()
    const seen: unknown[] = []
    const tenant = (ctx: Context): unknown => (ctx as Partial<{ tenant: string }>).tenant
    const { front } = await before({
      before: (ctx, { headers }) => extend(ctx, { tenant: String(headers['x-tenant']) }),
      target: endpoint(async (_: ProxyRequest, ctx: Context & { readonly tenant: string }) => {
        seen.push(ctx.tenant)
        return ok(`${url}/${ctx.tenant}`)
      }),
      after: (ctx) => void seen.push(tenant(ctx)),
      finalize: (ctx) => seen.push(tenant(ctx)),
    })
    expect((await ask(front, '/x', { headers: { 'x-tenant': 'acme' } })).url).toBe('/acme/x')
    await expect.poll(() => seen).toEqual(['acme', 'acme', 'acme'])
  })

  it('when hooks set metadata, then it travels as headers', async () => {
    const { front } = await before({
      url: await mirror(),
      before: (ctx) => withMetadata(ctx, { 'X-Tenant': 'acme' }),
    })
    expect((await ask(front)).headers).toMatchObject({ 'x-tenant': 'acme' })
  })

  it('when hooks set what frames a message, then that is ignored', async () => {
    const { front } = await before({
      url: await mirror(),
      before: (_, { headers }) => {
        headers['content-length'] = '7'
        headers['Transfer-Encoding'] = 'chunked'
        headers.connection = 'close'
      },
      after: (_, { headers }) => {
        headers['content-length'] = '7'
        headers.connection = 'x-secret'
      },
    })
    const { headers } = await ask(front)
    expect(headers).not.toHaveProperty('content-length')
    expect(headers).not.toHaveProperty('transfer-encoding')
    expect(headers.connection).toBe('keep-alive')
  })

  it('when after hooks alter status and headers, then the client gets that', async () => {
    const { front } = await before({
      url: await origin((_, res) => void res.writeHead(200, 'Mine', { server: 'secret', 'x-a': '1' }).end('ok')),
      after: [
        http.setResponseHeader('X-B', ['2', '3']),
        (_, response) => {
          response.status = 203
          delete response.headers.server
        },
      ],
    })
    const answer = await fetch(front.url)
    expect([answer.status, answer.statusText]).toEqual([203, 'Non-Authoritative Information'])
    expect([answer.headers.get('server'), answer.headers.get('x-b')]).toEqual([null, '2, 3'])
  })

  it.each([
    ['before', 'decode'],
    ['after', 'encode'],
  ] as const)('when a hook %s throws, then 500 without its cause, and the target is let go', async (name, where) => {
    const heard: unknown[] = []
    const { front, events } = await before({
      url: await mirror(),
      [name]: () => {
        throw new Error('secret')
      },
      onError: (failure: Failure, _: Context, at: string) => heard.push([failure._tag, at]),
    } as unknown as ProxyOptions)
    const answer = await fetch(front.url)
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('secret')
    expect(heard).toEqual([['Defect', where]])
    expect(events.map(({ kind }) => kind)).toContain('defect')
  })

  it('when a hook sets a header that no wire can carry, then 500 and nothing is sent', async () => {
    let asked = 0
    const { front } = await before({
      url: await origin((_, res) => {
        asked++
        res.end()
      }),
      before: http.setRequestHeader('x-a', 'a\r\nb: c'),
    })
    expect((await fetch(front.url)).status).toBe(500)
    expect(asked).toBe(0)
    expect(front.inFlight).toBe(0)
  })

  it('when encodeError and afterError are given, then failures are answered with them', async () => {
    const { front } = await before({
      url: await nowhere(),
      encodeError: ({ code }, reply) => {
        reply.headers['content-type'] = 'text/plain'
        reply.body = `${reply.status} ${code}`
      },
      afterError: http.setResponseHeader('x-failed', 'yes'),
    })
    const answer = await fetch(front.url)
    expect([answer.status, await answer.text(), answer.headers.get('x-failed')]).toEqual([
      502,
      '502 unavailable',
      'yes',
    ])
  })

  it('when all is over, then finalizers see status, bytes and outcome', async () => {
    const seen: unknown[] = []
    const { front } = await before({
      url: await origin((_, res) => void res.end('12345')),
      finalize: (_, { status, bytes, outcome, aborted, request: { target }, headers }) =>
        seen.push([target, status, bytes, outcome._tag, aborted, headers['content-length'], typeof headers.date]),
    })
    await (await fetch(`${front.url}/a?b`)).text()
    await expect.poll(() => seen).toEqual([['/a?b', 200, 5, 'Right', false, undefined, 'string']])
  })
})

describe('given who the request is from', () => {
  it('when the host is preserved, then the target sees the one of the client; else its own', async () => {
    const url = await mirror()
    const { front } = await before({ url })
    expect((await ask(front)).headers.host).toBe(new URL(front.url).host)
    const { front: other } = await before({ url, host: 'target' })
    expect((await ask(other)).headers).toMatchObject({
      host: new URL(url).host,
      'x-forwarded-host': new URL(other.url).host,
    })
  })

  it('when hooks name a host, then that counts, whatever the policy', async () => {
    const url = await mirror()
    for (const host of ['preserve', 'target'] as const) {
      const { front } = await before({ url, host, before: http.setRequestHeader('Host', 'mine.test') })
      expect((await ask(front)).headers.host).toBe('mine.test')
    }
  })

  const claims = {
    'x-forwarded-for': '1.2.3.4',
    'x-forwarded-host': 'shop.test',
    'x-forwarded-proto': 'https',
    'x-forwarded-prefix': '/p',
    'x-real-ip': '1.2.3.4',
    forwarded: 'for=1.2.3.4',
  }

  it('when the peer is not trusted, then what it claims is replaced', async () => {
    const { front } = await before({ url: await mirror(), trust: ['10.0.0.0/8', '::2'] })
    const { headers } = await ask(front, '/', { headers: claims })
    expect(headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': new URL(front.url).host,
      'x-forwarded-proto': 'http',
    })
    for (const name of ['forwarded', 'x-real-ip', 'x-forwarded-prefix']) expect(headers).not.toHaveProperty(name)
  })

  it.each([[['127.0.0.0/8']], [['10.0.0.1', '127.0.0.1']], ['all' as const]])(
    'when the peer is trusted by %j, then what it claims is kept and added to',
    async (trust) => {
      const { front } = await before({ url: await mirror(), trust })
      const { headers } = await ask(front, '/', { headers: claims })
      expect(headers).toMatchObject({ ...claims, 'x-forwarded-for': '1.2.3.4, 127.0.0.1' })
    },
  )

  it.each([
    ['forwarded', { forwarded: /^for=127\.0\.0\.1;host="127\.0\.0\.1:\d+";proto=http$/ }, ['x-forwarded-for']],
    ['both', { forwarded: /^for=/, 'x-forwarded-for': /^127\.0\.0\.1$/ }, []],
    ['none', {}, ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded']],
  ] as const)('when the style is %s, then so are the headers', async (forwarded, there, absent) => {
    const { front } = await before({ url: await mirror(), forwarded })
    const { headers } = await ask(front, '/', { headers: claims })
    for (const [name, value] of Object.entries(there)) expect(headers[name]).toMatch(value)
    for (const name of absent) expect(headers).not.toHaveProperty(name)
  })

  it('when RFC 7239 is added to, then each hop has its element, and an IPv6 one is quoted', async () => {
    const url = await mirror()
    const through = proxy({ url, forwarded: 'forwarded', trust: 'all' })
    const front = await http.serve([], { host: '::1', routes: { '* /*': through } })
    opened.push(through, front)
    const { headers } = await ask(front, '/', { headers: { forwarded: 'for=1.2.3.4' } })
    expect(headers.forwarded).toBe(`for=1.2.3.4, for="[::1]";host="[::1]:${front.port}";proto=http`)
  })

  it('when nobody names the proxy, then its name in via is its own, so that it knows a circle', async () => {
    const { front } = await before({ url: await mirror() })
    const { headers } = await ask(front)
    expect(headers.via).toMatch(/^1\.1 tenon-[0-9a-f]{8}$/)
    const answer = await fetch(front.url, { headers: { via: String(headers.via) } })
    expect([answer.status, (await problemOf(answer)).tag]).toEqual([508, 'Loop'])
    const { front: silent } = await before({ url: await mirror(), via: false })
    expect((await ask(silent)).headers).not.toHaveProperty('via')
  })

  it('when a proxy is its own target, then the first circle ends it', async () => {
    let url = ''
    let asked = 0
    const { front } = await before({
      target: endpoint(async () => {
        asked++
        return ok(url)
      }),
    })
    url = front.url
    expect((await fetch(front.url)).status).toBe(508)
    expect(asked).toBe(1)
  })
})

describe('given a target that is chosen', () => {
  it('when it fails, then that is answered by its code, and nothing is sent', async () => {
    const { front } = await before({
      target: endpoint(async () =>
        fail({ _tag: 'NoEndpoints', code: 'unavailable', message: 'there is none', retryAfter: 1_500 } as const),
      ),
    })
    const answer = await fetch(front.url)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2'])
    expect((await problemOf(answer)).tag).toBe('NoEndpoints')
  })

  it.each([['ftp://a'], ['nonsense'], ['http://a/?q'], ['http://user:secret@a/'], [7]])(
    'when it answers %j, then 500',
    async (url) => {
      const caught: unknown[] = []
      using _ = subscribe((event) => caught.push((event as { cause?: unknown }).cause), ['defect'])
      const { front } = await before({ target: endpoint(async () => ok(url as string)) })
      const answer = await fetch(front.url)
      expect(answer.status).toBe(500)
      expect(await answer.text()).not.toContain('secret')
      expect(caught).toEqual([expect.any(TypeError)])
    },
  )

  it('when it needs a field of the context, then the last before hook must provide it', () => {
    type Tenant = { readonly tenant: string }
    const target: Endpoint<ProxyRequest, string, never, Tenant> = endpoint(
      async (_: ProxyRequest, ctx: Context & Tenant) => ok(ctx.tenant),
    )
    // @ts-expect-error: nobody provides the tenant
    proxy({ target })
    expectTypeOf(proxy({ target, before: (ctx: Context) => extend(ctx, { tenant: 'a' }) })).toExtend<ReverseProxy>()
  })

  it('when it takes longer than the caller has, then 504', async () => {
    const { front } = await before({ target: endpoint(() => new Promise<never>(() => {})) })
    const answer = await fetch(front.url, { headers: { 'request-timeout-ms': '40' } })
    expect([answer.status, (await problemOf(answer)).code]).toEqual([504, 'deadline_exceeded'])
    expect(front.inFlight).toBe(0)
  })
})

describe('given middlewares around it', () => {
  const twice = middleware<never, unknown, unknown, ProxyRequest>((next) => async (input, ctx) => {
    const first = await next(input, ctx)
    return first._tag === 'Right' && (first.right as unknown as { status: number }).status < 500
      ? first
      : next(input, ctx)
  })
  const flaky = (): { readonly url: Promise<string>; readonly asked: string[] } => {
    const asked: string[] = []
    const url = origin(async (req, res) => {
      const body = (await req.toArray()).join('')
      asked.push(body)
      res.writeHead(asked.length === 1 ? 503 : 200).end(`${asked.length}`)
    })
    return { url, asked }
  }

  it('when one calls again, then the request is sent again, and the first answer is let go', async () => {
    const { url, asked } = flaky()
    const { front } = await before({ url: await url, around: twice })
    const answer = await fetch(front.url)
    expect([answer.status, await answer.text()]).toEqual([200, '2'])
    expect(asked).toEqual(['', ''])
  })

  it('when a body is on its way already, then it is not sent again: the first failure stands', async () => {
    const url = await listening(async (peer) => {
      await peer.until(/abc$/)
      peer.socket.destroy()
    })
    opened.push(url)
    let calls = 0
    const again = middleware<never, unknown, unknown, ProxyRequest>((next) => async (input, ctx) => {
      calls++
      const first = await next(input, ctx)
      return first._tag === 'Right' ? first : next(input, ctx)
    })
    const { front } = await before({ url: url.url, around: again })
    const answer = await fetch(front.url, { method: 'POST', body: 'abc' })
    expect(await problemOf(answer)).toMatchObject({ status: 502, code: 'unavailable' })
    expect([calls, url.connections.length]).toEqual([1, 1])
  })

  it('when the first target cannot be reached, then the next one gets the whole body', async () => {
    const dead = await nowhere()
    const url = await origin(async (req, res) => void res.end((await req.toArray()).join('')))
    let chosen = 0
    const { front } = await before({
      target: endpoint(async () => ok(chosen++ === 0 ? dead : url)),
      around: twice,
    })
    const body = 'x'.repeat(300_000)
    const answer = await fetch(front.url, { method: 'POST', body })
    expect([answer.status, (await answer.text()) === body, chosen]).toEqual([200, true, 2])
  })

  it('when two attempts race, then the one that answers first goes on, and the other is left', async () => {
    const gone: unknown[] = []
    const url = await origin((req, res) => {
      req.once('close', () => gone.push(req.url))
      if (req.url?.startsWith('/fast')) res.end('fast')
    })
    let n = 0
    const race = middleware<never, unknown, unknown, ProxyRequest>(
      (next) => (input, ctx) => Promise.race([next(input, ctx), next(input, ctx)]),
    )
    const { front } = await before({
      target: endpoint(async () => ok(`${url}/${n++ === 0 ? 'slow' : 'fast'}`)),
      around: race,
    })
    expect(await (await fetch(front.url)).text()).toBe('fast')
    await expect.poll(() => gone).toHaveLength(2)
  })

  it('when one is still choosing when another has answered, then nothing more is sent', async () => {
    const asked: unknown[] = []
    const url = await origin((req, res) => {
      asked.push(req.url)
      res.end('ok')
    })
    let choose: () => void = () => {}
    let n = 0
    const seen: unknown[] = []
    const race = middleware<never, unknown, unknown, ProxyRequest>((next) => (input, ctx) => {
      const [first, second] = [next(input, ctx), next(input, ctx)]
      void second.then((outcome) => seen.push(outcome))
      return first
    })
    const { front } = await before({
      target: endpoint(async () => {
        if (n++ === 1) await new Promise<void>((resolve) => (choose = resolve))
        return ok(url)
      }),
      around: race,
    })
    expect(await (await fetch(`${front.url}/once`)).text()).toBe('ok')
    choose()
    await expect.poll(() => seen).toMatchObject([{ _tag: 'Left', left: { code: 'cancelled' } }])
    expect(asked).toEqual(['/once'])
  })

  it('when a retry waits and the client has been refused meanwhile, then it calls no more', async () => {
    let calls = 0
    const ends: unknown[] = []
    const patient = middleware<never, unknown, unknown, ProxyRequest>((next) => async (input, ctx) => {
      calls++
      const first = await next(input, ctx)
      ends.push(await pause(ctx, 60_000))
      return first
    })
    const { front } = await before({ url: await nowhere(), around: patient })
    const client = dial(front.url)
    await client.write('POST /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n')
    await expect.poll(() => calls).toBe(1)
    await client.write('rubbish\r\n')
    expect(await client.closed()).toMatch(/^HTTP\/1.1 400 /)
    await expect.poll(() => ends).toEqual([false])
  })

  it('when one refuses, then that is answered, and nothing is sent', async () => {
    const open = middleware<Failure<'CircuitOpen', 'unavailable'>>(
      () => async () => fail({ _tag: 'CircuitOpen', code: 'unavailable', message: 'the circuit is open' } as const),
    )
    const { front } = await before({ url: await mirror(), around: open })
    const answer = await fetch(front.url)
    expect([answer.status, (await problemOf(answer)).tag]).toEqual([503, 'CircuitOpen'])
  })

  it.each([
    ['with an answer of its own', middleware(() => async () => ok({ status: 200, headers: {} }) as never)],
    ['another request', middleware((next) => (input, ctx) => next({ ...(input as object) } as never, ctx))],
  ])('when one goes on %s, then 500', async (_, around) => {
    const { front } = await before({ url: await mirror(), around })
    expect((await fetch(front.url)).status).toBe(500)
  })
})

describe('given time', () => {
  const silent = (): Promise<string> => origin(() => {})

  it('when the target does not answer, then 504 after limits.head', async () => {
    const clock = virtualClock()
    const url = await silent()
    const { front } = await before({ url, clock, limits: { head: 30_000 } })
    const answer = fetch(front.url)
    // The connection is made within its time, and then the target has its own.
    await expect.poll(() => clock.pending).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 30))
    await clock.advance(29_999)
    expect(front.inFlight).toBe(1)
    await clock.advance(1)
    expect(await problemOf(await answer)).toMatchObject({
      status: 504,
      code: 'deadline_exceeded',
      tag: 'DeadlineExceeded',
      detail: `${url} did not answer within 30000 ms`,
    })
    expect(clock.pending).toBe(0)
  })

  it('when the caller has less, then that counts, and the target hears what is left', async () => {
    const heard: unknown[] = []
    const url = await origin((req, res) => {
      heard.push(req.headers['request-timeout-ms'])
      if (req.url === '/answer') res.end('ok')
    })
    const { front } = await before({ url, limits: { request: 5_000 } })
    await (await fetch(`${front.url}/answer`)).text()
    await (await fetch(`${front.url}/answer`, { headers: { 'request-timeout-ms': '1000' } })).text()
    await (await fetch(`${front.url}/answer`, { headers: { 'request-timeout-ms': '99000' } })).text()
    const late = await fetch(front.url, { headers: { 'request-timeout-ms': '60' } })
    expect([late.status, (await problemOf(late)).tag]).toEqual([504, 'DeadlineExceeded'])
    const [whole, less, more, least] = heard.map(Number) as [number, number, number, number]
    for (const [ms, of] of [
      [whole, 5_000],
      [less, 1_000],
      [more, 5_000],
      [least, 60],
    ] as const) {
      expect(ms).toBeLessThanOrEqual(of)
      expect(ms).toBeGreaterThan(of - 60)
    }
  })

  it('when nobody sets a time, then none is told to the target', async () => {
    const { front } = await before({ url: await mirror() })
    expect((await ask(front)).headers).not.toHaveProperty('request-timeout-ms')
  })

  it('when the time is up in the middle of an answer, then its connection is destroyed', async () => {
    const heard: string[] = []
    const { front } = await before({
      url: await origin((_, res) => void res.write('half')),
      onError: ({ code }) => heard.push(code),
    })
    const answer = await fetch(front.url, { headers: { 'request-timeout-ms': '80' } })
    expect(answer.status).toBe(200)
    await expect(answer.text()).rejects.toThrow()
    expect(heard).toEqual(['deadline_exceeded'])
  })

  it('when no target is chosen, then 504 after limits.head', async () => {
    const clock = virtualClock()
    const { front } = await before({
      target: endpoint(() => new Promise<never>(() => {})),
      clock,
      limits: { head: 2_000 },
    })
    const answer = fetch(front.url)
    await expect.poll(() => front.inFlight).toBe(1)
    await clock.advance(2_000)
    expect(await problemOf(await answer)).toMatchObject({ status: 504, tag: 'DeadlineExceeded' })
  })

  it('when a stream is silent for longer than an idle connection is kept, then it goes on', async () => {
    const { front } = await before({
      url: await origin((_, res) => {
        res.write('one')
        setTimeout(() => res.end('two'), 250)
      }),
      keepAlive: 50,
    })
    expect(await (await fetch(front.url)).text()).toBe('onetwo')
  })

  it('when no connection is made in its time, then 502 and nothing was sent', async () => {
    const clock = virtualClock()
    // It accepts, and never says a word of TLS.
    const back = await listening(() => {})
    opened.push(back)
    const url = back.url.replace('http:', 'https:')
    const { front, events } = await before({ url, clock, connectTimeout: 200 })
    const answer = fetch(front.url)
    await expect.poll(() => clock.pending).toBe(1)
    await clock.advance(200)
    const problem = await problemOf(await answer)
    expect(problem).toMatchObject({
      status: 502,
      code: 'unavailable',
      detail: `${url} was not connected within 200 ms`,
    })
    await back.connections[0]?.closed()
    expect(events).toContainEqual(expect.objectContaining({ kind: 'client.connection', state: 'lost' }))
  })

  it('when the client sends nothing more of its body, then 408', async () => {
    const clock = virtualClock()
    const { front } = await before({ url: await silent(), clock, limits: { idle: 1_000 } })
    const client = dial(front.url)
    await client.write('POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf')
    await expect.poll(() => clock.pending).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 30))
    await clock.advance(999)
    await client.write('more')
    await new Promise((resolve) => setTimeout(resolve, 30))
    await clock.advance(999)
    expect(front.inFlight).toBe(1)
    await clock.advance(1)
    expect(await client.closed()).toMatch(/^HTTP\/1.1 408 .*connection: close/is)
  })

  it('when the target reads nothing more of it, then 504', async () => {
    const clock = virtualClock()
    const back = await listening((peer) => void peer.socket.pause())
    opened.push(back)
    const { front } = await before({ url: back.url, clock, limits: { idle: 1_000 } })
    const client = dial(front.url)
    await client.write('POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 500000000\r\n\r\n')
    const chunk = Buffer.alloc(1_000_000)
    let queued = 0
    const send = (): void => {
      while (client.socket.writable && queued < 200_000_000) {
        queued += chunk.length
        if (!client.socket.write(chunk)) return
      }
    }
    client.socket.on('drain', send)
    send()
    let last = -1
    await expect
      .poll(
        async () => {
          // Time alone proves nothing on a machine that is busy: sockets had a hundred turns to move something.
          for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
          const stuck = last === queued
          last = queued
          return stuck
        },
        { interval: 150, timeout: 10_000 },
      )
      .toBe(true)
    await clock.advance(1_000)
    expect(await client.until(/\}$/)).toMatch(/^HTTP\/1.1 504 /)
    client.socket.destroy()
  })

  it('when an answer is silent for longer than idle, then its connection is destroyed; a stream that speaks goes on', async () => {
    const clock = virtualClock()
    let say: (text: string) => void = () => {}
    const { front } = await before({
      url: await origin((_, res) => {
        say = (text) => void res.write(text)
        say('one')
      }),
      clock,
      limits: { idle: 1_000 },
    })
    const client = dial(front.url)
    await client.write('GET /x HTTP/1.1\r\nhost: a\r\n\r\n')
    await client.until(/one/)
    for (const text of ['two', 'three', 'four']) {
      await clock.advance(900)
      say(text)
      await client.until(new RegExp(text))
    }
    await clock.advance(1_000)
    expect(await client.closed()).not.toMatch(/0\r\n\r\n$/)
    expect(clock.pending).toBe(0)
  })
})

describe('given limits', () => {
  it('when too many wait for a connection, then 503 at once; one that leaves makes room', async () => {
    const waiting: ServerResponse[] = []
    const url = await origin((_, res) => void waiting.push(res))
    const { front } = await before({ url, connections: 1, queue: 1 })
    const first = fetch(front.url)
    await expect.poll(() => waiting.length).toBe(1)
    const given = new AbortController()
    const second = fetch(front.url, { signal: given.signal }).catch(() => 'gone')
    await expect.poll(() => front.inFlight).toBe(2)
    const refused = await fetch(front.url)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    expect((await problemOf(refused)).code).toBe('unavailable')
    given.abort()
    expect(await second).toBe('gone')
    await expect.poll(() => front.inFlight).toBe(1)
    const third = fetch(front.url)
    await expect.poll(() => front.inFlight).toBe(2)
    waiting[0]?.end('1')
    expect(await (await first).text()).toBe('1')
    await expect.poll(() => waiting.length).toBe(2)
    waiting[1]?.end('3')
    expect(await (await third).text()).toBe('3')
  })

  it('when too many run, then 503; an answer counts until its last byte', async () => {
    let end: () => void = () => {}
    const url = await origin((_, res) => {
      res.write('half')
      end = () => void res.end()
    })
    const { front } = await before({ url, limits: { concurrent: 1 } })
    const first = await fetch(front.url)
    expect((await fetch(front.url)).status).toBe(503)
    end()
    await first.text()
    await expect.poll(async () => (await fetch(front.url)).status).toBe(200)
  })

  it('when the server around it is full, then 503 as well', async () => {
    const { front } = await before({ url: await origin(() => {}) }, { limits: { concurrent: 1 } })
    void fetch(front.url).catch(() => {})
    await expect.poll(() => front.inFlight).toBe(1)
    expect((await fetch(front.url)).status).toBe(503)
  })

  it.each([
    [{ url: 'http://a', target: endpoint(async () => ok('http://a')) }, 'either url says where requests go'],
    [{}, 'either url says where requests go'],
    [{ url: 'ftp://a' }, 'a target is http(s)://host:port'],
    [{ url: 'http://a:1/?q' }, 'a target is http(s)://host:port'],
    [{ url: 'http://u:p@a' }, 'no user and password'],
    [{ target: 7 }, 'target is an endpoint'],
    [{ url: 'http://a', host: 'x' }, "host is 'preserve' or 'target'"],
    [{ url: 'http://a', forwarded: 'x' }, "forwarded is 'x-forwarded'"],
    [{ url: 'http://a', via: 'a b' }, 'via is a name'],
    [{ url: 'http://a', trust: ['10.0.0.0/33'] }, 'trust: 10.0.0.7'],
    [{ url: 'http://a', trust: ['host'] }, 'trust: 10.0.0.7'],
    [{ url: 'http://a', trust: '10.0.0.1' }, "trust is 'all' or a list"],
    [{ url: 'http://a', around: 7 }, 'around is a middleware'],
    [{ url: 'http://a', before: [7] }, 'a hook is a function'],
    [{ url: 'http://a', limits: { idle: -1 } }, 'limits.idle'],
    [{ url: 'http://a', limits: { idel: 1 } }, 'there is no limit "idel"'],
    [{ url: 'http://a', connections: 0 }, 'connections'],
    [{ url: 'http://a', encodeError: 7 }, 'encodeError is a function'],
  ])('when %j is given, then a TypeError says what is wrong', (options, message) => {
    expect(() => proxy(options as never)).toThrow(TypeError)
    expect(() => proxy(options as never)).toThrow(message)
  })
})

describe('given its end', () => {
  it('when the server drains, then streams in flight end by themselves, and further requests get 503', async () => {
    let end: () => void = () => {}
    const url = await origin((_, res) => {
      res.write('half')
      end = () => void res.end(' whole')
    })
    const { front } = await before({ url })
    const client = dial(front.url)
    await client.write('GET /x HTTP/1.1\r\nhost: a\r\n\r\n')
    await client.until(/half/)
    const drained = front.drain()
    await client.write('GET /y HTTP/1.1\r\nhost: a\r\n\r\n')
    await expect(fetch(front.url)).rejects.toThrow()
    end()
    expect(await client.closed()).toMatch(/ whole\r\n0\r\n\r\nHTTP\/1.1 503 .*Connection: close/is)
    await drained
    expect(front.inFlight).toBe(0)
  })

  it('when the server gives up waiting, then clients see that it is not whole, and the target is left', async () => {
    const left: unknown[] = []
    const url = await origin((req, res) => {
      req.once('close', () => left.push(1))
      res.write('half')
    })
    const { front } = await before({ url })
    const answer = await fetch(front.url)
    await front.drain({ signal: AbortSignal.abort() })
    await expect(answer.text()).rejects.toThrow()
    await expect.poll(() => left).toEqual([1])
  })

  it('when it is closed, then what is in flight ends, then connections close, and more is refused', async () => {
    const ended: ServerResponse[] = []
    const sockets = new Set<unknown>()
    const url = await origin((req: IncomingMessage, res) => {
      sockets.add(req.socket)
      req.socket.once('close', () => sockets.delete(req.socket))
      ended.push(res)
    })
    const { front, through } = await before({ url })
    const answer = fetch(front.url)
    await expect.poll(() => ended.length).toBe(1)
    let closed = false
    const closing = Promise.all([through[Symbol.asyncDispose](), through[Symbol.asyncDispose]()]).then(() => {
      closed = true
    })
    const refused = await fetch(front.url)
    expect([refused.status, (await problemOf(refused)).tag]).toEqual([503, 'Draining'])
    expect(closed).toBe(false)
    ended[0]?.end('ok')
    expect(await (await answer).text()).toBe('ok')
    await closing
    await expect.poll(() => sockets.size).toBe(0)
  })

  it('when what is in flight does not end in 5 s, then it is ended', async () => {
    const clock = virtualClock()
    const url = await origin((req, res) => {
      if (req.url === '/half') res.write('half')
    })
    const { front, through } = await before({ url, clock })
    const pending = fetch(front.url)
    const half = await fetch(`${front.url}/half`)
    const closing = through[Symbol.asyncDispose]()
    await clock.advance(5_000)
    await closing
    expect((await problemOf(await pending)).tag).toBe('Draining')
    await expect(half.text()).rejects.toThrow()
  })
})

describe('given routes', () => {
  it('when a proxy stands beside others, then each path goes where it is named most closely', async () => {
    const url = await mirror()
    const { front } = await before(
      { url },
      {
        routes: {
          'GET /api/users/{id}': (_, res, params) => void res.end(JSON.stringify({ url: `user ${params?.id}` })),
          'GET /health': (_, res) => void res.end(JSON.stringify({ url: 'health' })),
        },
      },
    )
    for (const [path, seen] of [
      ['/health', 'health'],
      ['/api/users/7', 'user 7'],
      ['/api/users/7/x', '/api/users/7/x'],
      ['/', '/'],
    ])
      expect((await ask(front, path)).url).toBe(seen)
    expect(await ask(front, '/health', { method: 'DELETE' })).toMatchObject({ method: 'DELETE', url: '/health' })
    expect((await fetch(`${front.url}/health`, { method: 'HEAD' })).headers.get('content-type')).toBe(null)
  })

  it('when hooks look at what the route left open, then it is there, decoded', async () => {
    const url = await mirror()
    const through = proxy({
      url,
      before: (_, request) => {
        request.path = `/${request.params['*']}`
      },
    })
    const front = await http.serve([], { routes: { '* /files/*': through } })
    opened.push(through, front)
    expect((await ask(front, '/files/a/b')).url).toBe('/a/b')
    expect((await fetch(`${front.url}/other`)).status).toBe(404)
  })

  it('when its prefix is stripped, then the target sees the rest, and hears of it', async () => {
    const through = proxy({ url: `${await mirror()}/base`, before: http.stripPrefix('/api') })
    const front = await http.serve([], { routes: { '* /api': through, '* /api/*': through, '* /apis': through } })
    opened.push(through, front)
    for (const [path, seen] of [
      ['/api/a%2Fb?q=/api', '/base/a%2Fb?q=/api'],
      ['/api', '/base/'],
      ['/api?q', '/base/?q'],
      ['/api/api/x', '/base/api/x'],
    ] as const) {
      const { url, headers } = await ask(front, path)
      expect([url, headers['x-forwarded-prefix']]).toEqual([seen, '/api'])
    }
    const { url, headers } = await ask(front, '/apis')
    expect([url, headers['x-forwarded-prefix']]).toEqual(['/base/apis', undefined])
    for (const bad of ['api', '/api/', '/', '', '/a?b'])
      expect(() => http.stripPrefix(bad)).toThrow('a path such as /api')
  })

  it('when all verbs are asked, then all pass but TRACE', async () => {
    const { front } = await before({ url: await mirror() })
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'REPORT', 'QUERY']) {
      const answer = await new Promise<IncomingMessage>((resolve, reject) =>
        request(front.url, { method }, resolve).on('error', reject).end(),
      )
      expect(JSON.parse((await answer.toArray()).join('')).method).toBe(method)
    }
  })
})

it('a deadline that is up before anything is sent is answered as such', async () => {
  const { front } = await before({ target: endpoint(async () => fail(deadlineExceeded())) })
  expect((await fetch(front.url)).status).toBe(504)
})
