// What clients are told: where to, for how long, with how much, and how streams go on; checked, for all methods of one client.
import { allowOption, hooksOption, knownOptions, type OptionNames, wholeOption } from '@tenon/endpoint'
import { type Backoff, exponential } from '@tenon/policy'
import type { BodyFormat } from './formats.ts'
import type { ClientAfter, ClientBefore, ClientFinalizer, Hooks } from './hooks.ts'
import type { Line } from './line.ts'
import { type ConnectionOptions, wire } from './pool.ts'
import type { StreamOptions } from './stream/client.ts'

/** What every client takes. */
export interface ClientOptions extends ConnectionOptions {
  /** `http://host:port`, perhaps with a path that stands before every method's. */
  readonly url: string
  /** Milliseconds for calls whose context has no deadline, for a stream to open; others keep theirs. Default: 5,000. */
  readonly timeout?: number | 'unbounded'
  /** What of the incoming metadata passes on, lower-case. Default: `passedOn` of the kernel. */
  readonly allow?: readonly string[]
  readonly limits?: ClientLimits
  readonly before?: Hooks<ClientBefore>
  readonly after?: Hooks<ClientAfter>
  readonly finalize?: Hooks<ClientFinalizer>
}

/** What the client of a contract takes. */
export interface ContractClientOptions extends ClientOptions {
  /**
   * The form of bodies that are a whole input, and of the answers that are asked for: `grpc.protobuf()`. A server that answers as JSON is
   * understood, too; failures and streams stay what they are. Default: JSON.
   */
  readonly format?: BodyFormat
  /**
   * Milliseconds without a byte after which the connection of a stream is taken for dead. Default: three times what the
   * server promises in `heartbeat-ms`, and `'unbounded'` where it promises nothing.
   */
  readonly silence?: number | 'unbounded'
  /** How a stream goes on when its connection breaks, where its method says how it is resumed. */
  readonly resume?: ResumeOptions
}

/** Further connections for a stream that broke. Waits and attempts end with the call's deadline. */
export interface ResumeOptions {
  /** Connections that are tried in a row, without an item between them. Default: 5; 0 for none. */
  readonly attempts?: number | 'unbounded'
  /**
   * The waits between them; what the server asks for (`retry`, `retry-after`) comes first. Default:
   * `exponential({ from: 500, to: 30_000, jitter: 'equal' })`.
   */
  readonly backoff?: Backoff
}

/** What a client sends and takes at most. */
export interface ClientLimits {
  /** Bytes of an answer's body, of each event of a stream. Default: 10,485,760 (10 MiB). More is `Remote` of code `internal`, tag `AnswerTooLarge`. */
  readonly response?: number
  /** Bytes of outgoing metadata, names and values. Default: 8,192. More is an `InvalidArgument`, and nothing is sent. */
  readonly metadata?: number
}

/** What every client takes, by name. */
export const clientOptions: OptionNames<ClientOptions> = {
  url: true,
  connections: true,
  queue: true,
  keepAlive: true,
  connectTimeout: true,
  tls: true,
  dispatcher: true,
  timeout: true,
  allow: true,
  limits: true,
  before: true,
  after: true,
  finalize: true,
  onTelemetry: true,
}

export const contractOptions: OptionNames<ContractClientOptions> = {
  ...clientOptions,
  format: true,
  silence: true,
  resume: true,
}

const resumeOptions: OptionNames<ResumeOptions> = { attempts: true, backoff: true }
const limitNames: OptionNames<ClientLimits> = { response: true, metadata: true }

/** What is the same for all methods of one client. */
export type Shared = Omit<Line, 'verb' | 'idempotent' | 'encode' | 'decode'>

export function prepare(who: string, options: ClientOptions): Shared {
  const { timeout, limits = {}, allow, before, after, finalize, url } = options ?? {}
  knownOptions(`${who}: limits`, limits, limitNames)
  const bytes = (name: keyof ClientLimits, value: number): number =>
    wholeOption(`${who}: limits.${name}`, limits[name], { value, unit: 'bytes', min: 0 })
  return {
    timeout: wholeOption(`${who}: timeout`, timeout, { value: 5_000, unit: 'milliseconds', min: 1, unbounded: true }),
    response: bytes('response', 10_485_760),
    metadata: bytes('metadata', 8_192),
    allow: allowOption(who, allow),
    before: hooksOption(who, before),
    after: hooksOption(who, after),
    finalize: hooksOption(who, finalize),
    wire: wire(who, url, options),
  }
}

/** How the streams of one client go on. */
export function streaming(who: string, options: ContractClientOptions): StreamOptions {
  const { silence, resume = {}, onTelemetry } = options
  knownOptions(`${who}: resume`, resume, resumeOptions)
  const { backoff = exponential({ from: 500, to: 30_000, jitter: 'equal' }) } = resume
  if (typeof backoff?.next !== 'function')
    throw new TypeError(
      `${who}: resume.backoff is a backoff, such as exponential({ from: 20 }), and not ${String(backoff)}`,
    )
  const ms = { value: 0, unit: 'milliseconds', min: 1, unbounded: true }
  return {
    silence: silence === undefined ? undefined : wholeOption(`${who}: silence`, silence, ms),
    attempts: wholeOption(`${who}: resume.attempts`, resume.attempts, {
      value: 5,
      unit: 'connections',
      min: 0,
      unbounded: true,
    }),
    backoff,
    onTelemetry,
  }
}
