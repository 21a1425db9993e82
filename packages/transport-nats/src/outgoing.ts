// Metadata on its way out: what was set for this hop and the allowed part of what came in, as headers.
import { type InvalidArgument, invalidArgument } from '@tenon/contract'
import { type Context, outgoing } from '@tenon/endpoint'
import type { Headers } from './headers.ts'

// They are the transport's own, or NATS gives them a meaning.
const ours = /^(?:request-timeout-ms$|tenon-|nats-)/

// A colon ends a name, a blank would be lost; both clients would send them.
const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
const printable = /^[\x20-\x7e]*$/

/** Puts the metadata into the headers; what cannot travel or is more than `limit` bytes is an `InvalidArgument`. */
export function addMetadata(
  headers: Headers,
  ctx: Context,
  allow: readonly string[],
  limit: number,
): InvalidArgument | undefined {
  const metadata = outgoing(ctx, allow)
  if (metadata.size === 0) return undefined
  let bytes = 0
  for (const [key, text] of metadata) {
    if (ours.test(key) || !token.test(key)) return wrong(`metadata.${key}`, 'a name that may travel as metadata', key)
    if (!printable.test(text)) return wrong(`metadata.${key}`, 'printable ASCII', 'something else')
    bytes += key.length + text.length
    if (bytes > limit) return wrong('metadata', `at most ${limit} bytes`, 'more')
    headers[key] = text
  }
  return undefined
}

const wrong = (path: string, expected: string, actual: string): InvalidArgument =>
  invalidArgument([{ path, expected, actual }])
