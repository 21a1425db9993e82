// Cross-origin requests: a browser, as the Fetch Standard describes it, asks and reads, and gets what the policy says.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { contract, handler, implement, serverStream, unary } from '@tenon/contract'
import { ok, type Telemetry } from '@tenon/endpoint'
import fc from 'fast-check'
import * as t from 'io-ts'
import { afterEach, describe, expect, it } from 'vitest'
import { dial } from '../test/peer.ts'
import type { CorsOptions } from './cors.ts'
import { http } from './index.ts'
import type { Running } from './running.ts'
import type { ServeOptions } from './serve.ts'

const Shop = contract('shop.v1.Shop', {
  find: unary({ input: t.strict({ id: t.string }), output: t.string, http: 'GET /orders/{id}' }),
  place: unary({ input: t.strict({ sku: t.string }), output: t.string, http: 'POST /orders' }),
  watch: serverStream({ input: t.strict({}), output: t.number, http: 'GET /events' }),
})
const shop = implement(Shop, {
  find: handler(Shop.methods.find, async ({ id }) => ok(id)),
  place: handler(Shop.methods.place, async ({ sku }) => ok(sku)),
  watch: handler(Shop.methods.watch, async function* () {
    yield ok(1)
  }),
})

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]()
})
async function serving(cors: CorsOptions, options: ServeOptions = {}): Promise<Running> {
  const s = await http.serve(shop, { cors, onTelemetry: () => {}, grace: 0, ...options })
  opened.push(s)
  return s
}

type Names = Readonly<Record<string, string>>
interface Raw {
  readonly status: number
  readonly headers: Headers
}

/** A request as it is, `origin` and all: what `fetch` itself would not let through. */
async function send(url: string, method: string, path: string, headers: Names, body = ''): Promise<Raw> {
  const client = dial(url)
  const lines = Object.entries({
    host: 'x',
    connection: 'close',
    ...headers,
    ...(body && { 'content-length': String(body.length) }),
  })
  await client.write(`${method} ${path} HTTP/1.1\r\n${lines.map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n${body}`)
  const text = await client.closed()
  const [first = '', ...rest] = text.slice(0, text.indexOf('\r\n\r\n')).split('\r\n')
  const pairs = rest.map((line): [string, string] => [
    line.slice(0, line.indexOf(':')),
    line.slice(line.indexOf(':') + 1).trim(),
  ])
  return { status: Number(first.split(' ')[1]), headers: new Headers(pairs) }
}

interface Asked {
  readonly origin: string
  readonly method: string
  readonly headers: readonly string[]
  readonly credentials: boolean
}

/** Fetch Standard, 4.9, "CORS check". */
const corsCheck = ({ origin, credentials }: Asked, { headers }: Raw): boolean => {
  const allowed = headers.get('access-control-allow-origin')
  if (allowed === null) return false
  if (!credentials && allowed === '*') return true
  if (allowed !== origin) return false
  return !credentials || headers.get('access-control-allow-credentials') === 'true'
}

const list = (headers: Headers, name: string): string[] =>
  (headers.get(name) ?? '').split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]))

/** Fetch Standard, 4.8, "CORS-preflight fetch", steps 7 and 8. */
function preflightPasses(asked: Asked, answer: Raw): boolean {
  if (!corsCheck(asked, answer) || answer.status < 200 || answer.status > 299) return false
  const methods = list(answer.headers, 'access-control-allow-methods')
  const names = list(answer.headers, 'access-control-allow-headers').map((name) => name.toLowerCase())
  const safe = ['GET', 'HEAD', 'POST'].includes(asked.method)
  if (!safe && !methods.includes(asked.method) && (asked.credentials || !methods.includes('*'))) return false
  return asked.headers.every(
    (name) =>
      names.includes(name.toLowerCase()) ||
      (names.includes('*') && !asked.credentials && name.toLowerCase() !== 'authorization'),
  )
}

const preflight = (s: Running, { origin, method, headers }: Asked, more: Names = {}): Promise<Raw> =>
  send(s.url, 'OPTIONS', '/orders', {
    origin,
    'access-control-request-method': method,
    ...(headers.length > 0 && { 'access-control-request-headers': headers.join(',') }),
    ...more,
  })

describe('given any policy, and a page that asks', () => {
  const origin = fc.constantFrom('https://a.test', 'https://b.test', 'http://a.test', 'https://a.test:8443', 'null')
  const names = fc.subarray(['x-a', 'x-b', 'authorization', 'content-type'])
  const verbs = fc.subarray(['GET', 'PUT', 'PATCH', 'DELETE', 'POST'], { minLength: 1 })
  const policy = fc.record({
    origins: fc.oneof(
      fc.constant('*' as const),
      fc.subarray(['https://a.test', 'https://b.test', 'https://a.test:8443'], { minLength: 1 }),
    ),
    methods: fc.option(verbs, { nil: undefined }),
    headers: fc.option(names, { nil: undefined }),
    credentials: fc.boolean(),
  })
  const asking = fc.record({
    origin,
    method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PURGE'),
    headers: names,
    credentials: fc.boolean(),
  })

  it('then a browser lets it through where the policy says so, and nowhere else', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(policy, asking, async (given, asked) => {
        fc.pre(!(given.origins === '*' && given.credentials))
        await using s = await http.serve(shop, { cors: given as CorsOptions, grace: 0 })
        const knows = given.origins === '*' || given.origins.includes(asked.origin)
        const reads = knows && (given.credentials || !asked.credentials)
        const safe = ['GET', 'HEAD', 'POST'].includes(asked.method)
        const usual = ['PUT', 'PATCH', 'DELETE', 'GET', 'POST']
        const verb = safe || (given.methods ?? usual).includes(asked.method as never)
        const sends = asked.headers.every((name) => (given.headers ?? [name]).includes(name as never))
        const passed = preflightPasses(asked, await preflight(s, asked))
        expect(passed).toBe(reads && verb && sends)
        seen.add(String(passed))
        const answer = await send(s.url, 'GET', '/orders/7', { origin: asked.origin })
        expect(corsCheck(asked, answer)).toBe(reads)
      }),
      { numRuns: 150 },
    )
    expect([...seen].sort()).toEqual(['false', 'true'])
  })
})

const origins = ['https://shop.test']
const page = { origin: 'https://shop.test' }

describe('given a policy of one origin', () => {
  it('when a preflight comes, then it is answered before anything else, whatever is at the path', async () => {
    const s = await serving({ origins, maxAge: 90_500, headers: ['x-a'], credentials: true, methods: ['PUT'] })
    for (const path of ['/orders', '/nowhere', '/orders/7', '*']) {
      const answer = await send(s.url, 'OPTIONS', path, { ...page, 'access-control-request-method': 'PUT' })
      expect([path, answer.status]).toEqual([path, 204])
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'access-control-allow-origin': 'https://shop.test',
        'access-control-allow-methods': 'PUT',
        'access-control-allow-headers': 'x-a',
        'access-control-allow-credentials': 'true',
        'access-control-max-age': '90',
        vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
      })
    }
  })

  it('when OPTIONS is no preflight, then it is answered as ever, with the headers of an answer', async () => {
    const s = await serving({ origins })
    const answer = await send(s.url, 'OPTIONS', '/orders', page)
    expect(answer.headers.get('allow')).toBe('POST, OPTIONS')
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.test')
    expect(answer.headers.get('access-control-allow-methods')).toBe(null)
  })

  it.each([
    ['a success', 'GET', '/orders/7', 200, ''],
    ['a stream', 'GET', '/events', 200, ''],
    ['an unknown path', 'GET', '/nowhere', 404, ''],
    ['another verb', 'DELETE', '/orders', 405, ''],
    ['input that does not fit', 'POST', '/orders', 400, '{"sku":7}'],
    ['a body that is too large', 'POST', '/orders', 413, '{"sku":"xxxxxxxxxxxxxxxxxxxxx"}'],
    ['a request that is refused unread', 'GET', '/orders/7#x', 400, ''],
    ['an escape that is none', 'GET', '/orders/%ff', 400, ''],
    ['a listener of the user', 'GET', '/metrics', 200, ''],
    ['a listener that fails', 'GET', '/broken', 500, ''],
  ])('when the answer is %s, then the page may read it', async (_, method, path, status, body) => {
    const s = await serving(
      { origins, exposed: ['x-total', 'retry-after'] },
      {
        limits: { body: 20 },
        routes: {
          'GET /metrics': (__, res) => void res.end('1'),
          'GET /broken': () => {
            throw new Error('x')
          },
        },
      },
    )
    const answer = await send(s.url, method, path, { ...page, 'content-type': 'application/json' }, body)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.test')
    expect(answer.headers.get('access-control-expose-headers')).toBe('x-total, retry-after')
    expect(answer.headers.get('vary')).toBe('Origin')
  })

  it('when the page is of another origin, or the request of none, then nothing is allowed, and caches know why', async () => {
    const s = await serving({ origins, credentials: true, exposed: ['x-a'] })
    for (const headers of [
      {},
      { origin: 'https://evil.test' },
      { origin: 'https://shop.test.evil.test' },
      { origin: 'null' },
    ]) {
      const answer = await send(s.url, 'GET', '/orders/7', headers as Names)
      expect(answer.status).toBe(200)
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
      expect(answer.headers.get('vary')).toBe('Origin')
    }
    const asked = await preflight(s, { origin: 'https://evil.test', method: 'PUT', headers: [], credentials: false })
    expect([...asked.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  it('when hooks and listeners vary by something of their own, then both is said, once', async () => {
    const s = await serving(
      { origins },
      {
        after: http.setResponseHeader('vary', 'Accept, origin'),
        routes: {
          'GET /set': (_, res) => void res.setHeader('Vary', ['Accept', 'Cookie']).end(),
          'GET /write': (_, res) => void res.writeHead(200, 'Fine', { Vary: 'Accept' }).end(),
          'GET /array': (_, res) => void res.writeHead(200, ['Vary', 'Accept', 'X-A', '1', 'x-a', '2']).end(),
          'GET /all': (_, res) => void res.writeHead(200, { vary: '*' }).end(),
        },
      },
    )
    const vary = async (path: string): Promise<string | null> =>
      (await send(s.url, 'GET', path, page)).headers.get('vary')
    expect(await vary('/orders/7')).toBe('Accept, origin')
    expect(await vary('/set')).toBe('Accept, Cookie, Origin')
    expect(await vary('/write')).toBe('Accept, Origin')
    expect(await vary('/array')).toBe('Accept, Origin')
    expect(await vary('/all')).toBe('*')
    expect((await send(s.url, 'GET', '/array', page)).headers.get('x-a')).toBe('1, 2')
  })

  it('when a proxy brings a policy of its own, then that of the server counts alone', async () => {
    const target = createServer((_, res) =>
      res
        .writeHead(200, [
          'Access-Control-Allow-Origin',
          'https://evil.test',
          'Access-Control-Allow-Credentials',
          'true',
          'Vary',
          'Accept-Encoding',
          'Set-Cookie',
          'a=1',
          'Set-Cookie',
          'b=2',
        ])
        .end('ok'),
    )
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
    const through = http.proxy({ url: `http://127.0.0.1:${(target.address() as AddressInfo).port}` })
    const s = await serving({ origins }, { routes: { '* /old/*': through } })
    opened.push(through)
    const answer = await send(s.url, 'GET', '/old/x', page)
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.test')
    expect(answer.headers.get('access-control-allow-credentials')).toBe(null)
    expect(answer.headers.get('vary')).toBe('Accept-Encoding, Origin')
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect((await preflight(s, { ...page, method: 'PUT', headers: [], credentials: false })).status).toBe(204)
    target.close()
  })

  it('when a page of a public site asks for a private network, then only where that is allowed', async () => {
    const asked = { ...page, method: 'GET', headers: [], credentials: false }
    const more = { 'access-control-request-private-network': 'true' }
    const name = 'access-control-allow-private-network'
    expect((await preflight(await serving({ origins }), asked, more)).headers.get(name)).toBe(null)
    const s = await serving({ origins, privateNetwork: true })
    expect((await preflight(s, asked, more)).headers.get(name)).toBe('true')
    expect((await preflight(s, asked)).headers.get(name)).toBe(null)
  })

  it('when a page asks for what are no header names, then they are not repeated', async () => {
    const s = await serving({ origins })
    const answer = await preflight(s, {
      ...page,
      method: 'GET',
      headers: ['x-a', 'b c', '<script>'],
      credentials: false,
    })
    expect(answer.headers.get('access-control-allow-headers')).toBe('x-a')
  })

  it('when the server drains, then preflights on open connections get 503, and idle ones are closed', async () => {
    const s = await serving({ origins }, { routes: { 'GET /slow': () => {} } })
    const idle = dial(s.url)
    await idle.write(
      `OPTIONS /orders HTTP/1.1\r\nhost: x\r\norigin: ${page.origin}\r\naccess-control-request-method: PUT\r\n\r\n`,
    )
    await idle.until(/204 .*\r\n\r\n/s)
    await s.drain()
    await idle.closed()
  })

  it('when hooks watch, then they see preflights as well', async () => {
    const seen: unknown[] = []
    const s = await serving({ origins }, { finalize: (_, { status, request }) => seen.push([request.method, status]) })
    await preflight(s, { ...page, method: 'PUT', headers: [], credentials: false })
    await expect.poll(() => seen).toEqual([['OPTIONS', 204]])
  })
})

describe('given a policy for anybody', () => {
  it('then the answer is the same for all, and caches may keep it', async () => {
    const s = await serving({ origins: '*' })
    const answer = await send(s.url, 'GET', '/orders/7', { origin: 'https://any.test' })
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('vary')).toBe(null)
  })
})

describe('given a function that chooses', () => {
  it('then only its yes is one, and what it throws is a defect that allows nothing', async () => {
    const events: Telemetry[] = []
    const s = await serving(
      {
        origins: (origin) => {
          if (origin.includes('broken')) throw new Error('x')
          return origin.endsWith('.shop.test') || (origin.includes('maybe') && ('yes' as never))
        },
      },
      { onTelemetry: (event) => events.push(event) },
    )
    const allowed = async (origin: string): Promise<string | null> =>
      (await send(s.url, 'GET', '/orders/7', { origin })).headers.get('access-control-allow-origin')
    expect(await allowed('https://a.shop.test')).toBe('https://a.shop.test')
    expect(await allowed('https://maybe.test')).toBe(null)
    expect(await allowed('https://broken.test')).toBe(null)
    expect(events.map(({ kind }) => kind)).toEqual(['defect'])
  })
})

describe('given a server of Nodeʼs', () => {
  it('then cors goes around its listener', async () => {
    const server = createServer(http.cors({ origins }, (_, res) => void res.end('ok')))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect((await send(url, 'OPTIONS', '/', { ...page, 'access-control-request-method': 'PUT' })).status).toBe(204)
    const answer = await send(url, 'GET', '/', page)
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, 'https://shop.test'])
    server.close()
  })
})

describe('given a policy that cannot be meant', () => {
  it.each<[unknown, string]>([
    [7, 'cors is { origins'],
    [{}, 'origins is a list'],
    [{ origins: [] }, 'origins is a list'],
    [{ origins: 'https://a.test' }, 'origins is a list'],
    [{ origins: ['https://a.test/'] }, 'https://host, perhaps with a port, and not "https://a.test/"'],
    [{ origins: ['*'] }, 'https://host'],
    [{ origins: ['null'] }, 'https://host'],
    [{ origins: ['https://*.a.test'] }, 'https://host'],
    [{ origins: ['https://A.test'] }, 'https://host'],
    [{ origins: ['https://a.test:443'] }, 'https://host'],
    [{ origins: '*', credentials: true }, 'anybody with credentials'],
    [{ origins, methods: ['*'] }, 'methods: browsers do not take "*"'],
    [{ origins, headers: ['*'] }, 'headers: browsers do not take "*"'],
    [{ origins, exposed: 'x-a' }, 'exposed is a list of names'],
    [{ origins, headers: ['a b'] }, 'headers is a list of names'],
    [{ origins, credentials: 'yes' }, 'credentials is true or false'],
    [{ origins, maxAge: -1 }, 'maxAge'],
  ])('%j is a TypeError that says why', async (cors, message) => {
    await expect(http.serve([], { cors: cors as never })).rejects.toThrow(TypeError)
    await expect(http.serve([], { cors: cors as never })).rejects.toThrow(message)
    expect(() => http.cors(cors as never, () => {})).toThrow(message)
  })
})
