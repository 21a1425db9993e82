// What a client sends and receives, as hooks and codecs see it.
import type { Headers } from './reply.ts'

/** A request in the making: encoders fill it, `before` hooks may alter it. */
export interface ClientRequest {
  method: string
  /** Path and query. */
  path: string
  readonly headers: Headers
  body: string | Uint8Array | undefined
}

/** An answer, its body whole and within its limit. */
export interface ClientResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The whole body; no bytes when there is none. */
  readonly body: Buffer
}
