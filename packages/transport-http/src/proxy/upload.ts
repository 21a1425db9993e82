// The body of a request on its way to the target: passed on as it comes, as fast as the target reads, and never kept. So
// it can be sent once.
import type { ClientRequest, IncomingMessage } from 'node:http'
import { mayTrail } from './hop.ts'

/** Who is told of it. */
export interface UploadOwner {
  /** A target takes it. */
  begun(): void
  moved(): void
  /** More came than is allowed. */
  tooLarge(): void
  /** All of it was handed on. */
  uploaded(): void
}

export class Upload {
  readonly raw: IncomingMessage
  /** Was some target given it? Then no other can be. */
  taken = false
  /** Does it wait for the target, and not for the client? */
  held = false
  readonly #most: number
  readonly #owner: UploadOwner
  #bytes = 0
  #sink: ClientRequest | undefined

  constructor(raw: IncomingMessage, most: number, owner: UploadOwner) {
    this.raw = raw
    this.#most = most
    this.#owner = owner
  }

  into(sink: ClientRequest): void {
    this.taken = true
    this.#sink = sink
    this.#owner.begun()
    sink.on('drain', this.#drained)
    this.raw.on('data', this.#data)
    this.raw.on('end', this.#ended)
  }

  /** Nobody wants the rest. What comes of it is dropped. */
  stop(): void {
    if (this.#sink === undefined) return
    this.#sink.off('drain', this.#drained)
    this.#sink = undefined
    this.raw.off('data', this.#data)
    this.raw.off('end', this.#ended)
    this.raw.resume()
  }

  readonly #data = (chunk: Buffer): void => {
    this.#owner.moved()
    this.#bytes += chunk.length
    if (this.#bytes > this.#most) this.#owner.tooLarge()
    else if (this.#sink?.write(chunk) === false) {
      this.held = true
      this.raw.pause()
    }
  }

  readonly #drained = (): void => {
    this.#owner.moved()
    this.held = false
    this.raw.resume()
  }

  readonly #ended = (): void => {
    const sink = this.#sink as ClientRequest
    const { rawTrailers } = this.raw
    if (rawTrailers.length > 0) sink.addTrailers(trailersOf(rawTrailers))
    sink.end()
    this.#owner.uploaded()
  }
}

/** What of a trailer may go on, as Node takes it. */
export function trailersOf(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string
    if (mayTrail(name.toLowerCase())) pairs.push([name, raw[at + 1] as string])
  }
  return pairs
}
