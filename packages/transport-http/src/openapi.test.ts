// A server's description of itself: the document, its page, and how both are answered.
import { connect } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { contract, handler, type Implementation, implement, openapi, unary } from '@tenon/contract'
import { ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { http, type OpenApiPage } from './index.ts'

const service = (name: string): Implementation => {
  const C = contract(name, {
    hello: unary({
      input: t.strict({ name: t.string }),
      output: t.strict({ text: t.string }),
      http: `GET /${name}` as const,
    }),
  })
  return implement(C, {
    hello: handler(C.methods.hello, ({ name }) => ok({ text: `hello ${name}` })),
  }) as Implementation
}
const One = service('One')
const Two = service('Two')

describe('the document of a server', () => {
  it('given all that is served, when it is asked for, then its document describes that', async () => {
    await using server = await http.serve([One, Two], { openapi: { info: { title: 'Both', version: '3.0.0' } } })
    const answer = await fetch(`${server.url}/openapi.json`)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(await answer.json()).toEqual(
      openapi([One.contract, Two.contract], { info: { title: 'Both', version: '3.0.0' } }).document,
    )
  })

  it('given true, then it is at /openapi.json; given nothing, then there is none', async () => {
    await using server = await http.serve(One, { openapi: true })
    expect(await (await fetch(`${server.url}/openapi.json`)).json()).toMatchObject({ info: { title: 'One' } })
    await using silent = await http.serve(One)
    expect((await fetch(`${silent.url}/openapi.json`)).status).toBe(404)
  })

  it('given who has it already, then 304; given another tag, then the whole', async () => {
    await using server = await http.serve(One, { openapi: { path: '/about/api.json' } })
    const url = `${server.url}/about/api.json`
    const first = await fetch(url)
    const tag = first.headers.get('etag') as string
    expect([first.status, first.headers.get('cache-control'), tag]).toEqual([
      200,
      'no-cache',
      expect.stringMatching(/^"[\w-]{22}-gzip"$/),
    ])
    for (const known of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
      const again = await fetch(url, { headers: { 'if-none-match': known } })
      expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, tag, ''])
    }
    expect((await fetch(url, { headers: { 'if-none-match': '"x"' } })).status).toBe(200)
    const plain = await fetch(url, { headers: { 'if-none-match': tag, 'accept-encoding': 'identity' } })
    expect([plain.status, plain.headers.get('content-encoding')]).toEqual([200, null])
  })

  it.each([
    ['gzip', true],
    ['br, GZIP;q=0.5', true],
    ['*', true],
    ['gzip;q=0', false],
    ['identity', false],
  ])('given accept-encoding: %s, then it is compressed: %s', async (encoding, compressed) => {
    await using server = await http.serve(One, { openapi: true })
    const socket = connect({ port: server.port, host: '127.0.0.1' })
    socket.write(`GET /openapi.json HTTP/1.1\r\nhost: x\r\naccept-encoding: ${encoding}\r\nconnection: close\r\n\r\n`)
    const chunks = (await socket.toArray()) as Buffer[]
    const all = Buffer.concat(chunks)
    const end = all.indexOf('\r\n\r\n')
    const head = all.subarray(0, end).toString()
    const body = all.subarray(end + 4)
    expect(/^content-encoding: gzip$/m.test(head)).toBe(compressed)
    expect(head).toMatch(/^vary: accept-encoding\r?$/m)
    expect(head).toMatch(new RegExp(`^content-length: ${body.length}\r?$`, 'm'))
    expect(JSON.parse((compressed ? gunzipSync(body) : body).toString())).toMatchObject({ openapi: '3.1.0' })
  })

  it('given HEAD, then the same headers and no body', async () => {
    await using server = await http.serve(One, { openapi: true })
    const [get, head] = [
      await fetch(`${server.url}/openapi.json`),
      await fetch(`${server.url}/openapi.json`, { method: 'HEAD' }),
    ]
    for (const name of ['etag', 'content-type', 'content-length', 'cache-control'])
      expect(head.headers.get(name)).toBe(get.headers.get(name))
    expect([head.status, await head.text()]).toEqual([200, ''])
    await get.text()
  })

  it('given half of a request when a server begins to drain, then the document is answered, and the connection ends', async () => {
    const server = await http.serve(One, { openapi: true })
    const socket = connect({ port: server.port, host: '127.0.0.1' })
    const text = socket.toArray().then((chunks) => chunks.join(''))
    socket.write('GET /openapi.json HTTP/1.1\r\nho')
    await new Promise((resolve) => setTimeout(resolve, 30))
    const draining = server.drain()
    socket.write('st: x\r\n\r\n')
    expect(await text).toMatch(/^HTTP\/1\.1 200 [\s\S]*connection: close[\s\S]*"openapi":"3\.1\.0"/i)
    await draining
  })

  it('given warnings, then whoever wants to hears them when serving begins', async () => {
    const Odd = new t.Type<number>('Odd', t.number.is, t.number.validate, t.identity)
    const C = contract('C', { m: unary({ input: t.strict({ odd: Odd }), output: t.void }) })
    const one = implement(C, { m: handler(C.methods.m, () => ok()) })
    const heard: string[] = []
    await using _ = await http.serve(one, { openapi: { onWarning: (warning) => heard.push(warning) } })
    expect(heard).toEqual([expect.stringMatching(/^what Odd is on the wire is not known/)])
    await expect(http.serve(one, { openapi: { undescribed: 'refuse' } })).rejects.toThrow('what Odd is on the wire')
  })
})

describe('the page of a server', () => {
  const page = (files: OpenApiPage['files'], path = '/docs'): OpenApiPage => ({ path, files })

  it('given a page, then its files are answered with their types and headers, and it is told what it shows', async () => {
    const shown: unknown[] = []
    const made = page((document) => {
      shown.push(document)
      return {
        '': {
          type: 'text/html',
          body: () => '<p>page</p>',
          headers: { 'content-security-policy': "default-src 'none'" },
        },
        'app.js': { type: 'text/javascript', body: async () => new TextEncoder().encode('1') },
      }
    }, '/a/docs')
    const servers = ['/', 'https://shop.test']
    await using server = await http.serve(One, { openapi: { page: made, servers, info: { title: 'Shop' } } })
    expect(shown).toEqual([{ title: 'Shop', url: '../openapi.json', servers }])
    const answer = await fetch(`${server.url}/a/docs`)
    expect([
      answer.headers.get('content-type'),
      answer.headers.get('content-security-policy'),
      await answer.text(),
    ]).toEqual(['text/html', "default-src 'none'", '<p>page</p>'])
    expect(await (await fetch(`${server.url}/a/docs/app.js`)).text()).toBe('1')
  })

  it('given a file that cannot be made, then 500, and the next one is tried again', async () => {
    let asked = 0
    const body = (): string => {
      if (++asked === 1) throw new Error('not yet')
      return 'now'
    }
    await using server = await http.serve(One, {
      openapi: { page: page(() => ({ '': { type: 'text/plain', body } })) },
      onTelemetry: () => {},
    })
    expect((await fetch(`${server.url}/docs`)).status).toBe(500)
    expect(await (await fetch(`${server.url}/docs`)).text()).toBe('now')
    expect(await (await fetch(`${server.url}/docs`)).text()).toBe('now')
    expect(asked).toBe(2)
  })

  it.each([
    [{ openapi: 'yes' }, 'http.serve: openapi is true or an object such as'],
    [{ openapi: { path: 'x.json' } }, 'http.serve: openapi.path is a path such as "/openapi.json" and not "x.json"'],
    [{ openapi: { path: '/a b' } }, 'http.serve: openapi.path is a path'],
    [{ openapi: { page: {} } }, 'http.serve: openapi.page is a page such as openapiPage()'],
    [{ openapi: { page: page(() => ({}), '/x/') } }, 'http.serve: openapi.page.path is a path'],
    [{ openapi: { titel: 'x' } }, 'openapi: there is no option "titel"'],
    [{ openapi: { path: '/One' } }, 'the route GET /One and One/hello have the same route, GET /One'],
    [{ openapi: true, routes: { 'GET /openapi.json': () => {} } }, 'have the same route, GET /openapi.json'],
  ])('given the options %j, then an error says what is wrong', async (options, message) => {
    await expect(http.serve(One, options as never)).rejects.toThrow(message)
  })
})
