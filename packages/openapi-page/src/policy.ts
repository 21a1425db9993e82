// What the page may load, and whom it may talk to.

/** The page's `content-security-policy`. */
export function policy(servers: readonly string[]): string {
  const origins = servers.flatMap((url) => originOf(url) ?? [])
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    // Pictures in the viewer's style sheet are written out there.
    "img-src 'self' data:",
    ['connect-src', "'self'", ...new Set(origins)].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** The origin of a server that is elsewhere; one with variables or a path alone has none. */
function originOf(url: string): string | undefined {
  const { protocol, origin } = URL.parse(url) ?? {}
  return protocol === 'http:' || protocol === 'https:' ? origin : undefined
}
