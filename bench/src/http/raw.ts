// node:http by hand, as someone writes it who wants nothing else: routes, a limited body, JSON, checks of every field,
// an answer whose length is known.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Served } from '../load/parts.ts'
import { bill, type Cart, find, type Line, type Order, place, type Query } from '../shop/work.ts'
import { listening } from './served.ts'

const most = 1_048_576

type Row = Readonly<Record<string, unknown>>
const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value)
const isInteger = (value: unknown): value is number => Number.isInteger(value)
const isText = (value: unknown): value is string => typeof value === 'string'

/** What a request may be: a value, or the name of the field that is wrong. */
type Checked<A> = { readonly value: A } | { readonly wrong: string }

function orderOf(body: unknown): Checked<Order> {
  if (!isRow(body)) return { wrong: 'body' }
  const { sku, quantity } = body
  if (!isText(sku)) return { wrong: 'sku' }
  if (!isInteger(quantity)) return { wrong: 'quantity' }
  return { value: { sku, quantity } }
}

function lineOf(line: unknown): Line | undefined {
  if (!isRow(line)) return undefined
  const { sku, quantity, price, gift, tags } = line
  if (!isText(sku) || !isInteger(quantity) || typeof price !== 'number' || typeof gift !== 'boolean') return undefined
  if (!Array.isArray(tags) || !tags.every(isText)) return undefined
  return { sku, quantity, price, gift, tags }
}

function cartOf(body: unknown): Checked<Cart> {
  if (!isRow(body)) return { wrong: 'body' }
  const { customer, lines } = body
  if (!isRow(customer)) return { wrong: 'customer' }
  const { name, email, address } = customer
  if (!isText(name)) return { wrong: 'customer.name' }
  if (!isText(email)) return { wrong: 'customer.email' }
  if (!isRow(address)) return { wrong: 'customer.address' }
  const { street, city, zip } = address
  if (!isText(street) || !isText(city) || !isText(zip)) return { wrong: 'customer.address' }
  if (!Array.isArray(lines)) return { wrong: 'lines' }
  const checked: Line[] = []
  for (const each of lines) {
    const line = lineOf(each)
    if (line === undefined) return { wrong: `lines[${checked.length}]` }
    checked.push(line)
  }
  return { value: { customer: { name, email, address: { street, city, zip } }, lines: checked } }
}

function queryOf(path: string, query: string): Checked<Query> {
  const params = new URLSearchParams(query)
  const currency = params.get('currency')
  const limit = Number(params.get('limit') ?? Number.NaN)
  if (currency === null) return { wrong: 'currency' }
  if (!isInteger(limit)) return { wrong: 'limit' }
  return { value: { id: decodeURIComponent(path.slice('/v1/orders/'.length)), currency, limit } }
}

function answer(res: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value)
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  res.end(text)
}

const refuse = (res: ServerResponse, status: number, message: string): void => answer(res, status, { message })

function withBody<A, B>(
  req: IncomingMessage,
  res: ServerResponse,
  check: (body: unknown) => Checked<A>,
  handle: (input: A) => Promise<B>,
): void {
  if (req.headers['content-type'] !== 'application/json') {
    refuse(res, 415, 'application/json only')
    return
  }
  const chunks: Buffer[] = []
  let size = 0
  req.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    size += chunk.length
    if (size > most) {
      refuse(res, 413, 'too much')
      req.destroy()
    }
  })
  req.on('end', () => {
    let body: unknown
    try {
      body = JSON.parse((chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).toString())
    } catch {
      refuse(res, 400, 'no JSON')
      return
    }
    settle(res, check(body), handle)
  })
}

function settle<A, B>(res: ServerResponse, checked: Checked<A>, handle: (input: A) => Promise<B>): void {
  if ('wrong' in checked) refuse(res, 400, `bad ${checked.wrong}`)
  else
    handle(checked.value).then(
      (value) => answer(res, 200, value),
      () => refuse(res, 500, 'a bug'),
    )
}

function take(req: IncomingMessage, res: ServerResponse): void {
  const url = req.url as string
  const at = url.indexOf('?')
  const path = at < 0 ? url : url.slice(0, at)
  if (req.method === 'POST' && path === '/v1/orders') withBody(req, res, orderOf, place)
  else if (req.method === 'POST' && path === '/v1/invoices') withBody(req, res, cartOf, bill)
  else if (req.method === 'GET' && path.startsWith('/v1/orders/'))
    settle(res, queryOf(path, at < 0 ? '' : url.slice(at + 1)), find)
  else refuse(res, 404, 'nothing here')
}

export const raw = (): Promise<Served> => listening(createServer(take))
