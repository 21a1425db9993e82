// What is known of a call, in its context and to the hooks around it.
import type { Context, Defect, Failure, Outcome } from '@tenon/endpoint'
import type { Headers, ServerExchange, ServerRequest } from '../reply.ts'
import type { RpcError } from './error.ts'
import type { RpcRequest } from './message.ts'

/** What a call's context has beside what its HTTP request's has. */
export interface Called {
  readonly rpc: RpcRequest
}

// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks on is a function that returns nothing
type Maybe<C> = C | void

/** Runs for every call, also of a method that is not there, before decode; what it returns is the context from then on. */
export type RpcBefore = (ctx: Context & Called, request: ServerRequest) => Maybe<Context>

/** An {@link RpcBefore} that adds P to the context. */
export type RpcProvider<P> = (ctx: Context & Called, request: ServerRequest) => Context & P

/** What hooks of a call may set of the HTTP answer, which the calls of a batch share. */
export interface RpcReply {
  /** 0 until somebody sets it: then 200. */
  status: number
  readonly headers: Headers
}

/** Runs between a call's success and encode: sets headers. */
export type RpcAfter = (ctx: Context & Called, reply: RpcReply) => Maybe<Context>

/** Runs when a call failed and its error was made. */
export type RpcAfterError = (ctx: Context & Called, reply: RpcReply, failure: Failure) => Maybe<Context>

/**
 * May change the error that a failure became, and status and headers of the HTTP answer. The context has no `rpc` where
 * the failure is one of the whole request, such as a body that is no JSON.
 */
export type RpcErrorEncoder = (
  failure: Failure | Defect,
  error: RpcError,
  ctx: Context & Partial<Called>,
  reply: RpcReply,
) => void

/** How one call ended. */
export interface RpcOutcome {
  /** `undefined` where the element was no call. */
  readonly request: RpcRequest | undefined
  readonly outcome: Outcome
}

/** What finalizers see of one HTTP request. */
export interface RpcExchange extends ServerExchange {
  /** In the order of the request; empty where no call could be read. */
  readonly calls: readonly RpcOutcome[]
}

/** Runs when all is over, whatever happened, once a HTTP request. Its `outcome` is that of a single call; of a batch it is a success. */
export type RpcFinalizer = (ctx: Context, exchange: RpcExchange) => void
