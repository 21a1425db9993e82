// Each numbered line must not compile, and its message must name the culprit. Checked by test/promised-types.test.ts; the messages
// stand in mistakes.txt.
import { contract, event, handler, unary } from '@tenon/contract'
import { call, endpoint, ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { type NatsConnection, nats } from '../src/index.ts'

const Orders = contract('shop.orders.v1.Orders', {
  place: unary({ input: t.strict({ id: t.string }), output: t.number }),
  placed: event({ message: t.strict({ id: t.string }) }),
})
const { place, placed } = Orders.methods
const size = endpoint(async ({ s }: { s: string }) => ok(s.length))
const decode = nats.decodeJsonAs(t.strict({ s: t.string }))
declare const connection: NatsConnection
const mail = { connection, durable: 'mail' }
/*1*/ nats.client(Orders, {})
/*2*/ nats.client(Orders, { connection: { publish: () => {} } })
/*3*/ call(nats.client(Orders, { connection }).place, { id: 7 })
/*4*/ call(nats.client(Orders, { connection }).placed, { id: '' })
/*5*/ call(nats.publisher(Orders, { connection }).place, { id: '' })
/*6*/ call(nats.publisher(Orders, { connection }).placed, { id: 7 })
/*7*/ nats.consume(Orders, { placed: handler(placed, async () => ok()) }, { connection })
/*8*/ nats.consume(Orders, { place: handler(place, async () => ok(1)) }, mail)
/*9*/ nats.consume(Orders, { placed: size }, mail)
/*10*/ nats.server(size, { connection, decode })
/*11*/ nats.server(size, { connection, subject: 's', decode: nats.decodeJsonAs(t.number) })
/*12*/ nats.server(size, { connection, subject: 's', decode, encode: (_: string) => {} })
