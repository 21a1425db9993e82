// What `consul` is told, checked once: where the agent is, who we are, and how long to wait for it.
import { isIP } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import {
  type Clock,
  knownOptions,
  type OptionNames,
  type Random,
  systemClock,
  systemRandom,
  type TelemetryListener,
} from '@tenon/endpoint'
import { type Backoff, exponential, functionOption, numberOption } from '@tenon/policy'
import { type Reads, readsOption } from './reads.ts'

/** TLS towards the agent, as in Node's `tls.connect`. Texts in PEM. */
export interface ConsulTls {
  /** The authorities of the agent's certificate, instead of those that Node knows. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[]
  /** Our own certificate, where the agent asks for one (`verify_incoming`). */
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  /** Of the key, where it is encrypted. */
  readonly passphrase?: string
  /** The name that the agent's certificate must have: `server.dc1.consul`. Default: the host of the url. */
  readonly servername?: string
  /** Default true. `false` speaks to anybody who claims to be the agent: for trying out, never beyond. */
  readonly rejectUnauthorized?: boolean
}

/** Options of `consul`. Times are milliseconds. */
export interface ConsulOptions {
  /** Of the agent's HTTP API: a URL, or `host:port`. Default `http://127.0.0.1:8500`, the agent of this machine. */
  readonly url?: string
  /** The ACL token, or what answers the one of the moment; asked for each request. Default: none. */
  readonly token?: string | (() => string | undefined)
  /** Default: the agent's own. */
  readonly datacenter?: string
  /** Of Consul Enterprise. Default: the token's. */
  readonly namespace?: string
  /** Default `'default'`. */
  readonly reads?: Reads
  readonly tls?: ConsulTls
  /** How long any request may take, a blocking query beyond its wait. Default 10,000: Consul itself takes 7,000 to say that it has no leader. */
  readonly timeout?: number
  /** How long a connection may take to be made, within `timeout`. Default 1,000. */
  readonly connectTimeout?: number
  /** How long a blocking query waits for a change, from 1,000 to 600,000. Consul adds up to a sixteenth. Default 30,000. */
  readonly wait?: number
  /**
   * Between two questions whether the agent is still there, while something is watched. Default 2,000: an agent that hangs, or a
   * network that swallows everything, is given up after some 4 s, and not when the wait of a query is over.
   */
  readonly heartbeat?: number
  /**
   * Waits between attempts to watch while Consul fails. Default: exponential from 50 to 500 with jitter, so that a watch is
   * fresh within a second once Consul answers.
   */
  readonly backoff?: Backoff
  readonly clock?: Clock
  readonly random?: Random
  /** Hears `discovery.set` and `discovery.error`. Default: the diagnostics channel. */
  readonly onTelemetry?: TelemetryListener
}

/** The options with their defaults. */
export interface Settings {
  readonly base: URL
  readonly token: () => string | undefined
  readonly datacenter: string | undefined
  readonly namespace: string | undefined
  readonly reads: Reads
  /** For Node's https agent; `undefined` on plain HTTP. */
  readonly tls: TlsSettings | undefined
  readonly timeout: number
  readonly connectTimeout: number
  readonly wait: number
  readonly heartbeat: number
  readonly backoff: Backoff
  readonly clock: Clock
  readonly random: Random
  readonly onTelemetry: TelemetryListener | undefined
}

interface TlsSettings {
  readonly secureContext: SecureContext
  readonly rejectUnauthorized: boolean
  readonly servername?: string
}

const named: OptionNames<ConsulOptions> = {
  url: true,
  token: true,
  datacenter: true,
  namespace: true,
  reads: true,
  tls: true,
  timeout: true,
  connectTimeout: true,
  wait: true,
  heartbeat: true,
  backoff: true,
  clock: true,
  random: true,
  onTelemetry: true,
}

const tlsNamed: OptionNames<ConsulTls> = {
  ca: true,
  cert: true,
  key: true,
  passphrase: true,
  servername: true,
  rejectUnauthorized: true,
}

/** @throws TypeError or RangeError that names the option. */
export function settingsOf(options: ConsulOptions): Settings {
  knownOptions('consul', options, named)
  const { url = 'http://127.0.0.1:8500', token, tls, reads = 'default', clock = systemClock } = options
  const {
    timeout = 10_000,
    connectTimeout = 1_000,
    wait = 30_000,
    heartbeat = 2_000,
    random = systemRandom,
    onTelemetry,
  } = options
  const { backoff = exponential({ from: 50, to: 500, jitter: 'equal' }) } = options
  const base = baseOf(url)
  if (tls !== undefined && base.protocol !== 'https:')
    throw new TypeError(`consul: "tls" is for an https url, and not for ${base.origin}`)
  functionOption('consul', 'backoff.next', backoff?.next)
  return {
    base,
    token: tokenOf(token),
    datacenter: nameOption('consul', 'datacenter', options.datacenter),
    namespace: nameOption('consul', 'namespace', options.namespace),
    reads: readsOption('consul', reads),
    tls: base.protocol === 'https:' ? tlsOf(tls ?? {}) : undefined,
    timeout: numberOption('consul', 'timeout', timeout, { min: 1, max: 600_000, unit: 'milliseconds' }),
    connectTimeout: numberOption('consul', 'connectTimeout', connectTimeout, { min: 1, unit: 'milliseconds' }),
    wait: numberOption('consul', 'wait', wait, { min: 1_000, max: 600_000, unit: 'milliseconds' }),
    heartbeat: numberOption('consul', 'heartbeat', heartbeat, { min: 10, max: 600_000, unit: 'milliseconds' }),
    backoff,
    clock,
    random,
    onTelemetry,
  }
}

/** A name, where there is one. @throws TypeError for what is none. */
export function nameOption(where: string, name: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw new TypeError(
    `${where}: "${name}" is a name, and not ${typeof value === 'string' ? 'an empty text' : String(value)}`,
  )
}

function baseOf(url: unknown): URL {
  const text = typeof url === 'string' && !url.includes('://') ? `http://${url}` : url
  const base = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (base === undefined || !['http:', 'https:'].includes(base.protocol) || base.hostname === '')
    throw new TypeError(
      `consul: "url" is that of an agent, as http://127.0.0.1:8500, and not ${JSON.stringify(url) ?? url}`,
    )
  if (base.username !== '' || base.password !== '' || base.search !== '' || base.hash !== '')
    throw new TypeError('consul: "url" has a scheme, a host, a port and perhaps a path; the token is "token"')
  // What others call the address of the API often ends there.
  base.pathname = base.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')
  return base
}

function tokenOf(token: ConsulOptions['token']): () => string | undefined {
  if (token !== undefined && typeof token !== 'string' && typeof token !== 'function')
    throw new TypeError('consul: "token" is a text, or a function that answers one')
  const ask = typeof token === 'function' ? token : () => token
  return () => {
    const answer: unknown = ask()
    if (answer === undefined || answer === '') return undefined
    // The token itself is a secret, in messages too.
    if (typeof answer !== 'string' || /[^\x21-\x7e]/.test(answer))
      throw new TypeError('consul: "token" must be a text of printable ASCII without spaces')
    return answer
  }
}

function tlsOf(tls: ConsulTls): TlsSettings {
  knownOptions('consul: tls', tls, tlsNamed)
  const { ca, cert, key, passphrase, servername, rejectUnauthorized = true } = tls
  if (typeof rejectUnauthorized !== 'boolean')
    throw new TypeError(`consul: tls: "rejectUnauthorized" is true or false, and not ${String(rejectUnauthorized)}`)
  if (servername !== undefined && (typeof servername !== 'string' || isIP(servername) !== 0))
    throw new TypeError('consul: tls: "servername" is a name, and no address')
  if ((cert === undefined) !== (key === undefined)) throw new TypeError('consul: tls: "cert" and "key" belong together')
  const given = { ca, cert, key, passphrase }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  try {
    // Made once: each connection would else read certificates and keys anew.
    const secureContext = createSecureContext({ ...set, minVersion: 'TLSv1.2' })
    return { secureContext, rejectUnauthorized, ...(servername !== undefined && { servername }) }
  } catch (cause) {
    throw new TypeError(`consul: tls: certificates and key cannot be read: ${(cause as Error).message}`, { cause })
  }
}
