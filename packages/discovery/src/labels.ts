// What registries say of an instance in free text: metadata and tags, in several dialects, read as labels and fields.

/** What metadata and tags say of an instance; what they do not say is `undefined`. */
export interface Described {
  readonly name: string | undefined
  readonly version: string | undefined
  readonly zone: string | undefined
  readonly healthPath: string | undefined
  readonly weight: number | undefined
  /** The metadata, and what else was found in labels. */
  readonly metadata: Readonly<Record<string, string>>
}

// The first that is there counts.
const keys = {
  name: ['name', 'service.name', 'service'],
  version: ['version', 'v'],
  zone: ['zone', 'az', 'availability-zone', 'topology.kubernetes.io/zone', 'region'],
  healthPath: ['healthPath', 'healthpath', 'health.path', 'health_path', 'health-path'],
  weight: ['weight'],
} as const

/** Metadata whose value may be a list of labels. */
const lists: ReadonlySet<string> = new Set(['version', 'labels', 'label', 'x-label-routing'])

const key = /^[\w./-]+$/

/** The labels of `region=eu;env=prod`, keys in lower case, `v` written out; `undefined` when the text is no such list. */
export function labels(text: string): readonly (readonly [key: string, value: string])[] | undefined {
  if (!text.includes('=')) return undefined
  const found: (readonly [string, string])[] = []
  for (const part of text.split(';')) {
    if (part.trim() === '') continue
    const at = part.indexOf('=')
    const name = part.slice(0, Math.max(at, 0)).trim().toLowerCase()
    if (!key.test(name)) return undefined
    found.push([name === 'v' ? 'version' : name, part.slice(at + 1).trim()])
  }
  return found
}

/** Reads both. Metadata goes before tags; what was decoded once reads the same again. */
export function described(metadata: Readonly<Record<string, string>>, tags: readonly string[]): Described {
  const all = new Map(Object.entries(metadata))
  const decoded: (readonly [string, string])[] = []
  for (const [name, value] of all) {
    const list = lists.has(name) && typeof value === 'string' ? labels(value) : undefined
    if (list === undefined) continue
    decoded.push(...list)
    // `version: 'v=1.2.0;env=prod'`: the version is what stands in the list.
    if (list.some(([label]) => label === name)) all.delete(name)
  }
  for (const tag of tags) decoded.push(...(labels(tag) ?? []))
  for (const [name, value] of decoded) if (!all.has(name)) all.set(name, value)
  const read = (names: readonly string[]): string | undefined => {
    for (const name of names) {
      const value = all.get(name)
      if (typeof value === 'string' && value !== '') return value
    }
    return undefined
  }
  return {
    name: read(keys.name),
    version: read(keys.version),
    zone: read(keys.zone),
    healthPath: read(keys.healthPath),
    weight: weightOf(read(keys.weight)),
    metadata: Object.fromEntries(all),
  }
}

/** Metadata is the user's own: a "weight" that is no number of at least 0 means something else there. */
function weightOf(text: string | undefined): number | undefined {
  const weight = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
  return weight >= 0 && weight < Number.POSITIVE_INFINITY ? weight : undefined
}
