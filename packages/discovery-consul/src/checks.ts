// How Consul knows that an instance is well: it says so itself (TTL), or Consul asks it (HTTP, gRPC, TCP).
import type { Instance } from '@tenon/discovery'
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { choiceOption, functionOption, numberOption } from '@tenon/policy'

/** What a check says. Consul leaves out what is critical; what warns it gives less weight, and to those who ask for it. */
export type CheckState = 'passing' | 'warning' | 'critical'

/** Times of a check that have proven themselves, in milliseconds: `httpCheck({ ...checkTimes.patient })`. */
export const checkTimes: {
  /** Asked every 10 s with 5 s to answer, taken out of the catalog after 90 s: forgives a pause, notices a hang in 15 s. */
  readonly patient: { readonly every: 10_000; readonly timeout: 5_000; readonly deregisterAfter: 90_000 }
  /** Asked every 10 s with 2 s to answer. */
  readonly strict: { readonly every: 10_000; readonly timeout: 2_000 }
} = {
  patient: { every: 10_000, timeout: 5_000, deregisterAfter: 90_000 },
  strict: { every: 10_000, timeout: 2_000 },
}

interface Common {
  /**
   * Milliseconds of being critical after which Consul takes the instance out of its catalog, at least 60,000; its reaper
   * comes by every 30 s. Default 90,000. `'never'`: it stays, critical.
   */
  readonly deregisterAfter?: number | 'never'
}

/** Options of {@link ttl}. */
export interface TtlOptions extends Common {
  /** How often it says that it is well, in milliseconds. Default: the registrar's `heartbeat`, 1,000 to 5,000. */
  readonly every?: number
  /** Milliseconds after which it is critical when it says nothing. Default: three times the longest wait between two heartbeats. */
  readonly ttl?: number
  /** What it says of itself, asked for each heartbeat. What throws or rejects is `'critical'`. Default: `'passing'`. */
  readonly state?: () => CheckState | Promise<CheckState>
}

interface Asking extends Common {
  /** Milliseconds between two; at least 1,000. Default 10,000. */
  readonly every?: number
  /** Milliseconds for the answer. Default 5,000. */
  readonly timeout?: number
  /** What it is until it was first asked, up to `every` later. Default `'passing'`: who registers is ready. */
  readonly initially?: CheckState
  /** Successes in a row until it passes. Default 1. */
  readonly successes?: number
  /** Failures in a row until it is critical. Default 1. */
  readonly failures?: number
}

/** Options of {@link httpCheck}. A status of 2xx passes, 429 is a warning, all else is critical. */
export interface HttpCheckOptions extends Asking {
  /** Where. Default: the instance's URL with its `healthPath`, else `/health`. */
  readonly url?: string
  /** Default `'GET'`. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Default false: the certificate must be valid. */
  readonly skipVerify?: boolean
}

/** Options of {@link grpcCheck}: gRPC's standard health service. */
export interface GrpcCheckOptions extends Asking {
  /** `host:port`. Default: the instance's address. */
  readonly address?: string
  /** The service that is asked for. Default: the server as a whole. */
  readonly service?: string
  /** Default false. */
  readonly tls?: boolean
  /** Default false: the certificate must be valid. */
  readonly skipVerify?: boolean
}

/** Options of {@link tcpCheck}: who accepts a connection is well, even if it hangs. */
export interface TcpCheckOptions extends Asking {
  /** `host:port`. Default: the instance's address. */
  readonly address?: string
}

/** A check, as `registrar` takes it. Made by `ttl`, `httpCheck`, `grpcCheck` and `tcpCheck`. */
export interface Check {
  readonly kind: 'ttl' | 'http' | 'grpc' | 'tcp'
  /** Of a TTL: milliseconds between two heartbeats, its time to live, and what it says of itself. */
  readonly every?: number | undefined
  readonly ttl?: number | undefined
  readonly state?: (() => CheckState | Promise<CheckState>) | undefined
  /** What Consul is told; `live` is the time to live of a TTL that does not say its own. */
  definition(instance: Instance, live: number): Readonly<Record<string, unknown>>
}

const states: readonly CheckState[] = ['passing', 'warning', 'critical']
const commonNames: OptionNames<Common> = { deregisterAfter: true }
const askingNames: OptionNames<Asking> = {
  ...commonNames,
  every: true,
  timeout: true,
  initially: true,
  successes: true,
  failures: true,
}
const ttlNames: OptionNames<TtlOptions> = { ...commonNames, every: true, ttl: true, state: true }
const httpNames: OptionNames<HttpCheckOptions> = {
  ...askingNames,
  url: true,
  method: true,
  headers: true,
  skipVerify: true,
}
const grpcNames: OptionNames<GrpcCheckOptions> = {
  ...askingNames,
  address: true,
  service: true,
  tls: true,
  skipVerify: true,
}
const tcpNames: OptionNames<TcpCheckOptions> = { ...askingNames, address: true }

/** A duration as Consul reads it. */
export const duration = (ms: number): string => `${Math.round(ms)}ms`

function deregistering(where: string, { deregisterAfter = 90_000 }: Common): object {
  if (deregisterAfter === 'never') return {}
  // Consul raises what is less to a minute, and only its log says so.
  numberOption(where, 'deregisterAfter', deregisterAfter, { min: 60_000, unit: 'milliseconds' })
  return { DeregisterCriticalServiceAfter: duration(deregisterAfter) }
}

function asking(where: string, options: Asking): object {
  const { every = 10_000, timeout = 5_000, initially = 'passing', successes = 1, failures = 1 } = options
  // Consul takes less for a second.
  numberOption(where, 'every', every, { min: 1_000, unit: 'milliseconds' })
  numberOption(where, 'timeout', timeout, { min: 1, unit: 'milliseconds' })
  choiceOption(where, 'initially', initially, states)
  numberOption(where, 'successes', successes, { min: 1, whole: true })
  numberOption(where, 'failures', failures, { min: 1, whole: true })
  return {
    Interval: duration(every),
    Timeout: duration(timeout),
    Status: initially,
    // Consul counts those that come before the one that counts.
    SuccessBeforePassing: successes - 1,
    FailuresBeforeCritical: failures - 1,
    ...deregistering(where, options),
  }
}

/** Whoever is asked is asked by the agent beside it. */
const besideUs = (address: string): string =>
  address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')

const addressOf = (where: string, address: string | undefined): ((instance: Instance) => string) => {
  if (address !== undefined && !/^\S+:\d+$/.test(String(address)))
    throw new TypeError(`${where}: "address" is host:port, and not ${JSON.stringify(address)}`)
  return (instance) => besideUs(address ?? instance.address)
}

/**
 * It says itself that it is well, by heartbeats: works behind every firewall, and notices a process that hangs.
 *
 * @throws TypeError or RangeError for a bad option.
 */
export function ttl(options: TtlOptions = {}): Check {
  knownOptions('ttl', options, ttlNames)
  const { every, ttl, state } = options
  if (every !== undefined) numberOption('ttl', 'every', every, { min: 1, unit: 'milliseconds' })
  if (ttl !== undefined) numberOption('ttl', 'ttl', ttl, { min: 1, unit: 'milliseconds' })
  if (every !== undefined && ttl !== undefined && ttl < 2 * every)
    throw new RangeError(`ttl: "ttl" must be twice "every" at least, or one late heartbeat is an outage`)
  if (state !== undefined) functionOption('ttl', 'state', state)
  const more = deregistering('ttl', options)
  return {
    kind: 'ttl',
    every,
    ttl,
    state,
    definition: (_, live) => ({ TTL: duration(ttl ?? live), Status: 'passing', ...more }),
  }
}

/**
 * Consul asks it over HTTP.
 *
 * @throws TypeError or RangeError for a bad option.
 */
export function httpCheck(options: HttpCheckOptions = {}): Check {
  knownOptions('httpCheck', options, httpNames)
  const { url, method = 'GET', headers = {}, skipVerify = false } = options
  if (url !== undefined && !/^https?:/.test(String(url)))
    throw new TypeError(`httpCheck: "url" is that of HTTP, and not ${JSON.stringify(url)}`)
  const Header = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]))
  const more = asking('httpCheck', options)
  return {
    kind: 'http',
    definition(instance) {
      const base = new URL(url ?? instance.url)
      if (base.protocol !== 'http:' && base.protocol !== 'https:')
        throw new TypeError(`httpCheck: ${instance.url} is no URL of HTTP: give "url", or take ttl()`)
      if (base.hostname === '0.0.0.0' || base.hostname === '[::]')
        base.hostname = base.hostname === '[::]' ? '[::1]' : '127.0.0.1'
      if (url === undefined) base.pathname = instance.healthPath ?? '/health'
      return { HTTP: base.href, Method: method, Header, TLSSkipVerify: skipVerify, ...more }
    },
  }
}

/**
 * Consul asks it over gRPC, by the standard health service.
 *
 * @throws TypeError or RangeError for a bad option.
 */
export function grpcCheck(options: GrpcCheckOptions = {}): Check {
  knownOptions('grpcCheck', options, grpcNames)
  const { service, tls = false, skipVerify = false } = options
  const target = addressOf('grpcCheck', options.address)
  const more = asking('grpcCheck', options)
  return {
    kind: 'grpc',
    definition: (instance) => ({
      GRPC: `${target(instance)}${service === undefined ? '' : `/${service}`}`,
      GRPCUseTLS: tls,
      TLSSkipVerify: skipVerify,
      ...more,
    }),
  }
}

/**
 * Consul opens a connection to it.
 *
 * @throws TypeError or RangeError for a bad option.
 */
export function tcpCheck(options: TcpCheckOptions = {}): Check {
  knownOptions('tcpCheck', options, tcpNames)
  const target = addressOf('tcpCheck', options.address)
  const more = asking('tcpCheck', options)
  return { kind: 'tcp', definition: (instance) => ({ TCP: target(instance), ...more }) }
}
