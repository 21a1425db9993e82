// The inventory service: reserves goods of the shared stock. One of its three instances is declared flaky.
import { handler, type Implementation, implement, unavailable } from '@tenon/contract'
import { chain, fail, guard, type Middleware, mapMethods, ok, pass, pause, type Random, refuse } from '@tenon/endpoint'
import { Inventory, OutOfStock } from './contracts.ts'
import type { Stock } from './stock.ts'

/** How flaky an instance is at the moment: the shares of calls (0..1) that it refuses, and that it answers late. */
export interface Flakiness {
  refused: number
  late: number
  /** How late, milliseconds. */
  readonly by: number
}

/** The declared flakiness: the one place of this example where anything waits without reason. */
const flaky = (flakiness: Flakiness, random: Random): Middleware<ReturnType<typeof unavailable>> =>
  chain(
    guard(async (ctx) => {
      if (random() < flakiness.late) await pause(ctx, flakiness.by)
      return pass()
    }),
    guard(() => (random() < flakiness.refused ? refuse(unavailable('this instance is having a bad time')) : pass())),
  )

/** The inventory service, as the instance of this name does it. `around`: what every server wraps its methods in. */
export function inventory(
  name: string,
  stock: Stock,
  flakiness: Flakiness,
  random: Random,
  around: Middleware,
): Implementation {
  const reserve = handler(Inventory.methods.reserve, ({ orderId, sku, quantity }) => {
    const answer = stock.reserve(orderId, sku, quantity)
    return answer === 'reserved' ? ok({ instance: name }) : fail(OutOfStock({ sku, left: answer.left }))
  })
  const release = handler(Inventory.methods.release, ({ orderId }) => ok(stock.release(orderId)))
  return implement(Inventory, mapMethods({ reserve, release }, chain(around, flaky(flakiness, random))))
}
