// node:http by hand, as someone writes it who wants nothing else: routes, a limited body, JSON, checks of every field,
// an answer whose length is known.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Served } from '../load/parts.ts'
import { type Checked, cartOf, isInteger, orderOf } from '../shop/checks.ts'
import { bill, find, place, type Query } from '../shop/work.ts'
import { listening } from './served.ts'

const most = 1_048_576

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
