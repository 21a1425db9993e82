// What carries payments and events: NATS, or where there is none this process itself. The services do not see which.
import { randomBytes } from 'node:crypto'
import { connect } from '@nats-io/transport-node'
import { type ClientOf, type Implementation, unavailable } from '@tenon/contract'
import { call, type Endpoint, endpoint, type Failure, fail, ok } from '@tenon/endpoint'
import { Unable } from '@tenon/example-command'
import { exponential } from '@tenon/policy'
import { memory, wire } from '@tenon/transport-memory'
import { type EventHandlers, nats, type Publisher } from '@tenon/transport-nats'
import { Orders, Payments } from './contracts.ts'
import { type NatsServer, natsServer } from './nats-server.ts'

type Handlers = EventHandlers<typeof Orders.methods>

interface Runs {
  drain(options: { readonly signal: AbortSignal }): Promise<void>
}

/** The part of the shop that is not HTTP or gRPC. Dispose it last. */
export interface Messaging extends AsyncDisposable {
  /** For people: what it is, and where. */
  readonly says: string
  /** Are events kept while nobody takes them? */
  readonly durable: boolean
  /** The nats-server, where it is ours: it may be killed. */
  readonly own?: NatsServer
  serve(payments: Implementation): Promise<Runs>
  payments(): ClientOf<typeof Payments> & AsyncDisposable
  events(): Publisher<typeof Orders>
  consume(handlers: Handlers): Promise<Runs>
}

/** Over the NATS server at `given`, else over one of our own, else within this process. Rejects where `given` is not there. */
export async function messaging(given: string | undefined): Promise<Messaging> {
  if (given !== undefined) return overNats(given)
  try {
    const own = await natsServer()
    return own === undefined ? inProcess('no nats-server here') : await overNats(own.address, own)
  } catch (cause) {
    return inProcess((cause as Error).message)
  }
}

async function overNats(address: string, own?: NatsServer): Promise<Messaging> {
  const connection = await connect({
    servers: address,
    name: 'shop',
    reconnectTimeWait: 100,
    maxReconnectAttempts: -1,
    timeout: 5_000,
  }).catch(async (cause: unknown) => {
    await own?.[Symbol.asyncDispose]()
    throw new Unable(`no NATS server answers at ${address}: ${(cause as Error).message}`)
  })
  // A server that is not ours may have a shop already: nothing of theirs is to come to us.
  const prefix = `shop-${randomBytes(3).toString('hex')}`
  const stream = { name: `${prefix}-events` }
  return {
    says: `nats ${address}, subjects ${prefix}.>`,
    durable: true,
    ...(own !== undefined && { own }),
    serve: (payments) => nats.serve(payments, { connection, prefix }),
    payments: () => nats.client(Payments, { connection, prefix }),
    events: () => nats.publisher(Orders, { connection, prefix }),
    consume: (handlers) =>
      nats.consume(Orders, handlers, {
        connection,
        prefix,
        stream,
        durable: 'mailer',
        // What a mailer that died was at comes again after this. More than the longest that a letter takes.
        ackWait: 2_000,
        backoff: exponential({ from: 100, to: 5_000 }),
      }),
    async [Symbol.asyncDispose]() {
      // With a server of our own, the store goes with it.
      if (own === undefined)
        await connection.request(`$JS.API.STREAM.DELETE.${stream.name}`, '', { timeout: 1_000 }).catch(() => undefined)
      await connection.close()
      await own?.[Symbol.asyncDispose]()
    },
  }
}

/** Payments over the memory transport; an event goes straight into its handler, because nothing here would keep it. */
function inProcess(why: string): Messaging {
  const link = wire('payments')
  let taking: Handlers = {}
  const into = <A>(of: () => Endpoint<A, unknown, Failure> | undefined) =>
    endpoint(async (event: A, ctx) => {
      const handler = of()
      if (handler === undefined) return fail(unavailable('nobody takes events'))
      const outcome = await call(handler, event, { parent: ctx })
      return outcome._tag === 'Right' ? ok() : fail(unavailable(outcome.left.message))
    })
  return {
    says: `${why}: payments over the memory transport, events straight to the mailer`,
    durable: false,
    serve: (payments) => memory.serve(payments, { wire: link }),
    payments: () => memory.client(Payments, { wire: link }),
    events: () => ({
      orderPlaced: into(() => taking.orderPlaced),
      orderUndone: into(() => taking.orderUndone),
      [Symbol.asyncDispose]: async () => {},
    }),
    async consume(handlers) {
      taking = handlers
      return {
        async drain() {
          taking = {}
        },
      }
    },
    [Symbol.asyncDispose]: async () => {},
  }
}
