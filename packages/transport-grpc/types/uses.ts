// What must compile, with exactly these types. Checked by test/promised-types.test.ts.
import type { handleUnaryCall, MethodDefinition } from '@grpc/grpc-js'
import {
  type CallFailed,
  clientStream,
  contract,
  duplex,
  event,
  type FailureOf,
  failure,
  handler,
  implement,
  serverStream,
  unary,
} from '@tenon/contract'
import { type Context, type Endpoint, endpoint, extend, fail, ok, type Stream } from '@tenon/endpoint'
import * as t from 'io-ts'
import { type Client, grpc, type Proto, type ProtoLock, type Running } from '../src/index.ts'

/** Are two types the same, as the compiler sees them? */
type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false
const same = <A, B>(_: Same<A, B>): void => undefined

const Gone = failure('Gone', 'not_found', t.strict({ id: t.string }))
type Gone = FailureOf<'Gone', 'not_found', { id: string }>
const Orders = contract('shop.orders.v1.Orders', {
  place: unary({ input: t.strict({ id: t.string }), output: t.number, failures: [Gone] }),
  watch: serverStream({ input: t.void, output: t.number, failures: [Gone] }),
  upload: clientStream({ input: t.string, output: t.number }),
  chat: duplex({ input: t.string, output: t.number }),
})

// A client has the calls, each with what its method declares and what befalls a call; streams are of values with failures.
const client = grpc.client(Orders, { address: 'localhost:9090', proto: ['a.proto', new URL('file:///b.proto')] })
same<typeof client, Client<typeof Orders>>(true)
export const place: Endpoint<{ id: string }, number, Gone | CallFailed> = client.place
export const watch: Endpoint<void, Stream<number, Gone | CallFailed>, Gone | CallFailed> = client.watch
export const upload: Endpoint<Stream<string, CallFailed>, number, CallFailed> = client.upload
export const chat: Endpoint<Stream<string, CallFailed>, Stream<number, CallFailed>, CallFailed> = client.chat

// It is an implementation: a gateway. Several contracts share a server, and none of their events is carried.
const Mail = contract('shop.mail.v1.Mail', {
  send: unary({ input: t.strict({ to: t.string }), output: t.void }),
  sent: event({ message: t.string }),
})
const mail = implement(Mail, { send: handler(Mail.methods.send, async () => ok()) })
export const gateway: Promise<Running> = grpc.serve([implement(Orders, client), mail], {
  health: { ready: () => true },
  tls: { cert: 'pem', key: Buffer.from('pem') },
  limits: { request: 'unbounded', message: 1024 },
})
const mailer = grpc.client(Mail, { address: 'localhost:9090', tls: true, timeout: 'unbounded' })
same<Exclude<keyof typeof mailer, symbol>, 'send'>(true)

// A proto, and the lock that keeps its numbers.
const printed: Proto = grpc.toProto(Orders)
export const lock: ProtoLock = grpc.toProto(Orders, printed.lock).lock

// The low level: the types are those of the codecs and of the service's definition.
declare const Sum: MethodDefinition<{ a: number; b: number }, { v: number }>
const sum = endpoint(async ([a, b]: readonly [number, number]) => ok(a + b))
export const handle: handleUnaryCall<{ a: number; b: number }, { v: number }> = grpc.server(sum, {
  decode: ({ a, b }: { a: number; b: number }) => ok([a, b] as const),
  encode: (v) => {
    same<typeof v, number>(true)
    return { v }
  },
  after: grpc.setResponseTrailer('served-by', 'sum-1'),
})
const remote = grpc.client({
  address: 'localhost:9090',
  method: Sum,
  encode: ([a, b]: readonly [number, number]) => ({ a, b }),
  decode: ({ v }) => (v < 0 ? fail({ _tag: 'Low', code: 'out_of_range', message: 'low' } as const) : ok(v)),
  decodeError: (failure) => {
    same<typeof failure.code extends string ? true : false, true>(true)
    return { _tag: 'Unavailable', code: 'unavailable', message: failure.message }
  },
})
type Low = { readonly _tag: 'Low'; readonly code: 'out_of_range'; readonly message: 'low' }
export const sums: Endpoint<readonly [number, number], number, Low | CallFailed> & AsyncDisposable = remote

// An endpoint that needs something of its context: the last hook before it provides that.
interface WithUser {
  readonly user: string
}
const greet = endpoint(async (name: string, ctx: Context & WithUser) => ok(`${ctx.user} greets ${name}`))
export const greeting: handleUnaryCall<{ name: string }, { text: string }> = grpc.server(greet, {
  decode: ({ name }: { name: string }) => ok(name),
  encode: (text) => ({ text }),
  before: (ctx, call) => extend(ctx, { user: call.peer }),
})
