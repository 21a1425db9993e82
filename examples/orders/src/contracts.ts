// The three services of the shop, as contracts: what each method takes, answers, may fail with, and where it is on HTTP.
import { contract, failure, unary } from '@tenon/contract'
import * as t from 'io-ts'

/** There is not enough of it. */
export const OutOfStock = failure('OutOfStock', 'failed_precondition', t.strict({ sku: t.string, left: t.number }))
/** The card was not charged. */
export const CardRefused = failure('CardRefused', 'failed_precondition', t.strict({ reason: t.string }))
/** There is no such order. */
export const OrderNotFound = failure('OrderNotFound', 'not_found', t.strict({ id: t.string }))

const PlaceOrder = t.strict({ requestId: t.string, sku: t.string, quantity: t.number, card: t.string })
const Order = t.strict({ id: t.string, sku: t.string, quantity: t.number, reservedAt: t.string, receipt: t.string })
export type Order = t.TypeOf<typeof Order>

export const Orders = contract('shop.orders.v1.Orders', {
  place: unary({
    input: PlaceOrder,
    output: Order,
    failures: [OutOfStock, CardRefused],
    // The request's id is the order's: placed twice, it is one order.
    idempotent: true,
    http: 'POST /v1/orders',
    description: 'Reserves the goods, charges the card, keeps the order.',
  }),
  get: unary({
    input: t.strict({ id: t.string }),
    output: Order,
    failures: [OrderNotFound],
    idempotent: true,
    http: 'GET /v1/orders/{id}',
  }),
})

export const Inventory = contract('shop.inventory.v1.Inventory', {
  reserve: unary({
    input: t.strict({ orderId: t.string, sku: t.string, quantity: t.number }),
    output: t.strict({ instance: t.string }),
    failures: [OutOfStock],
    idempotent: true,
    http: 'PUT /v1/reservations/{orderId}',
  }),
})

export const Payments = contract('shop.payments.v1.Payments', {
  charge: unary({
    input: t.strict({ orderId: t.string, card: t.string, cents: t.number }),
    output: t.strict({ receipt: t.string }),
    failures: [CardRefused],
    idempotent: true,
    http: 'PUT /v1/charges/{orderId}',
  }),
})
