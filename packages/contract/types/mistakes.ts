// Each numbered line must not compile, and its message must name the culprit. Checked by test/promised-types.test.ts; the messages
// stand in mistakes.txt.
import { call, type Endpoint, endpoint, fail, type Middleware, mapMethod, mapMethods, ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import {
  clientStream,
  contract,
  type EndpointsOf,
  event,
  failure,
  handler,
  implement,
  openapi,
  serverStream,
  unary,
} from '../src/index.ts'

const OutOfStock = failure('OutOfStock', 'failed_precondition', t.strict({ sku: t.string }))
const CardRefused = failure('CardRefused', 'failed_precondition', t.strict({ reason: t.string }))
const Order = t.strict({ sku: t.string })
const Orders = contract('shop.orders.v1.Orders', {
  place: unary({ input: Order, output: t.number, failures: [OutOfStock], http: 'POST /v1/orders' }),
  ping: unary({ input: t.strict({}), output: t.number }),
  placed: event({ message: t.string }),
})
const Feed = contract('shop.feed.v1.Feed', { watch: serverStream({ input: t.strict({}), output: t.number }) })
const Since = t.intersection([t.strict({ id: t.string }), t.partial({ since: t.number })])
const Change = t.strict({ seq: t.number, sku: t.string })
const place = endpoint((i: { sku: string }) => (i.sku ? fail(OutOfStock({ sku: i.sku })) : ok(1)))
const ping = endpoint(() => ok(1))
const refusing = endpoint((i: { sku: string }) => (i.sku ? fail(CardRefused({ reason: i.sku })) : ok(1)))
const both = endpoint((i: { sku: string }) =>
  i.sku ? fail(CardRefused({ reason: i.sku })) : fail(failure('Closed', 'aborted')()),
)
const badPing = endpoint(() => (Math.random() > 0.5 ? fail(CardRefused({ reason: '' })) : ok(1)))
const Five = contract('shop.five.v1.Five', {
  get: unary({ input: Order, output: Order, failures: [OutOfStock, CardRefused] }),
  put: unary({ input: Order, output: Order, failures: [OutOfStock] }),
  remove: unary({ input: Order, output: t.void }),
  list: unary({ input: t.strict({}), output: t.array(Order) }),
  ping: unary({ input: t.strict({}), output: t.number }),
})
declare const needy: Endpoint<{ sku: string }, number, never, { readonly claims: string }>
declare const breaker: Middleware
declare const text: Endpoint<{ sku: string }, string>
declare const other: Endpoint<{ id: string }, number>
declare const maybe: { readonly place: Endpoint<{ sku: string }, number>; readonly ping?: Endpoint<unknown, number> }
declare const depend: (on: EndpointsOf<typeof Orders>) => void
/*1*/ implement(Orders, { place: refusing, ping })
/*2*/ implement(Orders, { place, ping: badPing })
/*3*/ implement(Orders, { place: needy, ping })
/*4*/ implement(Orders, { place: text, ping })
/*5*/ implement(Orders, { place })
/*6*/ implement(Orders, { place, ping, extra: ping })
/*7*/ failure('X', 'internal', t.strict({ code: t.string }))
/*8*/ OutOfStock({})
/*9*/ handler(Orders.methods.place, () => fail(CardRefused({ reason: 'stolen' })))
/*10*/ handler(Orders.methods.place, () => ok('text'))
/*11*/ implement(Orders, { place, ping, placed: ping })
/*12*/ unary({ input: t.string, output: t.string, http: '/v1/orders' })
/*13*/ implement(Orders, { place: both, ping })
/*14*/ implement(Orders, { place: other, ping })
/*15*/ implement(Orders, {})
/*16*/ failure('X', 'teapot')
/*17*/ failure('X', 'internal', t.string)
/*18*/ failure('X', 'internal', t.union([t.strict({ a: t.string }), t.strict({ message: t.string })]))
/*19*/ handler(Feed.methods.watch, async () => ok(1))
/*20*/ implement(Feed, { watch: ping })
/*21*/ unary({ input: Order, output: t.number, http: { route: 'POST /v1/orders', query: ['skew'] } })
/*22*/ unary({ input: Order, output: t.number, http: { route: 'POST /v1/orders', headers: { skew: 'x-sku' } } })
/*23*/ clientStream({ input: Order, output: t.number, http: 'POST /v1/orders' })
/*24*/ unary({ input: Order, output: t.number, unknownKeys: { input: 'ignore' } })
/*25*/ handler(unary({ input: Order, output: t.number }), () => ok(1))
/*26*/ call(place, { sku: 1 })
/*27*/ serverStream({ input: Since, output: Change, resume: { id: 'sequence', after: 'since' } })
/*28*/ serverStream({ input: Since, output: Change, resume: { id: 'seq', after: 'id' } })
/*29*/ serverStream({ input: Since, output: Change, resume: { id: 'sku', after: 'since' } })
/*30*/ serverStream({ input: Since, output: Change, resume: { id: 'seq' } })
/*31*/ unary({ input: Since, output: Change, resume: { id: 'seq', after: 'since' } })
/*32*/ depend({ place: refusing, ping })
/*33*/ mapMethods(implement(Orders, { place, ping }), breaker)
/*34*/ mapMethod(implement(Orders, { place, ping }), 'place', breaker)
/*35*/ openapi(Orders.methods)
/*36*/ openapi(Orders, { info: { titel: 'Shop' } })
/*37*/ openapi(Orders, { undescribed: 'warn' })
/*38*/ implement(Five, { ping })
/*39*/ implement(Five, {})
/*40*/ implement(Orders, { place: handler(Orders.methods.place, () => ok(1)) })
/*41*/ implement(Five, { ping: endpoint(() => ok(1)), list: handler(Five.methods.list, async () => ok([])) })
/*42*/ implement(Orders, { place: endpoint(() => ok('text')), ping })
/*43*/ implement(Orders, { place: handler(Orders.methods.place, () => ok(1)), ping, extra: endpoint(() => ok(1)) })
/*44*/ implement(Orders, maybe)
