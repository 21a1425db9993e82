// What must compile, with exactly these types. Checked by test/promised-types.test.ts.
import { connect as connect3 } from '@nats-io/transport-node'
import {
  type CallFailed,
  contract,
  event,
  type FailureOf,
  failure,
  handler,
  implement,
  type Remote,
  serverStream,
  unary,
} from '@tenon/contract'
import { call, type Endpoint, endpoint, type Failure, fail, ok, type Stream } from '@tenon/endpoint'
import * as t from 'io-ts'
import { connect as connect2 } from 'nats'
import { type Client, type Consuming, type NatsConnection, nats, type Publisher, type Running } from '../src/index.ts'

/** Are two types the same, as the compiler sees them? */
type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false
const same = <A, B>(_: Same<A, B>): void => undefined

const Gone = failure('Gone', 'not_found', t.strict({ id: t.string }))
const Orders = contract('shop.orders.v1.Orders', {
  place: unary({ input: t.strict({ id: t.string }), output: t.number, failures: [Gone] }),
  watch: serverStream({ input: t.void, output: t.number }),
  placed: event({ message: t.strict({ id: t.string }) }),
})
type Gone = FailureOf<'Gone', 'not_found', { id: string }>

// Both generations of clients are connections, as they are.
export const old: NatsConnection = await connect2()
export const connection: NatsConnection = await connect3()

// A client has the calls, each with what its method declares and what befalls a call; events are not called.
const client = nats.client(Orders, { connection })
same<typeof client, Client<typeof Orders>>(true)
same<keyof typeof client & string, 'place' | 'watch'>(true)
export const place: Endpoint<{ id: string }, number, Gone | CallFailed> = client.place
export const watch: Endpoint<void, Stream<number, CallFailed>, CallFailed> = client.watch

// It is an implementation: a gateway.
export const gateway: Promise<Running> = nats.serve(implement(Orders, client), { connection })

// A publisher has the events, and nothing else.
const publisher = nats.publisher(Orders, { connection, id: () => 'one' })
same<typeof publisher, Publisher<typeof Orders>>(true)
same<keyof typeof publisher & string, 'placed'>(true)
same<typeof publisher.placed, Endpoint<{ id: string }, void, CallFailed>>(true)

// Handlers of events, some of them or all.
const placed = handler(Orders.methods.placed, async ({ id }) =>
  id === '' ? fail({ _tag: 'Empty', code: 'invalid_argument', message: 'no id' } as const) : ok(),
)
export const consuming: Promise<Consuming> = nats.consume(Orders, { placed }, { connection, durable: 'mail' })

// The low level: the types are those of the codecs.
const size = endpoint(async ({ s }: { s: string }) => ok(s.length))
export const running: Promise<Running> = nats.server(size, {
  connection,
  subject: 's',
  decode: nats.decodeJsonAs(t.strict({ s: t.string })),
})
const remote = nats.client({
  connection,
  subject: 's',
  encode: (input: { s: string }, request) => nats.encodeJson(input, request),
  decode: nats.readJsonAs(t.number),
})
export const sizes: Endpoint<{ s: string }, number, Remote | CallFailed> = remote
export const outcome = call(remote, { s: '' })
export type Any = Failure
