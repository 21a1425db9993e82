// Hooks: small functions around an endpoint that see the wire. They are given as one or as a list, run in order, and hand
// the context on.
import type { PeerCertificate } from 'node:tls'
import type { Metadata, MetadataValue, status } from '@grpc/grpc-js'
import type { Context, Failure, Outcome } from '@tenon/endpoint'

/** One hook or several, in order. */
export type Hooks<H> = H | readonly H[]

// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks on is a function that returns nothing
type Maybe<C> = C | void

/** A call as a server's hooks see it. */
export interface ServerCall {
  /** `/shop.orders.v1.Orders/Place`. */
  readonly path: string
  /** Address and port of the other side. */
  readonly peer: string
  /** Who the other side is, where clients must show a certificate (`tls.ca`). */
  readonly certificate: PeerCertificate | undefined
  /** What came in, as grpc-js has it: lower-case names, bytes under names that end in `-bin`. */
  readonly metadata: Metadata
  /** What goes out before the first message. */
  readonly headers: Metadata
  /** What goes out at the end. */
  readonly trailers: Metadata
}

/** Runs before decode, on a server; what it returns is the context from then on. */
export type ServerBefore = (ctx: Context, call: ServerCall) => Maybe<Context>

/** A {@link ServerBefore} that adds P to the context. */
export type ServerProvider<P> = (ctx: Context, call: ServerCall) => Context & P

/** Runs on a server when the endpoint has answered, success or failure, before headers and trailers leave. */
export type ServerAfter = (ctx: Context, call: ServerCall, outcome: Outcome) => Maybe<Context>

/** Runs on a server when all is over, whatever happened, once; of a stream at its end. */
export type ServerFinalizer = (ctx: Context, call: ServerCall, outcome: Outcome) => void

/** Hears what went wrong in decode, encode, or (infrastructure failures and defects only) the endpoint. Changes nothing. */
export type ErrorListener = (failure: Failure, ctx: Context, where: 'decode' | 'endpoint' | 'encode') => void

/** A call as a client's hooks see it. */
export interface ClientCall {
  /** `/shop.orders.v1.Orders/Place`. */
  readonly path: string
  /** What goes out beside the call. */
  readonly metadata: Metadata
}

/** What came back, as a client's hooks see it. */
export interface ClientAnswer {
  readonly code: status
  /** What came before the first message; absent where the call failed before. */
  readonly headers: Metadata | undefined
  /** What came at the end. */
  readonly trailers: Metadata
}

/** Runs on a client before anything is sent: sees and may alter the metadata. */
export type ClientBefore = (ctx: Context, call: ClientCall) => Maybe<Context>

/** Runs on a client when the other side has ended the call, also by a failure, before decode; of a stream at its end. */
export type ClientAfter = (ctx: Context, answer: ClientAnswer) => Maybe<Context>

/** What finalizers of a client see. */
export interface ClientExchange {
  readonly outcome: Outcome
  readonly call: ClientCall
  /** Absent where the other side said nothing: it was not reached, or the caller gave up. */
  readonly answer?: ClientAnswer
}

/** Runs on a client when the call is over, whatever happened, once; of a stream at its end. */
export type ClientFinalizer = (ctx: Context, exchange: ClientExchange) => void

/** Sets metadata of the request: a `before` hook of a client. Bytes go under names that end in `-bin`, text under others. */
export const setRequestHeader = (name: string, value: MetadataValue): ClientBefore => {
  const key = keyFor(name, value)
  return (_, { metadata }) => metadata.set(key, value)
}

/** Sets metadata that leaves before the answer: an `after` hook of a server. */
export const setResponseHeader = (name: string, value: MetadataValue): ServerAfter => {
  const key = keyFor(name, value)
  return (_, { headers }) => headers.set(key, value)
}

/** Sets metadata that leaves after the answer: an `after` hook of a server. */
export const setResponseTrailer = (name: string, value: MetadataValue): ServerAfter => {
  const key = keyFor(name, value)
  return (_, { trailers }) => trailers.set(key, value)
}

function keyFor(name: string, value: MetadataValue): string {
  const key = name.toLowerCase()
  if (key.endsWith('-bin') === (typeof value === 'string'))
    throw new TypeError(`${name}: names that end in -bin take bytes, others text`)
  return key
}
