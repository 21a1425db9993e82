// Contracts over real HTTP: routes, failures, what has no route, limits of a whole server, clients of all that.
import { connect } from 'node:net'
import {
  bindings,
  type CallFailed,
  clientStream,
  contract,
  event,
  failure,
  handler,
  implement,
  serverStream,
  unary,
} from '@tenon/contract'
import {
  background,
  type Context,
  call,
  chain,
  type Endpoint,
  fail,
  guard,
  isStream,
  mapMethods,
  ok,
  pass,
  run,
  stream,
  type Telemetry,
  timeout,
} from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { http } from './index.ts'
import type { ServeOptions } from './serve.ts'

const OutOfStock = failure('OutOfStock', 'failed_precondition', t.strict({ sku: t.string }))
const Slow = failure('Slow', 'resource_exhausted', t.strict({ retryAfter: t.number }))
const Order = t.strict({ id: t.string, sku: t.string })
interface Tree {
  readonly leaves: readonly Tree[]
}
const Tree: t.Type<Tree> = t.recursion('Tree', () => t.strict({ leaves: t.readonlyArray(Tree) }))
const Orders = contract('shop.orders.v1.Orders', {
  place: unary({
    input: t.strict({ sku: t.string, region: t.string }),
    output: Order,
    failures: [OutOfStock, Slow],
    http: 'POST /v1/orders',
  }),
  get: unary({
    input: t.strict({ id: t.string }),
    output: Order,
    http: ['GET /v1/orders/{id}', 'POST /v1/orders:lookup'],
  }),
  cancel: unary({
    input: t.strict({ id: t.string, why: t.string }),
    output: t.void,
    http: 'POST /v1/orders/{id}:cancel',
  }),
  tagged: unary({
    input: t.intersection([t.strict({ tenant: t.string }), t.partial({ limit: t.number, tags: t.array(t.string) })]),
    output: t.unknown,
    http: { route: 'GET /v1/tags', headers: { tenant: 'x-tenant' } },
  }),
  grow: unary({ input: Tree, output: t.number }),
  watch: serverStream({ input: t.strict({ id: t.string }), output: Order, http: 'GET /v1/orders/{id}/events' }),
  upload: clientStream({ input: t.string, output: t.number }),
  placed: event({ message: Order }),
})

const endpoints = {
  place: handler(Orders.methods.place, async ({ sku, region }) => {
    if (sku === 'none') return fail(OutOfStock({ sku }))
    if (sku === 'slow') return fail(Slow({ retryAfter: 1_200 }))
    if (sku === 'bug') throw new Error('secret')
    return ok({ id: `${region}-1`, sku })
  }),
  get: handler(Orders.methods.get, async ({ id }) => ok({ id, sku: 'oak' })),
  cancel: handler(Orders.methods.cancel, async () => ok()),
  tagged: handler(Orders.methods.tagged, async (input) => ok(input)),
  grow: handler(Orders.methods.grow, async ({ leaves }) => ok(leaves.length)),
  watch: handler(Orders.methods.watch, async function* ({ id }) {
    yield ok({ id, sku: 'oak' })
  }),
  upload: handler(Orders.methods.upload, async () => ok(1)),
}
const orders = implement(Orders, endpoints)
const serving = (options: ServeOptions = {}) => http.serve(orders, { onTelemetry: () => {}, ...options })
const json = (body: unknown): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
})

describe('given a contract, served and called', () => {
  it('when called, then outputs and declared failures come back typed, whatever the binding', async () => {
    await using s = await serving()
    await using c = http.client(Orders, { url: s.url })
    expectTypeOf(c.get).toEqualTypeOf<Endpoint<{ id: string }, { id: string; sku: string }, CallFailed>>()
    expect(await call(c.place, { sku: 'oak', region: 'eu' })).toEqual(ok({ id: 'eu-1', sku: 'oak' }))
    expect(await call(c.place, { sku: 'none', region: 'eu' })).toEqual(fail(OutOfStock({ sku: 'none' })))
    expect(await call(c.get, { id: '7' })).toEqual(ok({ id: '7', sku: 'oak' }))
    expect(await call(c.cancel, { id: '7', why: 'no' })).toEqual(ok(undefined))
    expect(await call(c.tagged, { tenant: 'a', limit: 3, tags: ['x', 'y&z'] })).toEqual(
      ok({ tenant: 'a', limit: 3, tags: ['x', 'y&z'] }),
    )
    expect(await call(c.grow, { leaves: [{ leaves: [] }] })).toEqual(ok(1))
    expect(await (await fetch(`${s.url}/v1/orders:lookup`, json({ id: '8' }))).json()).toEqual({ id: '8', sku: 'oak' })
    expect(await (await fetch(`${s.url}/shop.orders.v1.Orders/grow`, json({ leaves: [] }))).json()).toBe(0)
  })

  it('when a failure carries retryAfter, then the header says it in seconds, rounded up, and the client gets it to the millisecond', async () => {
    await using s = await serving()
    await using c = http.client(Orders, { url: s.url })
    const answer = await fetch(`${s.url}/v1/orders`, json({ sku: 'slow', region: 'eu' }))
    expect(answer.status).toBe(429)
    expect(answer.headers.get('retry-after')).toBe('2')
    expect(await answer.json()).toEqual({
      type: 'about:blank',
      title: 'Too Many Requests',
      status: 429,
      detail: 'slow',
      code: 'resource_exhausted',
      tag: 'Slow',
      details: { retryAfter: 1_200 },
    })
    expect(await call(c.place, { sku: 'slow', region: 'eu' })).toEqual(fail(Slow({ retryAfter: 1_200 })))
  })

  it('when the handler throws, then the client gets Remote of code internal, and no word of the cause', async () => {
    await using s = await serving()
    await using c = http.client(Orders, { url: s.url })
    const got = await call(c.place, { sku: 'bug', region: 'eu' })
    expect(got).toMatchObject({ left: { _tag: 'Remote', code: 'internal' } })
    expect(JSON.stringify(got)).not.toContain('secret')
  })

  it('when the input does not fit, then InvalidArgument with each wrong field', async () => {
    await using s = await serving()
    await using c = http.client(Orders, { url: s.url })
    const answer = await fetch(`${s.url}/v1/orders`, json({ sku: 1 }))
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      code: 'invalid_argument',
      details: {
        issues: [
          { path: 'sku', expected: 'string', actual: 'number' },
          { path: 'region', actual: 'missing' },
        ],
      },
    })
    expect(await call(c.get, { id: '' })).toMatchObject({ left: { _tag: 'InvalidArgument', issues: [{ path: 'id' }] } })
  })

  it('when the input of a method is a stream, then its route answers 501, its client endpoint fails at the call, and the others work', async () => {
    await using s = await serving()
    await using c = http.client(Orders, { url: s.url })
    const answer = await fetch(`${s.url}/shop.orders.v1.Orders/upload`, { method: 'POST' })
    expect(answer.status).toBe(501)
    const detail = 'shop.orders.v1.Orders/upload: a clientStream is not carried over HTTP'
    expect(await answer.json()).toMatchObject({ code: 'unimplemented', detail })
    expect(await call(c.upload, stream((async function* () {})()))).toMatchObject({
      left: { _tag: 'Remote', code: 'unimplemented', message: detail },
    })
    expect(isStream(await call(c.get, { id: '7' }))).toBe(false)
    expect(Object.keys(c)).not.toContain('placed')
  })

  it('given a path before the methods, when called through it, then it is part of every path', async () => {
    await using s = await http.serve([], {
      routes: {
        'GET /api/v1/orders/{id}': (req, res, params) =>
          void res
            .writeHead(200, { 'content-type': 'application/json' })
            .end(JSON.stringify({ id: params?.id, sku: req.url })),
      },
    })
    await using c = http.client(Orders, { url: `${s.url}/api` })
    expect(await call(c.get, { id: 'a b' })).toEqual(ok({ id: 'a b', sku: '/api/v1/orders/a%20b' }))
  })

  it('a client is an implementation: a gateway passes inputs, failures, deadlines and allowed metadata through', async () => {
    const seen: Context[] = []
    const spied = mapMethods(
      endpoints,
      guard((ctx) => {
        seen.push(ctx)
        return pass()
      }),
    )
    await using back = await http.serve(implement(Orders, spied))
    await using inner = http.client(Orders, { url: back.url })
    await using front = await http.serve(implement(Orders, inner))
    await using c = http.client(Orders, { url: front.url })
    expect(await call(c.place, { sku: 'none', region: 'eu' })).toEqual(fail(OutOfStock({ sku: 'none' })))
    const metadata = { traceparent: '00-1', 'x-mine': 'a' }
    expect(await call(c.get, { id: '7' }, { timeout: 700, metadata })).toEqual(ok({ id: '7', sku: 'oak' }))
    expect(seen[1]?.metadata.get('traceparent')).toBe('00-1')
    expect(seen[1]?.metadata.has('x-mine')).toBe(false)
    const left = (seen[1]?.deadline ?? 0) - performance.now()
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThan(700)
  })

  it('when its caller leaves or its time is up, then a call that the handler made goes with it', async () => {
    const arrived: { ctx: Context; ended: Promise<unknown> }[] = []
    const hanging = implement(Orders, {
      ...endpoints,
      get: handler(Orders.methods.get, async (_, ctx) => {
        arrived.push({ ctx, ended: new Promise((resolve) => ctx.signal.addEventListener('abort', resolve)) })
        return new Promise<never>(() => {})
      }),
    })
    await using back = await http.serve(hanging, { grace: 0 })
    await using inner = http.client(Orders, { url: back.url })
    const clock = virtualClock()
    const middle = implement(Orders, {
      ...endpoints,
      // Only the signal of its own context ends this call: nobody reads it before.
      get: handler(Orders.methods.get, (input, ctx) => call(inner.get, input, { parent: ctx })),
    })
    await using front = await http.serve(middle, { clock, limits: { request: 25_000 } })
    const abort = new AbortController()
    const left = fetch(`${front.url}/v1/orders/1`, { signal: abort.signal }).catch(() => 'left')
    await expect.poll(() => arrived.length).toBe(1)
    abort.abort()
    expect(await left).toBe('left')
    await arrived[0]?.ended
    const late = fetch(`${front.url}/v1/orders/2`)
    await expect.poll(() => arrived.length).toBe(2)
    await clock.advance(25_000)
    expect((await late).status).toBe(504)
    await arrived[1]?.ended
    await expect.poll(() => clock.pending).toBe(0)
  })

  it('any text in the path, the query and the body comes through as it is', { timeout: 60_000 }, async () => {
    await using s = await serving()
    await using c = http.client(Orders, { url: s.url, timeout: 30_000 })
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(text, async (id) => {
        const dots = id === '.' || id === '..'
        expect(await call(c.get, { id })).toMatchObject(
          dots ? { left: { code: 'invalid_argument' } } : ok({ id, sku: 'oak' }),
        )
        expect(await call(c.cancel, { id, why: id })).toEqual(ok(undefined))
        expect(await call(c.tagged, { tenant: 'a', tags: [id, ''] })).toEqual(ok({ tenant: 'a', tags: [id, ''] }))
        expect(await call(c.place, { sku: id, region: id })).toMatchObject({ right: { sku: id } })
      }),
      { numRuns: 150, examples: [['%2F'], ['a/b'], ['%'], ['\n'], ['x:cancel'], ['é%20?#'], ['*'], ['::'], ['😀']] },
    )
    expect(await call(c.get, { id: 'x'.repeat(5_000) })).toMatchObject({ right: { id: 'x'.repeat(5_000) } })
  })
})

describe('given a request without a method behind it', () => {
  it('when no route fits, then 404 as a problem; when another verb would, then 405 with Allow', async () => {
    await using s = await serving()
    const missing = await fetch(`${s.url}/v2/orders`)
    expect(missing.status).toBe(404)
    expect(missing.headers.get('content-type')).toBe('application/problem+json')
    expect(await missing.json()).toMatchObject({ tag: 'NoRoute', code: 'unimplemented' })
    const wrong = await fetch(`${s.url}/v1/orders/7`, { method: 'DELETE' })
    expect(wrong.status).toBe(405)
    expect(wrong.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
    expect(
      (await fetch(`${s.url}/v1/orders`, { method: 'PUT', ...{ body: 'x'.repeat(5_000) } })).headers.get('allow'),
    ).toBe('POST, OPTIONS')
    expect((await fetch(`${s.url}/v1/orders/7/`)).status).toBe(404)
    expect((await fetch(`${s.url}/v1/orders/%ff`)).status).toBe(400)
  })

  it('when HEAD is asked of a GET route, then its status and headers without the body; OPTIONS says what is allowed', async () => {
    await using s = await serving()
    const head = await fetch(`${s.url}/v1/orders/7`, { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(head.headers.get('content-length')).toBe('22')
    expect(await head.text()).toBe('')
    const options = await fetch(`${s.url}/v1/orders/7`, { method: 'OPTIONS' })
    expect(options.status).toBe(204)
    expect(options.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
    expect((await fetch(`${s.url}/nowhere`, { method: 'OPTIONS' })).status).toBe(404)
    const socket = connect({ port: s.port, host: '127.0.0.1' })
    socket.write(
      'OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\nGET http://other/v1/orders/9 HTTP/1.1\r\nhost: x\r\n\r\n',
    )
    const text = (await socket.toArray()).join('')
    expect(text).toMatch(/^HTTP\/1\.1 204 /)
    expect(text).toContain('allow: POST, GET, HEAD, OPTIONS')
  })

  it('hooks and finalizers see it too', async () => {
    const seen: number[] = []
    await using s = await serving({
      afterError: (_, { headers }) => {
        headers['x-seen'] = 'yes'
      },
      finalize: (_, { status }) => void seen.push(status),
    })
    expect((await fetch(`${s.url}/nowhere`)).headers.get('x-seen')).toBe('yes')
    await fetch(`${s.url}/v1/orders/7`, { method: 'OPTIONS' })
    await expect.poll(() => seen).toEqual([404, 204])
  })
})

describe('given bodies', () => {
  it.each<[string, RequestInit, number]>([
    ['no content type', { body: Buffer.from('{}') }, 415],
    ['another content type', { body: '{}', headers: { 'content-type': 'text/plain' } }, 415],
    ['another charset', { body: '{}', headers: { 'content-type': 'application/json; charset=latin1' } }, 415],
    ['a charset of utf-8', { body: '{}', headers: { 'content-type': 'Application/JSON;  charset="UTF-8"' } }, 400],
    ['compression', { body: '{}', headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } }, 415],
    ['malformed JSON', { body: '{"sku" 1}', headers: { 'content-type': 'application/json' } }, 400],
    ['invalid UTF-8', { body: Buffer.from([0x22, 0xff, 0x22]), headers: { 'content-type': 'application/json' } }, 400],
    [
      'a __proto__ key',
      { body: '{"sku":"a","region":"b","\\u005f_proto__":{}}', headers: { 'content-type': 'application/json' } },
      400,
    ],
    ['an array', { body: '[]', headers: { 'content-type': 'application/json' } }, 400],
    ['nothing', {}, 400],
    [
      'a key twice: the last one counts',
      { body: '{"sku":1,"sku":"a","region":"b"}', headers: { 'content-type': 'application/json' } },
      200,
    ],
    ['a body over 1 MiB', { body: `"${'x'.repeat(1_048_576)}"`, headers: { 'content-type': 'application/json' } }, 413],
  ])('when a request has %s, then it is answered right', async (_, init, status) => {
    await using s = await serving()
    const answer = await fetch(`${s.url}/v1/orders`, { method: 'POST', ...init })
    const text = await answer.text()
    expect(answer.status, text).toBe(status)
    if (status !== 200) expect(JSON.parse(text)).toMatchObject({ status, code: 'invalid_argument' })
    expect(text).not.toContain('latin1')
  })

  it('when JSON is malformed, then the answer says where, and quotes nothing', async () => {
    await using s = await serving()
    const answer = await fetch(`${s.url}/v1/orders`, { ...json(0), body: '{"password":"hunter2",}' })
    expect(await answer.json()).toMatchObject({ detail: 'the body is not JSON from position 22' })
  })

  it('when a body is nested too deeply for its codec, then 400', async () => {
    await using s = await serving()
    const deep = `${'{"leaves":['.repeat(20_000)}${']}'.repeat(20_000)}`
    const answer = await fetch(`${s.url}/shop.orders.v1.Orders/grow`, { ...json(0), body: deep })
    expect(answer.status).toBe(400)
  })

  it('when a GET has a body, then it is read and does not matter', async () => {
    await using s = await serving()
    const socket = connect({ port: s.port, host: '127.0.0.1' })
    socket.write(
      'GET /v1/orders/7 HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nxxxxGET /v1/orders/8 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    )
    const text = (await socket.toArray()).join('')
    expect(text.match(/"id":"\d"/g)).toEqual(['"id":"7"', '"id":"8"'])
  })
})

describe('given a busy server', () => {
  it('when as many calls run as may, then further ones get 503 and Retry-After, and there is room again after', async () => {
    const waiting: (() => void)[] = []
    const events: Telemetry[] = []
    const busy = implement(Orders, {
      ...endpoints,
      get: handler(Orders.methods.get, async ({ id }) => {
        await new Promise<void>((resolve) => waiting.push(resolve))
        return ok({ id, sku: 'oak' })
      }),
    })
    await using s = await http.serve(busy, { limits: { concurrent: 2 }, onTelemetry: (e) => events.push(e) })
    await using c = http.client(Orders, { url: s.url })
    const calls = [call(c.get, { id: '1' }), call(c.get, { id: '2' })]
    await expect.poll(() => waiting.length).toBe(2)
    expect(s.inFlight).toBe(2)
    const refused = await fetch(`${s.url}/v1/orders/3`)
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await call(c.get, { id: '3' })).toMatchObject({ left: { code: 'unavailable', retryAfter: 1_000 } })
    expect(events).toMatchObject([{ kind: 'server.rejected', reason: 'too-busy' }, { reason: 'too-busy' }])
    for (const release of waiting) release()
    expect(await Promise.all(calls)).toMatchObject([{ _tag: 'Right' }, { _tag: 'Right' }])
    const next = call(c.get, { id: '4' })
    await expect.poll(() => waiting.length).toBe(3)
    waiting[2]?.()
    expect((await next)._tag).toBe('Right')
  })

  it('when a call goes on after its 504, then it still counts, until it ends', async () => {
    const clock = virtualClock()
    const waiting: (() => void)[] = []
    const stuck = implement(Orders, {
      ...endpoints,
      get: handler(Orders.methods.get, async ({ id }) => {
        await new Promise<void>((resolve) => waiting.push(resolve))
        return ok({ id, sku: 'oak' })
      }),
    })
    await using s = await http.serve(stuck, { clock, limits: { concurrent: 1, request: 100 }, onTelemetry: () => {} })
    const first = fetch(`${s.url}/v1/orders/1`)
    await expect.poll(() => waiting.length).toBe(1)
    await clock.advance(100)
    expect((await first).status).toBe(504)
    expect(s.inFlight).toBe(0)
    expect((await fetch(`${s.url}/v1/orders/2`)).status).toBe(503)
    waiting[0]?.()
    await clock.advance(0)
    const third = fetch(`${s.url}/v1/orders/3`)
    await expect.poll(() => waiting.length).toBe(2)
    waiting[1]?.()
    expect((await third).status).toBe(200)
  })

  it('when a middleware and the caller both have a time, then the earlier one counts', async () => {
    const clock = virtualClock()
    const seen = Promise.withResolvers<number>()
    const hang = handler(Orders.methods.get, async (_, ctx) => {
      seen.resolve(ctx.deadline)
      return new Promise<never>(() => {})
    })
    const slow = implement(Orders, { ...endpoints, get: chain(timeout(50))(hang) })
    await using s = await http.serve(slow, { clock })
    const answer = fetch(`${s.url}/v1/orders/1`, { headers: { 'request-timeout-ms': '80' } })
    expect(await seen.promise).toBe(50)
    await clock.advance(50)
    expect((await answer).status).toBe(504)
  })
})

it('given a path whose field is empty, "." or "..", escaped or not, then 400 with the field, as a client refuses to send it', async () => {
  await using s = await serving()
  await using c = http.client(Orders, { url: s.url })
  for (const [path, id] of [
    ['', ''],
    ['.', '.'],
    ['..', '..'],
    ['%2e%2E', '..'],
  ] as const) {
    const socket = connect({ port: s.port, host: '127.0.0.1' })
    socket.write(`GET /v1/orders/${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    const [head = '', body = ''] = (await socket.toArray()).join('').split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1\.1 400 /)
    const { details } = JSON.parse(body) as { details: unknown }
    expect(await call(c.get, { id })).toMatchObject({ left: { _tag: 'InvalidArgument', ...(details as object) } })
  }
  expect(await call(c.get, { id: '...' })).toMatchObject(ok({ id: '...' }))
})

it('given a field in a header that is missing, then the 400 names the header', async () => {
  await using s = await serving()
  const answer = await fetch(`${s.url}/v1/tags?limit=few`)
  expect(await answer.json()).toMatchObject({
    status: 400,
    detail: expect.stringMatching(/^tenant \(header x-tenant\): expected string, /) as string,
    details: {
      issues: [
        { path: 'tenant', in: 'header', name: 'x-tenant' },
        { path: 'limit', in: 'query', name: 'limit' },
      ],
    },
  })
})

describe('given routes of one’s own', () => {
  it('when a listener throws or rejects, then 500 as a problem, and the server goes on', async () => {
    await using s = await serving({
      routes: {
        'GET /throws': () => {
          throw new Error('secret')
        },
        'GET /rejects': (async () => Promise.reject(new Error('secret'))) as never,
        'GET /metrics': (_, res) => void res.end('up 1'),
      },
    })
    for (const path of ['/throws', '/rejects']) {
      const answer = await fetch(s.url + path)
      expect(answer.status).toBe(500)
      expect(await answer.text()).not.toContain('secret')
    }
    expect(await (await fetch(`${s.url}/metrics`)).text()).toBe('up 1')
    expect(s.inFlight).toBe(0)
  })
})

describe('given what cannot be served', () => {
  it('when two methods have the same route, then a TypeError names both', async () => {
    const Other = contract('shop.other.Other', {
      get: unary({ input: t.strict({ key: t.string }), output: t.string, http: 'GET /v1/orders/{key}' }),
    })
    const other = implement(Other, { get: handler(Other.methods.get, async () => ok('x')) })
    await expect(http.serve([orders, other])).rejects.toThrow(
      'shop.other.Other/get and shop.orders.v1.Orders/get have the same route, GET /v1/orders/{}',
    )
    await expect(serving({ routes: { 'POST /v1/orders': () => {} } })).rejects.toThrow('shop.orders.v1.Orders/place')
    expect(bindings(Other.methods.get)).toHaveLength(1)
  })

  it('several contracts stand side by side', async () => {
    const Other = contract('shop.other.Other', { ping: unary({ input: t.strict({}), output: t.string }) })
    const other = implement(Other, { ping: handler(Other.methods.ping, async () => ok('pong')) })
    await using s = await http.serve([orders, other])
    await using c = http.client(Other, { url: s.url })
    await using d = http.client(Orders, { url: s.url })
    expect(await call(c.ping, {})).toEqual(ok('pong'))
    expect((await call(d.get, { id: '1' }))._tag).toBe('Right')
  })

  it('a slash at the end of a path makes it another one', async () => {
    const Shelves = contract('shop.shelves.Shelves', {
      add: unary({ input: t.strict({ id: t.string }), output: t.string, http: 'POST /shelves/' }),
      get: unary({ input: t.strict({ id: t.string }), output: t.string, http: 'GET /shelves/{id}/' }),
      count: unary({ input: t.strict({ id: t.string }), output: t.string, http: 'GET /shelves/{id}' }),
    })
    const shelves = implement(Shelves, {
      add: handler(Shelves.methods.add, ({ id }) => ok(`added ${id}`)),
      get: handler(Shelves.methods.get, ({ id }) => ok(`got ${id}`)),
      count: handler(Shelves.methods.count, ({ id }) => ok(`counted ${id}`)),
    })
    await using s = await http.serve(shelves)
    await using c = http.client(Shelves, { url: s.url })
    expect(await call(c.add, { id: 'a/b' })).toEqual(ok('added a/b'))
    expect(await call(c.get, { id: 'a/b' })).toEqual(ok('got a/b'))
    expect(await call(c.count, { id: 'a/b' })).toEqual(ok('counted a/b'))
    expect((await fetch(`${s.url}/shelves`, json({ id: 'a' }))).status).toBe(404)
  })

  it('when the port is taken, then an Error names it', async () => {
    await using s = await serving()
    await expect(serving({ port: s.port })).rejects.toThrow(`http.serve: port ${s.port} of 127.0.0.1 is in use`)
    await expect(serving({ host: '192.0.2.1' })).rejects.toThrow('EADDRNOTAVAIL')
  })

  it('when an option is bad, then a TypeError names it', async () => {
    await expect(serving({ port: 70_000 })).rejects.toThrow('http.serve: port is a whole number from 0 to 65535')
    await expect(serving({ port: '80' as never })).rejects.toThrow('and not "80"')
    await expect(http.serve(Orders as never)).rejects.toThrow('http.serve: what is served is made by implement(')
    for (const options of [undefined, {}])
      expect(() => http.client(Orders, options as never)).toThrow(/^http\.client of .*: url is missing; it is http/)
    await expect(serving({ limits: { keepAlive: 0 } })).rejects.toThrow(
      'limits.keepAlive: whole milliseconds from 1 on and not 0',
    )
    await expect(serving({ routes: { metrics: () => {} } })).rejects.toThrow('a route is a verb and a path')
    await expect(serving({ routes: { 'GET /x/{a}b': () => {} } })).rejects.toThrow('a placeholder is a whole segment')
    await expect(serving({ grace: -1 })).rejects.toThrow('grace')
  })

  it('url names the loopback where it listens on all addresses', async () => {
    await using s = await serving({ host: '0.0.0.0' })
    expect(s.url).toBe(`http://127.0.0.1:${s.port}`)
    expect((await fetch(`${s.url}/v1/orders/7`)).status).toBe(200)
  })
})

it('an answer that is none of ours becomes a failure by its status', async () => {
  const answers: [number, string, Record<string, string>, object][] = [
    [
      502,
      '<html>Bad Gateway</html>',
      { 'content-type': 'text/html' },
      { code: 'unavailable', message: 'the answer was 502 Bad Gateway' },
    ],
    [503, '', { 'retry-after': '3' }, { code: 'unavailable', retryAfter: 3_000 }],
    [429, '', { 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' }, { code: 'resource_exhausted', retryAfter: 0 }],
    [404, 'no', { 'content-type': 'text/plain' }, { code: 'not_found' }],
    [418, '', {}, { _tag: 'Remote', code: 'unknown' }],
    [302, '', { location: '/' }, { _tag: 'Remote', code: 'unknown' }],
    [
      500,
      '{"code":"made_up","tag":"X","detail":"why"}',
      { 'content-type': 'application/json' },
      { code: 'internal', message: 'why' },
    ],
    [500, '{"code":', { 'content-type': 'application/problem+json' }, { code: 'internal' }],
    [
      400,
      '{"code":"failed_precondition","tag":"OutOfStock","detail":"x","details":{"sku":1}}',
      { 'content-type': 'application/problem+json' },
      { _tag: 'Remote', code: 'failed_precondition', tag: 'OutOfStock' },
    ],
    [200, 'OK', { 'content-type': 'text/plain' }, { _tag: 'Remote', code: 'internal', tag: 'InvalidOutput' }],
    [200, '{', { 'content-type': 'application/json' }, { _tag: 'Remote', code: 'internal', tag: 'InvalidOutput' }],
    [
      200,
      '{"id":1}',
      { 'content-type': 'application/json' },
      { _tag: 'Remote', code: 'internal', tag: 'InvalidOutput' },
    ],
    [204, '', {}, { _tag: 'Remote', code: 'internal', tag: 'InvalidOutput' }],
  ]
  let current = answers[0]
  await using s = await http.serve([], {
    routes: { 'POST /v1/orders': (_, res) => void res.writeHead(current?.[0] ?? 0, current?.[2]).end(current?.[1]) },
  })
  await using c = http.client(Orders, { url: s.url })
  for (current of answers)
    expect(await run(c.place, { sku: 'a', region: 'b' }, background()), JSON.stringify(current)).toMatchObject({
      _tag: 'Left',
      left: current[3],
    })
})
