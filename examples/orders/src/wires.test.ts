// One order over three wires and a stream of events, on a real nats-server: what crosses them, and what becomes of an order
// when one of them is down.
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '@nats-io/transport-node'
import {
  byMethod,
  call,
  chain,
  clockOf,
  guard,
  type Metadata,
  type Middleware,
  mapMethods,
  middleware,
  pass,
  pause,
} from '@tenon/endpoint'
import { metrics } from '@tenon/metrics'
import { http } from '@tenon/transport-http'
import { afterEach, describe, expect, it } from 'vitest'
import { startNats } from '../../../packages/transport-nats/test/nats-server.ts'
import { type Order, Orders, type PlaceOrder } from './contracts.ts'
import { inventoryClient, patient } from './dependencies.ts'
import { member } from './fleet.ts'
import { mailer } from './mailer.ts'
import { messaging } from './messaging.ts'
import { natsServer } from './nats-server.ts'
import { orders } from './orders.ts'
import { charged, type Ledger, payments } from './payments.ts'
import { openRegistry } from './registry.ts'
import { restartable } from './restartable.ts'
import { stock } from './stock.ts'
import { undoing } from './undoing.ts'

const url = process.env.TENON_TEST_NATS

const closing: AsyncDisposableStack[] = []
afterEach(async () => {
  for (const each of closing.splice(0)) await each.disposeAsync()
})

/** What a server saw of a call. */
interface Sight {
  readonly where: string
  readonly metadata: Metadata
  /** Milliseconds that it had left. */
  readonly left: number
}

interface Given {
  /** Around the methods of the inventory, and of payments. */
  readonly inventory?: Middleware
  readonly payments?: Middleware
  readonly nats?: string
  /** Does the mailer run? Default: true. */
  readonly mailer?: boolean
}

const nothing = guard(() => pass())

/** A shop whose parts are at hand. */
async function shop(given: Given = {}) {
  const open = new AsyncDisposableStack()
  closing.push(open)
  const seen: Sight[] = []
  const seeing = (where: string): Middleware =>
    guard((ctx) => {
      seen.push({ where, metadata: ctx.metadata, left: ctx.deadline - clockOf(ctx).now() })
      return pass()
    })
  const messages = open.use(await messaging(given.nats ?? url))
  const letters = mailer()
  const post = restartable('mailer', () => messages.consume(mapMethods(letters.handlers, seeing('mailer'))))
  const ledger: Ledger = new Map()
  const desk = restartable('payments', () =>
    messages.serve(payments(ledger, chain(seeing('payments'), given.payments ?? nothing))),
  )
  if (given.mailer !== false) await post.start()
  await desk.start()
  for (const each of [post, desk]) open.defer(() => each.kill())
  const registry = await openRegistry('memory')
  const shelves = stock({ oak: { at: 10, perSecond: 0 } }, () => 0)
  const one = member('inventory-1', {
    registry,
    stock: shelves,
    random: () => 0.5,
    around: chain(seeing('inventory'), given.inventory ?? nothing),
  })
  await one.start()
  open.defer(() => one.kill())
  const inventory = open.use(inventoryClient(registry.instancer('inventory'), metrics(), new Map()))
  const kept = new Map<string, Order>()
  const undo = undoing()
  open.defer(() => undo.drain({ signal: AbortSignal.abort() }))
  const dependencies = {
    inventory,
    payments: open.use(mapMethods(messages.payments(), patient())),
    events: open.use(mapMethods(messages.events(), patient())),
  }
  const service = orders(dependencies, { kept, undoing: undo }, seeing('orders'))
  const server = open.use(await http.serve(service))
  const client = open.use(http.client(Orders, { url: server.url }))
  return {
    seen,
    messages,
    letters,
    post,
    desk,
    one,
    place: (order: Partial<PlaceOrder>, options: Parameters<typeof call>[2] = {}) =>
      call(client.place, { requestId: 'a', sku: 'oak', quantity: 1, card: 'good', ...order }, options),
    /** All that the services hold, once nothing waits to be undone. */
    books: () => ({
      kept: kept.size,
      charged: charged(ledger),
      reserved: shelves.reservations,
      announced: letters.announced,
      pending: undo.pending,
    }),
  }
}

const books = (each: number) => ({ kept: each, charged: each, reserved: each, announced: each, pending: 0 })
/** The last try may still be under way when the time is over. */
const unreached = { left: { code: expect.stringMatching(/^(unavailable|deadline_exceeded)$/) } }
const failed = (tag: string) => ({ _tag: 'Left', left: expect.objectContaining({ _tag: tag }) })

/** Hangs where this method has been done, and is to be answered, until it is told to stop. */
function hanging(name: string) {
  const [doing, stopped] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const around: Middleware = middleware((next) => async (input, ctx) => {
    const outcome = await next(input, ctx)
    doing.resolve()
    await pause(ctx, 60_000)
    stopped.resolve()
    return outcome
  })
  return {
    around: byMethod((method) => (method?.name === name ? around : nothing)),
    done: doing.promise,
    stopped: stopped.promise,
  }
}

describe.skipIf(url === undefined)('an order over HTTP, gRPC and NATS', () => {
  it('given a request id, a trace and a deadline, when it is placed, then all who work on it see the same', async () => {
    const { seen, place, books: held } = await shop()
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const metadata = { 'x-request-id': 'mine', traceparent, 'x-secret': 'for orders alone' }
    expect(await place({}, { timeout: 2_000, metadata })).toMatchObject({
      right: { id: 'a', reservedAt: 'inventory-1' },
    })
    await expect.poll(held).toEqual(books(1))
    // A busy machine may need another attempt somewhere: the last of each counts.
    const sights = [...new Map(seen.map((sight) => [sight.where, sight])).values()]
    expect(
      sights.map(({ where, metadata }) => [where, metadata.get('x-request-id'), metadata.get('traceparent')]),
    ).toEqual(['orders', 'inventory', 'payments', 'mailer'].map((where) => [where, 'mine', traceparent]))
    expect(sights.map(({ metadata }) => metadata.has('x-secret'))).toEqual([true, false, false, false])
    const [first, second, third] = sights.map(({ left }) => left) as [number, number, number]
    expect(first).toBeLessThanOrEqual(2_000)
    // An attempt at the inventory has half a second of its own; payments has what is left of the whole.
    expect(second).toBeLessThanOrEqual(500)
    expect(third).toBeLessThanOrEqual(first)
    expect(third).toBeGreaterThan(500)
  })

  it.each([
    ['inventory', 'reserve'],
    ['payments', 'charge'],
  ] as const)(
    'given a buyer who leaves while %s works, then that is told to stop, and what it did is undone',
    async (where, name) => {
      const { around, done, stopped } = hanging(name)
      const { place, books: held } = await shop({ [where]: around })
      const leaving = new AbortController()
      const placed = place({}, { signal: leaving.signal })
      await done
      leaving.abort()
      expect(await placed).toEqual(failed('Cancelled'))
      await stopped
      await expect.poll(held).toEqual(books(0))
    },
  )

  it('given a deadline that passes in payments, then the buyer hears so in time, payments stops, and nothing is lost', async () => {
    const { around, stopped } = hanging('charge')
    const { place, books: held } = await shop({ payments: around })
    const start = performance.now()
    expect(await place({}, { timeout: 1_000 })).toEqual(failed('DeadlineExceeded'))
    expect(performance.now() - start).toBeLessThan(2_000)
    await stopped
    await expect.poll(held).toEqual(books(0))
  })

  it('given one id, when it is placed again, then it is one order; of one that was undone, that is said', async () => {
    const { place, desk, books: held } = await shop()
    const first = await place({})
    expect([await place({}), await place({ quantity: 5 })]).toEqual([first, first])
    await desk.kill()
    expect(await place({ requestId: 'b' }, { timeout: 1_000 })).toMatchObject(unreached)
    await desk.start()
    await expect.poll(held).toEqual(books(1))
    expect(await place({ requestId: 'b' })).toEqual(failed('OrderUndone'))
  })
})

describe.skipIf(url === undefined)('an order while something is down', () => {
  it('given an inventory that is down, then that is said at once, and what may have been reserved is released later', async () => {
    const { place, one, books: held } = await shop()
    await one.kill()
    const start = performance.now()
    expect(await place({})).toMatchObject({ left: { code: 'unavailable' } })
    expect(performance.now() - start).toBeLessThan(2_000)
    expect(held()).toEqual({ ...books(0), pending: 1 })
    await one.evict()
    await one.start()
    await expect.poll(held, { timeout: 10_000 }).toEqual(books(0))
    expect(await place({ requestId: 'b' })).toMatchObject({ right: { id: 'b' } })
  })

  it('given payments that is back before the deadline, then the order goes through', async () => {
    const { place, desk, books: held } = await shop()
    await desk.kill()
    const placed = place({}, { timeout: 5_000 })
    await sleep(100)
    await desk.start()
    expect(await placed).toMatchObject({ right: { id: 'a' } })
    await expect.poll(held).toEqual(books(1))
  })

  it('given payments that dies when it has charged and not answered, then the charge is given back', async () => {
    const { around, done } = hanging('charge')
    const { place, desk, books: held } = await shop({ payments: around })
    const placed = place({}, { timeout: 2_000 })
    await done
    expect(held()).toMatchObject({ charged: 1, reserved: 1 })
    await desk.kill()
    expect(await placed).toMatchObject(unreached)
    await desk.start()
    await expect.poll(held, { timeout: 10_000 }).toEqual(books(0))
  })

  it('given nothing that keeps events, then no order is placed: the buyer hears so, the money is back, and the rest waits', async () => {
    const { place, post, books: held } = await shop({ mailer: false })
    expect(await place({}, { timeout: 1_000 })).toMatchObject(unreached)
    await expect.poll(held).toEqual({ ...books(0), pending: 1 })
    await post.start()
    await expect.poll(held, { timeout: 10_000 }).toEqual(books(0))
  })

  it('given a NATS server that is killed and comes back, then orders fail clearly meanwhile, and no money is lost', async () => {
    const own = await natsServer()
    if (own === undefined) throw new Error('there was one a moment ago')
    const { place, books: held } = await shop({ nats: own.address })
    // After the shop, which needs it to the end.
    const last = new AsyncDisposableStack()
    last.use(own)
    closing.push(last)
    expect(await place({})).toMatchObject({ right: { id: 'a' } })
    await expect.poll(held).toEqual(books(1))
    await own.kill()
    const start = performance.now()
    expect(await place({ requestId: 'b' }, { timeout: 1_000 })).toMatchObject(unreached)
    expect(performance.now() - start).toBeLessThan(2_000)
    await own.start()
    await expect.poll(held, { timeout: 10_000 }).toEqual(books(1))
    expect(await place({ requestId: 'c' })).toMatchObject({ right: { id: 'c' } })
    await expect.poll(held).toEqual(books(2))
  })
})

describe.skipIf(url === undefined)('an order while NATS stands still', () => {
  it('given that, then the buyer hears so by the deadline, and when it goes on, all is undone, and the next order goes through', async () => {
    const stalled = await startNats()
    if (stalled === undefined) throw new Error('there was one a moment ago')
    const { place, books: held } = await shop({ nats: stalled.url })
    const last = new AsyncDisposableStack()
    last.use(stalled)
    closing.push(last)
    const connection = await connect({ servers: stalled.url })
    last.defer(() => connection.close())
    stalled.signal('SIGSTOP')
    // The signal takes effect when the system finds the time for it.
    const still = () => Promise.race([connection.flush().then(() => false), sleep(300).then(() => true)])
    await expect.poll(still, { timeout: 5_000 }).toBe(true)
    const start = performance.now()
    expect(await place({}, { timeout: 500 })).toEqual(failed('DeadlineExceeded'))
    expect(performance.now() - start).toBeLessThan(1_500)
    stalled.signal('SIGCONT')
    await expect.poll(held, { timeout: 10_000 }).toEqual(books(0))
    expect(await place({ requestId: 'b' })).toMatchObject({ right: { id: 'b' } })
    await expect.poll(held).toEqual(books(1))
  })
})

describe.skipIf(url === undefined)('the mailer', () => {
  it('given an event that is none, then it is among the dead letters, and those after it are heard', async () => {
    const { place, messages, books: held } = await shop()
    const [, prefix] = /subjects (\S+)\.>/.exec(messages.says) ?? []
    const connection = await connect({ servers: url as string })
    try {
      const of = (what: string) => `${prefix}.shop.orders.v1.Orders.${what}.orderPlaced`
      await connection.request(of('events'), JSON.stringify({ id: 'a' }))
      expect(await place({})).toMatchObject({ right: { id: 'a' } })
      await expect.poll(held).toEqual(books(1))
      const last = JSON.stringify({ last_by_subj: of('dead') })
      const dead = async () => (await connection.request(`$JS.API.STREAM.MSG.GET.${prefix}-events`, last)).json()
      await expect.poll(dead).toMatchObject({ message: { data: btoa(JSON.stringify({ id: 'a' })) } })
    } finally {
      await connection.close()
    }
  })

  it('given events that come while it is stopped, then it hears them when it is back', async () => {
    const { place, post, letters, books: held } = await shop()
    await post.drain()
    expect(await place({})).toMatchObject({ right: { id: 'a' } })
    expect(letters.announced).toBe(0)
    await post.start()
    await expect.poll(held).toEqual(books(1))
  })

  it('given events more than once, and of an order the end before the beginning, then it counts orders', async () => {
    const letters = mailer()
    const { handlers } = letters
    const order = { id: 'a', sku: 'oak', quantity: 1, reservedAt: 'inventory-1', receipt: 'receipt-1' }
    for (const id of ['a', 'b', 'b']) await call(handlers.orderPlaced, { ...order, id })
    for (const id of ['c', 'b', 'b']) await call(handlers.orderUndone, { id })
    await call(handlers.orderPlaced, { ...order, id: 'c' })
    expect([letters.announced, letters.repeated]).toEqual([1, 2])
  })
})
