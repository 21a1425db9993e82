// What passes through a proxy, as its hooks, its target and its middlewares see it: heads, without their bodies.
import type { IncomingMessage } from 'node:http'
import type { Unavailable } from '@tenon/contract'
import type { Context, Failure } from '@tenon/endpoint'
import type { Headers } from '../reply.ts'

/** A request on its way to its target. `before` hooks may alter path and headers. */
export interface ProxyRequest {
  readonly method: string
  /** Path and query as they go on; the path of the target's url comes before it. */
  path: string
  /**
   * The headers that go on, those of {@link ProxyOptions.forwarded} and `via` among them. `host` is there where it is
   * preserved; without one the target's is sent. What frames the message (`content-length`, `transfer-encoding`,
   * `connection`) is not, and is ignored if a hook sets it.
   */
  readonly headers: Headers
  /** The values of the route's placeholders, under `serve`. */
  readonly params: Readonly<Record<string, string | undefined>>
  /** What came in, as Node gives it. Its body belongs to the proxy. */
  readonly raw: IncomingMessage
}

/** The head of an answer on its way to the client. `after` hooks may alter it. */
export interface ProxyResponse {
  status: number
  /** The headers that go on, without those that frame the message. */
  readonly headers: Headers
  /** What the target answered, as Node gives it. Its body belongs to the proxy. */
  readonly raw: IncomingMessage
}

/** The target could not be reached, or its connection was lost before it answered. */
export interface Unreachable extends Unavailable {
  readonly status: 502 | 503
  /** Was anything sent? Where not, a repetition does no harm: `retry({ unsent: nothingSent })`. */
  readonly sent: boolean
}

/** What the target answered is no HTTP that may go on. */
export interface BadAnswer extends Failure<'BadAnswer', 'internal'> {
  readonly status: 502
}

// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks on is a function that returns nothing
type Maybe<C> = C | void

/** Runs before the target is chosen; may alter the request, and what it returns is the context from then on. */
export type ProxyBefore = (ctx: Context, request: ProxyRequest) => Maybe<Context>

/** A {@link ProxyBefore} that adds P to the context. */
export type ProxyProvider<P> = (ctx: Context, request: ProxyRequest) => Context & P

/** Runs when the head of the answer is there, before it goes on; may alter it. */
export type ProxyAfter = (ctx: Context, response: ProxyResponse) => Maybe<Context>
