// Watches a service in Consul.
import {
  type Instance,
  type Instancer,
  type InstanceSink,
  instancerOf,
  type SharedWatches,
  type Steadiness,
} from '@tenon/discovery'
import { knownOptions, type OptionNames, report } from '@tenon/endpoint'
import { entriesOf } from './entries.ts'
import { ConsulError } from './failure.ts'
import { nameOption, type Settings } from './options.ts'
import { type Reads, readsOption, wayOf } from './reads.ts'
import { watching } from './watching.ts'

/** Which instances of a service to watch. */
export interface ConsulInstancerOptions extends Steadiness {
  /**
   * Only those whose checks all pass. Default true. With `false` all of them come: one with a warning has the weight that
   * it registered for that, a critical one the weight 0.
   */
  readonly passing?: boolean
  /** Only those that have all of these tags. */
  readonly tags?: readonly string[]
  /** Only those that this expression of Consul's holds for: `Service.Meta.version == "2"`. Default: all. */
  readonly filter?: string
  /** Default: the registry's. */
  readonly datacenter?: string
  /** Default: the registry's. */
  readonly reads?: Reads
}

const named: OptionNames<ConsulInstancerOptions> = {
  passing: true,
  tags: true,
  filter: true,
  datacenter: true,
  reads: true,
  coalesce: true,
  protectEmpty: true,
  clock: true,
}

/** @throws TypeError or RangeError for a bad option. */
export function instancer(
  settings: Settings,
  watches: SharedWatches,
  service: string,
  options: ConsulInstancerOptions = {},
): Instancer {
  const { passing = true, tags = [], filter, reads = settings.reads, coalesce, protectEmpty } = options
  const where = `instancer of ${service}`
  if (nameOption('instancer', 'service', service) === undefined) throw new TypeError('instancer: "service" is a name')
  knownOptions(where, options, named)
  if (typeof passing !== 'boolean')
    throw new TypeError(`${where}: "passing" is true or false, and not ${String(passing)}`)
  if (!Array.isArray(tags)) throw new TypeError(`${where}: "tags" is a list of texts`)
  for (const [at, tag] of tags.entries()) nameOption(where, `tags[${at}]`, tag)
  readsOption(where, reads)
  const datacenter = nameOption(where, 'datacenter', options.datacenter) ?? settings.datacenter
  const what = `watching ${service}`
  const { origin } = settings.base
  const query: [string, string][] = [
    ...(passing ? [['passing', '1'] as [string, string]] : []),
    ...tags.map((tag): [string, string] => ['tag', tag]),
    ...(nameOption(where, 'filter', filter) === undefined ? [] : [['filter', filter as string] as [string, string]]),
    ...(datacenter === undefined ? [] : [['dc', datacenter] as [string, string]]),
  ]
  const path = `/health/service/${encodeURIComponent(service)}`
  const begin = (sink: InstanceSink): (() => Promise<void>) => {
    const tell = news((error) => report(settings.onTelemetry, { kind: 'discovery.error', service, error }))
    return watching<Heard>(
      settings,
      {
        what,
        read: { of: 'instances', name: service },
        reads,
        path,
        query,
        parse({ body, filtered }) {
          const { instances, refused } = entriesOf(body, what, origin)
          tell(refused)
          return { instances, filtered }
        },
      },
      {
        value({ instances, filtered }) {
          sink.set(instances)
          if (filtered) sink.fail(hidden(what))
        },
        fail: sink.fail,
      },
    )
  }
  return instancerOf({
    service,
    coalesce,
    protectEmpty,
    clock: options.clock ?? settings.clock,
    onTelemetry: settings.onTelemetry,
    start: watches.of(JSON.stringify([path, query, wayOf(reads)]), begin),
  })
}

interface Heard {
  readonly instances: readonly Instance[]
  readonly filtered: boolean
}

const hidden = (what: string): ConsulError =>
  new ConsulError(
    'denied',
    `${what}: Consul left out what the token may not read. Give "token" one with service:read and node:read`,
  )

/** What stays malformed is told once, and again when it was well in between. */
function news(tell: (error: Error) => void): (errors: readonly Error[]) => void {
  let before: ReadonlySet<string> = new Set()
  return (errors) => {
    for (const error of errors) if (!before.has(error.message)) tell(error)
    before = new Set(errors.map(({ message }) => message))
  }
}
