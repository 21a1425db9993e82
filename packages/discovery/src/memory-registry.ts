// A registry in this process: for tests, for examples, and for services that live in one process.
import { type Clock, knownOptions, type OptionNames, systemClock, type TelemetryListener } from '@tenon/endpoint'
import type { Instance } from './instance.ts'
import { type Instancer, type InstanceSink, instancerOf } from './instancer.ts'
import type { KvCodec, KvKey, KvOptions } from './kv.ts'
import { kvKeyOf } from './kv-of.ts'
import type { Locking } from './lock.ts'
import { memoryKeys } from './memory-keys.ts'
import { memoryLocks } from './memory-locks.ts'
import type { Registrar } from './registrar.ts'
import { type RegistrationOptions, registrationOf } from './registration.ts'
import type { Registry } from './registry.ts'
import { registryParts } from './registry-parts.ts'
import type { Steadiness } from './steady.ts'

/**
 * A registry in this process. A registration needs no heartbeats; a lock has timers while it is held. Disposing ends what
 * was made with it.
 */
export interface MemoryRegistry extends Registry {
  /** Watches a service; one nobody registered for is known to be empty. */
  instancer(service: string, options?: Steadiness): Instancer
  /**
   * Registers with `start()`, deregisters with `drain()`. Another registration of the same id replaces this one, and is
   * not taken out when this one drains.
   *
   * @throws TypeError when the service has no name or the instance no address, or on a bad option.
   */
  registrar(registration: RegistrationOptions): Registrar
  /**
   * A key: JSON that the codec reads and writes, or, without one, a text.
   *
   * @throws TypeError for a bad key or option.
   */
  kv(key: string): KvKey<string>
  kv<A>(key: string, codec: KvCodec<A>, options?: KvOptions): KvKey<A>
}

/** Options of {@link memoryRegistry}. */
export interface MemoryRegistryOptions {
  /** The time of its locks, and of what is made with it. Default: the system's. */
  readonly clock?: Clock
  /** Hears what is made with it. Default: the diagnostics channel. */
  readonly onTelemetry?: TelemetryListener
}

const named: OptionNames<MemoryRegistryOptions> = { clock: true, onTelemetry: true }

/** Locks are held so many milliseconds when nothing is heard of the holder. */
const defaultTtl = 15_000

interface Shelf {
  readonly instances: Map<string, Instance>
  readonly sinks: Set<InstanceSink>
}

/** An empty registry; whoever shares the value shares the instances. */
export function memoryRegistry(options: MemoryRegistryOptions = {}): MemoryRegistry {
  knownOptions('memoryRegistry', options, named)
  const { clock = systemClock, onTelemetry } = options
  const locks = memoryLocks(clock)
  const keys = memoryKeys()
  const parts = registryParts()
  const shelves = new Map<string, Shelf>()
  const shelfOf = (service: string): Shelf => {
    const shelf: Shelf = shelves.get(service) ?? { instances: new Map(), sinks: new Set() }
    shelves.set(service, shelf)
    return shelf
  }
  const publish = ({ instances, sinks }: Shelf): void => {
    for (const sink of sinks) sink.set(instances.values())
  }

  const locking = (kind: string, key: string, given: Locking) => {
    const { ttl = defaultTtl, holder = `${kind}-${crypto.randomUUID().slice(0, 8)}` } = given
    return { clock, onTelemetry, ...given, key, ttl, port: () => locks.port(key, holder, ttl) }
  }

  return {
    instancer: (service, options) =>
      instancerOf({
        clock,
        ...options,
        service,
        onTelemetry,
        start(sink) {
          const shelf = shelfOf(service)
          shelf.sinks.add(sink)
          sink.set(shelf.instances.values())
          return () => void shelf.sinks.delete(sink)
        },
      }),
    registrar(given) {
      const { service, instance: registered, registering } = registrationOf('registrar', given)
      const { id } = registered
      return parts.registrar({
        clock,
        onTelemetry,
        ...registering,
        service,
        id,
        async register() {
          const shelf = shelfOf(service)
          shelf.instances.set(id, registered)
          publish(shelf)
        },
        async deregister() {
          const shelf = shelfOf(service)
          // Another registration of this id has taken its place.
          if (shelf.instances.get(id) !== registered) return
          shelf.instances.delete(id)
          publish(shelf)
        },
      })
    },
    lock: (key, given = {}) => parts.lock(locking('lock', key, given)),
    leader: (key, given = {}) => parts.leader(locking('leader', key, given)),
    kv: <A>(key: string, codec?: KvCodec<A>, options?: KvOptions) =>
      kvKeyOf<A, never>({ ...options, key, codec, port: keys.port(key), onTelemetry }),
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  }
}
