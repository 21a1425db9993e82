// The schemas that a document names: each definition once for every way in which it is described. Their names are given
// at the end, and do not depend on the order of use.
import type { Definitions } from '../compat/alternatives.ts'
import type { Description } from '../description.ts'
import type { JsonObject, OpenApiDocument } from './document.ts'
import { definitionOf } from './fields.ts'
import { besideReferences, withoutBeside } from './hoist.ts'
import { type Mode, variants } from './mode.ts'
import { plain } from './plain.ts'
import { type Schemas, schemaOf } from './schema.ts'

export interface Components {
  readonly definitions: Definitions
  /** The schema of a description. */
  of(description: Description, mode: Mode): JsonObject
  /** A reference to a schema of this name; to another one of that name, if they differ, with a number. */
  add(name: string, schema: JsonObject): JsonObject
  /** A reference to what is not a schema, made where it is asked for first. */
  share(kind: SharedKind, name: string, make: () => JsonObject): JsonObject
  /** Everything by kind and name, and the value with names where references stood for schemas. */
  finish(value: JsonObject): { readonly components: OpenApiDocument['components']; readonly value: JsonObject }
  /** Says that something is not in the document. */
  warn(warning: string): void
  /** Everything that is not in the document, one sentence each. */
  readonly warnings: readonly string[]
}

/** What is referred to beside schemas. */
export type SharedKind = 'responses' | 'examples' | 'headers'

interface Entry {
  readonly wanted: string
  readonly mode: Mode
  schema: JsonObject
}

const prefix = '#/components/schemas/'
const out: Mode = { side: 'out', closed: false }

export function components(definitions: Definitions): Components {
  const variant = variants(definitions)
  const entries = new Map<string, Entry>()
  const shared = new Map<SharedKind, Map<string, JsonObject>>()
  const unsaid = new Set<string>()
  const said = new Set<string>()
  const warnings = new Set<string>()
  const schemas: Schemas = {
    definitions,
    refer(name, mode) {
      const key = variant(name, mode)
      if (!entries.has(key)) {
        const entry: Entry = { wanted: name, mode, schema: {} }
        entries.set(key, entry)
        entry.schema = schemaOf(definitionOf(name, definitions), mode, schemas)
      }
      return { $ref: prefix + key }
    },
    unsaid: (name) => void unsaid.add(name),
    said: (name) => void said.add(name),
  }
  return {
    definitions,
    of: (description, mode) => schemaOf(description, mode, schemas),
    add(name, schema) {
      const text = JSON.stringify(schema)
      for (const [key, entry] of entries)
        if (entry.wanted === name && JSON.stringify(entry.schema) === text) return { $ref: prefix + key }
      const key = `${name}|${entries.size}|`
      entries.set(key, { wanted: name, mode: out, schema })
      return { $ref: prefix + key }
    },
    share(kind, name, make) {
      const known = shared.get(kind) ?? new Map<string, JsonObject>()
      shared.set(kind, known)
      if (!known.has(name)) known.set(name, make())
      return { $ref: `#/components/${kind}/${name}` }
    },
    finish(value) {
      const names = new Map([...namesOf(entries)].map(([key, name]) => [prefix + key, prefix + name]))
      const nameOf = (key: string): string => (names.get(prefix + key) as string).slice(prefix.length)
      const everything = [value, ...entries.values(), ...[...shared.values()].flatMap((known) => [...known.values()])]
      const beside = besideReferences(everything, (ref) => names.has(ref))
      const schemas = new Map(
        [...entries].map(([key, { schema }]) => [nameOf(key), { ...schema, ...beside.get(prefix + key) }]),
      )
      const kinds = [['schemas', schemas] as const, ...shared].sort(byName)
      const sorted = kinds.map(([kind, known]) => [kind, Object.fromEntries([...known].sort(byName))] as const)
      return {
        components: plain(withoutBeside(Object.fromEntries(sorted), beside), names) as OpenApiDocument['components'],
        value: plain(withoutBeside(value, beside), names) as JsonObject,
      }
    },
    warn: (warning) => void warnings.add(warning),
    get warnings() {
      const demands = [...unsaid].filter((name) => !said.has(name))
      return [...demands.map(demanded), ...warnings]
    },
  }
}

const demanded = (name: string): string =>
  `what ${name} demands is not known: annotate(${name}, { schema: { ... } }) or a description says it`

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1

/** A codec's name is that of what comes out; what goes in is called so too unless it differs. */
function namesOf(entries: ReadonlyMap<string, Entry>): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  const rank = ({ mode }: Entry): number => (mode.side === 'in' ? 2 : 0) + (mode.closed ? 1 : 0)
  const ordered = [...entries].sort(([, one], [, other]) => rank(one) - rank(other))
  const name = (key: string, wanted: string): void => {
    let free = wanted
    for (let n = 2; taken.has(free); n++) free = `${wanted}_${n}`
    taken.add(free)
    names.set(key, free)
  }
  const first = new Map<string, string>()
  for (const [key, { wanted }] of ordered) if (!first.has(wanted)) first.set(wanted, key)
  for (const [wanted, key] of first) name(key, wanted)
  for (const [key, { wanted, mode }] of ordered)
    if (!names.has(key)) name(key, mode.side === 'in' ? `${wanted}Input` : wanted)
  return names
}
