// Reading a request's body, never more of it than was allowed.
import type { IncomingMessage } from 'node:http'
import { Chunks } from './chunks.ts'
import type { Gate } from './gate.ts'
import { Incoming, type Taker } from './incoming.ts'
import { isMedia } from './json.ts'
import { bodyTooLarge, type Refusal, tooMuchAtOnce, wrongEncoding, wrongMediaType } from './refusal.ts'

/** Has it a body? A length of 0 counts as none. */
export const hasBody = ({ headers }: IncomingMessage): boolean => {
  const length = headers['content-length']
  return length === undefined ? headers['transfer-encoding'] !== undefined : length !== '0'
}

/** Why a body need not be read at all. */
export function refusedBody(
  req: IncomingMessage,
  limit: number,
  media: readonly string[] | undefined,
): Refusal | undefined {
  const { headers } = req
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') return wrongEncoding
  if (media !== undefined && !isMedia(headers['content-type'], media)) return wrongMediaType(media)
  const length = headers['content-length']
  return length !== undefined && Number(length) > limit ? bodyTooLarge(limit) : undefined
}

/** Is what remains of this body short enough to be read and dropped, so that the connection can be used again? */
export function worthDropping(req: IncomingMessage, limit: number): boolean {
  if (req.complete || !hasBody(req)) return true
  const length = req.headers['content-length']
  return length !== undefined && Number(length) <= limit
}

/** Who reads a body. */
export interface Reading {
  /** The body, or why it is not read to its end. */
  read(body: Buffer | Refusal): void
}

/** Reads a body, never more of it than was allowed; keeps account of it at the gate. */
export class Body implements Taker {
  readonly #req: IncomingMessage
  readonly #limit: number
  readonly #gate: Gate
  readonly #chunks = new Chunks()
  readonly #reading: Reading
  #over = false
  #listening: { readonly data: (chunk: Buffer) => void; readonly end: () => void } | undefined

  constructor(req: IncomingMessage, limit: number, gate: Gate, reading: Reading) {
    this.#req = req
    this.#limit = limit
    this.#gate = gate
    this.#reading = reading
    if (req instanceof Incoming) req.taker = this
    else {
      // A request of somebody else's server.
      this.#listening = { data: (chunk) => this.piece(chunk), end: () => this.whole() }
      req.on('data', this.#listening.data)
      req.on('end', this.#listening.end)
    }
  }

  piece(chunk: Buffer): void {
    if (this.#over) return
    const chunks = this.#chunks
    chunks.push(chunk)
    const full = this.#gate.hold(chunk.length)
    if (chunks.size <= this.#limit && full === undefined) return
    this.stop()
    this.#reading.read(full === undefined ? bodyTooLarge(this.#limit) : tooMuchAtOnce(full))
  }

  whole(): void {
    if (this.#over) return
    this.#over = true
    const { size } = this.#chunks
    const body = this.#chunks.whole()
    this.#gate.free(size)
    this.#reading.read(body)
  }

  /** Stops reading: nothing is told any more, what has come is forgotten, and what comes is Node's to drop. */
  stop(): void {
    if (this.#over) return
    this.#over = true
    this.#gate.free(this.#chunks.size)
    this.#chunks.forget()
    const req = this.#req
    if (req instanceof Incoming) req.taker = undefined
    else if (this.#listening !== undefined) {
      req.off('data', this.#listening.data)
      req.off('end', this.#listening.end)
    }
  }
}
