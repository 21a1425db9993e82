// The requests of the suite, and their bytes.
import type { Exchange } from '../load/parts.ts'
import { bill, cart, find, order, place } from '../shop/work.ts'

/** One request and what must come back. */
export interface HttpExchange extends Exchange {
  readonly verb: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  readonly status: number
  /** The JSON of the answer. What an error says is everybody's own: it must be an object of JSON. */
  readonly answer?: unknown
}

export const exchanges: readonly HttpExchange[] = [
  {
    name: 'small',
    title: 'POST, small body',
    verb: 'POST',
    path: '/v1/orders',
    body: order,
    status: 200,
    answer: await place(order),
  },
  {
    name: 'nested',
    title: 'POST, nested body',
    verb: 'POST',
    path: '/v1/invoices',
    body: cart,
    status: 200,
    answer: await bill(cart),
  },
  {
    name: 'get',
    title: 'GET, path and query',
    verb: 'GET',
    path: '/v1/orders/o-17?currency=eur&limit=10',
    status: 200,
    answer: await find({ id: 'o-17', currency: 'eur', limit: 10 }),
  },
  {
    name: 'invalid',
    title: 'POST, invalid body: 400',
    verb: 'POST',
    path: '/v1/orders',
    body: { sku: 'oak-7', quantity: 'three' },
    status: 400,
  },
  { name: 'missing', title: 'GET, no such path: 404', verb: 'GET', path: '/v1/nothing', status: 404 },
]

/** The bytes of a request. */
export function bytesOf({ verb, path, body }: HttpExchange, port: number): Buffer {
  const text = body === undefined ? '' : JSON.stringify(body)
  const head = [
    `${verb} ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'user-agent: tenon-bench',
    'accept: application/json',
    ...(body === undefined ? [] : ['content-type: application/json', `content-length: ${Buffer.byteLength(text)}`]),
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${text}`)
}
