// What Consul's health API says of a service, as instances: `/v1/health/service/NAME`.
import { type Instance, instance } from '@tenon/discovery'
import { malformed } from './failure.ts'
import { jsonOf } from './json.ts'

/** Keys of a service's `Meta` in which the registrar keeps what Consul has no field for. */
export const metaKeys = { url: 'instance-url', scheme: 'scheme', weight: 'weight', healthPath: 'health-path' } as const

/** What a service's `Meta` does not say of the place, its node may. */
const zoneKeys = ['zone', 'az', 'availability-zone', 'topology.kubernetes.io/zone', 'region']

interface Found {
  readonly node: string
  readonly one: Instance
}

/** What an answer says. */
export interface Entries {
  readonly instances: readonly Instance[]
  /** What was left out, each with what is wrong with it. */
  readonly refused: readonly Error[]
}

/**
 * The instances in an answer; malformed entries are left out. An id is unique at its agent only: where two nodes have the
 * same one, it is `id@node`.
 */
export function entriesOf(body: string, what: string, origin: string): Entries {
  const entries = jsonOf(body)
  if (!Array.isArray(entries)) throw malformed(what, origin, 'something that is no list of instances')
  const found: Found[] = []
  const refused: Error[] = []
  const times = new Map<string, number>()
  for (const entry of entries as readonly unknown[]) {
    try {
      const each = read(entry)
      found.push(each)
      times.set(each.one.id, (times.get(each.one.id) ?? 0) + 1)
    } catch (cause) {
      refused.push(new TypeError(`${what}: left out ${nameOf(entry)}: ${(cause as Error).message}`, { cause }))
    }
  }
  const instances = found.map(({ one, node }) =>
    times.get(one.id) === 1 || node === '' ? one : instance({ ...one, id: `${one.id}@${node}` }),
  )
  return { instances, refused }
}

type Fields = Readonly<Record<string, unknown>>

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const texts = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(fields(value)).filter(([, one]) => typeof one === 'string')) as Record<
    string,
    string
  >

const nameOf = (entry: unknown): string => {
  const id = text(fields(fields(entry).Service).ID)
  return id === '' ? 'an entry without an id' : `"${id}" of ${text(fields(fields(entry).Node).Node) || 'no node'}`
}

function read(entry: unknown): Found {
  const { Node, Service, Checks } = fields(entry)
  const service = fields(Service)
  const node = fields(Node)
  const { ID, Port, Tags } = service
  if (typeof ID !== 'string' || ID === '') throw new TypeError('it has no Service.ID')
  if (typeof Port !== 'number' || Port === 0) throw new TypeError('it is registered without a port')
  const metadata = texts(service.Meta)
  const host = text(service.Address) || text(node.Address)
  if (host === '') throw new TypeError('neither it nor its node has an address')
  const address = `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${Port}`
  const scheme = metadata[metaKeys.scheme]
  const url =
    metadata[metaKeys.url] ??
    (scheme !== undefined && /^[a-z][\w+.-]*$/i.test(scheme) ? `${scheme}://${address}` : undefined)
  const status = worst(Checks)
  const one = instance({
    id: ID,
    address,
    ...(url !== undefined && URL.canParse(url) && { url }),
    name: text(service.Service) || undefined,
    tags: Array.isArray(Tags) ? Tags.filter((tag) => typeof tag === 'string') : [],
    metadata: { ...metadata, ...placeOf(metadata, texts(node.Meta)) },
    ...weightOf(status, fields(service.Weights), metadata),
  })
  return { node: text(node.Node), one }
}

type Status = 'passing' | 'warning' | 'critical'

/** As the worst of its checks, those of its node among them. */
function worst(checks: unknown): Status {
  let status: Status = 'passing'
  for (const check of Array.isArray(checks) ? checks : []) {
    const { Status } = fields(check)
    if (Status === 'critical') return 'critical'
    if (Status === 'warning') status = 'warning'
  }
  return status
}

/** Consul has whole weights from 1 on; what else was meant stands in the metadata, and holds while all is well. */
function weightOf(status: Status, { Passing, Warning }: Fields, metadata: Fields): { weight?: number } {
  if (status === 'critical') return { weight: 0 }
  const weight = status === 'warning' ? Warning : metadata[metaKeys.weight] === undefined ? Passing : undefined
  return typeof weight === 'number' && weight >= 0 ? { weight } : {}
}

const placeOf = (said: Fields, node: Readonly<Record<string, string>>): Record<string, string> =>
  zoneKeys.some((key) => said[key] !== undefined)
    ? {}
    : Object.fromEntries(zoneKeys.flatMap((key) => (node[key] === undefined ? [] : [[key, node[key]]])))
