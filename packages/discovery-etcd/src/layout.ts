// Where things stand in etcd, and how an instance is written there.
import { type Instance, type InstanceFields, instance } from '@tenon/discovery'

/** A name in a key: a slash would begin another level. */
export const part = (name: string): string => name.replaceAll(/[%/]/g, encodeURIComponent)

const unpart = (text: string): string => text.replaceAll(/%(?:25|2f)/gi, decodeURIComponent)

/** What the keys of a service's instances begin with. */
export const serviceKey = (prefix: string, service: string): string => `${prefix}/${part(service)}/`

/** The key of an instance. */
export const instanceKey = (prefix: string, service: string, id: string): string =>
  serviceKey(prefix, service) + part(id)

/** An instance as it is written: what says nothing is left out. */
export function written({ tags, metadata, weight, ...rest }: Instance): string {
  return JSON.stringify({
    ...rest,
    ...(tags.length > 0 && { tags }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(weight !== 1 && { weight }),
  })
}

/** What a value says of one instance, or of several. */
export type Decode = (value: string, entry: { readonly key: string; readonly id: string }) => Decoded

/** What a {@link Decode} answers: addresses, URLs or fields. */
export type Decoded = string | InstanceFields | readonly (string | InstanceFields)[]

/**
 * Reads what `written` wrote; an address or a URL as it is (Go kit's); what Kratos writes (`endpoints` are URLs) and what
 * go-micro writes (`nodes` are instances). Throws for anything else.
 */
export const decode: Decode = (value, { id }) => {
  const text = value.trim()
  if (text === '') throw new TypeError('there is no value')
  if (!text.startsWith('{')) return text.includes('://') ? { id, url: text } : { id, address: text }
  const { endpoints, nodes, ...fields } = JSON.parse(text) as Foreign
  if (Array.isArray(nodes)) return nodes.map((node) => ofNode(fields, node))
  const url = Array.isArray(endpoints) ? (endpoints.find(isHttp) ?? endpoints[0]) : undefined
  return { id, ...plain(fields), ...(typeof url === 'string' && fields.url === undefined && { url }) } as InstanceFields
}

/** JSON that others write beside our own. */
interface Foreign extends Record<string, unknown> {
  readonly endpoints?: unknown
  readonly nodes?: unknown
}

const isHttp = (url: unknown): boolean => typeof url === 'string' && /^https?:/.test(url)

/** Texts that are empty, lists and objects that are null: Go writes those for what is not there. */
const plain = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== ''))

function ofNode({ name, version, metadata }: Foreign, node: unknown): InstanceFields {
  const own = plain((node ?? {}) as object) as InstanceFields
  return { ...plain({ name, version }), ...own, metadata: { ...(metadata ?? {}), ...own.metadata } }
}

/** The instances of one entry, made once. @throws an Error that names the key. */
export function instancesOf(how: Decode, prefix: string, key: string, value: Buffer): readonly Instance[] {
  try {
    const found = how(value.toString(), { key, id: unpart(key.slice(prefix.length)) })
    return (Array.isArray(found) ? found : [found]).map(instance)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TypeError(`etcd: the value of ${key} is no instance: ${why}`, { cause })
  }
}
