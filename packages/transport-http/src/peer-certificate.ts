// Whose certificate a client came with: who it is, where the server asks for one.
import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { type Context, extend } from '@tenon/endpoint'

/** The client at the other end of a connection, by its certificate. */
export interface Peer {
  /** Did one of the server's authorities vouch for it? Always, unless `rejectUnauthorized` is false. */
  readonly authorized: boolean
  /** As `CN=orders`, a line for each part. It says what the authority let it say. */
  readonly subject: string
  /** The names (DNS) that it is for. */
  readonly names: readonly string[]
  /** The URIs that it is for, a SPIFFE id for example. */
  readonly uris: readonly string[]
  /** SHA-256 of the certificate, as `AB:CD:...`. */
  readonly fingerprint: string
  readonly certificate: X509Certificate
}

const peers = new WeakMap<TLSSocket, Peer>()

/**
 * Puts the client's certificate into the context, as `peer`; `undefined` where it has none, or the connection no TLS. A
 * `before` hook of servers and proxies.
 */
export function peerCertificate(
  ctx: Context,
  { raw }: { readonly raw: IncomingMessage },
): Context & { readonly peer: Peer | undefined } {
  return extend(ctx, { peer: peerOf(raw.socket as TLSSocket) })
}

/** Read once for each connection: its requests are all of the same client. */
function peerOf(socket: TLSSocket): Peer | undefined {
  const known = peers.get(socket)
  if (known !== undefined || socket.encrypted !== true) return known
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return undefined
  const peer = read(certificate, socket.authorized)
  peers.set(socket, peer)
  return peer
}

function read(certificate: X509Certificate, authorized: boolean): Peer {
  const all = alternatives(certificate.subjectAltName ?? '')
  const of = (kind: string): string[] => all.filter(([name]) => name === kind).map(([, value]) => value)
  const { subject, fingerprint256: fingerprint } = certificate
  return { authorized, subject, names: of('DNS'), uris: of('URI'), fingerprint, certificate }
}

/**
 * `DNS:a, URI:"b, c"` as pairs. Node quotes what holds a comma as JSON does, so that nobody can write two names as one
 * (CVE-2021-44532).
 */
function alternatives(text: string): [string, string][] {
  const pairs: [string, string][] = []
  for (const [, kind = '', quoted, plain = ''] of text.matchAll(
    /(?:^|, )([A-Za-z ]+):(?:("(?:[^"\\]|\\.)*")|([^,]*))/g,
  ))
    pairs.push([kind, quoted === undefined ? plain : (JSON.parse(quoted) as string)])
  return pairs
}
