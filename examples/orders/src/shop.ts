// The shop put together: servers, clients, faults and buyers as the services of one app.
import { health, type Service } from '@tenon/app'
import { endpointerOf, type InstanceListener } from '@tenon/discovery'
import { mapMethods, subscribe, systemClock, timeout } from '@tenon/endpoint'
import { seeded } from '@tenon/endpoint/testing'
import { metrics } from '@tenon/metrics'
import { http } from '@tenon/transport-http'
import { about } from './about.ts'
import { type Order, Orders } from './contracts.ts'
import { inventoryClient, patient, type Seen } from './dependencies.ts'
import { schedule } from './faults.ts'
import { member } from './fleet.ts'
import { load } from './load.ts'
import { mailer } from './mailer.ts'
import { messaging } from './messaging.ts'
import type { Options } from './options.ts'
import { orders } from './orders.ts'
import { charged, type Ledger, payments } from './payments.ts'
import { openRegistry } from './registry.ts'
import { restartable } from './restartable.ts'
import { stock } from './stock.ts'
import { type Summary, summaryOf } from './summary.ts'
import { tally } from './tally.ts'
import { undoing } from './undoing.ts'
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

/** `tell` hears of what happens, when it does. */
export async function openShop(
  { duration, rate, port, faults, seed, nats, registry: kind }: Options,
  tell: (text: string) => void = () => {},
): Promise<Shop> {
  // What is open when a later step fails is closed; else it is the shop's.
  await using opened = new AsyncDisposableStack()
  const clock = systemClock
  const measured = metrics()
  opened.use(measured.listen())
  const counted = tally()
  const events: string[] = []
  let start = clock.now()
  let finished: number | undefined
  const elapsed = (): number => (finished ?? clock.now()) - start
  const note = (text: string): void => {
    const line = `${(elapsed() / 1_000).toFixed(1).padStart(5)} s  ${text}`
    events.push(line)
    tell(line)
  }
  const counts = { retries: 0, transitions: 0, dead: 0 }
  opened.use(
    subscribe(
      (event) => {
        if (event.kind === 'retry.attempt') counts.retries++
        if (event.kind === 'consumer.message' && event.result === 'dead') counts.dead++
        if (event.kind === 'breaker.transition') {
          counts.transitions++
          note(`breaker ${event.breaker}: ${event.from} -> ${event.to}`)
        }
      },
      ['retry.attempt', 'consumer.message', 'breaker.transition'],
    ),
  )

  // The services, from the last in line to the first.
  const around = measured.red({ side: 'server' })
  const messages = opened.use(await messaging(nats))
  const letters = mailer()
  const mailing = restartable('mailer', () => messages.consume(letters.handlers))
  const ledger: Ledger = new Map()
  const paying = restartable('payments', () => messages.serve(payments(ledger, around)))
  const registry = opened.use(await openRegistry(kind))
  const shelves = stock(goods, clock.now)
  const fleet = { registry, stock: shelves, random: seeded(seed), around }
  const members = [member('inventory-1', fleet), member('inventory-2', fleet), member('inventory-3', fleet)] as const
  const seen = new Map<string, Seen>()
  const instances = opened.use(registry.instancer('inventory'))
  const inventory = opened.use(inventoryClient(instances, measured, seen))
  const charging = opened.use(mapMethods(messages.payments(), patient()))
  const announcing = opened.use(mapMethods(messages.events(), patient()))
  const kept = new Map<string, Order>()
  const undo = undoing({ clock })
  const service = orders({ inventory, payments: charging, events: announcing }, { kept, undoing: undo }, around)
  const ordersServer = opened.use(await http.serve(service, { port, openapi: about('Orders') }))
  const buying = opened.use(http.client(Orders, { url: ordersServer.url }))
  const probes = health({ port: 0, routes: { '/metrics': measured.handler } })

  const stopping = new AbortController()
  const { signal } = stopping
  const warehouse: Service = {
    name: 'inventory',
    start: async () => void (await Promise.all(members.map((one) => one.start()))),
    drain: async ({ signal }) => void (await Promise.all(members.map((one) => one.retire(signal)))),
  }
  const post: Service = {
    name: 'mailer',
    start: () => mailing.start(),
    async drain({ signal: late }) {
      // A mailer that stops may leave the rest to the next one. Here is none: what was announced is read to the end.
      while (letters.announced !== kept.size && !late.aborted) await clock.sleep(10, late)
      await mailing.drain({ signal: late })
    },
  }
  const trouble = async (): Promise<void> => {
    const victims = {
      inventory: members,
      payments: paying,
      mailer: messages.durable ? mailing : undefined,
      nats: messages.own,
      registry,
    }
    for (const { at, what, happen } of schedule(victims)) {
      await clock.sleep(start + at * duration - clock.now(), signal)
      if (signal.aborted) break
      note(what)
      await happen()
    }
    // Whoever stops early stops in the middle of some trouble: its end is not to be played with half a shop.
    await Promise.all([messages.own?.start(), registry.own?.start()])
    await Promise.all([paying.start(), mailing.start()])
  }
  let over: Promise<unknown> = Promise.resolve()
  let listening: Disposable | undefined
  const { promise: soldOut, resolve: sellOut, reject: broken } = Promise.withResolvers<void>()
  const sales: Service = {
    name: 'buyers',
    finished: soldOut,
    async start() {
      // Buyers come when the shop knows its inventory.
      await endpointerOf(inventory).ready({ atLeast: members.length })
      start = clock.now()
      // The one in this process hears at once what was just told.
      if (registry.own !== undefined) listening = instances.subscribe(told(note))
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
        return over.then(() => sellOut(), broken)
      })
    },
    async drain() {
      stopping.abort()
      listening?.[Symbol.dispose]()
      await over
      finished ??= clock.now()
    },
  }
  const open = opened.move()

  return {
    // Each needs those before it.
    services: [probes, post, paying, warehouse, charging, announcing, inventory, undo, ordersServer, buying, sales],
    picture: () => ({
      elapsed: elapsed(),
      duration,
      tally: counted,
      retries: counts.retries,
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
      others: { payments: paying.state, mailer: mailing.state, announced: letters.announced, undoing: undo.pending },
      events: events.slice(-6),
      urls: [
        `shop ${ordersServer.url}/v1/orders`,
        `docs ${ordersServer.url}/docs`,
        ...(probes.url === undefined ? [] : [`metrics ${probes.url}/metrics`, `health ${probes.url}/readyz`]),
        messages.says,
        registry.says,
      ],
    }),
    summary: () =>
      summaryOf(
        counted,
        elapsed(),
        {
          kept: kept.size,
          charged: charged(ledger),
          reserved: shelves.reservations,
          announced: letters.announced,
          pending: undo.pending,
        },
        { ...counts, undone: undo.undone, repeated: letters.repeated },
      ),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

/** Tells who came and went, as the buyers' side hears it. */
function told(note: (text: string) => void): InstanceListener {
  let before: readonly string[] = []
  return ({ instances }) => {
    if (instances === undefined) return
    const now = instances.map(({ id }) => id)
    const gone = before.filter((id) => !now.includes(id))
    const come = now.filter((id) => !before.includes(id))
    before = now
    if (gone.length > 0) note(`the registry has lost ${gone.join(', ')}`)
    if (come.length > 0) note(`the registry has found ${come.join(', ')}`)
  }
}
