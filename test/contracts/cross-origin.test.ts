// A server's document and page, with pages of other origins: they read the document and try out what it describes, where
// the server lets them, and nothing where it does not.
import { request } from 'node:http'
import { contract, handler, implement, type OpenApiDocument, unary } from '@tenon/contract'
import { ok } from '@tenon/endpoint'
import { openapiPage } from '@tenon/openapi-page'
import { http, type Running } from '@tenon/transport-http'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'

const Shop = contract('shop.v1.Shop', {
  put: unary({
    input: t.strict({ id: t.string, tenant: t.string, sku: t.string }),
    output: t.strict({ sku: t.string }),
    http: { route: 'PUT /v1/orders/{id}', headers: { tenant: 'x-tenant' } },
  }),
})
const shop = implement(Shop, { put: handler(Shop.methods.put, ({ sku }) => ok({ sku })) })

const viewer = 'https://docs.example'
const stranger = 'https://elsewhere.example'
const serving = (): Promise<Running> =>
  http.serve(shop, { cors: { origins: [viewer] }, openapi: { page: openapiPage() }, grace: 0 })

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
}

/** A request as a browser sends it, which names the origin of its page. */
const ask = (url: string, method: string, headers: Readonly<Record<string, string>>, body = ''): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asking = request(url, { method, headers }, (answer) => {
      answer.toArray().then((chunks) => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() })
      }, reject)
    })
    asking.on('error', reject)
    asking.end(body)
  })

describe('given a server with a document, a page, and one origin that may read', () => {
  it('when that origin asks for the document, then it may read it, also where it has it already', async () => {
    await using server = await serving()
    const url = `${server.url}/openapi.json`
    const answer = await ask(url, 'GET', { origin: viewer })
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': viewer, 'content-type': 'application/json' },
    })
    expect(String(answer.headers.vary).toLowerCase().split(', ').sort()).toEqual(['accept-encoding', 'origin'])
    expect(JSON.parse(answer.text)).toMatchObject({ openapi: '3.1.0', info: { title: 'shop.v1.Shop' } })
    const again = await ask(url, 'GET', { origin: viewer, 'if-none-match': String(answer.headers.etag) })
    expect(again).toMatchObject({ status: 304, headers: { 'access-control-allow-origin': viewer }, text: '' })
  })

  it('when another origin asks, or none, then nobody is told that they may read, and caches keep them apart', async () => {
    await using server = await serving()
    for (const headers of [{ origin: stranger }, { origin: 'null' }, {}]) {
      const answer = await ask(`${server.url}/openapi.json`, 'GET', headers)
      expect(answer.status).toBe(200)
      expect(answer.headers).not.toHaveProperty(['access-control-allow-origin'])
      expect(String(answer.headers.vary)).toMatch(/origin/i)
    }
  })

  it('when a page has to ask before it reads, then the document, the page and its files let that origin, and no other', async () => {
    await using server = await serving()
    for (const path of ['/openapi.json', '/docs', '/docs/swagger-ui.js']) {
      const asked = { 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' }
      expect(await ask(server.url + path, 'OPTIONS', { origin: viewer, ...asked })).toMatchObject({
        status: 204,
        headers: { 'access-control-allow-origin': viewer, 'access-control-allow-headers': 'authorization' },
        text: '',
      })
      const refused = await ask(server.url + path, 'OPTIONS', { origin: stranger, ...asked })
      expect(Object.keys(refused.headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
    }
  })

  it('when a viewer of that origin tries out what the document describes, then it is asked, let through and answered', async () => {
    await using server = await serving()
    const { text } = await ask(`${server.url}/openapi.json`, 'GET', { origin: viewer })
    const { paths } = JSON.parse(text) as OpenApiDocument
    const [[path, item] = ['', {}]] = Object.entries(paths)
    const { parameters, requestBody } = (item as unknown as Record<string, Operation>).put ?? {}
    const names = (parameters ?? []).filter((one) => one.in === 'header').map(({ name }) => name)
    expect(names).toEqual(['x-tenant'])
    const [media] = Object.keys(requestBody?.content ?? {})
    const url = server.url + path.replace('{id}', '7')
    const preflight = await ask(url, 'OPTIONS', {
      origin: viewer,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': ['content-type', ...names].sort().join(','),
    })
    expect(preflight).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': viewer } })
    expect(String(preflight.headers['access-control-allow-methods'])).toContain('PUT')
    expect(preflight.headers['access-control-allow-headers']).toBe('content-type, x-tenant')
    const headers = { origin: viewer, 'content-type': String(media), 'x-tenant': 'oak' }
    expect(await ask(url, 'PUT', headers, '{"sku":"ash"}')).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': viewer },
      text: '{"sku":"ash"}',
    })
    // What is wrong with a request is for the viewer to read, too.
    expect(await ask(url, 'PUT', headers, '{}')).toMatchObject({
      status: 400,
      headers: { 'access-control-allow-origin': viewer },
    })
  })

  it('when its own page is shown, then it keeps its policy, and needs nobody to let it', async () => {
    await using server = await serving()
    const page = await ask(`${server.url}/docs`, 'GET', {})
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': expect.stringContaining('text/html') } })
    expect(String(page.headers['content-security-policy'])).toContain("connect-src 'self'")
    expect(page.headers).not.toHaveProperty(['access-control-allow-origin'])
    // A browser names the origin of a page also where it is the server's own, with all but GET and HEAD.
    const own = { origin: server.url, 'content-type': 'application/json', 'x-tenant': 'oak' }
    expect((await ask(`${server.url}/v1/orders/7`, 'PUT', own, '{"sku":"elm"}')).status).toBe(200)
  })
})

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: { readonly content?: object }
}
