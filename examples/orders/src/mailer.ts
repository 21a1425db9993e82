// The mailer: hears of orders that were placed, and of those that did not go through after all. An event may come more than
// once, and the two of an order in either order.
import { handler } from '@tenon/contract'
import { ok } from '@tenon/endpoint'
import { Orders } from './contracts.ts'

/** What was heard: handlers for `nats.consume`, and what the mailer made of it. */
export function mailer() {
  const placed = new Set<string>()
  const undone = new Set<string>()
  let announced = 0
  let repeated = 0
  /** Whether it is news. */
  const first = (of: Set<string>, id: string): boolean => {
    const news = !of.has(id)
    of.add(id)
    if (!news) repeated++
    return news
  }
  return {
    handlers: {
      orderPlaced: handler(Orders.methods.orderPlaced, ({ id }) => {
        if (first(placed, id) && !undone.has(id)) announced++
        return ok()
      }),
      orderUndone: handler(Orders.methods.orderUndone, ({ id }) => {
        if (first(undone, id) && placed.has(id)) announced--
        return ok()
      }),
    },
    /** Orders that were announced and not undone. */
    get announced() {
      return announced
    },
    /** Events that came once more. */
    get repeated() {
      return repeated
    },
  }
}
