// The orders service: reserves, charges, announces and keeps an order, or undoes what was done of it. Knows its dependencies
// as endpoints, and not where they are.
import { type EndpointsOf, type EventsOf, handler, type Implementation, implement, unavailable } from '@tenon/contract'
import { type Context, call, fail, type Middleware, mapMethods, ok } from '@tenon/endpoint'
import {
  type Inventory,
  type Order,
  OrderNotFound,
  Orders,
  OrderUndone,
  type Payments,
  type PlaceOrder,
} from './contracts.ts'
import type { Undo, Undoing } from './undoing.ts'

/** What this service calls: clients, which policies may have made fail in further ways of the way. */
export interface Dependencies {
  readonly inventory: EndpointsOf<typeof Inventory>
  readonly payments: EndpointsOf<typeof Payments>
  readonly events: EventsOf<typeof Orders>
}

const prices: Readonly<Record<string, number>> = { oak: 4_200, ash: 3_900, elm: 3_500, yew: 12_000 }

export function orders(
  { inventory, payments, events }: Dependencies,
  { kept, undoing }: { readonly kept: Map<string, Order>; readonly undoing: Undoing },
  around: Middleware,
): Implementation {
  /** All steps of an order. `undo` gets what undoes those that may have been done. */
  const steps = async ({ requestId: id, sku, quantity, card }: PlaceOrder, undo: Undo[], ctx: Context) => {
    // What fails on the way may have been done: how to undo it is noted before it is asked for.
    undo.push((how) => call(inventory.release, { orderId: id }, how))
    // Passing the context on passes deadline, cancellation and trace on; returning the failure forwards it.
    const reserved = await call(inventory.reserve, { orderId: id, sku, quantity }, { parent: ctx })
    if (reserved._tag === 'Left') {
      if (reserved.left._tag === 'OutOfStock') undo.pop()
      return reserved
    }
    undo.push((how) => call(payments.refund, { orderId: id }, how))
    const cents = (prices[sku] ?? 1_000) * quantity
    const charged = await call(payments.charge, { orderId: id, card, cents }, { parent: ctx })
    if (charged._tag === 'Left') {
      if (charged.left._tag === 'CardRefused') undo.pop()
      return charged
    }
    const order: Order = { id, sku, quantity, reservedAt: reserved.right.instance, receipt: charged.right.receipt }
    undo.push((how) => call(events.orderUndone, { id }, how))
    const announced = await call(events.orderPlaced, order, { parent: ctx })
    return announced._tag === 'Left' ? announced : ok(order)
  }

  const placing = new Set<string>()
  const place = handler(Orders.methods.place, async (input, ctx) => {
    const { requestId: id } = input
    const before = kept.get(id)
    if (before !== undefined) return ok(before)
    if (undoing.has(id)) return fail(OrderUndone({ id }))
    // Worth another try in a moment, which then finds what came of this one.
    if (placing.has(id)) return fail(unavailable(`order ${id} is being placed`))
    if (undoing.full) return fail(unavailable('too many orders wait to be undone'))
    placing.add(id)
    const undo: Undo[] = []
    const placed = await steps(input, undo, ctx)
    placing.delete(id)
    if (placed._tag === 'Right') kept.set(id, placed.right)
    else if (undo.length > 0) undoing.undo(id, undo)
    return placed
  })

  const get = handler(Orders.methods.get, ({ id }) => {
    const order = kept.get(id)
    return order === undefined ? fail(OrderNotFound({ id })) : ok(order)
  })

  return implement(Orders, mapMethods({ place, get }, around))
}
