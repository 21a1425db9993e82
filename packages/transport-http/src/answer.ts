// Puts a reply on the wire, in one piece where it can.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '@tenon/endpoint'
import { linger } from './lingering.ts'
import type { Reply } from './reply.ts'

/** Completes a reply's status and length. Answers the bytes of its body. */
export function complete(reply: Reply, close: boolean): number {
  const { headers, body } = reply
  const bytes = lengthOf(body)
  if (reply.status === 0) reply.status = body === undefined ? 204 : 200
  if (body !== undefined) headers['content-length'] = String(bytes)
  else if (reply.status !== 204 && reply.status !== 304) headers['content-length'] = '0'
  if (close) headers.connection = 'close'
  return bytes
}

export const lengthOf = (body: Reply['body']): number =>
  body === undefined ? 0 : typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength

/** Writes a complete reply's body; its head was written. `late`: the clock, where the client must be given time to stop sending. */
export function writeBody(
  req: IncomingMessage,
  res: ServerResponse,
  body: Reply['body'],
  bytes: number,
  late: Clock | undefined,
): void {
  if (late === undefined) {
    // As many bytes as characters: it is ASCII, which Node writes faster when it is told.
    if (typeof body === 'string' && bytes === body.length) res.end(body, 'latin1')
    else res.end(body)
    return
  }
  // The answer goes out whole, and the end waits for the client.
  if (body === undefined) res.flushHeaders()
  else res.write(body)
  const end = (): void => {
    timer.cancel()
    req.off('end', end)
    req.off('close', end)
    res.end()
  }
  const timer = late.at(late.now() + linger, end)
  req.once('end', end)
  req.once('close', end)
  req.resume()
}
