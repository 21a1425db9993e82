// Watches the instances of a service. All who ask for one service share one watch, whatever their options.
import {
  type Instance,
  type Instancer,
  type InstanceSink,
  instancerOf,
  type SharedWatches,
  type Steadiness,
} from '@tenon/discovery'
import { knownOptions, type OptionNames, report } from '@tenon/endpoint'
import { functionOption } from '@tenon/policy'
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

export function instancersOf(links: Links, watches: SharedWatches): Instancers {
  const { clock, onTelemetry } = links.options
  // Each way to read has a watch of its own.
  const ways = new WeakMap<Decode, number>()
  let last = 0
  return (service, options = {}) => {
    if (typeof service !== 'string' || service === '') throw new TypeError('instancer: "service" must be a name')
    const where = `instancer of ${service}`
    knownOptions(where, options, named)
    const { decode = decodeAny, ...steadiness } = options
    functionOption(where, 'decode', decode)
    const way = ways.get(decode) ?? ++last
    ways.set(decode, way)
    const start = watches.of(`${way} ${service}`, (sink) => begin(links, service, decode, sink))
    return instancerOf({ clock, ...steadiness, service, onTelemetry, start })
  }
}

function begin(links: Links, service: string, decode: Decode, sink: InstanceSink): () => void {
  const { prefix, onTelemetry } = links.options
  const key = serviceKey(prefix, service)
  /** What was read of each entry as it was then. */
  let read = new Map<string, { readonly entry: Entry; readonly instances: readonly Instance[] }>()

  function instancesIn({ key: name, value }: Entry): readonly Instance[] {
    try {
      return instancesOf(decode, key, name, value)
    } catch (error) {
      report(onTelemetry, { kind: 'discovery.error', service, error })
      return []
    }
  }

  return follow(
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
        sink.set(instances)
      },
      fail: sink.fail,
    },
  )
}
