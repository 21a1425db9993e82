// Where the inventory's instances are found: in this process, or in a Consul or an etcd of the shop's own, which goes and
// comes back while the shop runs.
import {
  adaptiveHeartbeat,
  type Instancer,
  type MemoryRegistry,
  memoryRegistry,
  type Registrar,
  type Registration,
} from '@tenon/discovery'
import { consul, ttl } from '@tenon/discovery-consul'
import { etcd } from '@tenon/discovery-etcd'
import { consulServer, etcdServer, faultProxy, type RegistryServer } from '@tenon/example-registries'
import { constant } from '@tenon/policy'
import type { RegistryKind } from './options.ts'

/** An instance's place in the registry, over a line of its own. */
export interface Entry {
  /** Resolves when others can find it. */
  enter(): Promise<void>
  leave(signal: AbortSignal): Promise<void>
  /** As when its process dies: nothing more is heard of it. */
  cut(): Promise<void>
  /** What a registry does some time after a crash, where it cannot do so by itself. */
  evict(): Promise<void>
}

/** The shop's registry. Dispose it last. */
export interface ShopRegistry extends AsyncDisposable {
  /** For people: what it is, and where. */
  readonly says: string
  /** Does it notice by itself that an instance is gone? */
  readonly notices: boolean
  instancer(service: string): Instancer
  entry(registration: Registration): Promise<Entry>
  /** The server behind it. */
  readonly own?: {
    readonly name: string
    kill(): Promise<void>
    /** Starts it again after that: it knows nobody. Harmless where it runs. */
    start(): Promise<void>
  }
}

/** Starts a registry of this kind. Rejects where this machine has none. */
export async function openRegistry(kind: RegistryKind): Promise<ShopRegistry> {
  switch (kind) {
    case 'memory':
      return inProcess(memoryRegistry())
    case 'consul':
      return over(kind, await consulServer(), consulAt)
    case 'etcd':
      return over(kind, await etcdServer(), etcdAt)
  }
}

function inProcess(registry: MemoryRegistry): ShopRegistry {
  return {
    says: 'registry in this process',
    notices: false,
    instancer: (service) => registry.instancer(service),
    async entry(registration) {
      const registrar = registry.registrar(registration)
      return {
        enter: () => registrar.start(),
        leave: (signal) => registrar.drain({ signal }),
        async cut() {},
        evict: () => registrar.drain(),
      }
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** What the shop needs of a registry. */
interface Client extends AsyncDisposable {
  instancer(service: string, options: { readonly protectEmpty: number }): Instancer
  registrar(registration: Registration): Registrar
}

// Short, so that a run of seconds sees all of it: what is not heard of for two of them is gone.
const every = { retry: constant(250), delay: 250, heartbeat: adaptiveHeartbeat({ min: 250, max: 500 }) }

function consulAt(url: string): Client {
  const registry = consul({ url })
  return {
    instancer: (service, options) => registry.instancer(service, options),
    registrar: (registration) => registry.registrar({ ...registration, ...every, check: ttl({ ttl: 2_000 }) }),
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  }
}

function etcdAt(url: string): Client {
  const registry = etcd({ endpoints: [url] })
  return {
    instancer: (service, options) => registry.instancer(service, options),
    registrar: (registration) => registry.registrar({ ...registration, ...every, ttl: 2_000 }),
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  }
}

function over(name: string, server: RegistryServer, client: (url: string) => Client): ShopRegistry {
  const buyers = client(server.url)
  const lines = new Set<AsyncDisposable>()
  let up = true
  return {
    says: `registry ${name} at ${server.url}`,
    notices: true,
    // One that has just come back knows nobody: those that were known are good until they have said so again.
    instancer: (service) => buyers.instancer(service, { protectEmpty: 5_000 }),
    async entry(registration) {
      await using opening = new AsyncDisposableStack()
      const wire = opening.use(await faultProxy(server.url))
      const registrar = opening.use(client(wire.url)).registrar(registration)
      const line = opening.move()
      lines.add(line)
      const hangUp = (): Promise<void> => {
        lines.delete(line)
        return line.disposeAsync()
      }
      return {
        async enter() {
          await registrar.start()
          await registrar.registered()
        },
        async leave(signal) {
          await registrar.drain({ signal }).finally(hangUp)
        },
        async cut() {
          await wire[Symbol.asyncDispose]()
          await registrar.drain({ signal: AbortSignal.abort() }).catch(() => undefined)
          await hangUp()
        },
        async evict() {},
      }
    },
    own: {
      name,
      async kill() {
        up = false
        await server.kill()
      },
      async start() {
        if (up) return
        await server.restart({ empty: true })
        up = true
      },
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...lines].map((line) => line[Symbol.asyncDispose]()))
      await buyers[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}
