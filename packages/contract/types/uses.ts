// What must compile, with exactly these types. Checked by test/promised-types.test.ts.
import {
  type Cancelled,
  type Context,
  call,
  chain,
  type DeadlineExceeded,
  type Endpoint,
  endpoint,
  type Failure,
  fail,
  guard,
  type Infrastructure,
  type MethodInfo,
  type Middleware,
  mapMethods,
  ok,
  pass,
  refuse,
  type Stream,
} from '@tenon/endpoint'
import * as t from 'io-ts'
import type {
  AnyContract,
  CallFailed,
  ClientOf,
  Codecs,
  EndpointsOf,
  EventsOf,
  FailureOf,
  Implementation,
  InvalidArgument,
  Method,
  OpenApi,
  Remote,
  Unavailable,
} from '../src/index.ts'
import {
  clientStream,
  type codecs,
  contract,
  duplex,
  event,
  failure,
  handler,
  implement,
  openapi,
  serverStream,
  unary,
} from '../src/index.ts'

type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const is = <A, B>(_: Eq<A, B>): void => {}

// -- declared failures
const OutOfStock = failure('OutOfStock', 'failed_precondition', t.strict({ sku: t.string }))
type OutOfStock = ReturnType<typeof OutOfStock>
const CardRefused = failure('CardRefused', 'failed_precondition', t.strict({ reason: t.string }))
const NotFound = failure('NotFound', 'not_found')
type NotFound = ReturnType<typeof NotFound>
is<OutOfStock, FailureOf<'OutOfStock', 'failed_precondition', { sku: string }>>(true)
is<NotFound['code'], 'not_found'>(true)
is<OutOfStock['sku'], string>(true)
OutOfStock({ sku: 'oak' })
OutOfStock({ sku: 'oak', message: 'the last one went yesterday' })
NotFound()
NotFound({ message: 'no such order' })
declare const unknown: unknown
if (OutOfStock.is(unknown)) is<typeof unknown, OutOfStock>(true)
is<CallFailed, Unavailable | DeadlineExceeded | Cancelled | InvalidArgument | Remote>(true)

// -- a contract, its implementation, its client
const PlaceOrder = t.strict({ sku: t.string, qty: t.number })
type PlaceOrder = t.TypeOf<typeof PlaceOrder>
const OrderId = t.strict({ id: t.string })
type OrderId = t.TypeOf<typeof OrderId>
const Order = t.strict({ id: t.string, sku: t.string })
type Order = t.TypeOf<typeof Order>
const Nothing = t.strict({})
type Nothing = t.TypeOf<typeof Nothing>
const OrderPlaced = t.strict({ id: t.string })
export const Orders = contract('shop.orders.v1.Orders', {
  place: unary({ input: PlaceOrder, output: Order, failures: [OutOfStock], http: 'POST /v1/orders' }),
  get: unary({
    input: OrderId,
    output: Order,
    failures: [NotFound, CardRefused],
    idempotent: true,
    http: ['GET /v1/orders/{id}', 'POST /v1/orders:lookup'],
  }),
  ping: unary({ input: Nothing, output: Nothing }),
  watch: serverStream({ input: OrderId, output: Order, http: 'GET /v1/orders/{id}/events' }),
  upload: clientStream({ input: PlaceOrder, output: t.Int, failures: [OutOfStock] }),
  talk: duplex({ input: PlaceOrder, output: Order }),
  placed: event({ message: OrderPlaced }),
})
is<typeof Orders.name, 'shop.orders.v1.Orders'>(true)
is<typeof Orders.methods.place.kind, 'unary'>(true)
export const info: MethodInfo = Orders.methods.place
export const any: AnyContract = Orders

const place = endpoint((i: PlaceOrder) => (i.qty > 3 ? fail(OutOfStock({ sku: i.sku })) : ok({ id: '1', sku: i.sku })))
const get = endpoint((i: { id: string }) => (i.id ? ok({ id: i.id, sku: 'a' }) : fail(NotFound())))
const ping = endpoint(() => ok({}))
declare const watch: Endpoint<{ readonly id: string }, Stream<Order>>
declare const upload: Endpoint<Stream<PlaceOrder, CallFailed>, t.Int>
declare const talk: Endpoint<Stream<PlaceOrder, CallFailed>, Stream<Order>>
const rest = { ping, watch, upload, talk }
export const impl = implement(Orders, { place, get, ...rest })
const served: Implementation = impl
export const several: readonly Implementation[] = [impl, served]
type Client = ClientOf<typeof Orders>
declare const client: Client
is<keyof Client, 'place' | 'get' | 'ping' | 'watch' | 'upload' | 'talk'>(true)
is<Client['place'], Endpoint<PlaceOrder, Order, OutOfStock | CallFailed>>(true)
is<Client['ping'], Endpoint<Nothing, Nothing, CallFailed>>(true)
is<Client['watch'], Endpoint<OrderId, Stream<Order, CallFailed>, CallFailed>>(true)
is<Client['upload'], Endpoint<Stream<PlaceOrder, CallFailed>, t.Int, OutOfStock | CallFailed>>(true)
is<Client['talk'], Endpoint<Stream<PlaceOrder, CallFailed>, Stream<Order, CallFailed>, CallFailed>>(true)

// -- a client is an implementation, with and without what owns its connections, with and without middlewares
export const gateway = implement(Orders, client)
declare const owned: Client & AsyncDisposable
export const proxy = implement(Orders, owned)
declare const breaker: Middleware<Failure<'CircuitOpen', 'unavailable'>>
export const guarded = implement(Orders, mapMethods(owned, breaker))
export const withMiddleware = implement(Orders, { place: breaker(place), get, ...rest })
export const inline = implement(Orders, {
  place: endpoint(async (i: PlaceOrder) =>
    i.qty > 3 ? fail(OutOfStock({ sku: i.sku })) : ok({ id: '1', sku: i.sku }),
  ),
  get,
  ...rest,
})

// -- handlers written where they are wrapped: input, context and failures are inferred there, too
export const wrapped = implement(
  Orders,
  mapMethods(
    {
      place: handler(Orders.methods.place, async (order, ctx) => {
        is<typeof order, PlaceOrder>(true)
        is<typeof ctx, Context>(true)
        return order.qty > 3 ? fail(OutOfStock({ sku: order.sku })) : ok({ id: '1', sku: order.sku })
      }),
      get: handler(Orders.methods.get, async ({ id }) => ok({ id, sku: 'a' })),
      ...rest,
    },
    breaker,
  ),
)

// -- what a service depends on: a client, whatever policies are around it, or the service itself
export const dependencies: readonly EndpointsOf<typeof Orders>[] = [
  client,
  owned,
  mapMethods(owned, breaker),
  { place, get, ...rest },
]
declare const dependency: EndpointsOf<typeof Orders>
export const again = implement(Orders, dependency)

// -- and what publishes: an endpoint for each event
declare const publishing: EventsOf<typeof Orders>
is<typeof publishing.placed, Endpoint<t.TypeOf<typeof OrderPlaced>, void, CallFailed | Infrastructure>>(true)
export const published: readonly EventsOf<typeof Orders>[] = [
  publishing,
  mapMethods(publishing, breaker),
  { placed: endpoint(async (_: t.TypeOf<typeof OrderPlaced>) => ok()) },
]

// -- handlers: everything from the method
declare const stock: { take(o: PlaceOrder): Promise<boolean>; find(id: string): Promise<Order | undefined> }
declare const save: (o: PlaceOrder) => Promise<Order>
const placed = handler(Orders.methods.place, async (order, ctx) => {
  is<typeof order, PlaceOrder>(true)
  is<typeof ctx, Context>(true)
  return (await stock.take(order)) ? ok(await save(order)) : fail(OutOfStock({ sku: order.sku }))
})
is<typeof placed, Endpoint<PlaceOrder, Order, OutOfStock>>(true)
const got = handler(Orders.methods.get, async ({ id }) => {
  const order = await stock.find(id)
  return order ? ok(order) : fail(NotFound())
})
is<typeof got, Endpoint<OrderId, Order, NotFound>>(true)
const watched = handler(Orders.methods.watch, async function* ({ id }, ctx) {
  while (!ctx.signal.aborted) yield ok({ id, sku: 'a' })
})
is<typeof watched, Endpoint<OrderId, Stream<Order>>>(true)
const uploaded = handler(Orders.methods.upload, async (orders) => {
  is<typeof orders, Stream<PlaceOrder, CallFailed>>(true)
  for await (const order of orders) if (order._tag === 'Left') return order
  return fail(OutOfStock({ sku: 'oak' }))
})
const talked = handler(Orders.methods.talk, async function* (orders) {
  for await (const order of orders) if (order._tag === 'Right') yield ok({ id: '1', sku: order.right.sku })
})
is<typeof talked, Endpoint<Stream<PlaceOrder, CallFailed>, Stream<Order>>>(true)
implement(Orders, { place: placed, get: got, ping, watch: watched, upload: uploaded, talk: talked })
const consumed = handler(Orders.methods.placed, async ({ id }) => (id === '' ? fail(NotFound()) : ok()))
is<typeof consumed, Endpoint<t.TypeOf<typeof OrderPlaced>, void, NotFound>>(true)

// -- a handler that calls another service: its failures forwarded, its Defect not in E
declare const inventory: Endpoint<OrderId, number, NotFound | CallFailed>
const getVia = handler(Orders.methods.get, async ({ id }, ctx) => {
  const found = await call(inventory, { id }, { parent: ctx })
  if (found._tag === 'Left') return found
  return ok({ id, sku: String(found.right) })
})
is<typeof getVia, Endpoint<OrderId, Order, NotFound | CallFailed>>(true)
implement(Orders, { place, get: getVia, ...rest })

// -- a handler that needs claims: R from the annotated context, discharged by one middleware over all methods
interface Claims {
  readonly sub: string
}
declare const verify: (token: string | undefined) => Promise<Claims | undefined>
const Unauthenticated = failure('Unauthenticated', 'unauthenticated')
const authenticate = guard(async (ctx) => {
  const claims = await verify(ctx.metadata.get('authorization'))
  return claims ? pass({ claims }) : refuse(Unauthenticated())
})
const placeFor = handler(Orders.methods.place, async (order, ctx: Context & { readonly claims: Claims }) =>
  ok({ id: ctx.claims.sub, sku: order.sku }),
)
is<typeof placeFor, Endpoint<PlaceOrder, Order, never, { readonly claims: Claims }>>(true)
implement(Orders, mapMethods({ place: placeFor, get, ...rest }, chain(authenticate, breaker)))

// -- bindings placed by hand, other options
contract(
  'shop.v1.Shop',
  {
    search: unary({
      input: t.intersection([t.strict({ tenant: t.string }), t.partial({ q: t.string, tags: t.array(t.string) })]),
      output: t.array(Order),
      http: { route: 'GET /v1/search', headers: { tenant: 'x-tenant' } },
      unknownKeys: { input: 'strip' },
    }),
    put: unary({
      input: t.strict({ id: t.string, order: Order, dry: t.boolean }),
      output: t.void,
      http: [{ route: 'PUT /v1/orders/{id}', query: ['dry'], body: 'order' }, 'POST /v1/orders:put'],
    }),
  },
  { unknownKeys: { output: 'refuse' } },
)

// -- a stream that can be resumed: an output's field is the id, an input's optional field takes it
const Since = t.intersection([OrderId, t.partial({ since: t.number, by: t.string })])
const Change = t.strict({ seq: t.number, sku: t.string })
export const resumable = serverStream({ input: Since, output: Change, resume: { id: 'seq', after: 'since' } })
export const byText = serverStream({
  input: Since,
  output: Change,
  failures: [NotFound],
  http: 'GET /v1/orders/{id}/changes',
  resume: { id: 'sku', after: 'by' },
})
is<typeof resumable, Method<'serverStream', t.TypeOf<typeof Since>, t.TypeOf<typeof Change>, readonly []>>(true)

// -- documents
const described = openapi([Orders], {
  info: { title: 'Shop', version: '1.0.0', license: { name: 'MIT', identifier: 'MIT' } },
  servers: ['/', { url: 'https://shop.test', description: 'for buyers' }],
  security: { token: { type: 'http', scheme: 'bearer' } },
  operationId: ({ contract, name }) => `${contract}_${name}`,
  undescribed: 'refuse',
})
is<typeof described, OpenApi>(true)
// What validators and others take.
export const anyJson: { readonly [key: string]: unknown } = described.document

// -- what transports use
is<Codecs<PlaceOrder, Order>, ReturnType<typeof codecs<typeof Orders.methods.place>>>(true)
