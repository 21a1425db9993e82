// Hooks: small functions around an endpoint that see the wire. They are given as one or as a list, run in order, and
// hand the context on.
import type { Context, Failure } from '@tenon/endpoint'
import type { ClientExchange, ClientRequest, ClientResponse, Reply, ServerExchange, ServerRequest } from './message.ts'

/** One hook or several, in order. */
export type Hooks<H> = H | readonly H[]

// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks on is a function that returns nothing
type Maybe<C> = C | void

/** Runs before decode, on a server; what it returns is the context from then on. */
export type ServerBefore = (ctx: Context, request: ServerRequest) => Maybe<Context>

/** Runs on a server between an endpoint's success and encode: sets headers. */
export type ServerAfter = (ctx: Context, reply: Reply) => Maybe<Context>

/** Runs on a server when a failure was encoded, before it is sent. */
export type ServerAfterError = (ctx: Context, reply: Reply, failure: Failure) => Maybe<Context>

/** Runs on a server when all is over, whatever happened, once. */
export type ServerFinalizer = (ctx: Context, exchange: ServerExchange) => void

/** Hears what went wrong in decode, encode, or (infrastructure failures and defects only) the endpoint. Changes nothing. */
export type ErrorListener = (failure: Failure, ctx: Context, where: 'decode' | 'endpoint' | 'encode') => void

/** Runs between encode and send, on a client: sees and may alter the encoded request. */
export type ClientBefore = (ctx: Context, request: ClientRequest) => Maybe<Context>

/** Runs on a client between the arrival of an answer and decode. */
export type ClientAfter = (ctx: Context, response: ClientResponse) => Maybe<Context>

/** Runs on a client when the call is over, whatever happened, once. */
export type ClientFinalizer = (ctx: Context, exchange: ClientExchange) => void

/** Sets a header of the answer: an `after` hook of a server. */
export const setReplyHeader =
  (name: string, value: string): ServerAfter =>
  (_, { headers }) => {
    headers[name.toLowerCase()] = value
  }

/** Sets a header of the request: a `before` hook of a client. */
export const setRequestHeader =
  (name: string, value: string): ClientBefore =>
  (_, { headers }) => {
    headers[name.toLowerCase()] = value
  }
