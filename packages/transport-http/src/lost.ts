// What went wrong between a client and its server, as failures.
import {
  type InvalidArgument,
  invalidArgument,
  type Remote,
  remote,
  type Unavailable,
  unavailable,
} from '@tenon/contract'

interface WireError {
  readonly name?: unknown
  readonly code?: unknown
  readonly message?: unknown
  readonly socket?: { readonly bytesRead?: unknown } | undefined
}

const lost: ReadonlySet<unknown> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])
const noHttp: ReadonlySet<unknown> = new Set(['UND_ERR_HEADERS_OVERFLOW', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'])
const closed: ReadonlySet<unknown> = new Set(['UND_ERR_CLOSED', 'UND_ERR_DESTROYED'])

/** `begun`: had an answer begun? */
export function failureOf(error: unknown, origin: string, begun: boolean): Unavailable | InvalidArgument | Remote {
  const { name, code, message } = (typeof error === 'object' && error !== null ? error : {}) as WireError
  const why = typeof code === 'string' ? ` (${code})` : ''
  if (closed.has(code)) return unavailable('this client is closed')
  if (code === 'UND_ERR_INVALID_ARG')
    return { ...invalidArgument([]), message: `this request cannot be sent: ${String(message)}` }
  if (begun) return unavailable(`the answer of ${origin} broke off${why}`)
  if (lost.has(code)) return unavailable(`the connection to ${origin} was lost${why}`)
  if (name === 'HTTPParserError' || noHttp.has(code))
    return remote({ code: 'internal', tag: 'InvalidOutput', message: `what ${origin} answers is no HTTP${why}` })
  return unavailable(`${origin} ${howUnreached(code)}${why}`)
}

/** Why there is no connection, in words that say where to look. */
export function howUnreached(code: unknown): string {
  if (isNoTls(code)) return 'speaks no TLS'
  return isBadCertificate(code) ? 'has a certificate that is not accepted' : 'cannot be reached'
}

// What OpenSSL and Node call the ways in which a server's certificate fails, and our own for pins. ERR_SSL_ are alerts: those
// are what the server said of ours.
const isBadCertificate = (code: unknown): boolean =>
  typeof code === 'string' &&
  /^(?!ERR_SSL_).*(CERT|UNABLE_TO_VERIFY|CRL|ERR_TLS_PIN|INVALID_CA|HOSTNAME_MISMATCH)/.test(code)

/** What TLS finds where plain HTTP, or something else, is spoken. */
const isNoTls = (code: unknown): boolean => typeof code === 'string' && /WRONG_VERSION_NUMBER|RECORD_LAYER/.test(code)

/**
 * Did a kept connection turn out to be closed? The server had sent something on it before, and closed it properly
 * without an answer to this request. Then an idempotent one may be sent once more, on another connection.
 */
export function wasStale(error: unknown): boolean {
  const { code, socket } = error as WireError
  return code === 'UND_ERR_SOCKET' && typeof socket?.bytesRead === 'number' && socket.bytesRead > 0
}
