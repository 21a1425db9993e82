// Metadata on its way out: what was set for this hop and the allowed part of what came in, as headers.
import { type InvalidArgument, invalidArgument } from '@tenon/contract'
import { type Context, outgoing } from '@tenon/endpoint'
import type { Headers } from './reply.ts'

// They frame the message or belong to one connection: whoever sets them as metadata breaks the request, or smuggles one.
const forbidden: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'request-timeout-ms',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
// What a header's value may hold (RFC 9110, 5.5), without the bytes above 0x7e, which travel as nobody knows what.
const value = /^[\t\x20-\x7e]*$/

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
    if (forbidden.has(key) || !token.test(key)) return wrong(key, 'a name that may travel as metadata', key)
    if (!value.test(text)) return wrong(key, 'printable ASCII', 'something else')
    bytes += key.length + text.length
    if (bytes > limit) return wrong('', `at most ${limit} bytes`, 'more')
    headers[key] = text
  }
  return undefined
}

const wrong = (key: string, expected: string, actual: string): InvalidArgument =>
  invalidArgument([{ path: key === '' ? 'metadata' : `metadata.${key}`, expected, actual }])
