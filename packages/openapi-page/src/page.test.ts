// The page as files: what each holds, what it may load, and that a server answers them.
import { contract, handler, implement, unary } from '@tenon/contract'
import { ok } from '@tenon/endpoint'
import { http } from '@tenon/transport-http'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { openapiPage, type ShownDocument } from './index.ts'

const shown: ShownDocument = { title: 'Shop', url: 'openapi.json', servers: ['/'] }
const textOf = async (name: string, document = shown, page = openapiPage()): Promise<string> => {
  const made = await page.files(document)[name]?.body()
  return typeof made === 'string' ? made : new TextDecoder().decode(made)
}
const policyOf = (servers: readonly string[]): string | undefined =>
  openapiPage().files({ ...shown, servers })['']?.headers?.['content-security-policy']

describe('the page', () => {
  it('given a document, then every file that the page names is there, and nothing from elsewhere', async () => {
    const text = await textOf('')
    const named = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url)
    expect(named).toEqual(['data:,', 'docs/swagger-ui.css', 'docs/swagger-ui.js', 'docs/page.js'])
    const files = openapiPage().files(shown)
    for (const name of named.slice(1)) expect(files).toHaveProperty([name?.slice('docs/'.length) as string])
    expect(await textOf('swagger-ui.js')).toContain('SwaggerUIBundle')
    expect(await textOf('swagger-ui.css')).toContain('.swagger-ui')
  })

  it('given a title with markup, then it is text', async () => {
    expect(await textOf('', { ...shown, title: '</title><script>alert("&")</script>' })).toContain(
      '<title>&lt;/title&gt;&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;</title>',
    )
  })

  it('given the place of the document, then the viewer is started with it, and asks nobody else', async () => {
    const script = await textOf('page.js', { ...shown, url: '../a/openapi.json' })
    const options: unknown = JSON.parse(/^SwaggerUIBundle\((\{[\s\S]*\})\)\n$/.exec(script)?.[1] ?? 'null')
    expect(options).toMatchObject({ url: '../a/openapi.json', validatorUrl: null })
    expect(options).not.toHaveProperty('supportedSubmitMethods')
    expect(await textOf('page.js', shown, openapiPage({ tryItOut: false }))).toContain('"supportedSubmitMethods": []')
  })

  it('given servers, then the page may talk to those and to nobody else, and runs no script but its own', () => {
    expect(policyOf(['/', '/v2'])).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    expect(
      policyOf(['https://a.test/v1', 'https://a.test/v2', 'http://b.test:81', 'ftp://c.test', 'https://{x}.test; y']),
    ).toContain("connect-src 'self' https://a.test http://b.test:81;")
  })

  it('given a path that is none, then an error says so', () => {
    for (const path of ['docs', '/docs/', '/a b', '/', 5])
      expect(() => openapiPage({ path: path as string })).toThrow('openapiPage: path is a path such as "/docs"')
  })

  it('given a server, then it answers the page and all its files, with tags and compressed', async () => {
    const C = contract('C', { m: unary({ input: t.void, output: t.void }) })
    const one = implement(C, { m: handler(C.methods.m, () => ok()) })
    await using server = await http.serve(one, { openapi: { page: openapiPage({ path: '/about/api' }) } })
    const page = await fetch(`${server.url}/about/api`)
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
    const files = [...(await page.text()).matchAll(/(?:src|href)="(api[^"]+)"/g)].map(([, url]) => url as string)
    expect(files).toHaveLength(3)
    for (const file of files) {
      const answer = await fetch(new URL(file, page.url))
      expect([file, answer.status]).toEqual([file, 200])
      await answer.arrayBuffer()
      const again = await fetch(answer.url, { headers: { 'if-none-match': answer.headers.get('etag') as string } })
      expect(again.status).toBe(304)
    }
    const script = await (await fetch(new URL('api/page.js', page.url))).text()
    const { url } = JSON.parse(script.slice(script.indexOf('{'), script.lastIndexOf(')'))) as { readonly url: string }
    expect((await fetch(new URL(url, page.url))).headers.get('content-type')).toBe('application/json')
  })
})
