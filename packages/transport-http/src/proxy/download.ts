// The answer of a target on its way to the client: its head, its body as it comes and as fast as the client reads, its
// trailers.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { reset } from '../reset.ts'
import type { Head } from './attempt.ts'
import { isFraming } from './hop.ts'
import { writeLines } from './lines.ts'
import { trailersOf } from './upload.ts'

/** Who is told of it. */
export interface DownloadOwner {
  moved(): void
  /** All came. The response is still to be ended. */
  downloaded(): void
  /** It ended before it was whole. */
  brokeOff(): void
}

const none: Buffer = Buffer.alloc(0)

export class Download {
  readonly raw: IncomingMessage
  bytes = 0
  readonly #client: IncomingMessage
  readonly #res: ServerResponse
  readonly #owner: DownloadOwner
  #over = false

  constructor({ raw }: Head, client: IncomingMessage, res: ServerResponse, owner: DownloadOwner) {
    this.raw = raw
    this.#client = client
    this.#res = res
    this.#owner = owner
  }

  start(): void {
    const { raw } = this
    this.#res.on('drain', this.#drained)
    raw.on('data', this.#data)
    raw.once('end', this.#ended)
    raw.once('close', this.#gone)
    // It may have been lost since its head came, and will not say so again.
    if (raw.destroyed && !raw.readableEnded) this.#gone()
    else
      setImmediate(() => {
        if (!this.#over) this.hurry()
      })
  }

  /** Sends a head whose body takes its time: an empty write, because flushHeaders would send it as UTF-8. */
  hurry(): void {
    if (this.bytes === 0) this.#res.write(none)
  }

  readonly #data = (chunk: Buffer): void => {
    this.#owner.moved()
    this.bytes += chunk.length
    if (!this.#res.write(chunk)) this.raw.pause()
  }

  readonly #drained = (): void => {
    this.#owner.moved()
    this.raw.resume()
  }

  readonly #ended = (): void => {
    const { complete, rawTrailers } = this.raw
    if (!complete || this.#over) return
    this.#over = true
    if (rawTrailers.length > 0 && chunks(this.#client, this.#res.statusCode))
      this.#res.addTrailers(trailersOf(rawTrailers) as never)
    this.#owner.downloaded()
  }

  readonly #gone = (): void => {
    if (this.#over) return
    this.#over = true
    this.#owner.brokeOff()
  }
}

/** Can an answer with this status be sent to this client in chunks? */
function chunks({ httpVersionMinor, method }: IncomingMessage, status: number): boolean {
  return httpVersionMinor > 0 && method !== 'HEAD' && status !== 204 && status !== 304
}

/**
 * Writes the head of an answer; it leaves with the first bytes of the body.
 *
 * @throws where it holds what no wire can carry.
 */
export function writeHead(head: Head, client: IncomingMessage, res: ServerResponse, close: boolean): void {
  const { raw, status } = head
  const lines = writeLines(head, isFraming)
  if (close) lines.push('Connection', 'close')
  const length = raw.headers['content-length']
  const announced = raw.headers.trailer
  // RFC 9110, 8.6: no length with 204. Last, because Node writes what follows a length as other bytes.
  if (length !== undefined) {
    if (status !== 204) lines.push('Content-Length', length)
  } else if (announced !== undefined && chunks(client, status)) lines.push('Trailer', announced)
  res.writeHead(status, status === raw.statusCode ? raw.statusMessage : undefined, lines)
}

/** Ends an answer that is not whole so that the client sees it. */
export function breakOff({ socket, httpVersionMinor }: IncomingMessage, res: ServerResponse): void {
  // An answer that ends where its connection does would look whole.
  if (httpVersionMinor === 0 && !('encrypted' in socket)) reset(socket)
  else res.destroy()
}
