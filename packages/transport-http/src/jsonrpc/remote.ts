// A method of a far server, and its calls on their way.
import type { Context, Outcome } from '@tenon/endpoint'
import type { ClientResponse } from '../message.ts'
import type { Read } from './answer.ts'

/** A method, prepared once. */
export interface RemoteMethod {
  /** Its name on the wire. */
  readonly name: string
  /** Is no answer asked for? */
  readonly notification: boolean
  readonly idempotent: boolean
  readonly reading: Reading
}

/** What a method makes of an answer. */
export type Reading = (read: Read, response: ClientResponse, ctx: Context) => Outcome | PromiseLike<Outcome>

/** A call on its way. */
export interface Outgoing {
  readonly method: RemoteMethod
  /** `undefined` for a notification. */
  readonly id: string | number | undefined
  readonly text: string
}

/** What identifies a client's calls. */
export type RpcIds = () => string | number

/** Ids 0, 1, 2, ...: the default of every client. */
export function autoIncrement(from = 0): () => number {
  let next = from
  return () => next++
}

/** The envelope of one call. Throws for what JSON-RPC cannot carry. */
export function outgoing(method: RemoteMethod, params: unknown, next: RpcIds): Outgoing {
  if (params !== undefined && (typeof params !== 'object' || params === null))
    throw new TypeError(`params are an object or an array and not ${params === null ? 'null' : typeof params}`)
  const id: unknown = method.notification ? undefined : next()
  if (!method.notification && typeof id !== 'string' && !Number.isFinite(id))
    throw new TypeError(`an id is a string or a number and not ${String(id)}`)
  const head = `{"jsonrpc":"2.0","method":${JSON.stringify(method.name)}`
  const middle = params === undefined ? '' : `,"params":${JSON.stringify(params)}`
  const tail = id === undefined ? '}' : `,"id":${JSON.stringify(id)}}`
  return { method, id: id as string | number | undefined, text: head + middle + tail }
}
