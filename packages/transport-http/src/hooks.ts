// Hooks: small functions around an endpoint that see the wire. They are given as one or as a list, run in order, and
// hand the context on; several sets of them append.
import type { Context, Failure, Outcome } from '@tenon/endpoint'
import { extend } from '@tenon/endpoint'
import type { ClientRequest, ClientResponse } from './message.ts'
import type { Headers, Reply, ServerExchange, ServerRequest } from './reply.ts'

/** One hook or several, in order. */
export type Hooks<H> = H | readonly H[]

// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks on is a function that returns nothing
type Maybe<C> = C | void

/** Runs before decode, on a server; what it returns is the context from then on. */
export type ServerBefore = (ctx: Context, request: ServerRequest) => Maybe<Context>

/** A {@link ServerBefore} that adds P to the context. */
export type ServerProvider<P> = (ctx: Context, request: ServerRequest) => Context & P

/** Runs on a server between an endpoint's success and encode: sets headers. */
export type ServerAfter = (ctx: Context, reply: Reply) => Maybe<Context>

/** Runs on a server when a failure was encoded, before it is sent: `www-authenticate`, for example. */
export type ServerAfterError = (ctx: Context, reply: Reply, failure: Failure) => Maybe<Context>

/** Runs on a server when all is over, whatever happened, once. */
export type ServerFinalizer = (ctx: Context, exchange: ServerExchange) => void

/** Hears what went wrong in decode, encode, or (infrastructure failures and defects only) the endpoint. Changes nothing. */
export type ErrorListener = (failure: Failure, ctx: Context, where: 'decode' | 'endpoint' | 'encode') => void

/** Runs between encode and send, on a client: sees and may alter the encoded request. */
export type ClientBefore = (ctx: Context, request: ClientRequest) => Maybe<Context>

/** Runs on a client between the arrival of an answer and decode. */
export type ClientAfter = (ctx: Context, response: ClientResponse) => Maybe<Context>

/** What finalizers of a client see. */
export interface ClientExchange {
  readonly outcome: Outcome
  /** What was sent; absent where encode failed. */
  readonly request?: ClientRequest
  /** What came back; absent where nothing did. */
  readonly response?: ClientResponse
}

/** Runs on a client when the call is over, whatever happened, once. */
export type ClientFinalizer = (ctx: Context, exchange: ClientExchange) => void

/** What {@link populateContext} tells of a request. What was not sent is an empty string. */
export interface RequestInfo {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly path: string
  readonly protocol: string
  readonly host: string
  readonly remoteAddress: string
  readonly forwardedFor: string
  readonly forwardedProto: string
  readonly authorization: string
  readonly referer: string
  readonly userAgent: string
  readonly requestId: string
  readonly accept: string
}

/** Puts what is known of the request into the context, as `http`. */
export const populateContext: ServerProvider<{ readonly http: RequestInfo }> = (ctx, { raw, target, headers }) => {
  const of = (name: string): string => {
    const value = headers[name]
    return Array.isArray(value) ? value.join(', ') : (value ?? '')
  }
  return extend(ctx, {
    http: {
      method: raw.method ?? '',
      target,
      path: target.split('?', 1)[0] as string,
      protocol: `HTTP/${raw.httpVersion}`,
      host: of('host'),
      remoteAddress: raw.socket.remoteAddress ?? '',
      forwardedFor: of('x-forwarded-for'),
      forwardedProto: of('x-forwarded-proto'),
      authorization: of('authorization'),
      referer: of('referer'),
      userAgent: of('user-agent'),
      requestId: of('x-request-id'),
      accept: of('accept'),
    },
  })
}

/** A hook that sets a header of whatever has headers. */
export type HeaderHook = (ctx: Context, message: { readonly headers: Headers }) => void

/** Sets a header of the answer: an `after` hook of a server or a proxy. */
export const setResponseHeader =
  (name: string, value: string | readonly string[]): HeaderHook =>
  (_, { headers }) => {
    headers[name.toLowerCase()] = value
  }

/** Sets the answer's content type: an `after` hook of a server. */
export const setContentType = (value: string): HeaderHook => setResponseHeader('content-type', value)

/** Sets a header of the request: a `before` hook of a client or a proxy. */
export const setRequestHeader: (name: string, value: string) => HeaderHook = setResponseHeader
