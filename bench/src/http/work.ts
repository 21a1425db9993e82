// What every server of the suite serves: the same routes, the same work behind them, the same answers.

export interface Order {
  readonly sku: string
  readonly quantity: number
}

export interface Receipt {
  readonly id: string
  readonly sku: string
  readonly total: number
}

export interface Line {
  readonly sku: string
  readonly quantity: number
  readonly price: number
  readonly gift: boolean
  readonly tags: string[]
}

export interface Cart {
  readonly customer: {
    readonly name: string
    readonly email: string
    readonly address: { readonly street: string; readonly city: string; readonly zip: string }
  }
  readonly lines: Line[]
}

export interface Invoice {
  readonly id: string
  readonly to: { readonly name: string; readonly city: string }
  readonly lines: { readonly sku: string; readonly sum: number; readonly tags: string[] }[]
  readonly total: number
}

export interface Query {
  readonly id: string
  readonly currency: string
  readonly limit: number
}

export interface Found {
  readonly id: string
  readonly currency: string
  readonly lines: number[]
}

// Tiny on purpose, and asynchronous as all handlers are that ask a database.
export const place = async ({ sku, quantity }: Order): Promise<Receipt> => ({ id: 'o-1', sku, total: quantity * 42 })

export const bill = async ({ customer, lines }: Cart): Promise<Invoice> => ({
  id: 'i-1',
  to: { name: customer.name, city: customer.address.city },
  lines: lines.map(({ sku, quantity, price, tags }) => ({ sku, sum: quantity * price, tags })),
  total: lines.reduce((sum, { quantity, price }) => sum + quantity * price, 0),
})

export const find = async ({ id, currency, limit }: Query): Promise<Found> => ({
  id,
  currency,
  lines: Array.from({ length: limit }, (_, at) => at),
})

/** One request and what must come back. */
export interface Exchange {
  /** Short and unique, for `--filter`. */
  readonly name: string
  readonly title: string
  readonly verb: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  readonly status: number
  /** The JSON of the answer. What an error says is everybody's own: it must be an object of JSON. */
  readonly answer?: unknown
}

const order: Order = { sku: 'oak-7', quantity: 3 }
const cart: Cart = {
  customer: {
    name: 'Ann Author',
    email: 'ann@example.org',
    address: { street: 'Main Street 7', city: 'Springfield', zip: '12345' },
  },
  lines: Array.from({ length: 8 }, (_, at) => ({
    sku: `oak-${at}`,
    quantity: at + 1,
    price: 100 + at,
    gift: at % 2 === 0,
    tags: ['wood', 'brown', `size-${at}`],
  })),
}

export const exchanges: readonly Exchange[] = [
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
export function bytesOf({ verb, path, body }: Exchange, port: number): Buffer {
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
