// The same service as a contract, served by @tenon/transport-http with its defaults: limits, deadlines, strict decoding.
// Once with no middleware at all, once with the RED metrics of @tenon/metrics.
import { contract, handler, implement, unary } from '@tenon/contract'
import { ok } from '@tenon/endpoint'
import { metrics } from '@tenon/metrics'
import { http } from '@tenon/transport-http'
import * as t from 'io-ts'
import type { Served } from './served.ts'
import { bill, find, place } from './work.ts'

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

/** Exported for the clients of the suite, too. */
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
})

const { methods } = Shop
const endpoints = {
  place: handler(methods.place, async (order) => ok(await place(order))),
  bill: handler(methods.bill, async (cart) => ok(await bill(cart))),
  find: handler(methods.find, async (query) => ok(await find(query))),
}

export const tenon = (): Promise<Served> => http.serve(implement(Shop, endpoints))

export const tenonRed = (): Promise<Served> => {
  const { red } = metrics()
  const watched = red({ side: 'server' })
  return http.serve(
    implement(Shop, {
      place: watched(endpoints.place),
      bill: watched(endpoints.bill),
      find: watched(endpoints.find),
    }),
  )
}
