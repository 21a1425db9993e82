// The three services of the shop, as contracts: what each method takes, answers, may fail with, and where it would be on
// HTTP. Which wire carries a contract is not its business.
import { annotate, contract, event, failure, secret, unary } from '@tenon/contract'
import * as t from 'io-ts'

const Sku = annotate(t.string, { description: 'What is sold: `oak`, `ash`, `elm` or `yew`.', example: 'oak' })
const Quantity = annotate(t.number, { description: 'How many.', example: 2 })
const OrderId = annotate(t.string, {
  description: 'An order, by the id of the request that placed it.',
  example: 'mine',
})
// A secret: no document shows an example of it, and `redact` takes it out of logs.
const Card = annotate(secret(t.string), { description: '`good`, or `expired`.' })
const Receipt = annotate(t.string, { example: 'receipt-7' })

/** There is not enough of it. */
export const OutOfStock = failure(
  'OutOfStock',
  'failed_precondition',
  t.strict({ sku: Sku, left: annotate(t.number, { description: 'What is left of it.', example: 1 }) }),
)
/** The card was not charged. */
export const CardRefused = failure(
  'CardRefused',
  'failed_precondition',
  t.strict({ reason: annotate(t.string, { example: 'the card is expired' }) }),
)
/** The order did not go through before, and what was done of it was undone: another one needs another id. */
export const OrderUndone = failure('OrderUndone', 'aborted', t.strict({ id: OrderId }))
/** There is no such order. */
export const OrderNotFound = failure('OrderNotFound', 'not_found', t.strict({ id: OrderId }))

const PlaceOrder = t.strict({ requestId: OrderId, sku: Sku, quantity: Quantity, card: Card })
export type PlaceOrder = t.TypeOf<typeof PlaceOrder>
// Titles of one word name codecs in documents.
const Order = annotate(
  t.strict({
    id: OrderId,
    sku: Sku,
    quantity: Quantity,
    reservedAt: annotate(t.string, { description: 'The inventory that keeps it.', example: 'inventory-1' }),
    receipt: Receipt,
  }),
  { title: 'Order', description: 'An order that was reserved and paid.' },
)
export type Order = t.TypeOf<typeof Order>

export const Orders = contract(
  'shop.orders.v1.Orders',
  {
    place: unary({
      input: PlaceOrder,
      output: Order,
      failures: [OutOfStock, CardRefused, OrderUndone],
      // The request's id is the order's: placed twice, it is one order.
      idempotent: true,
      http: 'POST /v1/orders',
      description: 'Places an order. Reserves the goods, charges the card, announces and keeps the order.',
    }),
    get: unary({
      input: t.strict({ id: OrderId }),
      output: Order,
      failures: [OrderNotFound],
      idempotent: true,
      http: 'GET /v1/orders/{id}',
      description: 'An order that was placed.',
    }),
    // Nobody answers these: whoever wants to know listens.
    orderPlaced: event({ message: Order, description: 'An order was reserved and paid.' }),
    orderUndone: event({
      message: t.strict({ id: OrderId }),
      description: 'An order that may have been announced did not go through after all.',
    }),
  },
  { description: 'What buyers talk to.' },
)

export const Inventory = contract(
  'shop.inventory.v1.Inventory',
  {
    reserve: unary({
      input: t.strict({ orderId: OrderId, sku: Sku, quantity: Quantity }),
      output: t.strict({ instance: t.string }),
      failures: [OutOfStock],
      idempotent: true,
      http: 'PUT /v1/reservations/{orderId}',
      description: 'Keeps goods for an order.',
    }),
    release: unary({
      input: t.strict({ orderId: OrderId }),
      output: t.void,
      idempotent: true,
      http: 'DELETE /v1/reservations/{orderId}',
      description: 'Gives back what an order holds, now or later: nothing can be kept for it any more.',
    }),
  },
  { description: 'What there is of everything.' },
)

export const Payments = contract(
  'shop.payments.v1.Payments',
  {
    charge: unary({
      input: t.strict({ orderId: OrderId, card: Card, cents: annotate(t.number, { example: 8_400 }) }),
      output: t.strict({ receipt: Receipt }),
      failures: [CardRefused],
      idempotent: true,
      http: 'PUT /v1/charges/{orderId}',
      description: 'Charges a card for an order, once.',
    }),
    refund: unary({
      input: t.strict({ orderId: OrderId }),
      output: t.void,
      idempotent: true,
      http: 'DELETE /v1/charges/{orderId}',
      description: 'Gives back what an order was charged; a charge that comes later is refused.',
    }),
  },
  { description: 'Money.' },
)
