// Each numbered line must not compile, and its message must name the culprit. Checked by test/promised-types.test.ts; the messages
// stand in mistakes.txt.
import type { MethodDefinition } from '@grpc/grpc-js'
import { contract, event, handler, implement, serverStream, unary } from '@tenon/contract'
import { type Context, call, endpoint, ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { grpc } from '../src/index.ts'

const Orders = contract('shop.orders.v1.Orders', {
  place: unary({ input: t.strict({ id: t.string }), output: t.number }),
  watch: serverStream({ input: t.void, output: t.number }),
  placed: event({ message: t.strict({ id: t.string }) }),
})
const orders = implement(Orders, {
  place: handler(Orders.methods.place, async () => ok(1)),
  watch: handler(Orders.methods.watch, async function* () {
    yield ok(1)
  }),
})
declare const Sum: MethodDefinition<{ a: number }, { v: number }>
const double = endpoint(async (a: number) => ok(2 * a))
const whose = endpoint(async (_: number, ctx: Context & { readonly user: string }) => ok(ctx.user))
const address = 'localhost:9090'
const decode = ({ a }: { a: number }) => ok(a)
const encode = (v: number) => ({ v })
/*1*/ grpc.client(Orders, {})
/*2*/ grpc.client(Orders, { address, tsl: true })
/*3*/ grpc.client(Orders, { address, timeout: '5s' })
/*4*/ call(grpc.client(Orders, { address }).place, { id: 7 })
/*5*/ call(grpc.client(Orders, { address }).placed, { id: '' })
/*6*/ grpc.client(Orders, { address, tls: { key: 7 } })
/*7*/ grpc.serve(Orders)
/*8*/ grpc.serve(orders, { tls: { cert: 'pem' } })
/*9*/ grpc.serve(orders, { limits: { body: 1024 } })
/*10*/ grpc.serve(orders, { health: { ready: false } })
/*11*/ grpc.toProto(Orders, { version: 2, types: {} })
/*12*/ grpc.server(double, { decode })
/*13*/ grpc.server(double, { decode: ({ a }: { a: string }) => ok(a), encode })
/*14*/ grpc.server(double, { decode, encode: (v: string) => ({ v }) })
/*15*/ grpc.server(whose, { decode, encode: (v: string) => ({ v }) })
/*16*/ grpc.client({ address, method: Sum, encode: (a: number) => ({ b: a }), decode: ({ v }) => ok(v) })
/*17*/ grpc.client({ address, method: Sum, encode: (a: number) => ({ a }), decode: ({ w }) => ok(w) })
