// What must compile, with exactly these types. Checked by test/promised-types.test.ts.
import {
  type CallFailed,
  contract,
  type FailureOf,
  failure,
  handler,
  implement,
  serverStream,
  unary,
} from '@tenon/contract'
import { type Context, call, type Endpoint, endpoint, extend, type Failure, fail, ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import {
  type Called,
  type Client,
  http,
  jsonrpc,
  type Peer,
  type ProxyRequest,
  type RequestListener,
  type ReverseProxy,
  type RpcError,
  type RpcMethod,
  type RpcNotifier,
  type RpcProvider,
} from '../src/index.ts'

type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const is = <A, B>(_: Eq<A, B>): void => {}

const OutOfStock = failure('OutOfStock', 'failed_precondition', t.strict({ sku: t.string }))
type OutOfStock = FailureOf<'OutOfStock', 'failed_precondition', { sku: string }>
const Orders = contract('shop.orders.v1.Orders', {
  place: unary({ input: t.strict({ sku: t.string }), output: t.number, failures: [OutOfStock] }),
  watch: serverStream({ input: t.strict({}), output: t.number }),
})
const orders = implement(Orders, {
  place: handler(Orders.methods.place, async ({ sku }) => (sku === '' ? fail(OutOfStock({ sku })) : ok(1))),
  watch: handler(Orders.methods.watch, async function* () {
    yield ok(1)
  }),
})

// -- a JSON-RPC server, of implementations or of methods by hand, is a listener like any other
const sum = endpoint(async ({ a, b }: { a: number; b: number }) => (a > b ? fail(OutOfStock({ sku: '' })) : ok(a + b)))
const method = jsonrpc.method({
  endpoint: sum,
  decode: (params, ctx) => {
    is<typeof params, object | undefined>(true)
    is<typeof ctx, Context & Called>(true)
    return Array.isArray(params) ? ok({ a: 1, b: 2 }) : fail<Failure>({ _tag: 'Odd', code: 'unknown', message: '' })
  },
  encode: (v) => {
    is<typeof v, number>(true)
    return { v }
  },
})
is<typeof method, RpcMethod>(true)
const listener = jsonrpc.server({ sum: method }, { encodeError: (_, error) => is<typeof error, RpcError>(true) })
is<typeof listener, RequestListener>(true)
export const served = http.serve(orders, {
  routes: { 'POST /rpc': jsonrpc.server(orders), 'POST /all': jsonrpc.server([orders, orders]), 'POST /sum': listener },
})

// -- what an endpoint needs of its context its last before hook provides; the call itself is always there
const provide: RpcProvider<{ readonly who: string }> = (ctx, { headers }) => extend(ctx, { who: headers.host ?? '' })
jsonrpc.method({
  endpoint: endpoint(async (_: undefined, ctx: Context & { readonly who: string }) => ok(ctx.who)),
  decode: () => ok(undefined),
  before: [() => {}, provide],
})
jsonrpc.method({
  endpoint: endpoint(async (_: undefined, ctx: Context & Called) => ok(ctx.rpc.method)),
  decode: () => ok(undefined),
})

// -- a client is the same record of endpoints over every wire, and an implementation
const url = 'http://127.0.0.1/rpc'
const client = jsonrpc.client(Orders, { url, batch: { window: 5 }, name: ({ name }) => name })
is<typeof client, Client<typeof Orders>>(true)
is<typeof client.place, Endpoint<{ sku: string }, number, OutOfStock | CallFailed>>(true)
export const gateway = jsonrpc.server(implement(Orders, client))

// -- a client by hand: without decode, inferred from it, and stated
is<ReturnType<typeof jsonrpc.client<{ a: number }>>, Endpoint<{ a: number }, unknown, CallFailed> & AsyncDisposable>(
  true,
)
const inferred = jsonrpc.client({
  url,
  method: 'sum',
  encode: (n: number) => [n],
  decode: ({ result, error }) =>
    error === undefined
      ? ok(Number(result))
      : error.code === 1
        ? fail(OutOfStock({ sku: '' }))
        : fail({ _tag: 'Odd', code: 'unknown', message: '' } as const),
})
is<
  typeof inferred,
  Endpoint<
    number,
    number,
    OutOfStock | { readonly _tag: 'Odd'; readonly code: 'unknown'; readonly message: '' } | CallFailed
  > &
    AsyncDisposable
>(true)
call(inferred, 7)

// -- notifications: of unary methods only, and they answer nothing
const notifier = jsonrpc.notifier(Orders, { url })
is<typeof notifier, RpcNotifier<typeof Orders>>(true)
is<keyof typeof notifier, 'place' | typeof Symbol.asyncDispose>(true)
is<typeof notifier.place, Endpoint<{ sku: string }, void, CallFailed>>(true)

// -- a reverse proxy: a url, or an endpoint whose needs the last before hook provides
is<ReturnType<typeof http.proxy>, ReverseProxy>(true)
export const plain: RequestListener & AsyncDisposable = http.proxy({
  url: 'https://a.test/base',
  tls: { pins: ['x'] },
  before: [http.stripPrefix('/api'), http.setRequestHeader('x-a', '1'), http.peerCertificate],
  after: http.setResponseHeader('x-b', ['2', '3']),
})
interface Tenant {
  readonly tenant: string
}
const tenants = endpoint(async (_: ProxyRequest, { tenant }: Context & Tenant) =>
  tenant === '' ? fail(OutOfStock({ sku: '' })) : ok(new URL(`https://${tenant}.test`)),
)
export const chosen = http.proxy({
  target: tenants,
  before: [
    http.setRequestHeader('x-a', '1'),
    (ctx: Context, { headers }) => extend(ctx, { tenant: String(headers.host) }),
  ],
})

// -- who a client is, by its certificate: for servers and for endpoints that need it
const known = endpoint(async (_: undefined, { peer }: Context & { readonly peer: Peer | undefined }) =>
  ok(peer?.uris ?? []),
)
export const guarded = http.server(known, { decode: http.noInput, before: http.peerCertificate })
export const crossing = http.cors({ origins: (origin) => origin.endsWith('.shop.test') }, guarded)
