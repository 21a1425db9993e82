// What every server of the suites under load serves: the same work, the same answers.

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

export interface Asked {
  readonly sku: string
  /** How many prices. */
  readonly count: number
}

export interface Price {
  readonly sku: string
  readonly price: number
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

export function* prices({ sku, count }: Asked): Iterable<Price> {
  for (let n = 0; n < count; n++) yield { sku, price: 100 + n * 0.5 }
}

export const order: Order = { sku: 'oak-7', quantity: 3 }
export const cart: Cart = {
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
