// The page in a real browser: it shows the document, sends requests, breaks none of its own rules, and asks nobody else.
import { spawnSync } from 'node:child_process'
import { annotate, contract, failure, handler, implement, unary } from '@tenon/contract'
import { fail, ok } from '@tenon/endpoint'
import { http, type Running } from '@tenon/transport-http'
import * as t from 'io-ts'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openapiPage } from './index.ts'

const NotFound = failure('OrderNotFound', 'not_found', t.strict({ id: annotate(t.string, { example: '404' }) }))
const Order = annotate(t.strict({ id: t.string, qty: annotate(t.number, { description: 'how many', example: 3 }) }), {
  title: 'Order',
})
const Orders = contract('shop.v1.Orders', {
  get: unary({
    input: t.strict({ id: annotate(t.string, { description: 'which one', example: '7' }) }),
    output: Order,
    failures: [NotFound],
    http: 'GET /v1/orders/{id}',
    description: 'One order.',
  }),
})
const orders = implement(Orders, {
  get: handler(Orders.methods.get, ({ id }) => (id === '404' ? fail(NotFound({ id })) : ok({ id, qty: 3 }))),
})

const names = ['chromium', 'chromium-browser', 'google-chrome']
const found = names.find((name) => spawnSync(name, ['--version']).error === undefined)
const where = found && spawnSync('which', [found], { encoding: 'utf8' }).stdout.trim()
if (where === undefined)
  console.warn('SKIPPED: the page in a browser, because no Chromium is on PATH (Debian: apt-get install chromium)')

describe.skipIf(where === undefined)('the page in a browser', () => {
  let server: Running
  let browser: Browser
  let page: Page
  const asked: string[] = []
  const said: string[] = []

  beforeAll(async () => {
    server = await http.serve(orders, { openapi: { info: { title: 'Shop' }, page: openapiPage() } })
    const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
    browser = await chromium.launch({
      executablePath: where as string,
      args: [...args, '--disable-component-update', '--disable-sync'],
    })
    page = await browser.newPage()
    page.on('request', (request) => asked.push(request.url()))
    // Chromium says there what its content-security-policy forbade.
    page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`))
    page.on('pageerror', (error) => said.push(String(error)))
    await page.goto(`${server.url}/docs`)
    await page.getByText('/v1/orders/').waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.drain()
  })

  it('given a document, then it is shown, with what is said of methods, parameters and schemas', async () => {
    expect(await page.title()).toBe('Shop')
    await page
      .getByRole('button', { name: /\/v1\/orders\// })
      .first()
      .click()
    await page.getByText('which one').waitFor()
    await page.getByText('Not Found: OrderNotFound, order not found.').waitFor()
  })

  it('given a request that is tried, then its answer is shown', async () => {
    await page.getByRole('button', { name: 'Try it out' }).click()
    await page.getByPlaceholder('id').fill('404')
    await page.getByRole('button', { name: 'Execute' }).click()
    await page.locator('.live-responses-table').getByText('"OrderNotFound"').waitFor()
    expect(asked).toContain(`${server.url}/v1/orders/404`)
  })

  it('then nothing was asked of anybody else, and nothing was forbidden', () => {
    expect(asked.filter((url) => !url.startsWith(server.url) && !url.startsWith('data:'))).toEqual([])
    // The browser reports the 404 that was asked for.
    expect(said.filter((text) => !text.includes('status of 404'))).toEqual([])
  })
})
