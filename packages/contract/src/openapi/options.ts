// What one may say of a document beside its contracts, checked.
import type { AnyContract } from '../contract.ts'
import type { PlacedMethod } from '../method.ts'
import type { JsonObject, OpenApiInfo, OpenApiServer } from './document.ts'

/** How contracts are described. */
export interface OpenApiOptions {
  readonly info?: Partial<OpenApiInfo>
  /** URLs, or paths on the server that the document comes from. Default: `['/']`, that server itself. */
  readonly servers?: readonly (string | OpenApiServer)[]
  /**
   * Security schemes by name, all of which every operation needs: `{ token: { type: 'http', scheme: 'bearer' } }`.
   * Contracts know nothing of them. Default: none.
   */
  readonly security?: Readonly<Record<string, JsonObject>>
  /** Default: `shop.orders.v1.Orders.place`; further bindings of a method get `.2`, `.3` behind it. Unique in the document. */
  readonly operationId?: (method: PlacedMethod) => string
  /** A codec written by hand of which nobody says what is on the wire: `'any'` value with a warning, or an error. Default: `'any'`. */
  readonly undescribed?: 'any' | 'refuse'
}

/** The options with their defaults. */
export interface CheckedOptions {
  readonly info: OpenApiInfo
  readonly servers: readonly OpenApiServer[]
  readonly security: Readonly<Record<string, JsonObject>>
  readonly operationId: (method: PlacedMethod) => string
  readonly undescribed: 'any' | 'refuse'
}

const known: readonly string[] = [
  'info',
  'servers',
  'security',
  'operationId',
  'undescribed',
] satisfies (keyof OpenApiOptions)[]

/** @throws TypeError naming the option. */
export function checkedOptions(given: OpenApiOptions, contracts: readonly AnyContract[]): CheckedOptions {
  for (const name of Object.keys(given))
    if (!known.includes(name))
      throw new TypeError(`openapi: there is no option "${name}"; there are ${known.join(', ')}`)
  const { servers = ['/'], security = {}, operationId = fullName, undescribed = 'any' } = given
  if (typeof operationId !== 'function') throw new TypeError(`openapi: operationId is a function of a method`)
  if (undescribed !== 'any' && undescribed !== 'refuse')
    throw new TypeError(`openapi: undescribed is 'any' or 'refuse' and not ${JSON.stringify(undescribed)}`)
  if (!Array.isArray(servers)) throw new TypeError('openapi: servers is a list of URLs')
  for (const [name, scheme] of Object.entries(security)) {
    // Source: OpenAPI 3.1, 4.8.7.1: the names of components.
    if (!/^[\w.-]+$/.test(name))
      throw new TypeError(`openapi: security: ${JSON.stringify(name)} is no name of a scheme`)
    if (typeof scheme?.type !== 'string')
      throw new TypeError(`openapi: security.${name} is a scheme such as { type: 'http', scheme: 'bearer' }`)
  }
  return { info: infoOf(given.info, contracts), servers: servers.map(serverOf), security, operationId, undescribed }
}

const fullName = ({ contract, name }: PlacedMethod): string => `${contract}.${name}`

function infoOf(given: Partial<OpenApiInfo> = {}, contracts: readonly AnyContract[]): OpenApiInfo {
  const { title = contracts.map(({ name }) => name).join(', ') || 'Nothing', version = '0.0.0', ...rest } = given
  for (const [name, value] of Object.entries({ title, version }))
    if (typeof value !== 'string' || value.trim() === '')
      throw new TypeError(`openapi: info.${name} is a text and not ${JSON.stringify(value)}`)
  return { title, version, ...rest }
}

function serverOf(given: string | OpenApiServer): OpenApiServer {
  const server = typeof given === 'string' ? { url: given } : given
  if (typeof server?.url !== 'string' || server.url === '')
    throw new TypeError(
      `openapi: servers: a server is a URL or a path such as "/shop" and not ${JSON.stringify(given)}`,
    )
  return server
}
