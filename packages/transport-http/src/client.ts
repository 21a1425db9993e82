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
} from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import {
  type ClientOptions,
  type ContractClientOptions,
  clientOptions,
  contractOptions,
  prepare,
  type Shared,
  streaming,
} from './client-options.ts'
import { encodeJson, readJson } from './codec.ts'
import { checkedFormat, type Form, formsOf, readForm } from './formats.ts'
import type { Line } from './line.ts'
import type { ClientRequest, ClientResponse } from './message.ts'
import { placing } from './placing.ts'
import type { Wire } from './pool.ts'
import { readProblem } from './problem.ts'
import { Sending } from './sending.ts'
import { streamMethod } from './stream/client.ts'
import { uncarried } from './stream/uncarried.ts'

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

const remoteOptions: OptionNames<RemoteOptions<unknown, unknown, Failure>> = {
  ...clientOptions,
  method: true,
  idempotent: true,
  encode: true,
  decode: true,
}

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
  return 'methods' in first ? ofContract(first, options ?? ({} as ContractClientOptions)) : ofRemote(first)
}

function ofContract(contract: Contract<string, Record<string, AnyMethod>>, options: ContractClientOptions): unknown {
  const { name, methods } = contract
  const who = `http.client of ${name}`
  knownOptions(who, options, contractOptions)
  const { format } = options
  const forms = formsOf(format === undefined ? [] : [checkedFormat(`${who}: format`, format)], contract as never)
  const shared = prepare(who, options)
  const streams = streaming(who, options)
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

const sender = (line: Line, method: MethodInfo | undefined): object =>
  endpoint(
    (input: unknown, ctx) => new Promise<Outcome>((resolve) => new Sending(line, ctx, resolve).start(input)) as never,
    method,
  )

/** The same, with what disposes its connections. */
export const owning = (held: object, { [Symbol.asyncDispose]: dispose }: Wire): object =>
  Object.defineProperty(held, Symbol.asyncDispose, { value: dispose, enumerable: true })
