// Which headers end at a hop (RFC 9110, 7.6.1) and which frame the message, so that a proxy writes them itself.
import { members } from './lines.ts'

/** Of one connection, and not of the message; also those that old implementations treat so without saying it. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  // Nobody's header, but CGI makes HTTP_PROXY of it, which clients in there take for a setting (CVE-2016-5385).
  'proxy',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** What no hook may write either: a proxy that frames a message by what it was told is one that smuggles. */
export const isFraming = (name: string): boolean => hopByHop.has(name) || name === 'content-length'

const written = (name: string): string => (name.includes('_') ? name.replaceAll('_', '-') : name)

/**
 * Tells the headers of a message that must not go on: the fixed ones, those its `Connection` names, its framing, and what
 * is one of these to servers that take `_` for `-` (CGI and its heirs).
 */
export function endsHere(raw: readonly string[]): (name: string) => boolean {
  const named = members(raw, 'connection')
  const listed = named.some((name) => name !== 'close' && name !== 'keep-alive') ? new Set(named) : undefined
  return (name) => {
    const plain = written(name)
    return isFraming(plain) || listed?.has(name) === true || listed?.has(plain) === true
  }
}

// They frame, route or authorize, or say how the content is to be read: RFC 9110, 6.5.1, keeps them out of trailers.
const noTrailer: ReadonlySet<string> = new Set([
  'age',
  'authorization',
  'cache-control',
  'content-encoding',
  'content-range',
  'content-type',
  'date',
  'expect',
  'expires',
  'forwarded',
  'host',
  'location',
  'max-forwards',
  'pragma',
  'range',
  'request-timeout-ms',
  'retry-after',
  'set-cookie',
  'cookie',
  'vary',
  'via',
  'www-authenticate',
])

/** May this header stand in a trailer that goes on? */
export const mayTrail = (name: string): boolean =>
  !isFraming(written(name)) && !noTrailer.has(written(name)) && !/^(?:x[-_]forwarded|if[-_])/.test(name)
