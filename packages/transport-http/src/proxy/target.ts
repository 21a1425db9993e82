// Where a proxied request goes: the origin, and the path that stands before the request's own.
import { isIP } from 'node:net'

export interface Target {
  /** `http://host:port`, for people. */
  readonly origin: string
  readonly secure: boolean
  /** Name or address, an IPv6 one without brackets. */
  readonly hostname: string
  readonly port: number
  /** As the header `host` says it. */
  readonly host: string
  /** What TLS asks for; `''` for an address, which has no such name. */
  readonly servername: string
  /** The path before every request's, without a slash at its end. */
  readonly base: string
}

/** @throws TypeError for what is no url of an origin, perhaps with a path. */
export function parseTarget(who: string, url: string | URL): Target {
  const text = String(url)
  const parsed = (typeof url === 'string' || url instanceof URL) && URL.canParse(text) ? new URL(text) : undefined
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.search !== '' || parsed.hash !== '')
    throw new TypeError(`${who}: a target is http(s)://host:port, perhaps with a path, and not ${JSON.stringify(text)}`)
  if (parsed.username !== '' || parsed.password !== '')
    throw new TypeError(`${who}: a target holds no user and password; set an authorization header in a before hook`)
  const secure = parsed.protocol === 'https:'
  const hostname = parsed.hostname.replace(/^\[|\]$/g, '')
  return {
    origin: parsed.origin,
    secure,
    hostname,
    port: parsed.port === '' ? (secure ? 443 : 80) : Number(parsed.port),
    host: parsed.host,
    servername: isIP(hostname) === 0 ? hostname : '',
    base: parsed.pathname.replace(/\/+$/, ''),
  }
}

/** Urls that a balancer answers are few and come again and again: a thousand of them are kept parsed. */
export function targets(who: string): (url: string | URL) => Target {
  const known = new Map<string, Target>()
  return (url) => {
    const text = String(url)
    const found = known.get(text)
    if (found !== undefined) return found
    const target = parseTarget(who, url)
    if (known.size >= 1_000) known.clear()
    known.set(text, target)
    return target
  }
}

/** `/base` and `/dir?q` are `/base/dir?q`, with one slash between them; `*` (of OPTIONS) has no base. */
export const joinPath = (base: string, path: string): string =>
  path === '*' || base === '' ? path : path.startsWith('/') ? base + path : `${base}/${path}`

// A segment that a server may read as "this" or "up": dots, also escaped, up to a slash, also a backslash or escaped, or
// to a `;`, where some servers cut a segment.
const dots = /(?:^|[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:[/\\;]|%2f|%5c|$)/i

/** Could this path lead out of where it seems to be, once somebody resolves its dots? */
export function climbs(path: string): boolean {
  const end = path.indexOf('?')
  return dots.test(end < 0 ? path : path.slice(0, end))
}

/** A request's target (RFC 9112, 3.2) as a path, and the host that an absolute one names instead of the header. */
export function originForm(target: string): { readonly path: string; readonly authority?: string } | undefined {
  if (target.startsWith('/') || target === '*') return target.includes('#') ? undefined : { path: target }
  const [, authority, path] = /^https?:\/\/([^/?#@\s]+)((?:[/?][^#]*)?)$/i.exec(target) ?? []
  if (authority === undefined || path === undefined) return undefined
  return { authority, path: path.startsWith('/') ? path : `/${path}` }
}
