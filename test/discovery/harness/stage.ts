// A registry, a network before it, our client behind that, and some services with three instances each that are called all the time.
import type { Registry, Steadiness } from '@tenon/discovery'
import { type FaultProxy, faultProxy, type RegistryServer } from '@tenon/example-registries'
import type { Backend, Entry } from './backend.ts'
import { each } from './raw.ts'
import { addressOf, type Felt, steadily, type Watched, watched } from './watched.ts'

/** How much of it. */
export interface Scale {
  /** Services at once; each is a watch of its own. */
  readonly services: number
  /** Milliseconds that what breaks stays broken. */
  readonly outage: number
  /** How often it is done. */
  readonly times: number
  /** How many of what comes in crowds: instances, watchers. */
  readonly crowd: (many: number) => number
}

export interface Staging extends Steadiness {
  readonly durable?: boolean
  readonly hasty?: boolean
  /** The registry is not there when the services begin, and knows of none. */
  readonly absent?: boolean
  /** Changes that the registry has seen before: what is registered then has a higher index. Default 0. */
  readonly aged?: number
  /** Instances register themselves, by our registrars, and are not written by hand. */
  readonly registering?: boolean
}

export interface Stage extends AsyncDisposable {
  readonly backend: Backend
  readonly server: RegistryServer
  readonly network: FaultProxy
  readonly client: Registry
  readonly services: readonly Watched[]
  /** Addresses at which somebody answers. */
  readonly world: Set<string>
  /** The instances that services begin with. */
  entries(service: string): readonly Entry[]
  /** Writes an instance, which then answers calls, straight into the registry. */
  put(service: string, entry: Entry): Promise<void>
  /** Writes for each service what it begins with. */
  putAll(): Promise<void>
  /** Writes one more for each service and answers how long each took to be seen, from `since` or its writing, whichever was later. */
  fresh(id: string, since: number): Promise<readonly number[]>
  /** What callers felt so far; they go on. */
  felt(): Promise<Felt>
}

/** An instance of a service (`shop-7`) by its name and port: at an address that no other service has. */
export const entryOf = (service: string, name: string, port: number): Entry => ({
  id: `${service}-${name}`,
  host: `10.0.${service.slice('shop-'.length)}.7`,
  port,
})

/** Everything in its place: each service is seen with its three instances. */
export async function stage(
  backend: Backend,
  { services: count }: Pick<Scale, 'services'>,
  how: Staging = {},
): Promise<Stage> {
  const { durable = false, hasty = false, absent = false, registering = false, aged = 0, ...steadiness } = how
  await using held = new AsyncDisposableStack()
  const server = held.use(await backend.start({ durable }))
  const network = held.use(await faultProxy(server.url))
  const client = held.use(backend.open(network.url, { hasty }))
  const world = new Set<string>()
  const names = Array.from({ length: count }, (_, n) => `shop-${n}`)
  const entries = (service: string): readonly Entry[] =>
    ['a', 'b', 'c'].map((name, n) => entryOf(service, name, 8_001 + n))
  const put = async (service: string, entry: Entry): Promise<void> => {
    world.add(addressOf(entry))
    await backend.put(server.url, service, entry)
  }
  const all = names.flatMap((service) => entries(service).map((entry) => ({ service, entry })))
  const putAll = (): Promise<void> => each(all, ({ service, entry }) => put(service, entry))
  const registerAll = (): Promise<void> =>
    each(all, async ({ service, entry }) => {
      world.add(addressOf(entry))
      await held.use(client.registrar({ service, id: entry.id, address: addressOf(entry) })).start()
    })
  await each(Array.from({ length: aged }), () => backend.age(server.url))
  if (absent) await server.kill()
  else if (registering) await registerAll()
  else await putAll()
  const services = names.map((service) => held.use(watched(client.instancer(service, steadiness), world)))
  if (!absent) await Promise.all(services.map((service) => service.until(({ instances }) => instances?.length === 3)))
  let calling = steadily(services)
  held.defer(async () => {
    await calling.stop()
  })
  const standing = held.move()
  return {
    backend,
    server,
    network,
    client,
    services,
    world,
    entries,
    put,
    putAll,
    async fresh(id, since) {
      const taken: number[] = []
      await each(services, async ({ service, until }) => {
        const entry = entryOf(service, id, 8_100)
        await put(service, entry)
        const written = Math.max(since, performance.now())
        const seen = await until(({ instances }) => instances?.some((one) => one.id === entry.id) ?? false)
        taken.push(Math.max(0, seen - written))
      })
      return taken
    },
    async felt() {
      const felt = await calling.stop()
      calling = steadily(services)
      return felt
    },
    [Symbol.asyncDispose]: () => standing.disposeAsync(),
  }
}
