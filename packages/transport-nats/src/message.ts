// Messages as hooks and codecs see them.
import type { Metadata, Outcome } from '@tenon/endpoint'
import type { NatsMessage } from './connection.ts'
import type { Headers } from './headers.ts'

/** A request that came. */
export interface ServerRequest {
  readonly subject: string
  /** Where the answer goes; absent where nobody waits for one. */
  readonly reply: string | undefined
  /** Under lower-case names. */
  readonly headers: Metadata
  readonly body: Uint8Array
  readonly raw: NatsMessage
}

/** An answer in the making. */
export interface Reply {
  readonly headers: Headers
  body: string | Uint8Array | undefined
}

/** What finalizers of a server see of a call. */
export interface ServerExchange {
  readonly request: ServerRequest
  readonly outcome: Outcome
  /** What was sent; absent where nothing was: nobody waited, or the answer could not leave. */
  readonly reply?: Reply
}

/** A request in the making: encoders fill it, `before` hooks may alter it. */
export interface ClientRequest {
  subject: string
  readonly headers: Headers
  body: string | Uint8Array | undefined
}

/** An answer, as `after` hooks and decoders see it. */
export interface ClientResponse {
  /** Under lower-case names. */
  readonly headers: Metadata
  /** Hooks may replace it. */
  body: Uint8Array
  readonly raw: NatsMessage
}

/** What finalizers of a client see of a call. */
export interface ClientExchange {
  readonly outcome: Outcome
  readonly request?: ClientRequest
  readonly response?: ClientResponse
}
