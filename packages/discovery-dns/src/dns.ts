// DNS as a registry: names are looked up for as long as somebody wants to know.
import { type Instancer, instancerOf, sharedWatches } from '@tenon/discovery'
import {
  type Clock,
  knownOptions,
  type OptionNames,
  type Random,
  report,
  systemClock,
  systemRandom,
  type TelemetryListener,
} from '@tenon/endpoint'
import { choiceOption, functionOption, numberOption } from '@tenon/policy'
import { asking } from './asking.ts'
import {
  type AddressInstancerOptions,
  type DnsInstancerOptions,
  type SrvInstancerOptions,
  watching,
} from './instancer.ts'
import { addressLookup, type Lookup, srvLookup } from './lookup.ts'
import { normalName } from './name.ts'
import { serverOf, systemServers } from './servers.ts'

/** When names are looked up again. Milliseconds. */
export interface RefreshOptions {
  /** Records may say that they hold for no time at all, as Consul's do: then so long. Above 0. Default 5,000. */
  readonly min?: number
  /** Records may say that they hold for days: then so long. At least `min`. Default 300,000. */
  readonly max?: number
  /** The part of the time that may be added, by chance, so that clients do not ask all at once: 0..1. Default 0.25. */
  readonly jitter?: number
}

/** Options of {@link dns}. */
export interface DnsOptions {
  /** IP addresses, with a port where it is not 53: `['127.0.0.1:8600']`. Asked in this order. Default: the system's. */
  readonly servers?: readonly string[]
  /** `udp`: TCP only for an answer that does not fit. `tcp`: where a server cuts without a word. Default `'udp'`. */
  readonly protocol?: 'udp' | 'tcp'
  /** Milliseconds for a server's answer. Above 0. Default 2,000. */
  readonly timeout?: number
  /** How often the servers are asked, one after the other, until a lookup counts as failed: 1 or more. Default 2. */
  readonly tries?: number
  /** Questions that are out at once: 1 or more. Default 32. */
  readonly concurrency?: number
  readonly refresh?: RefreshOptions
  readonly clock?: Clock
  readonly random?: Random
  /** Hears `discovery.set` and `discovery.error`. Default: the diagnostics channel. */
  readonly onTelemetry?: TelemetryListener
}

/** Names in DNS as services. Disposing ends all lookups; instancers keep what they know, and say that it is old. */
export interface DnsRegistry extends AsyncDisposable {
  /**
   * Watches a name, in full, as no search domain is added: its SRV records (`_http._tcp.orders.example`, Consul's
   * `orders.service.consul`), or with `port` its addresses. A name that does not exist is known to be empty. All who
   * watch the same name in the same way share one lookup.
   *
   * @throws TypeError or RangeError on a bad name or option.
   */
  instancer(name: string, options?: DnsInstancerOptions): Instancer
}

const named: OptionNames<DnsOptions> = {
  servers: true,
  protocol: true,
  timeout: true,
  tries: true,
  concurrency: true,
  refresh: true,
  clock: true,
  random: true,
  onTelemetry: true,
}
const refreshNamed: OptionNames<RefreshOptions> = { min: true, max: true, jitter: true }
const steadiness = { coalesce: true, protectEmpty: true, clock: true } as const
const srvNamed: OptionNames<SrvInstancerOptions> = { ...steadiness, port: true, atLeast: true, family: true, url: true }
const addressNamed: OptionNames<AddressInstancerOptions> = { ...steadiness, port: true, family: true }
const families: readonly unknown[] = ['any', 4, 6]

/**
 * A registry that asks DNS.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function dns(options: DnsOptions = {}): DnsRegistry {
  const where = 'dns'
  knownOptions(where, options, named)
  const { servers, protocol = 'udp', timeout = 2_000, tries = 2, concurrency = 32, refresh = {}, onTelemetry } = options
  const { clock = systemClock, random = systemRandom } = options
  if (servers !== undefined && (!Array.isArray(servers) || servers.length === 0))
    throw new TypeError(`${where}: "servers" must be a list of IP addresses`)
  choiceOption(where, 'protocol', protocol, ['udp', 'tcp'])
  numberOption(where, 'timeout', timeout, { above: 0, unit: 'milliseconds' })
  numberOption(where, 'tries', tries, { min: 1, whole: true })
  numberOption(where, 'concurrency', concurrency, { min: 1, whole: true })
  knownOptions(`${where}: refresh`, refresh, refreshNamed)
  const { min = 5_000, max = Math.max(min, 300_000), jitter = 0.25 } = refresh
  numberOption(where, 'refresh.min', min, { above: 0, unit: 'milliseconds' })
  numberOption(where, 'refresh.max', max, { min, unit: 'milliseconds' })
  numberOption(where, 'refresh.jitter', jitter, { min: 0, max: 1 })

  const given = servers?.map(serverOf)
  const ask = asking({ servers: () => given ?? systemServers(), protocol, timeout, tries, concurrency, clock })
  const watches = sharedWatches()

  function lookupOf(service: string, options: DnsInstancerOptions): { readonly key: string; readonly lookup: Lookup } {
    const name = normalName(service)
    const at = `instancer of ${service}`
    const { family = 'any' } = options
    if (!families.includes(family)) throw new TypeError(`${at}: "family" must be one of "any", 4, 6`)
    if (options.port !== undefined) {
      knownOptions(at, options, addressNamed)
      const port = numberOption(at, 'port', options.port, { min: 1, max: 65_535, whole: true })
      return { key: `${name} ${family} ${port}`, lookup: addressLookup(ask, name, port, family) }
    }
    knownOptions(at, options, srvNamed)
    const { atLeast = 1, url } = options
    numberOption(at, 'atLeast', atLeast, { min: 1, max: Number.POSITIVE_INFINITY, whole: true })
    if (url !== undefined) functionOption(at, 'url', url)
    const amiss = (error: unknown): void => report(onTelemetry, { kind: 'discovery.error', service, error })
    return {
      // Functions are only the same when they are the same value.
      key: `${name} ${family} srv ${atLeast} ${url === undefined ? '' : numberOf(url)}`,
      lookup: srvLookup(ask, name, { family, atLeast, url, amiss }),
    }
  }

  const numbers = new WeakMap<object, number>()
  let count = 0
  function numberOf(value: object): number {
    const number = numbers.get(value) ?? ++count
    numbers.set(value, number)
    return number
  }

  return {
    instancer(service, options = {}) {
      const { key, lookup } = lookupOf(service, options)
      const { coalesce, protectEmpty } = options
      return instancerOf({
        service,
        coalesce,
        protectEmpty,
        clock: options.clock ?? clock,
        onTelemetry,
        start: watches.of(key, watching(lookup, { min, max, jitter, clock, random })),
      })
    },
    [Symbol.asyncDispose]: () => watches[Symbol.asyncDispose](),
  }
}
