// Why a name could not be looked up. That it does not exist is no error, but a set that is known to be empty.

/** A lookup failed: what was known of the name before still holds. */
export class DnsError extends Error {
  override readonly name = 'DnsError'
  /**
   * What the server answered (`SERVFAIL`, `REFUSED`, `FORMERR`, `NOTIMP`, or `RCODE` and a number), or what stood in for an
   * answer: `TIMEOUT`, `UNREACHABLE`, `MALFORMED`.
   */
  readonly code: string
  /** The server that was asked last: `127.0.0.1:53`. */
  readonly server: string

  constructor(code: string, server: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.server = server
  }
}
