// The service of the suites under load as a contract.
import { contract, serverStream, unary } from '@tenon/contract'
import * as t from 'io-ts'

const Cart = t.strict({
  customer: t.strict({
    name: t.string,
    email: t.string,
    address: t.strict({ street: t.string, city: t.string, zip: t.string }),
  }),
  lines: t.array(
    t.strict({ sku: t.string, quantity: t.Int, price: t.number, gift: t.boolean, tags: t.array(t.string) }),
  ),
})
const Invoice = t.strict({
  id: t.string,
  to: t.strict({ name: t.string, city: t.string }),
  lines: t.array(t.strict({ sku: t.string, sum: t.number, tags: t.array(t.string) })),
  total: t.number,
})

export const Shop = contract('bench.shop.v1.Shop', {
  place: unary({
    input: t.strict({ sku: t.string, quantity: t.Int }),
    output: t.strict({ id: t.string, sku: t.string, total: t.number }),
    http: 'POST /v1/orders',
  }),
  bill: unary({ input: Cart, output: Invoice, http: 'POST /v1/invoices' }),
  find: unary({
    input: t.strict({ id: t.string, currency: t.string, limit: t.Int }),
    output: t.strict({ id: t.string, currency: t.string, lines: t.array(t.number) }),
    idempotent: true,
    http: 'GET /v1/orders/{id}',
  }),
  prices: serverStream({
    input: t.strict({ sku: t.string, count: t.Int }),
    output: t.strict({ sku: t.string, price: t.number }),
  }),
})
