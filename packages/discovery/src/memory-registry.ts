// A registry in this process: for tests, for examples, and for services that live in one process.
import type { TelemetryListener } from '@tenon/endpoint'
import { type Instance, instance } from './instance.ts'
import { type Instancer, type InstanceSink, instancerOf } from './instancer.ts'
import type { Registrar, Registration } from './registrar.ts'
import type { Steadiness } from './steady.ts'

/** A registry in this process. It holds no timers and no connections: there is nothing to close. */
export interface MemoryRegistry {
  /** Watches a service; one nobody registered for is known to be empty. */
  instancer(service: string, options?: Steadiness): Instancer
  /**
   * Registers with `start()`, deregisters with `drain()`. Another registration of the same id replaces this one, and is
   * not taken out when this one drains.
   *
   * @throws TypeError when the service has no name or the instance no address.
   */
  registrar(registration: Registration): Registrar
}

/** Options of {@link memoryRegistry}. */
export interface MemoryRegistryOptions {
  /** Hears `discovery.set`. Default: the diagnostics channel. */
  readonly onTelemetry?: TelemetryListener
}

interface Shelf {
  readonly instances: Map<string, Instance>
  readonly sinks: Set<InstanceSink>
}

/** An empty registry; whoever shares the value shares the instances. */
export function memoryRegistry({ onTelemetry }: MemoryRegistryOptions = {}): MemoryRegistry {
  const shelves = new Map<string, Shelf>()
  const shelfOf = (service: string): Shelf => {
    const shelf: Shelf = shelves.get(service) ?? { instances: new Map(), sinks: new Set() }
    shelves.set(service, shelf)
    return shelf
  }
  const publish = ({ instances, sinks }: Shelf): void => {
    for (const sink of sinks) sink.set(instances.values())
  }

  return {
    instancer: (service, options) =>
      instancerOf({
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
    registrar({ service, ...fields }) {
      if (typeof service !== 'string' || service === '') throw new TypeError('registrar: "service" must be a name')
      const registered = instance({ ...fields, name: fields.name ?? service })
      const { id } = registered
      const drain = async (): Promise<void> => {
        const shelf = shelfOf(service)
        // Another registration of this id has taken its place.
        if (shelf.instances.get(id) !== registered) return
        shelf.instances.delete(id)
        publish(shelf)
      }
      return {
        name: `registration of ${service} ${id}`,
        announces: true,
        async start() {
          const shelf = shelfOf(service)
          shelf.instances.set(id, registered)
          publish(shelf)
        },
        drain,
        [Symbol.asyncDispose]: drain,
      }
    },
  }
}
