// The client's side: an endpoint that sends (low level), or all the endpoints of a contract.
import {
  type AnyMethod,
  bindings,
  type CallFailed,
  type ClientOf,
  type Codecs,
  type Contract,
  codecs,
  type HttpBinding,
  remote,
} from '@tenon/contract'
import {
  type Context,
  type Defect,
  type Endpoint,
  endpoint,
  type Fail,
  type Failure,
  fail,
  knownOptions,
  type MethodInfo,
  type Ok,
  type OptionNames,
  type Outcome,
  passedOn,
} from '@tenon/endpoint'
import { type Backoff, exponential } from '@tenon/policy'
import type { Either } from 'fp-ts/lib/Either.js'
import { encodeJson, readJson } from './codec.ts'
import { type BodyFormat, checkedFormat, type Form, formsOf, readForm } from './formats.ts'
import { type ClientAfter, type ClientBefore, type ClientFinalizer, type Hooks, hooks } from './hooks.ts'
import { whole } from './limits.ts'
import type { Line } from './line.ts'
import type { ClientRequest, ClientResponse } from './message.ts'
import { placing } from './placing.ts'
import { type ConnectionOptions, type Wire, wire } from './pool.ts'
import { readProblem } from './problem.ts'
import { Sending } from './sending.ts'
import { streamMethod } from './stream/client.ts'
import { uncarried } from './stream/uncarried.ts'

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

/** A client of one endpoint, its codecs in the user's hands. */
export interface RemoteOptions<I, O, E extends Failure> extends ClientOptions {
  /** Default: `POST`. */
  readonly method?: string
  /** May a call be repeated without harm? Default: by the verb. Only such a one is sent again when a kept connection was closed. */
  readonly idempotent?: boolean
  /**
   * Fills the request; its path is that of the url. Default: `encodeJson`. A Left is the call's failure, a throw is a
   * `Defect`; then nothing is sent.
   */
  readonly encode?: (
    input: I,
    request: ClientRequest,
    ctx: Context,
    // biome-ignore lint/suspicious/noConfusingVoidType: an encoder that cannot fail returns nothing
  ) => Either<E, unknown> | void | Promise<Either<E, unknown> | undefined>
  /** The outcome, from any answer, whatever its status. A throw is a `Defect`. */
  readonly decode: (response: ClientResponse, ctx: Context) => Either<E, O> | Promise<Either<E, O>>
}

// Without these, of several failures that `decode` answers only the first would be E, and the others an error.
export type Answered = Ok<unknown> | Fail<Failure>
export type ValueOf<X> = X extends Ok<infer O> ? O : never
export type ErrorOf<X> = X extends Fail<infer E extends Failure> ? Exclude<E, Defect> : never
type InferredOptions<I, X, Y> = Omit<RemoteOptions<I, unknown, Failure>, 'encode' | 'decode'> & {
  readonly encode?: (input: I, request: ClientRequest, ctx: Context) => Y | Promise<Y>
  readonly decode: (response: ClientResponse, ctx: Context) => X | Promise<X>
}

/** The endpoints of a contract's methods, and the connections they share: dispose it. */
export type Client<C> = ClientOf<C> & AsyncDisposable

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

const contractOptions: OptionNames<ContractClientOptions> = {
  ...clientOptions,
  format: true,
  silence: true,
  resume: true,
}

const remoteOptions: OptionNames<RemoteOptions<unknown, unknown, Failure>> = {
  ...clientOptions,
  method: true,
  idempotent: true,
  encode: true,
  decode: true,
}

const resumeOptions: OptionNames<ResumeOptions> = { attempts: true, backoff: true }
const limitNames: OptionNames<ClientLimits> = { response: true, metadata: true }

/**
 * A contract's client: the same record of endpoints that `implement` takes, each failing with what its method declares
 * and `CallFailed`. Owns its connections: dispose it. Methods whose input is a stream fail with `Remote` of code `unimplemented`.
 */
export function client<N extends string, M extends Record<string, AnyMethod>>(
  contract: Contract<N, M>,
  options: ContractClientOptions,
): Client<Contract<N, M>>
/**
 * One endpoint that encodes, sends and decodes as you say; O and E are what `decode` answers and `encode` refuses. Owns
 * its connections: dispose it. A middleware around it gives an endpoint that has nothing to dispose: keep this one.
 */
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

function ofContract(contract: Contract<string, Record<string, AnyMethod>>, options: ContractClientOptions): unknown {
  const { name, methods } = contract
  const who = `http.client of ${name}`
  knownOptions(who, options, contractOptions)
  const { silence, resume = {}, onTelemetry, format } = options
  const forms = formsOf(format === undefined ? [] : [checkedFormat(`${who}: format`, format)], contract as never)
  const shared = prepare(who, options)
  knownOptions(`${who}: resume`, resume, resumeOptions)
  const { backoff = exponential({ from: 500, to: 30_000, jitter: 'equal' }) } = resume
  if (typeof backoff?.next !== 'function')
    throw new TypeError(
      `${who}: resume.backoff is a backoff, such as exponential({ from: 20 }), and not ${String(backoff)}`,
    )
  const ms = { value: 0, unit: 'milliseconds', min: 1, unbounded: true }
  const streams = {
    silence: silence === undefined ? undefined : whole(`${who}: silence`, silence, ms),
    attempts: whole(`${who}: resume.attempts`, resume.attempts, {
      value: 5,
      unit: 'connections',
      min: 0,
      unbounded: true,
    }),
    backoff,
    onTelemetry,
  }
  const endpoints = Object.entries(methods)
    .filter(([, method]) => method.kind !== 'event')
    .map(([key, method]) => {
      if (method.kind !== 'unary') return [key, streamMethod(shared, method, streams) ?? unimplemented(method)]
      return [key, remoteMethod(shared, method, bindings(method)[0] as HttpBinding, forms(key)[0])]
    })
  return owning(Object.fromEntries(endpoints), shared.wire)
}

function remoteMethod(
  shared: Shared,
  method: AnyMethod & MethodInfo,
  binding: HttpBinding,
  form: Form | undefined,
): unknown {
  const coded: Codecs = codecs(method)
  return sender(
    {
      ...shared,
      verb: binding.verb,
      idempotent: method.idempotent,
      encode: placing(coded, binding, shared.wire.base, form),
      decode(response) {
        const { status } = response
        if (status < 200 || status > 299) return { _tag: 'Left', left: coded.decodeFailure(readProblem(response)) }
        const read = form === undefined ? readJson(response) : readForm(form, response)
        return read._tag === 'Left' ? read : coded.decodeOutput(read.right)
      },
    },
    method,
  )
}

export const unimplemented = (method: MethodInfo, over = 'HTTP'): unknown => {
  const failure = remote({ code: 'unimplemented', tag: 'Unimplemented', message: uncarried(method, over) })
  return endpoint(() => fail(failure), method)
}

const idempotentVerbs = /^(?:GET|HEAD|PUT|DELETE|OPTIONS)$/

function ofRemote(options: RemoteOptions<unknown, unknown, Failure>): unknown {
  const who = 'http.client'
  knownOptions(who, options, remoteOptions)
  const { method: verb = 'POST', encode = encodeJson, decode } = options
  if (!/^[A-Z]+$/.test(verb)) throw new TypeError(`${who}: method is a verb such as 'POST' and not ${String(verb)}`)
  for (const [name, step] of Object.entries({ encode, decode }))
    if (typeof step !== 'function') throw new TypeError(`${who}: ${name} is a function and not ${String(step)}`)
  const shared = prepare(who, options)
  const idempotent = options.idempotent ?? idempotentVerbs.test(verb)
  const line = { ...shared, verb, idempotent, encode: encode as Line['encode'], decode }
  return owning(sender(line, undefined), shared.wire)
}

/** What is the same for all methods of one client. */
export type Shared = Omit<Line, 'verb' | 'idempotent' | 'encode' | 'decode'>

export function prepare(who: string, options: ClientOptions): Shared {
  const { timeout, limits = {}, allow = passedOn, before, after, finalize, url } = options ?? {}
  knownOptions(`${who}: limits`, limits, limitNames)
  const bytes = (name: keyof ClientLimits, value: number): number =>
    whole(`${who}: limits.${name}`, limits[name], { value, unit: 'bytes', min: 0 })
  if (!Array.isArray(allow) || allow.some((key) => typeof key !== 'string' || key !== key.toLowerCase()))
    throw new TypeError(`${who}: allow is a list of lower-case names and not ${JSON.stringify(allow)}`)
  return {
    timeout: whole(`${who}: timeout`, timeout, { value: 5_000, unit: 'milliseconds', min: 1, unbounded: true }),
    response: bytes('response', 10_485_760),
    metadata: bytes('metadata', 8_192),
    allow,
    before: hooks(who, before),
    after: hooks(who, after),
    finalize: hooks(who, finalize),
    wire: wire(who, url, options),
  }
}

const sender = (line: Line, method: MethodInfo | undefined): object =>
  endpoint(
    (input: unknown, ctx) => new Promise<Outcome>((resolve) => new Sending(line, ctx, resolve).start(input)) as never,
    method,
  )

/** The same, with what disposes its connections. */
export const owning = (held: object, { [Symbol.asyncDispose]: dispose }: Wire): object =>
  Object.defineProperty(held, Symbol.asyncDispose, { value: dispose, enumerable: true })
