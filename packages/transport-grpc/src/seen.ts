// A call as a server's hooks see it. A class, and made as it is asked for: a literal with a getter, two empty Metadata and
// the address of the other side cost every call a few microseconds.
import type { PeerCertificate } from 'node:tls'
import { Metadata, type ServerUnaryCall } from '@grpc/grpc-js'
import type { ServerCall } from './hooks.ts'

/** What all kinds of calls have. */
type Call = Pick<ServerUnaryCall<unknown, unknown>, 'getPath' | 'getPeer' | 'getAuthContext' | 'metadata'>

export class Seen implements ServerCall {
  readonly path: string
  readonly #peer: string | undefined
  readonly #call: Call
  #headers: Metadata | undefined
  #trailers: Metadata | undefined

  /** `watched`: are there hooks? They are told the address also when the other side has gone. */
  constructor(call: Call, watched: boolean) {
    this.path = call.getPath()
    this.#call = call
    this.#peer = watched ? call.getPeer() : undefined
  }

  get peer(): string {
    return this.#peer ?? this.#call.getPeer()
  }
  get certificate(): PeerCertificate | undefined {
    return this.#call.getAuthContext().sslPeerCertificate
  }
  get metadata(): Metadata {
    return this.#call.metadata
  }
  get headers(): Metadata {
    this.#headers ??= new Metadata()
    return this.#headers
  }
  get trailers(): Metadata {
    this.#trailers ??= new Metadata()
    return this.#trailers
  }

  /** The headers, where there are some. */
  get setHeaders(): Metadata | undefined {
    return this.#headers !== undefined && Object.keys(this.#headers.getMap()).length > 0 ? this.#headers : undefined
  }
  /** The trailers, where somebody asked for them. */
  get setTrailers(): Metadata | undefined {
    return this.#trailers
  }
}
