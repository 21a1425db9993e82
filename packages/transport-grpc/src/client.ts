// The client's side: an endpoint that sends (low level), or all the endpoints of a contract.
import type { MethodDefinition } from '@grpc/grpc-js'
import {
  type AnyMethod,
  type CallFailed,
  type ClientOf,
  type Contract,
  codecs,
  decodeCallFailed,
  type InvalidArgument,
  remote,
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
  wholeOption,
} from '@tenon/endpoint'
import { Calling } from './calling.ts'
import { type ConnectionOptions, channel } from './channel.ts'
import type { ClientAfter, ClientBefore, ClientFinalizer, Hooks } from './hooks.ts'
import { type ClientLimits, clientLimits } from './limits.ts'
import type { Line } from './line.ts'
import { reading, same } from './methods.ts'
import { bindContract } from './proto/bind.ts'
import { type ProtoOptions, rootOf } from './proto/root.ts'

/** What every client takes. */
export interface ClientOptions extends ConnectionOptions {
  /** Milliseconds for calls whose context has no deadline, and for streams to open; others keep theirs. Default: 5,000. */
  readonly timeout?: number | 'unbounded'
  /** What of the incoming metadata passes on, lower-case. Default: `passedOn` of the kernel. */
  readonly allow?: readonly string[]
  readonly limits?: ClientLimits
  readonly before?: Hooks<ClientBefore>
  readonly after?: Hooks<ClientAfter>
  readonly finalize?: Hooks<ClientFinalizer>
}

/** What the client of a contract takes. */
export interface ContractClientOptions extends ClientOptions, ProtoOptions {}

/** A client of one unary method of the user's own, its codecs in their hands. */
export interface RemoteOptions<I, Req, Res, X> extends ClientOptions {
  /** As it stands in a service definition: generated, or of proto-loader. */
  readonly method: MethodDefinition<Req, Res>
  /** Default: false. */
  readonly idempotent?: boolean
  /** The message, from the endpoint's input. A throw is a `Defect`, and nothing is sent. */
  readonly encode: (input: I, ctx: Context) => Req | Promise<Req>
  /** The outcome, from the message that came back. A throw is a `Defect`. */
  readonly decode: (message: Res, ctx: Context) => X | Promise<X>
  /** The failure of a call that ended with another status than OK. Default: one of `CallFailed`. */
  readonly decodeError?: (failure: WireFailure) => CallFailed
}

type Answered = Ok<unknown> | Fail<Failure>
type ValueOf<X> = X extends Ok<infer O> ? O : never
type ErrorOf<X> = X extends Fail<infer E extends Failure> ? Exclude<E, Defect> : never

/** The endpoints of a contract's methods, and the channel they share: dispose it. */
export type Client<C> = ClientOf<C> & AsyncDisposable

const clientOptions: OptionNames<ClientOptions> = {
  address: true,
  tls: true,
  keepAlive: true,
  keepAliveTimeout: true,
  timeout: true,
  allow: true,
  limits: true,
  before: true,
  after: true,
  finalize: true,
}

const contractOptions: OptionNames<ContractClientOptions> = {
  ...clientOptions,
  proto: true,
  lock: true,
}

const remoteOptions: OptionNames<RemoteOptions<unknown, unknown, unknown, unknown>> = {
  ...clientOptions,
  method: true,
  idempotent: true,
  encode: true,
  decode: true,
  decodeError: true,
}

/**
 * A contract's client: the same record of endpoints that `implement` takes, each failing with what its method declares
 * and `CallFailed`. Owns its connections: dispose it.
 *
 * @throws ProtoMismatch with every difference between contract and `.proto`, and TypeError for bad options.
 */
export function client<N extends string, M extends Record<string, AnyMethod>>(
  contract: Contract<N, M>,
  options: ContractClientOptions,
): Client<Contract<N, M>>
/**
 * One endpoint that encodes, sends and decodes as you say; O and E are what `decode` answers. Owns its connections: dispose
 * it. A middleware around it gives an endpoint that has nothing to dispose: keep this one.
 */
export function client<I, Req, Res, X extends Answered>(
  options: RemoteOptions<I, Req, Res, X>,
): Endpoint<I, ValueOf<X>, ErrorOf<X> | CallFailed> & AsyncDisposable
export function client(
  first: Contract<string, Record<string, AnyMethod>> | RemoteOptions<unknown, unknown, unknown, Answered>,
  options?: ContractClientOptions,
): unknown {
  return 'methods' in first ? ofContract(first, options ?? ({} as ContractClientOptions)) : ofRemote(first)
}

function ofContract(
  contract: Contract<string, Record<string, AnyMethod>>,
  options: ContractClientOptions,
): Record<PropertyKey, unknown> {
  const who = `grpc.client of ${contract.name}`
  knownOptions(who, options, contractOptions)
  if (Object.values(contract.methods).every(({ kind }) => kind === 'event'))
    throw new TypeError(`${who}: it has no method to call; events are not carried over gRPC`)
  const settings = checked(who, options)
  const bound = bindContract(contract, rootOf(contract, options))
  const shared = { ...settings, channel: channel(who, options, settings.message) }
  const record: Record<PropertyKey, unknown> = {}
  for (const [name, method] of Object.entries(contract.methods as Record<string, AnyMethod & MethodInfo>)) {
    const wire = bound.get(name)
    if (method.kind === 'event' || wire === undefined) continue
    const { encodeInput, decodeOutput, decodeFailure } = codecs(method)
    const line: Line = {
      ...shared,
      path: wire.path,
      kind: method.kind,
      method,
      serialize: same,
      deserialize: same,
      encode: (input) => wire.input.write(encodeInput(input as never)),
      decode: reading(wire.output, decodeOutput, malformedOutput),
      decodeFailure,
    }
    record[name] = caller(line)
  }
  return owning(record, shared)
}

function ofRemote(options: RemoteOptions<unknown, unknown, unknown, Answered>): object {
  const { method, encode, decode, decodeError = decodeCallFailed, idempotent = false } = options
  const who = 'grpc.client'
  knownOptions(who, options, remoteOptions)
  if (typeof method?.path !== 'string') throw new TypeError(`${who}: method is one of a service definition`)
  if (method.requestStream || method.responseStream)
    throw new TypeError(`${who}: ${method.path} is a stream; the client of a contract carries those`)
  for (const [name, step] of Object.entries({ encode, decode, decodeError }))
    if (typeof step !== 'function') throw new TypeError(`${who}: ${name} is a function and not ${String(step)}`)
  const settings = checked(who, options)
  const { path, requestSerialize: serialize, responseDeserialize: deserialize } = method
  const line: Line = {
    ...settings,
    channel: channel(who, options, settings.message),
    path,
    kind: 'unary',
    method: infoOf(path, idempotent),
    serialize,
    deserialize,
    encode,
    decode,
    decodeFailure: decodeError,
  }
  return owning(caller(line) as object, line)
}

function infoOf(path: string, idempotent: boolean): MethodInfo {
  const [, service = '', name = ''] = path.split('/')
  return { contract: service, name, kind: 'unary', idempotent } as MethodInfo
}

type Settings = Omit<Line, 'channel' | 'path' | 'kind' | 'method' | 'serialize' | 'deserialize' | Steps>
type Steps = 'encode' | 'decode' | 'decodeFailure'

function checked(who: string, { timeout, allow, ...options }: ClientOptions): Settings {
  return {
    ...clientLimits(who, options.limits),
    timeout: wholeOption(`${who}: timeout`, timeout, { value: 5_000, min: 1, unit: 'milliseconds', unbounded: true }),
    allow: allowOption(who, allow),
    before: hooksOption(who, options.before),
    after: hooksOption(who, options.after),
    finalize: hooksOption(who, options.finalize),
  }
}

const caller = (line: Line): unknown =>
  endpoint(
    (input: unknown, ctx) => new Promise<Outcome>((resolve) => new Calling(line, ctx, resolve).start(input)) as never,
    line.method,
  )

/** The same, with what closes its connections. */
const owning = <T extends object>(held: T, { channel }: Pick<Line, 'channel'>): T =>
  Object.defineProperty(held, Symbol.asyncDispose, { value: async () => channel.close(), enumerable: true })

const malformedOutput = ({ message }: InvalidArgument): Failure =>
  remote({ code: 'internal', tag: 'InvalidOutput', message: `the answer cannot be read: ${message}` })
