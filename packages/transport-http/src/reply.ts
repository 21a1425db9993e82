// What a server sends and receives, as hooks and codecs see it. Nothing is sent before the reply is complete, so that
// its status never lies about its body.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Outcome } from '@tenon/endpoint'

/** Header names are lower-case; several values stand in a list and are sent as several lines. */
export type Headers = Record<string, string | readonly string[] | undefined>

/** A request, its body read and within its limits. */
export interface ServerRequest {
  readonly method: string
  /** Path and query as they were sent. */
  readonly target: string
  /** The part after `?` as it was sent, `''` when there is none. */
  readonly query: string
  /** The values of the route's placeholders, decoded. */
  readonly params: Readonly<Record<string, string | undefined>>
  readonly headers: IncomingHttpHeaders
  /** The whole body; no bytes when there is none, and in `before` hooks. */
  readonly body: Buffer
  /** Node's own request, for what is not here. */
  readonly raw: IncomingMessage
}

/** An answer in the making. `after` hooks and encoders fill it; then it is sent in one piece. */
export interface Reply {
  /** 0 until somebody sets it; then the encoder does: 200 (204 without a body) for an output, by its code for a failure. */
  status: number
  readonly headers: Headers
  body: string | Uint8Array | undefined
}

/** What finalizers see of one exchange. */
export interface ServerExchange {
  readonly request: ServerRequest
  readonly outcome: Outcome
  /** What was sent; 499 where the client left before. */
  readonly status: number
  /** Bytes of the body that were sent. */
  readonly bytes: number
  readonly headers: Headers
  /** Did the connection close before the whole answer was sent? */
  readonly aborted: boolean
}

const empty: Buffer = Buffer.alloc(0)

export class Received implements ServerRequest {
  readonly raw: IncomingMessage
  readonly params: Readonly<Record<string, string | undefined>>
  body: Buffer = empty

  constructor(raw: IncomingMessage, params: Readonly<Record<string, string | undefined>>) {
    this.raw = raw
    this.params = params
  }
  get method(): string {
    return this.raw.method as string
  }
  get target(): string {
    return this.raw.url as string
  }
  get query(): string {
    const { target } = this
    const from = target.indexOf('?')
    return from < 0 ? '' : target.slice(from + 1)
  }
  get headers(): IncomingHttpHeaders {
    return this.raw.headers
  }
}

export const newReply = (): Reply => ({ status: 0, headers: {}, body: undefined })
