// The shop put together: servers, clients, faults and buyers as the services of one app.
import { health, type Service } from '@tenon/app'
import { memoryRegistry } from '@tenon/discovery'
import { mapMethods, subscribe, systemClock, timeout } from '@tenon/endpoint'
import { seeded } from '@tenon/endpoint/testing'
import { metrics } from '@tenon/metrics'
import { retry } from '@tenon/retry'
import { http } from '@tenon/transport-http'
import { about } from './about.ts'
import { type Order, Orders, Payments } from './contracts.ts'
import { inventoryClient, type Seen } from './dependencies.ts'
import { schedule } from './faults.ts'
import { member } from './fleet.ts'
import { load } from './load.ts'
import type { Options } from './options.ts'
import { orders } from './orders.ts'
import { type Ledger, payments } from './payments.ts'
import { stock } from './stock.ts'
import { type Summary, summaryOf } from './summary.ts'
import { tally } from './tally.ts'
import type { Picture } from './view.ts'

/** The shop: what `run` runs, what one sees of it, and what came of it. */
export interface Shop extends AsyncDisposable {
  readonly services: readonly (Service | AsyncDisposable)[]
  picture(): Picture
  summary(): Summary
}

const goods = {
  oak: { at: 1e6, perSecond: 0 },
  ash: { at: 1e6, perSecond: 0 },
  elm: { at: 1e6, perSecond: 0 },
  // Scarce: some of its buyers are told OutOfStock, which no breaker counts and no retry repeats.
  yew: { at: 20, perSecond: 10 },
}

export async function openShop({ duration, rate, port, faults, seed }: Options): Promise<Shop> {
  const clock = systemClock
  const measured = metrics()
  const listening = measured.listen()
  const counted = tally()
  const events: string[] = []
  let start = clock.now()
  let finished: number | undefined
  const elapsed = (): number => (finished ?? clock.now()) - start
  const note = (text: string): void => void events.push(`${(elapsed() / 1_000).toFixed(1).padStart(5)} s  ${text}`)
  let retries = 0
  let transitions = 0
  const watching = subscribe(
    (event) => {
      if (event.kind === 'retry.attempt') retries++
      if (event.kind === 'breaker.transition') {
        transitions++
        note(`breaker ${event.breaker}: ${event.from} -> ${event.to}`)
      }
    },
    ['retry.attempt', 'breaker.transition'],
  )

  // The services, from the last in line to the first.
  const around = measured.red({ side: 'server' })
  const ledger: Ledger = new Map()
  const paymentsServer = await http.serve(payments(ledger, around), { openapi: about('Payments') })
  const registry = memoryRegistry()
  const shelves = stock(goods, clock.now)
  const fleet = { registry, stock: shelves, random: seeded(seed), around }
  const members = [member('inventory-1', fleet), member('inventory-2', fleet), member('inventory-3', fleet)] as const
  const seen = new Map<string, Seen>()
  const instances = registry.instancer('inventory')
  const inventory = inventoryClient(instances, measured, seen)
  const paying = mapMethods(http.client(Payments, { url: paymentsServer.url }), retry())
  const kept = new Map<string, Order>()
  const ordersServer = await http
    .serve(orders({ inventory, payments: paying }, kept, around), { port, openapi: about('Orders') })
    .catch(async (cause: unknown) => {
      // The port is taken: what is open already would keep the process.
      for (const open of [inventory, paying, paymentsServer, instances]) await open[Symbol.asyncDispose]()
      throw cause
    })
  const buying = http.client(Orders, { url: ordersServer.url })
  const probes = health({ port: 0, routes: { '/metrics': measured.handler } })

  const stopping = new AbortController()
  const { signal } = stopping
  const warehouse: Service = {
    name: 'inventory',
    start: async () => void (await Promise.all(members.map((one) => one.start()))),
    drain: async ({ signal }) => void (await Promise.all(members.map((one) => one.retire(signal)))),
  }
  const trouble = async (): Promise<void> => {
    for (const { at, what, happen } of schedule(members)) {
      await clock.sleep(start + at * duration - clock.now(), signal)
      if (signal.aborted) return
      note(what)
      await happen()
    }
  }
  let over: Promise<unknown> = Promise.resolve()
  const { promise: soldOut, resolve: sellOut } = Promise.withResolvers<void>()
  const sales: Service = {
    name: 'buyers',
    finished: soldOut,
    start() {
      start = clock.now()
      const place = timeout(3_000)(buying.place)
      const arriving = load({
        place,
        rate,
        skus: [...'oooaaaeey'].map((s) => ({ o: 'oak', a: 'ash', e: 'elm', y: 'yew' })[s] as string),
        random: seeded(seed + 1),
        clock,
        tally: counted,
        signal,
      })
      over = Promise.all([arriving, faults ? trouble() : undefined])
      const second = setInterval(() => counted.tick(), 1_000)
      void clock.sleep(duration, signal).then(() => {
        stopping.abort()
        clearInterval(second)
        return over.then(
          () => sellOut(),
          () => sellOut(),
        )
      })
    },
    async drain() {
      stopping.abort()
      await over
      finished ??= clock.now()
    },
  }

  return {
    services: [probes, paymentsServer, warehouse, paying, inventory, ordersServer, buying, sales],
    picture: () => ({
      elapsed: elapsed(),
      duration,
      tally: counted,
      retries,
      instances: members.map(({ name, state }) => {
        const one = seen.get(name)
        return {
          name,
          state,
          address: one?.address ?? '',
          breaker: one?.circuit.state() ?? '',
          inFlight: one?.inFlight ?? 0,
          calls: one?.calls ?? 0,
          failed: one?.failed ?? 0,
        }
      }),
      events: events.slice(-6),
      urls: [
        `shop ${ordersServer.url}/v1/orders`,
        `docs ${ordersServer.url}/docs`,
        ...(probes.url === undefined ? [] : [`metrics ${probes.url}/metrics`, `health ${probes.url}/readyz`]),
      ],
    }),
    summary: () =>
      summaryOf(
        counted,
        elapsed(),
        { kept: kept.size, charged: ledger.size, reserved: shelves.reservations },
        { retries, transitions },
      ),
    async [Symbol.asyncDispose]() {
      await instances[Symbol.asyncDispose]()
      watching[Symbol.dispose]()
      listening[Symbol.dispose]()
    },
  }
}
