// An instance as Consul's agent takes it: `/v1/agent/service/register`. What it has no field for stands in the metadata, as
// `entries.ts` reads it.
import type { Instance } from '@tenon/discovery'
import type { Check } from './checks.ts'
import { metaKeys } from './entries.ts'

/** What else is said of a registration. */
export interface Terms {
  readonly service: string
  readonly checks: readonly Check[]
  /** The time to live of a TTL check that does not say its own, in milliseconds. */
  readonly live: number
  readonly warningWeight: number
}

/** Hosts that say that a server listens on every address, and none where it is reached. */
const everywhere: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** How a TTL check is called at the agent. */
export const checkId = (id: string, at: number): string => `service:${id}:${at + 1}`

/** @throws TypeError where Consul would not take it. */
export function registrationBody(where: string, instance: Instance, terms: Terms): object {
  const { id, address, tags, weight } = instance
  const at = address.lastIndexOf(':')
  const port = Number(address.slice(at + 1))
  if (at < 1 || !Number.isInteger(port))
    throw new TypeError(`${where}: Consul needs a host and a port, and "address" is ${JSON.stringify(address)}`)
  const host = address.slice(0, at).replace(/^\[(.*)\]$/, '$1')
  const { service, checks, live, warningWeight } = terms
  return {
    ID: id,
    Name: service,
    Tags: tags,
    // Without one it is the node's.
    Address: everywhere.has(host) ? '' : host,
    Port: port,
    Meta: metaOf(where, instance, service, host),
    Weights: { Passing: wholeWeight(weight), Warning: warningWeight },
    Checks: checks.map((check, at) => ({
      CheckID: checkId(id, at),
      Name: `${service} ${check.kind}`,
      ...check.definition(instance, live),
    })),
  }
}

/** Consul's are whole, from 1 to 65,535. */
const wholeWeight = (weight: number): number => Math.min(65_535, Math.max(1, Math.round(weight)))

const mostPairs = 64

function metaOf(where: string, instance: Instance, service: string, host: string): Record<string, string> {
  const { metadata, version, zone, healthPath, weight, name } = instance
  const said: Record<string, string | undefined> = {
    ...urlOf(where, instance, host),
    [metaKeys.weight]: weight === wholeWeight(weight) ? undefined : String(weight),
    [metaKeys.healthPath]: healthPath,
    version,
    zone,
    name: name === service ? undefined : name,
  }
  const all: Record<string, string> = { ...metadata }
  for (const [key, value] of Object.entries(said)) if (value !== undefined) all[key] = value
  for (const [key, value] of Object.entries(all)) {
    if (!/^[\w-]{1,128}$/.test(key))
      throw new TypeError(
        `${where}: Consul takes no metadata called ${JSON.stringify(key)}: names have letters, digits, _ and -, 128 at most`,
      )
    if (Buffer.byteLength(value) > 512)
      throw new TypeError(`${where}: Consul takes 512 bytes of metadata in one place, and "${key}" is longer`)
  }
  if (Object.keys(all).length > mostPairs)
    throw new TypeError(`${where}: Consul takes ${mostPairs} pieces of metadata, and not ${Object.keys(all).length}`)
  return all
}

/** The URL, as far as it is not what everybody expects of the address. */
function urlOf(where: string, { url, address }: Instance, host: string): Record<string, string> {
  const usual = `://${address}`
  if (url === `http${usual}` || url === `http${usual}/`) return {}
  const { protocol, pathname, search } = new URL(url)
  const scheme = protocol.slice(0, -1)
  const plain = pathname.length <= 1 && search === '' && url.includes(usual)
  if (plain) return { [metaKeys.scheme]: scheme }
  if (everywhere.has(host))
    throw new TypeError(`${where}: "url" ${url} is where the server listens: say where others reach it`)
  return { [metaKeys.url]: url }
}
