// Files that a server answers from memory: made once, when somebody asks, and told apart from older ones by their tag.
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { RequestListener } from './listener.ts'

/** A file: its media type, what it holds, and headers of its own. */
export interface ServedFile {
  readonly type: string
  /** Asked once. Where it throws or rejects, the request is a 500 and the next one asks again. */
  readonly body: () => string | Uint8Array | Promise<string | Uint8Array>
  readonly headers?: Readonly<Record<string, string>>
}

interface Made {
  readonly plain: Uint8Array
  /** Absent where it is not worth it. */
  readonly zipped: Uint8Array | undefined
  readonly tag: string
}

/** Less than this is one packet whatever is done to it. */
const worthZipping = 1_400

const zip = promisify(gzip)

async function make({ body }: ServedFile): Promise<Made> {
  const made = await body()
  const plain = typeof made === 'string' ? Buffer.from(made) : made
  const zipped = plain.byteLength < worthZipping ? undefined : await zip(plain)
  return { plain, zipped, tag: createHash('sha256').update(plain).digest('base64url').slice(0, 22) }
}

/**
 * Answers a file: 304 to who has it, compressed to who takes that. Whoever keeps it is to ask whether it is still the
 * same (`cache-control: no-cache`), because its URL stays the same when the service is deployed anew.
 */
export function fileListener(file: ServedFile): RequestListener {
  let made: Promise<Made> | undefined
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    made ??= make(file).catch((cause: unknown) => {
      made = undefined
      throw cause
    })
    const { plain, zipped, tag } = await made
    const body = zipped !== undefined && takesGzip(req.headers['accept-encoding']) ? zipped : plain
    // Source: RFC 9110 8.8.3: another encoding is another representation, so it has another tag.
    const own = body === plain ? `"${tag}"` : `"${tag}-gzip"`
    const headers = {
      ...file.headers,
      'cache-control': 'no-cache',
      etag: own,
      'x-content-type-options': 'nosniff',
      ...(zipped !== undefined && { vary: 'accept-encoding' }),
    }
    if (has(req.headers['if-none-match'], own)) {
      res.writeHead(304, headers).end()
      return
    }
    res.writeHead(200, {
      ...headers,
      'content-type': file.type,
      'content-length': body.byteLength,
      ...(body !== plain && { 'content-encoding': 'gzip' }),
    })
    // Node sends no body to HEAD.
    res.end(body)
  }
}

/** Source: RFC 9110 13.1.2: tags are compared weakly. */
const has = (header: string | undefined, tag: string): boolean =>
  header !== undefined &&
  (header.trim() === '*' || header.split(',').some((known) => known.trim().replace(/^W\//, '') === tag))

/** Source: RFC 9110 12.5.3. */
function takesGzip(header: string | string[] | undefined): boolean {
  const offers = new Map(
    String(header ?? '')
      .toLowerCase()
      .split(',')
      .map((offer) => {
        const [name = '', ...parameters] = offer.split(';').map((part) => part.trim())
        const weight = parameters.find((part) => part.startsWith('q='))?.slice(2)
        return [name, weight === undefined ? 1 : Number(weight)]
      }),
  )
  return (offers.get('gzip') ?? offers.get('*') ?? 0) > 0
}
