// One instance of a service: what a registry knows of it. Registries write it in their own ways; here it gets one shape.
import { described } from './labels.ts'

/** One place where a service runs. Plain frozen data. */
export interface Instance {
  /** What tells it from the others of its service. */
  readonly id: string
  /** `host:port`, an IPv6 host in brackets. */
  readonly address: string
  /** Where a client connects. */
  readonly url: string
  /** The service's name, where somebody told it. */
  readonly name: string | undefined
  readonly version: string | undefined
  /** Where it stands: what zone-aware balancers read. The region, where no zone is told. */
  readonly zone: string | undefined
  /** Where it answers whether it is well: begins with `/`. */
  readonly healthPath: string | undefined
  readonly tags: readonly string[]
  /** What the registry says, and the labels that stood in it or in tags: `region=eu;env=prod` is two of them. */
  readonly metadata: Readonly<Record<string, string>>
  /** Its share of the calls beside the others' weights: 0 or more. */
  readonly weight: number
}

/** What one writes of an instance. One of `address` and `url` is needed. */
export interface InstanceFields {
  /** Default: the address. */
  readonly id?: string | undefined
  /** Default: host and port of the URL, or the whole URL where it has no host. */
  readonly address?: string | undefined
  /** Default: `http://<address>`. */
  readonly url?: string | undefined
  /** Default: none. */
  readonly tags?: readonly string[] | undefined
  /** Default: none. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Default: `weight` in metadata or tags, else 1. */
  readonly weight?: number | undefined
  /** Default: `name`, `service.name` or `service` in metadata or tags. */
  readonly name?: string | undefined
  /** Default: `version` or `v` in metadata or tags: `1.2.0`, `version=1.2.0`, `v=1.2.0;env=prod`. */
  readonly version?: string | undefined
  /** Default: `zone`, `az`, `availability-zone`, `topology.kubernetes.io/zone` or `region` in metadata or tags. */
  readonly zone?: string | undefined
  /** Default: `health.path` or `healthPath` in metadata or tags. */
  readonly healthPath?: string | undefined
}

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443' }
const hostAndPort = /^(?:\[[0-9a-f:.]+(?:%[\w.]+)?\]|[^\s:/?#@[\]]+):(\d{1,5})$/i

/** What went through here once need not again: sets of thousands come anew with every change. */
const made = new WeakSet<object>()

/**
 * An instance of an address (`10.0.0.7:8080`), of a URL (`https://a.example`), or of its fields. What metadata and tags
 * say of it, in any of the usual dialects, stands in its fields; a field that is given goes before.
 *
 * @throws TypeError when it has no address, or one that nothing can connect to (no port, port 0).
 */
export function instance(of: string | InstanceFields): Instance {
  const fields: InstanceFields = typeof of === 'string' ? (of.includes('://') ? { url: of } : { address: of }) : of
  if (typeof fields !== 'object' || fields === null) throw new TypeError(`an instance is an address, and not ${of}`)
  if (made.has(fields)) return fields as Instance
  const { tags = [], metadata = {} } = fields
  const said = described(metadata, tags)
  const { weight = said.weight ?? 1 } = fields
  const url = fields.url ?? `http://${connectable(fields.address)}`
  if (typeof url !== 'string' || !URL.canParse(url)) throw new TypeError(`the instance's url is none: ${show(url)}`)
  const address = fields.address ?? addressOf(new URL(url))
  const id = fields.id ?? address
  if (typeof address !== 'string' || address === '') throw new TypeError(`the instance "${id}" has no address`)
  if (typeof id !== 'string' || id === '') throw new TypeError(`the instance's id is a text, and not ${show(id)}`)
  if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY))
    throw new TypeError(`the instance's weight is a number of at least 0, and not ${show(weight)} (${id})`)
  const read = (name: 'name' | 'version' | 'zone' | 'healthPath'): string | undefined => {
    const value: unknown = fields[name] ?? said[name]
    if (value === undefined || typeof value === 'string') return value
    throw new TypeError(`the instance's ${name} is a text, and not ${show(value)} (${id})`)
  }
  const healthPath = read('healthPath')
  const one: Instance = Object.freeze({
    id,
    address,
    url,
    name: read('name'),
    version: read('version'),
    zone: read('zone'),
    healthPath: healthPath === undefined || healthPath.startsWith('/') ? healthPath : `/${healthPath}`,
    tags: Object.freeze([...tags]),
    metadata: Object.freeze(said.metadata),
    weight,
  })
  made.add(one)
  return one
}

const show = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value))

function connectable(address: unknown): string {
  if (address === undefined) throw new TypeError('an instance needs an address or a url')
  const port = typeof address === 'string' ? hostAndPort.exec(address)?.[1] : undefined
  if (port === undefined)
    throw new TypeError(`the instance's address is host:port (IPv6: [host]:port), and not ${show(address)}`)
  if (Number(port) < 1 || Number(port) > 65_535)
    throw new TypeError(`the instance's port is from 1 to 65535, and not ${port} (${show(address)})`)
  return address as string
}

const addressOf = (url: URL): string =>
  url.host === ''
    ? url.href
    : url.port === '' && url.protocol in defaultPorts
      ? `${url.host}:${defaultPorts[url.protocol]}`
      : url.host

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** A complete set: sorted by id, the same everywhere, and each id once. What is no instance goes to `refuse`. */
export function completeSet(
  list: Iterable<string | InstanceFields>,
  refuse: (error: unknown) => void,
): readonly Instance[] {
  const all: Instance[] = []
  for (const entry of list) {
    try {
      all.push(instance(entry))
    } catch (error) {
      // One malformed entry must not take the others out of service.
      refuse(error)
    }
  }
  all.sort((a, b) => byText(a.id, b.id) || byText(a.address, b.address) || byText(a.url, b.url))
  return all.filter((one, at) => one.id !== all[at - 1]?.id)
}

/** Where an instance stands: what was learned of it, and a connection to it, serve for as long as this stays. */
export const place = ({ id, address, url }: Instance): string => `${id}\n${address}\n${url}`

const samePlace = (a: Instance, b: Instance): boolean => a.id === b.id && a.address === b.address && a.url === b.url

/** Are both sets the same, with everything known of each instance? */
export const sameSet = (a: readonly Instance[], b: readonly Instance[]): boolean =>
  a.length === b.length && a.every((one, at) => same(one, b[at] as Instance))

const same = (a: Instance, b: Instance): boolean =>
  a === b ||
  (samePlace(a, b) &&
    a.weight === b.weight &&
    a.name === b.name &&
    a.version === b.version &&
    a.zone === b.zone &&
    a.healthPath === b.healthPath &&
    a.tags.length === b.tags.length &&
    a.tags.every((tag, at) => tag === b.tags[at]) &&
    sameMetadata(a.metadata, b.metadata))

function sameMetadata(a: Instance['metadata'], b: Instance['metadata']): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key])
}
