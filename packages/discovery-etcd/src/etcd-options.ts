// Options of the registry, checked where it is made: endpoints, authentication, TLS, times.
import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import {
  type Clock,
  knownOptions,
  type OptionNames,
  type Random,
  systemClock,
  systemRandom,
  type TelemetryListener,
} from '@tenon/endpoint'
import { type Backoff, exponential, numberOption } from '@tenon/policy'

/** Options of {@link etcd}. Times are milliseconds. */
export interface EtcdOptions {
  /**
   * Where etcd's members listen for clients: `http://10.0.0.7:2379`, `https://etcd.example:2379`. One is used at a time, the others
   * when it cannot be reached. Default: `http://127.0.0.1:2379`.
   */
  readonly endpoints?: string | readonly string[] | undefined
  /** Where services stand: the instances of `orders` under `/services/orders/`. Default `/services`. */
  readonly prefix?: string | undefined
  /** Where locks stand: `/locks/<key>/`. Default `/locks`. */
  readonly lockPrefix?: string | undefined
  /** Where leads stand. Default `/leaders`. */
  readonly leaderPrefix?: string | undefined
  /** Who asks, where etcd has authentication on. Default: nobody. */
  readonly auth?: EtcdAuth | undefined
  /** Certificates, where endpoints are `https`. Default: the system's authorities, none of our own. */
  readonly tls?: EtcdTls | undefined
  /** What one request may take, with all endpoints that it is tried at. Default 3,000. */
  readonly timeout?: number | undefined
  /** Between two questions whether the member of etcd is still there, while something is watched or held. Default 2,000. */
  readonly heartbeat?: number | undefined
  /** Waits between attempts to reach etcd again. Default: exponential from 100 to 500 with full jitter. */
  readonly backoff?: Backoff | undefined
  /** Hears what is made with it. Default: the diagnostics channel. */
  readonly onTelemetry?: TelemetryListener | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

/** A user of etcd. */
export interface EtcdAuth {
  readonly user: string
  readonly password: string
}

/** Certificates in PEM. */
export interface EtcdTls {
  /** The authorities of etcd's certificate, instead of the system's. */
  readonly ca?: string | Buffer | undefined
  /** Our own certificate, where etcd asks for one. */
  readonly cert?: string | Buffer | undefined
  readonly key?: string | Buffer | undefined
}

/** Where a member of etcd listens for clients. */
export interface Endpoint {
  readonly secure: boolean
  readonly host: string
  readonly port: number
  /** `host:port`, an IPv6 host in brackets. */
  readonly target: string
}

/** Options that were checked, each with its value. */
export interface CheckedOptions {
  readonly endpoints: readonly Endpoint[]
  readonly prefix: string
  readonly lockPrefix: string
  readonly leaderPrefix: string
  readonly auth: EtcdAuth | undefined
  readonly tls: EtcdTls | undefined
  readonly timeout: number
  readonly heartbeat: number
  readonly backoff: Backoff
  readonly onTelemetry: TelemetryListener | undefined
  readonly clock: Clock
  readonly random: Random
}

const who = 'etcd'
const named: OptionNames<EtcdOptions> = {
  endpoints: true,
  prefix: true,
  lockPrefix: true,
  leaderPrefix: true,
  auth: true,
  tls: true,
  timeout: true,
  heartbeat: true,
  backoff: true,
  onTelemetry: true,
  clock: true,
  random: true,
}
const authNames: OptionNames<EtcdAuth> = { user: true, password: true }
const tlsNames: OptionNames<EtcdTls> = { ca: true, cert: true, key: true }

/** @throws TypeError or RangeError that names the option. */
export function etcdOptions(options: EtcdOptions): CheckedOptions {
  if (typeof options !== 'object' || options === null) throw new TypeError(`${who}: its options are an object`)
  knownOptions(who, options, named)
  const { endpoints = 'http://127.0.0.1:2379', auth, tls } = options
  const { prefix = '/services', lockPrefix = '/locks', leaderPrefix = '/leaders' } = options
  const { timeout = 3_000, heartbeat = 2_000, clock = systemClock, random = systemRandom } = options
  const { backoff = exponential({ from: 100, to: 500, jitter: 'full' }), onTelemetry } = options
  const urls = endpointsOf(typeof endpoints === 'string' ? [endpoints] : endpoints)
  if (typeof backoff?.next !== 'function')
    throw new TypeError(`${who}: "backoff" is a backoff, like exponential({ from: 100 })`)
  return {
    endpoints: urls,
    prefix: placeOf('prefix', prefix),
    lockPrefix: placeOf('lockPrefix', lockPrefix),
    leaderPrefix: placeOf('leaderPrefix', leaderPrefix),
    auth: authOf(auth),
    tls: tlsOf(tls, urls),
    timeout: numberOption(who, 'timeout', timeout, { min: 1, max: 600_000, unit: 'milliseconds' }),
    heartbeat: numberOption(who, 'heartbeat', heartbeat, { min: 10, max: 600_000, unit: 'milliseconds' }),
    backoff,
    onTelemetry,
    clock,
    random,
  }
}

/** `http://host:port`, an IPv6 host in brackets; https and 2379 are what they are with etcd's own tools. */
const address = /^(?:(https?):\/\/)?(\[[0-9a-f:.]+\]|[^\s:/?#@[\]]+)(?::(\d{1,5}))?\/?$/i

function endpointsOf(given: readonly string[]): readonly Endpoint[] {
  if (!Array.isArray(given) || given.length === 0)
    throw new TypeError(`${who}: "endpoints" names at least one member of etcd, like "http://127.0.0.1:2379"`)
  const found = given.map((text: unknown, at): Endpoint => {
    const [, scheme = 'http', host = '', port = '2379'] = (typeof text === 'string' && address.exec(text)) || []
    if (host === '' || Number(port) < 1 || Number(port) > 65_535)
      throw new TypeError(
        // What stands before an @ may be a password.
        `${who}: "endpoints[${at}]" is an address like "http://127.0.0.1:2379", and not ${JSON.stringify(text)?.replace(/[^/"]*@/, '***@')}`,
      )
    const secure = scheme.toLowerCase() === 'https'
    return { secure, host: host.replace(/^\[|\]$/g, ''), port: Number(port), target: `${host}:${port}` }
  })
  if (new Set(found.map(({ secure }) => secure)).size > 1)
    throw new TypeError(`${who}: "endpoints" are all http or all https`)
  return found
}

/** What keys begin with, without a slash at the end. */
function placeOf(name: string, given: unknown): string {
  if (typeof given === 'string' && given.replaceAll('/', '') !== '') return given.replace(/\/+$/, '')
  throw new TypeError(`${who}: "${name}" is what keys begin with, like "/services", and not ${JSON.stringify(given)}`)
}

function authOf(auth: EtcdAuth | undefined): EtcdAuth | undefined {
  if (auth === undefined) return undefined
  if (typeof auth !== 'object' || auth === null) throw new TypeError(`${who}: "auth" is { user, password }`)
  knownOptions(`${who}: auth`, auth, authNames)
  for (const name of ['user', 'password'] as const)
    if (typeof auth[name] !== 'string' || auth[name] === '') throw new TypeError(`${who}: "auth.${name}" is a text`)
  return { user: auth.user, password: auth.password }
}

function tlsOf(tls: EtcdTls | undefined, [first]: readonly Endpoint[]): EtcdTls | undefined {
  if (tls === undefined) return undefined
  if (typeof tls !== 'object' || tls === null) throw new TypeError(`${who}: "tls" is { ca, cert, key }`)
  knownOptions(`${who}: tls`, tls, tlsNames)
  if (first?.secure !== true) throw new TypeError(`${who}: "tls" is given, and "endpoints" are http: say https`)
  for (const name of ['ca', 'cert', 'key'] as const) {
    const pem = tls[name]
    if (pem !== undefined && !/-----BEGIN [A-Z0-9 ]+-----/.test(String(pem)))
      throw new TypeError(`${who}: "tls.${name}" is the text of a PEM file, and not its name`)
  }
  if ((tls.cert === undefined) !== (tls.key === undefined))
    throw new TypeError(`${who}: "tls.cert" and "tls.key" are given together or not at all`)
  try {
    createSecureContext({ ca: tls.ca, cert: tls.cert, key: tls.key })
    // A context passes over an authority that it cannot read.
    if (tls.ca !== undefined) new X509Certificate(tls.ca)
  } catch (cause) {
    throw new TypeError(`${who}: "tls": ${(cause as Error).message}`, { cause })
  }
  return tls
}
