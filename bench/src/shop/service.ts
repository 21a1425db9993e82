// The service implemented: once with no middleware at all, once with the RED metrics of @tenon/metrics.
import { handler, implement } from '@tenon/contract'
import { ok } from '@tenon/endpoint'
import { metrics } from '@tenon/metrics'
import { Shop } from './contract.ts'
import { bill, find, place, prices } from './work.ts'

const { methods } = Shop
const endpoints = {
  place: handler(methods.place, async (order) => ok(await place(order))),
  bill: handler(methods.bill, async (cart) => ok(await bill(cart))),
  find: handler(methods.find, async (query) => ok(await find(query))),
  prices: handler(methods.prices, async function* (asked) {
    for (const price of prices(asked)) yield ok(price)
  }),
}

export const shop = () => implement(Shop, endpoints)

export const watchedShop = () => {
  const { red } = metrics()
  const watched = red({ side: 'server' })
  return implement(Shop, {
    place: watched(endpoints.place),
    bill: watched(endpoints.bill),
    find: watched(endpoints.find),
    prices: watched(endpoints.prices),
  })
}
