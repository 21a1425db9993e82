// What is decoded: three shapes, each as values that fit and as values of which one field does not.

export interface Small {
  readonly id: string
  readonly name: string
  readonly qty: number
  readonly price: number
  readonly active: boolean
}

export interface Item {
  readonly sku: string
  readonly qty: number
  readonly price: number
  readonly gift: boolean
}

export interface Nested {
  readonly id: string
  readonly status: 'open' | 'paid' | 'sent'
  readonly customer: {
    readonly name: string
    readonly email: string
    readonly address: { readonly street: string; readonly city: string; readonly zip: string }
  }
  readonly items: readonly Item[]
  readonly tags: readonly string[]
  readonly note?: string
}

export interface Long {
  readonly items: readonly Item[]
}

export type ShapeName = 'small' | 'nested' | 'array'

/** As many of each shape as a call decodes: one after the other, so that no value is known beforehand. */
export const variety = 16

const each = <T>(make: (n: number) => T): readonly T[] => Array.from({ length: variety }, (_, n) => make(n))

const item = (n: number): Item => ({ sku: `sku-${n}`, qty: n + 1, price: n * 1.5, gift: n % 3 === 0 })
const statuses = ['open', 'paid', 'sent'] as const

const small = (n: number): Small => ({ id: `id-${n}`, name: `name ${n}`, qty: n, price: n + 0.5, active: n % 2 === 0 })
const nested = (n: number): Nested => ({
  id: `order-${n}`,
  status: statuses[n % 3] ?? 'open',
  customer: {
    name: `Customer ${n}`,
    email: `customer${n}@example.test`,
    address: { street: `${n} Oak Street`, city: 'Mortise', zip: `${10_000 + n}` },
  },
  items: [item(n), item(n + 1), item(n + 2)],
  tags: ['a', 'b', `tag-${n}`],
  ...(n % 2 === 0 && { note: `note ${n}` }),
})
const long = (n: number): Long => ({ items: Array.from({ length: 100 }, (_, at) => item(at + n)) })

// Parsed from text, as what comes from a wire is: objects of one origin would be known to the compiler as such.
const fromWire = (values: readonly unknown[]): readonly unknown[] =>
  values.map((value) => JSON.parse(JSON.stringify(value)))

export const valid: Readonly<Record<ShapeName, readonly unknown[]>> = {
  small: fromWire(each(small)),
  nested: fromWire(each(nested)),
  array: fromWire(each(long)),
}

/** One field of each is wrong: the last of the small ones, one deep inside of the others. */
export const invalid: Readonly<Record<ShapeName, readonly unknown[]>> = {
  small: fromWire(each((n) => ({ ...small(n), active: 'yes' }))),
  nested: fromWire(
    each((n) => {
      const order = nested(n)
      return { ...order, customer: { ...order.customer, address: { ...order.customer.address, zip: n } } }
    }),
  ),
  array: fromWire(
    each((n) => ({ items: long(n).items.map((one, at) => (at === 90 ? { ...one, qty: 'many' } : one)) })),
  ),
}

/** A value that fits, with a key that nobody knows: who strips leaves it out. */
export const withExtra = (shape: ShapeName): unknown => ({ ...(valid[shape][0] as object), extra: true })

const odd = '"\\\n\u2028é'

/** Values that fit, with text that JSON escapes. */
export const escaping: Readonly<Record<ShapeName, unknown>> = {
  small: { ...small(1), name: odd },
  nested: { ...nested(1), tags: [odd] },
  array: { items: [{ ...item(1), sku: odd }] },
}
