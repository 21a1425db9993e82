// Watches the instances of a service. All who ask for one service share one watch, whatever their options.
import { type Instance, type Instancer, type InstanceSink, instancerOf, type Steadiness } from '@tenon/discovery'
import { knownOptions, type OptionNames, report } from '@tenon/endpoint'
import { functionOption } from '@tenon/policy'
import type { EtcdError } from './etcd-error.ts'
import { type Entry, follow } from './follow.ts'
import { type Decode, decode as decodeAny, instancesOf, serviceKey } from './layout.ts'
import type { Links } from './links.ts'

/** Options of `instancer`. */
export interface EtcdInstancerOptions extends Steadiness {
  /**
   * What a value says. Default: what this package writes, plain addresses and URLs, and what Kratos and go-micro write. One that
   * throws leaves out that entry.
   */
  readonly decode?: Decode | undefined
}

const named: OptionNames<EtcdInstancerOptions> = { decode: true, coalesce: true, protectEmpty: true, clock: true }

/** Makes instancers of services. */
export type Instancers = (service: string, options?: EtcdInstancerOptions) => Instancer

export function instancersOf(links: Links): Instancers {
  const { clock, onTelemetry } = links.options
  const watches = new Map<Decode, Map<string, Watch>>()
  return (service, options = {}) => {
    if (typeof service !== 'string' || service === '') throw new TypeError('instancer: "service" must be a name')
    const where = `instancer of ${service}`
    knownOptions(where, options, named)
    const { decode = decodeAny, ...steadiness } = options
    functionOption(where, 'decode', decode)
    const all = watches.get(decode) ?? new Map<string, Watch>()
    watches.set(decode, all)
    return instancerOf({
      clock,
      ...steadiness,
      service,
      onTelemetry,
      start(sink) {
        const watch = all.get(service) ?? begin(links, service, decode, () => all.delete(service))
        all.set(service, watch)
        return watch.join(sink)
      },
    })
  }
}

/** A watch that is shared while somebody listens. */
interface Watch {
  /** Tells what is known at once. Call what it answers to leave; the last one ends it. */
  join(sink: InstanceSink): () => void
}

function begin(links: Links, service: string, decode: Decode, over: () => void): Watch {
  const { prefix, onTelemetry } = links.options
  const key = serviceKey(prefix, service)
  const sinks = new Set<InstanceSink>()
  /** What was read of each entry as it was then. */
  let read = new Map<string, { readonly entry: Entry; readonly instances: readonly Instance[] }>()
  let known: readonly Instance[] | undefined
  let error: EtcdError | undefined

  function instancesIn(entry: Entry): readonly Instance[] {
    try {
      return instancesOf(decode, key, entry.key, entry.value)
    } catch (cause) {
      report(onTelemetry, { kind: 'discovery.error', service, error: cause })
      return []
    }
  }

  let stop: (() => void) | undefined
  return {
    join(sink) {
      sinks.add(sink)
      stop ??= follow(
        links,
        { what: `watching ${service}`, key, prefix: true },
        {
          set(entries) {
            const now: typeof read = new Map()
            const instances: Instance[] = []
            for (const [name, entry] of entries) {
              const before = read.get(name)
              // One entry among thousands changes: the others are read already, and what is malformed was told.
              const one = before?.entry.value.equals(entry.value) ? before : { entry, instances: instancesIn(entry) }
              now.set(name, one)
              instances.push(...one.instances)
            }
            read = now
            known = instances
            error = undefined
            for (const each of sinks) each.set(instances)
          },
          fail(cause) {
            error = cause
            for (const each of sinks) each.fail(cause)
          },
        },
      )
      if (known !== undefined) sink.set(known)
      if (error !== undefined) sink.fail(error)
      return () => {
        if (!sinks.delete(sink) || sinks.size > 0) return
        over()
        stop?.()
      }
    },
  }
}
