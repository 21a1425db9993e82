// A thousand watches on one registry: what wakes or frees them all must not become a flood.
import type { FaultProxy } from '@tenon/example-registries'
import { type Fault, had, pass } from '../harness/fault.ts'
import { each } from '../harness/raw.ts'
import { entryOf, type Stage, stage } from '../harness/stage.ts'
import { type Watched, watched } from '../harness/watched.ts'

/** Milliseconds: all of the clients, their network and the registry share the machine, which has all to do at once. */
const within = 5_000

/** Services that each of the clients watches. */
const services = 10

export const crowds: readonly Fault[] = [
  {
    name: '1,000 watches of 100 clients waking at once',
    until: 'each has seen a new instance',
    within,
    async run(backend, scale) {
      await using on = await stage(backend, { services })
      await using crowd = await gather(on, scale.crowd(100))
      const fresh = await seenByAll(on, crowd.all, 'new')
      return { felt: await on.felt(), had: had(on), fresh, wrong: [] }
    },
  },
  {
    name: '1,000 watches of 100 clients, and the registry killed and back',
    until: 'each has seen a new instance',
    within,
    mayFail: {
      kinds: ['NoEndpoints (empty)'],
      why: 'a registry that keeps nothing knows of none until the instances are back',
    },
    async run(backend, scale) {
      await using on = await stage(backend, { services })
      await using crowd = await gather(on, scale.crowd(100))
      await on.server.kill()
      await pass(scale.outage)
      const meanwhile = had(on)
      const arrivals = arriving(on.network)
      await on.server.restart()
      await on.putAll()
      const fresh = await seenByAll(on, crowd.all, 'new')
      const share = Math.round(100 * arrivals.most())
      return {
        felt: await on.felt(),
        had: `${meanwhile}; of the connections that came then, the busiest tenth of a second saw ${share} %`,
        fresh,
        wrong: [],
      }
    },
  },
]

/** So many clients more, each with a registry and watches of its own. */
async function gather(on: Stage, clients: number): Promise<AsyncDisposable & { readonly all: readonly Watched[] }> {
  await using held = new AsyncDisposableStack()
  const all: Watched[] = []
  // A few at a time: in truth a hundred processes do not start within the same second on one machine.
  await each(
    Array.from({ length: clients }),
    async () => {
      const client = held.use(on.backend.open(on.network.url))
      const own = on.services.map(({ service }) => held.use(watched(client.instancer(service), on.world)))
      await Promise.all(own.map(({ until }) => until(({ instances }) => instances?.length === 3)))
      all.push(...own)
    },
    8,
  )
  const standing = held.move()
  return { all, [Symbol.asyncDispose]: () => standing.disposeAsync() }
}

async function seenByAll(on: Stage, all: readonly Watched[], name: string): Promise<readonly number[]> {
  const written = new Map<string, number>()
  await each(on.services, async ({ service }) => {
    await on.put(service, entryOf(service, name, 8_100))
    written.set(service, performance.now())
  })
  return Promise.all(
    all.map(async ({ service, until }) => {
      const { id } = entryOf(service, name, 8_100)
      const seen = await until(({ instances }) => instances?.some((one) => one.id === id) ?? false)
      return Math.max(0, seen - (written.get(service) ?? 0))
    }),
  )
}

/** Watches how many connections come, from now on: what share of them came in the busiest tenth of a second. */
function arriving(network: FaultProxy): { most(): number } {
  const counts: number[] = [network.opened]
  const timer = setInterval(() => counts.push(network.opened), 10)
  return {
    most() {
      clearInterval(timer)
      const tenths = counts.map((count, at) => count - (counts[Math.max(0, at - 10)] as number))
      return Math.max(...tenths) / Math.max(1, network.opened - (counts[0] as number))
    },
  }
}
