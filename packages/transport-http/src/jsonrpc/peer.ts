// A JSON-RPC server as its clients see it: where calls go, and how they are sent.
import { type Code, type Context, isCode, type Outcome } from '@tenon/endpoint'
import { type ClientOptions, prepare, type Shared } from '../client-options.ts'
import type { Line } from '../line.ts'
import { Sending } from '../sending.ts'
import { type RpcCodes, readAnswers } from './answer.ts'
import { type Batched, Batcher, batching, type RpcBatching } from './batch.ts'
import { autoIncrement, type Outgoing, outgoing, type RemoteMethod, type RpcIds } from './remote.ts'

/** What every client takes. `url` is that of the server's one route: `http://host:port/rpc`. */
export interface RpcClientOptions extends ClientOptions {
  /** Makes the ids. Default: `autoIncrement()`, from 0. */
  readonly id?: RpcIds
  /**
   * Canonical codes of numbers that the server chose itself, for errors that tell no canonical code:
   * `{ [-32005]: 'resource_exhausted' }`. Default: none; such errors are `unknown`.
   */
  readonly codes?: RpcCodes
  /**
   * Sends calls that are made together as one batch. Each keeps its own deadline and its own cancellation; only calls
   * with the same metadata go together, and hooks run once a request, those of a batch in a context of its own.
   * Default: false.
   */
  readonly batch?: boolean | RpcBatching
}

export interface Peer {
  readonly shared: Shared
  readonly codes: RpcCodes
  /** Sends a call of this method; throws for params and ids that JSON-RPC cannot carry. */
  readonly call: (method: RemoteMethod, params: unknown, ctx: Context) => Promise<Outcome>
}

/** @throws TypeError for bad options. */
export function peer(who: string, options: RpcClientOptions): Peer {
  const shared = prepare(who, options)
  const next = functionOr(who, 'id', options.id, autoIncrement())
  const codes = checked(who, options.codes)
  const rules = batching(who, options.batch)
  // As it was written: a server may tell /rpc from /rpc/.
  const to = { ...shared, verb: 'POST', path: new URL(options.url).pathname }
  const single = eitherWay((idempotent) => lineOf({ ...to, idempotent }, textOf, read))
  const one = (call: Outgoing, ctx: Context): Promise<Outcome> => send(single(call.method.idempotent), ctx, call)
  if (rules === undefined)
    return { shared, codes, call: (method, params, ctx) => one(outgoing(method, params, next), ctx) }
  const multiple = eitherWay((idempotent) => lineOf({ ...to, idempotent, share }, textOfAll, distribute))
  const many = (calls: readonly Batched[], ctx: Context): Promise<Outcome> =>
    send(multiple(calls.every(({ outgoing: { method } }) => method.idempotent)), ctx, calls)
  const batcher = new Batcher(rules, shared, { one, many })
  return { shared, codes, call: (method, params, ctx) => batcher.call(outgoing(method, params, next), ctx) }
}

/**
 * A batch is answered when the last of its calls is. When one hangs, its server says what became of the others while
 * these still wait.
 */
const share = 0.9

/** An option that is a function. */
export function functionOr<F, D>(who: string, name: string, given: F | undefined, otherwise: D): F | D {
  if (given === undefined) return otherwise
  if (typeof given !== 'function') throw new TypeError(`${who}: ${name} is a function and not ${String(given)}`)
  return given
}

function checked(who: string, codes: RpcCodes = {}): RpcCodes {
  for (const [number, code] of Object.entries(codes) as [string, Code][])
    if (!Number.isSafeInteger(Number(number)) || !isCode(code))
      throw new TypeError(`${who}: codes maps numbers to canonical codes, and not ${number} to ${String(code)}`)
  return codes
}

const send = (line: Line, ctx: Context, what: unknown): Promise<Outcome> =>
  new Promise((resolve) => new Sending(line, ctx, resolve).start(what))

function eitherWay(make: (idempotent: boolean) => Line): (idempotent: boolean) => Line {
  const lines = { true: make(true), false: make(false) }
  return (idempotent) => lines[`${idempotent}`]
}

const lineOf = (
  { path, ...to }: Omit<Line, 'encode' | 'decode'> & { readonly path: string },
  write: (what: never) => string,
  decode: (...of: never[]) => ReturnType<Line['decode']>,
): Line => ({
  ...to,
  encode(what, request): undefined {
    request.path = path
    request.headers['content-type'] = 'application/json'
    request.headers.accept = 'application/json'
    request.body = write(what as never)
  },
  decode: decode as Line['decode'],
})

type Decoding = Parameters<Line['decode']>

const textOf = ({ text }: Outgoing): string => text
const read = (response: Decoding[0], ctx: Context, { id, method }: Outgoing): ReturnType<Line['decode']> =>
  method.reading(readAnswers(response)(id), response, ctx)

const textOfAll = (calls: readonly Batched[]): string => `[${calls.map(({ outgoing: { text } }) => text).join(',')}]`
/** Gives each call its own answer; that all are given is what came of the request. */
function distribute(response: Decoding[0], _: Context, calls: readonly Batched[]): Outcome {
  const answerTo = readAnswers(response)
  for (const call of calls) call.answer(answerTo(call.outgoing.id), response)
  return { _tag: 'Right', right: undefined }
}
