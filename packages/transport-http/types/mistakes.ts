// Each numbered line must not compile, and its message must name the culprit. Checked by test/promised-types.test.ts; the messages
// stand in mistakes.txt.
import { contract, serverStream, unary } from '@tenon/contract'
import { type Context, call, endpoint, ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { http, jsonrpc, type ProxyRequest } from '../src/index.ts'

const Orders = contract('shop.orders.v1.Orders', {
  place: unary({ input: t.strict({ sku: t.string }), output: t.number }),
  watch: serverStream({ input: t.strict({}), output: t.number }),
})
const sum = endpoint(async ({ a }: { a: number }) => ok(a))
const needy = endpoint(async (_: undefined, ctx: Context & { readonly who: string }) => ok(ctx.who))
const decode = () => ok({ a: 1 })
const url = 'http://127.0.0.1/rpc'
const tenants = endpoint(async (_: ProxyRequest, ctx: Context & { readonly tenant: string }) => ok(ctx.tenant))
/*1*/ jsonrpc.method({ endpoint: sum, decode: () => ok({ a: 'text' }) })
/*2*/ jsonrpc.method({ endpoint: sum, decode, encode: (v: string) => v })
/*3*/ jsonrpc.method({ endpoint: needy, decode: () => ok(undefined) })
/*4*/ jsonrpc.server({ sum: { endpoint: sum, decode } })
/*5*/ jsonrpc.server({ sum })
/*6*/ jsonrpc.client(Orders, {})
/*7*/ call(jsonrpc.client(Orders, { url }).place, { sku: 7 })
/*8*/ jsonrpc.client(Orders, { url, batch: { size: 20 } })
/*9*/ jsonrpc.client(Orders, { url, codes: { [-32005]: 'teapot' } })
/*10*/ call(jsonrpc.notifier(Orders, { url }).watch, {})
/*11*/ http.serve([], { routes: { 'POST /rpc': Orders } })
/*12*/ http.proxy({ target: tenants })
/*13*/ http.proxy({ target: tenants, before: [http.peerCertificate] })
/*14*/ http.proxy({ url, target: endpoint(async () => ok(url)) })
/*15*/ http.proxy({ target: endpoint(async () => ok(7)) })
/*16*/ http.proxy({ url, host: 'rewrite' })
/*17*/ http.serve([], { tls: { cert: 'PEM' } })
/*18*/ http.serve([], { cors: { origins: url } })
/*19*/ http.serve([], { cors: { credentials: true } })
