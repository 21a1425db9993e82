// Reading a request's body, never more of it than was allowed.
import type { IncomingMessage } from 'node:http'
import { Chunks } from './chunks.ts'
import type { Gate } from './gate.ts'
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

/**
 * Reads the body; `done` gets it, or why it is not read to its end. Answers what stops it: then `done` gets nothing, and
 * what has come is forgotten.
 */
export function readBody(
  req: IncomingMessage,
  limit: number,
  open: Gate,
  done: (body: Buffer | Refusal) => void,
): () => void {
  let chunks: Chunks | undefined = new Chunks()
  const stop = (): void => {
    if (chunks === undefined) return
    open.free(chunks.size)
    chunks = undefined
    req.off('data', data)
    req.off('end', end)
  }
  const data = (chunk: Buffer): void => {
    if (chunks === undefined) return
    chunks.push(chunk)
    const full = open.hold(chunk.length)
    if (chunks.size <= limit && full === undefined) return
    stop()
    done(full === undefined ? bodyTooLarge(limit) : tooMuchAtOnce(full))
  }
  const end = (): void => {
    if (chunks === undefined) return
    const whole = chunks.whole()
    open.free(chunks.size)
    chunks = undefined
    done(whole)
  }
  req.on('data', data)
  req.on('end', end)
  return stop
}
