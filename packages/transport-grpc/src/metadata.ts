// Metadata in and out: lower-case names; a name that ends in `-bin` holds bytes on the wire, and base64 text in a context.
import { Metadata as GrpcMetadata, type MetadataValue } from '@grpc/grpc-js'
import { type InvalidArgument, invalidArgument } from '@tenon/contract'
import { type Context, type Metadata, metadata, outgoing } from '@tenon/endpoint'

// gRPC's own, and those of HTTP/2: whoever sets them as metadata breaks the call.
const forbidden =
  /^(?:grpc-.*|:.*|te|content-type|content-length|connection|host|user-agent|keep-alive|transfer-encoding|upgrade)$/
const token = /^[0-9a-z_.-]+$/
const printable = /^[\x20-\x7e]*$/
const base64 = /^[A-Za-z\d+/]*={0,2}$/

/** What came in, as text; `undefined` for more bytes than that. Of a name that came several times the values are joined. */
export function received(raw: GrpcMetadata, limit: number): Metadata | undefined {
  const entries: [string, string][] = []
  let bytes = 0
  const all: Readonly<Record<string, readonly MetadataValue[]>> = raw.toJSON()
  for (const key of Object.keys(all)) {
    const values = all[key] as readonly MetadataValue[]
    if (values.length === 0) continue
    const value = values.length === 1 ? textOf(values[0] as MetadataValue) : values.map(textOf).join(', ')
    bytes += key.length + value.length
    entries.push([key, value])
  }
  return bytes > limit ? undefined : metadata(entries)
}

const textOf = (value: MetadataValue): string => (typeof value === 'string' ? value : value.toString('base64'))

/** What a call sends: what was set for this hop, and the allowed part of what came in. */
export function sent(ctx: Context, allow: readonly string[], limit: number): GrpcMetadata | InvalidArgument {
  const made = new GrpcMetadata()
  const all = outgoing(ctx, allow)
  if (all.size === 0) return made
  let bytes = 0
  for (const [key, text] of all) {
    if (!token.test(key) || forbidden.test(key)) return wrong(key, 'a name that may travel as metadata', key)
    const binary = key.endsWith('-bin')
    if (!(binary ? base64 : printable).test(text))
      return wrong(key, binary ? 'base64' : 'printable ASCII', 'something else')
    bytes += key.length + text.length
    if (bytes > limit) return wrong('', `at most ${limit} bytes`, 'more')
    made.set(key, binary ? Buffer.from(text, 'base64') : text)
  }
  return made
}

const wrong = (key: string, expected: string, actual: string): InvalidArgument =>
  invalidArgument([{ path: key === '' ? 'metadata' : `metadata.${key}`, expected, actual }])
