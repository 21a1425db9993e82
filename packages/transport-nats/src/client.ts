// The client's side: an endpoint that sends (low level), or all the endpoints of a contract.
import {
  type AnyMethod,
  type CallFailed,
  type ClientOf,
  type Codecs,
  type Contract,
  codecs,
  decodeCallFailed,
  type WireFailure,
} from '@tenon/contract'
import {
  allowOption,
  type Context,
  type Defect,
  type Endpoint,
  endpoint,
  type Fail,
  type Failure,
  hooksOption,
  knownOptions,
  type MethodInfo,
  type Ok,
  type OptionNames,
  type Outcome,
  type TelemetryListener,
  wholeOption,
} from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { encodeJson, readJson } from './codec.ts'
import { connectionOf, type NatsConnection, subjectOf } from './connection.ts'
import type { ClientAfter, ClientBefore, ClientFinalizer, Hooks } from './hooks.ts'
import { type ClientLimits, clientLimits } from './limits.ts'
import { linkOf, reporting } from './link.ts'
import type { ClientRequest, ClientResponse } from './message.ts'
import { baseOf, leavingOf } from './methods.ts'
import { type Line, Sending } from './sending.ts'

/** What every client takes. */
export interface ClientOptions {
  /** Of `nats` 2 or `@nats-io/transport-node` 3. It stays yours: the client does not close it. */
  readonly connection: NatsConnection
  /** Milliseconds for calls whose context has no deadline, for a stream to open; others keep theirs. Default: 5,000. */
  readonly timeout?: number | 'unbounded'
  /** What of the incoming metadata passes on, lower-case. Default: `passedOn` of the kernel. */
  readonly allow?: readonly string[]
  readonly limits?: ClientLimits
  readonly before?: Hooks<ClientBefore>
  readonly after?: Hooks<ClientAfter>
  readonly finalize?: Hooks<ClientFinalizer>
  /** Hears of a connection that is lost and back (`client.connection`). Default: the diagnostics channel. */
  readonly onTelemetry?: TelemetryListener
}

/** What the client of a contract takes. */
export interface ContractClientOptions extends ClientOptions {
  /** Words that stand before every subject, as the server has them. */
  readonly prefix?: string
}

/** A client of one endpoint, its codecs in the user's hands. */
export interface RemoteOptions<I, O, E extends Failure> extends ClientOptions {
  readonly subject: string
  /** Fills the request. Default: `encodeJson`. A Left is the call's failure, a throw is a `Defect`; then nothing is sent. */
  readonly encode?: (
    input: I,
    request: ClientRequest,
    ctx: Context,
    // biome-ignore lint/suspicious/noConfusingVoidType: an encoder that cannot fail returns nothing
  ) => Either<E | CallFailed, unknown> | void | Promise<Either<E | CallFailed, unknown> | undefined>
  /** The outcome, from an answer that is no failure. A throw is a `Defect`. */
  readonly decode: (
    response: ClientResponse,
    ctx: Context,
  ) => Either<E | CallFailed, O> | Promise<Either<E | CallFailed, O>>
  /** The failure, from an answer whose headers say that it is one. Default: one of `CallFailed`. */
  readonly decodeError?: (wire: WireFailure, response: ClientResponse) => E | CallFailed
}

// Without these, of several failures that `decode` answers only the first would be E, and the others an error.
type Answered = Ok<unknown> | Fail<Failure>
type ValueOf<X> = X extends Ok<infer O> ? O : never
type ErrorOf<X> = X extends Fail<infer E extends Failure> ? Exclude<E, Defect> : never
type InferredOptions<I, X, Y> = Omit<RemoteOptions<I, unknown, Failure>, 'encode' | 'decode'> & {
  readonly encode?: (input: I, request: ClientRequest, ctx: Context) => Y | Promise<Y>
  readonly decode: (response: ClientResponse, ctx: Context) => X | Promise<X>
}

/** The endpoints of a contract's methods. Dispose it when done: it takes no calls then. */
export type Client<C> = ClientOf<C> & AsyncDisposable

const clientOptions: OptionNames<ClientOptions> = {
  connection: true,
  timeout: true,
  allow: true,
  limits: true,
  before: true,
  after: true,
  finalize: true,
  onTelemetry: true,
}

const contractOptions: OptionNames<ContractClientOptions> = {
  ...clientOptions,
  prefix: true,
}

const remoteOptions: OptionNames<RemoteOptions<unknown, unknown, Failure>> = {
  ...clientOptions,
  subject: true,
  encode: true,
  decode: true,
  decodeError: true,
}

/**
 * A contract's client: the same record of endpoints that `implement` takes, each failing with what its method declares
 * and `CallFailed`.
 *
 * @throws TypeError for a bad option.
 */
export function client<N extends string, M extends Record<string, AnyMethod>>(
  contract: Contract<N, M>,
  options: ContractClientOptions,
): Client<Contract<N, M>>
/** One endpoint that encodes, sends and decodes as you say; O and E are what `decode` answers and `encode` refuses. */
export function client<I, X extends Answered, Y = never>(
  options: InferredOptions<I, X, Y>,
): Endpoint<I, ValueOf<X>, ErrorOf<X | Y> | CallFailed> & AsyncDisposable
/** The same, its types stated. */
export function client<I, O, E extends Failure = never>(
  options: RemoteOptions<I, O, E>,
): Endpoint<I, O, E | CallFailed> & AsyncDisposable
export function client(
  first: Contract<string, Record<string, AnyMethod>> | RemoteOptions<unknown, unknown, Failure>,
  options?: ContractClientOptions,
): unknown {
  return 'methods' in first ? ofContract(first, options as ContractClientOptions) : ofRemote(first)
}

function ofContract(
  { name, methods }: Contract<string, Record<string, AnyMethod & MethodInfo>>,
  options: ContractClientOptions,
): unknown {
  const who = `nats.client of ${name}`
  knownOptions(who, options, contractOptions)
  const { shared, close } = prepare(who, options, name)
  const base = baseOf(options.prefix === undefined ? undefined : subjectOf(who, 'prefix', options.prefix), name)
  const endpoints: Record<PropertyKey, unknown> = {}
  for (const method of Object.values(methods)) {
    if (method.kind === 'event') continue
    const coded: Codecs = codecs(method)
    endpoints[method.name] = sender(
      {
        ...shared,
        subject: `${base}.${method.name}`,
        leaving: leavingOf(base),
        encode: (input, request) => encodeJson(coded.encodeInput(input), request),
        decode(response) {
          const read = readJson(response)
          return read._tag === 'Left' ? read : coded.decodeOutput(read.right)
        },
        decodeError: (wire) => coded.decodeFailure(wire),
        encodeError: (failure) => coded.encodeFailure(failure),
        sends: method.kind === 'clientStream' || method.kind === 'duplex',
        receives: method.kind === 'serverStream' || method.kind === 'duplex',
      },
      method,
    )
  }
  return owning(endpoints, close)
}

function ofRemote(options: RemoteOptions<unknown, unknown, Failure>): unknown {
  const who = 'nats.client'
  knownOptions(who, options, remoteOptions)
  const { encode = encodeJson, decode, decodeError = decodeCallFailed } = options
  for (const [name, step] of Object.entries({ encode, decode, decodeError }))
    if (typeof step !== 'function') throw new TypeError(`${who}: ${name} is a function and not ${String(step)}`)
  const subject = subjectOf(who, 'subject', options.subject)
  const { shared, close } = prepare(who, options, subject)
  const line: Line = {
    ...shared,
    subject,
    leaving: undefined,
    encode: encode as Line['encode'],
    decode: decode as Line['decode'],
    decodeError,
    sends: false,
    receives: false,
  }
  return owning(sender(line, undefined), close)
}

/** What is the same for all methods of one client. */
type Shared = Omit<
  Line,
  'subject' | 'leaving' | 'encode' | 'decode' | 'decodeError' | 'encodeError' | 'sends' | 'receives'
>

export function prepare(who: string, options: ClientOptions, peer: string): { shared: Shared; close: () => void } {
  const { timeout, limits, allow, before, after, finalize, onTelemetry } = options ?? {}
  const link = linkOf(connectionOf(who, options?.connection))
  const state = { closed: false }
  const shared = {
    link,
    state,
    timeout: wholeOption(`${who}: timeout`, timeout, { value: 5_000, unit: 'milliseconds', min: 1, unbounded: true }),
    metadata: clientLimits(who, limits).metadata,
    allow: allowOption(who, allow),
    before: hooksOption(who, before),
    after: hooksOption(who, after),
    finalize: hooksOption(who, finalize),
  }
  const watching = reporting(link, peer, onTelemetry)
  return {
    shared,
    close() {
      state.closed = true
      watching[Symbol.dispose]()
    },
  }
}

export const sender = (line: Line, method: MethodInfo | undefined): object =>
  endpoint(
    (input: unknown, ctx) => new Promise<Outcome>((resolve) => new Sending(line, ctx, resolve).start(input)) as never,
    method,
  )

export const owning = (held: object, close: () => void): object =>
  Object.defineProperty(held, Symbol.asyncDispose, { value: async () => close(), enumerable: true })
