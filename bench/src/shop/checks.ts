// What comes in, checked field by field, as someone writes it who has no library for that.
import type { Cart, Line, Order } from './work.ts'

type Row = Readonly<Record<string, unknown>>
const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value)
export const isInteger = (value: unknown): value is number => Number.isInteger(value)
const isText = (value: unknown): value is string => typeof value === 'string'

/** What a request may be: a value, or the name of the field that is wrong. */
export type Checked<A> = { readonly value: A } | { readonly wrong: string }

export function orderOf(body: unknown): Checked<Order> {
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

export function cartOf(body: unknown): Checked<Cart> {
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
