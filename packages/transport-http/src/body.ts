// Reading a request's body, never more of it than was allowed.
import type { IncomingMessage } from 'node:http'
import { Chunks } from './chunks.ts'
import { isMedia } from './json.ts'
import { bodyTooLarge, type Refusal, wrongEncoding, wrongMediaType } from './refusal.ts'

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

/** Reads the body; `done` gets it, or `undefined` as soon as it is longer than allowed. Never called where the client leaves. */
export function readBody(req: IncomingMessage, limit: number, done: (body: Buffer | undefined) => void): void {
  const chunks = new Chunks()
  const data = (chunk: Buffer): void => {
    chunks.push(chunk)
    if (chunks.size <= limit) return
    req.off('data', data)
    req.off('end', end)
    done(undefined)
  }
  const end = (): void => done(chunks.whole())
  req.on('data', data)
  req.on('end', end)
}
