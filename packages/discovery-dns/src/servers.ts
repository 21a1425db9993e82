// The servers that are asked: those of the system, or those that are given.
import { getServers } from 'node:dns'
import { isIP, isIPv6 } from 'node:net'

/** Where a DNS server listens. */
export interface Server {
  /** An IP address. */
  readonly host: string
  readonly port: number
}

const written = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/

/**
 * A server of its text: `10.0.0.2`, `10.0.0.2:8600`, `fd00::2`, `[fd00::2]:8600`.
 *
 * @throws TypeError when it is something else: a name would have to be looked up itself.
 */
export function serverOf(text: unknown): Server {
  if (typeof text === 'string') {
    if (isIP(text)) return { host: text, port: 53 }
    const [, bracketed, plain, digits] = written.exec(text) ?? []
    const host = bracketed ?? plain ?? ''
    const port = Number(digits)
    if (isIP(host) && port >= 1 && port <= 65_535) return { host, port }
  }
  throw new TypeError(`dns: a server is an IP address, with a port or without, and not ${JSON.stringify(text)}`)
}

/** Those of the system, as they are configured now. */
export const systemServers = (): readonly Server[] => getServers().map(serverOf)

export const shown = ({ host, port }: Server): string => `${isIPv6(host) ? `[${host}]` : host}:${port}`
