// The orders service: reserves, charges, keeps. Knows its dependencies as endpoints, and not where they are.
import { type EndpointsOf, handler, type Implementation, implement } from '@tenon/contract'
import { call, fail, type Middleware, mapMethods, ok } from '@tenon/endpoint'
import { type Inventory, type Order, OrderNotFound, Orders, type Payments } from './contracts.ts'

/** What this service calls: clients, which policies may have made fail in further ways of the way. */
export interface Dependencies {
  readonly inventory: EndpointsOf<typeof Inventory>
  readonly payments: EndpointsOf<typeof Payments>
}

const prices: Readonly<Record<string, number>> = { oak: 4_200, ash: 3_900, elm: 3_500, yew: 12_000 }

export function orders(
  { inventory, payments }: Dependencies,
  kept: Map<string, Order>,
  around: Middleware,
): Implementation {
  const place = handler(Orders.methods.place, async ({ requestId, sku, quantity, card }, ctx) => {
    // Passing the context on passes deadline, cancellation and trace on; returning the failure forwards it.
    const reserved = await call(inventory.reserve, { orderId: requestId, sku, quantity }, { parent: ctx })
    if (reserved._tag === 'Left') return reserved
    const cents = (prices[sku] ?? 1_000) * quantity
    const charged = await call(payments.charge, { orderId: requestId, card, cents }, { parent: ctx })
    if (charged._tag === 'Left') return charged
    const order: Order = {
      id: requestId,
      sku,
      quantity,
      reservedAt: reserved.right.instance,
      receipt: charged.right.receipt,
    }
    kept.set(order.id, order)
    return ok(order)
  })

  const get = handler(Orders.methods.get, ({ id }) => {
    const order = kept.get(id)
    return order === undefined ? fail(OrderNotFound({ id })) : ok(order)
  })

  return implement(Orders, mapMethods({ place, get }, around))
}
