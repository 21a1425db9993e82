// A proxy mounted under a path that its target does not know.
import type { ProxyBefore } from './message.ts'

/**
 * A `before` hook that takes `/api` off the path, so that `/api/orders` is `/orders` at the target, and tells the target in
 * `x-forwarded-prefix`. A path that does not begin with it stays as it is.
 *
 * @throws TypeError for a prefix that does not begin with a slash, or ends with one.
 */
export function stripPrefix(prefix: string): ProxyBefore {
  if (typeof prefix !== 'string' || !/^(?:\/[^/?#\s]+)+$/.test(prefix))
    throw new TypeError(`http.stripPrefix: a prefix is a path such as /api and not ${JSON.stringify(prefix)}`)
  return (_, request) => {
    const rest = request.path.slice(prefix.length)
    if (!request.path.startsWith(prefix) || !/^(?:[/?]|$)/.test(rest)) return
    request.path = rest.startsWith('/') ? rest : `/${rest}`
    const before = request.headers['x-forwarded-prefix']
    request.headers['x-forwarded-prefix'] = typeof before === 'string' ? before + prefix : prefix
  }
}
