// What a real browser makes of a policy: pages of two origins that fetch from a third, with and without cookies.
import { spawnSync } from 'node:child_process'
import { contract, failure, handler, implement, unary } from '@tenon/contract'
import { fail, ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { chromium } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { http, type RequestListener } from './index.ts'

const OutOfStock = failure('OutOfStock', 'failed_precondition', t.strict({ sku: t.string }))
const Shop = contract('shop.v1.Shop', {
  place: unary({
    input: t.strict({ sku: t.string }),
    output: t.strict({ id: t.string }),
    failures: [OutOfStock],
    http: 'PUT /orders',
  }),
})
const shop = implement(Shop, {
  place: handler(Shop.methods.place, async ({ sku }) => (sku === 'oak' ? ok({ id: '1' }) : fail(OutOfStock({ sku })))),
})

const names = ['chromium', 'chromium-browser', 'google-chrome']
const found = names.find((name) => spawnSync(name, ['--version']).error === undefined)
const where = found && spawnSync('which', [found], { encoding: 'utf8' }).stdout.trim()
if (where === undefined)
  console.warn('SKIPPED: CORS in a browser, because no Chromium is on PATH (Debian: apt-get install chromium)')

describe.skipIf(where === undefined)('given pages in a browser', () => {
  it('when they fetch, then those of the origin that is named may, preflights, failures and 404s included', {
    timeout: 60_000,
  }, async () => {
    const html: RequestListener = (_, res) =>
      void res.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>page</title>')
    await using known = await http.serve([], { routes: { 'GET /': html } })
    await using stranger = await http.serve([], { routes: { 'GET /': html } })
    let preflights = 0
    await using s = await http.serve(shop, {
      cors: { origins: [known.url], credentials: true, exposed: ['x-total'] },
      after: http.setResponseHeader('x-total', '7'),
      finalize: (_, { request }) => {
        if (request.method === 'OPTIONS') preflights++
      },
    })
    await using browser = await chromium.launch({ executablePath: where as string, args: ['--no-sandbox'] })
    const ask = async (from: string, path: string, sku: string, credentials: 'include' | 'omit'): Promise<unknown> => {
      const opened = await browser.newPage()
      await opened.goto(from)
      const answer = await opened.evaluate(
        async ([url, body, mode]) => {
          try {
            const got = await fetch(url as string, {
              method: 'PUT',
              headers: { 'content-type': 'application/json', 'x-anything': '1' },
              body: body as string,
              credentials: mode as 'include' | 'omit',
            })
            const { tag, id } = (await got.json()) as { readonly tag?: string; readonly id?: string }
            return [got.status, tag ?? id, got.headers.get('x-total')]
          } catch (cause) {
            return String(cause)
          }
        },
        [s.url + path, JSON.stringify({ sku }), credentials],
      )
      await opened.close()
      return answer
    }
    for (const credentials of ['include', 'omit'] as const) {
      expect(await ask(known.url, '/orders', 'oak', credentials)).toEqual([200, '1', '7'])
      expect(await ask(known.url, '/orders', 'ash', credentials)).toEqual([400, 'OutOfStock', null])
      expect(await ask(known.url, '/nowhere', 'oak', credentials)).toEqual([404, 'NoRoute', null])
      expect(await ask(stranger.url, '/orders', 'oak', credentials)).toContain('Failed to fetch')
    }
    expect(preflights).toBeGreaterThan(0)
  })
})
