// What a description that is an object is made of: its own fields, and tagged unions that stand among them.
import type { DescribedField, Description } from '@tenon/contract'

export interface Union {
  readonly tag: string
  /** The tag's value, and the fields of that member without the tag. */
  readonly members: ReadonlyMap<string, Members>
}

export interface Members {
  readonly fields: readonly DescribedField[]
  readonly unions: readonly Union[]
}

export type Definitions = ReadonlyMap<string, Description>

/** A description without names around it. What is said of a name's schema (`annotate(codec, { schema })`) holds for what it names. */
export function resolved(of: Description, definitions: Definitions): Description {
  let found = of
  let said = of.notes?.schema
  for (let hops = 0; found.kind === 'ref' && hops < 100; hops++) {
    const next = definitions.get(found.name)
    if (next === undefined) return { kind: 'never' }
    found = next
    said = said && { ...found.notes?.schema, ...said }
  }
  return said === undefined || found === of ? found : { ...found, notes: { ...found.notes, schema: said } }
}

/** The members of an object, an intersection of objects, or a tagged union; `undefined` for what is no message. */
export function membersOf(of: Description, definitions: Definitions): Members | undefined {
  const found = resolved(of, definitions)
  switch (found.kind) {
    case 'object':
      return { fields: found.fields, unions: [] }
    case 'refined':
      return membersOf(found.of, definitions)
    case 'all': {
      const all = found.of.map((part) => membersOf(part, definitions))
      if (!all.every((part) => part !== undefined)) return undefined
      return { fields: merged(all.flatMap(({ fields }) => fields)), unions: all.flatMap(({ unions }) => unions) }
    }
    case 'one': {
      const union = unionOf(found, definitions)
      return union === undefined ? undefined : { fields: [], unions: [union] }
    }
    default:
      return undefined
  }
}

/** A field that two parts of an intersection have must be there where either says so. */
function merged(fields: readonly DescribedField[]): readonly DescribedField[] {
  const byName = new Map<string, DescribedField>()
  for (const field of fields) {
    const known = byName.get(field.name)
    byName.set(field.name, known === undefined ? field : { ...known, optional: known.optional && field.optional })
  }
  return [...byName.values()]
}

function unionOf({ of, tag }: Extract<Description, { kind: 'one' }>, definitions: Definitions): Union | undefined {
  if (tag === undefined) return undefined
  const members = new Map<string, Members>()
  for (const part of of) {
    const made = membersOf(part, definitions)
    const own = made?.fields.find(({ name }) => name === tag)
    const literal = own === undefined ? undefined : resolved(own.of, definitions)
    if (made === undefined || literal?.kind !== 'literal') return undefined
    const rest = { fields: made.fields.filter(({ name }) => name !== tag), unions: made.unions }
    for (const value of literal.values) {
      if (typeof value !== 'string' || members.has(value)) return undefined
      members.set(value, rest)
    }
  }
  return { tag, members }
}

/** `X | null` as X. */
export function nullable(of: Description, definitions: Definitions): Description | undefined {
  const found = resolved(of, definitions)
  if (found.kind !== 'one') return undefined
  const rest = found.of.filter((part) => resolved(part, definitions).kind !== 'null')
  const [only] = rest
  return rest.length === 1 && found.of.length === 2 ? only : undefined
}

/** The texts of a literal, or of a union of literals, which an enum can be. */
export function textsOf(of: Description, definitions: Definitions): readonly string[] | undefined {
  const found = resolved(of, definitions)
  if (found.kind === 'one') {
    const all = found.of.map((part) => textsOf(part, definitions))
    return all.every((texts) => texts !== undefined) ? all.flat() : undefined
  }
  return found.kind === 'literal' && found.values.every((value) => typeof value === 'string')
    ? (found.values as readonly string[])
    : undefined
}

/** What a description is called in messages. */
export function saidOf(of: Description): string {
  switch (of.kind) {
    case 'ref':
      return of.name
    case 'refined':
    case 'custom':
      return of.name
    case 'literal':
      return of.values.map((value) => JSON.stringify(value)).join(' | ')
    case 'array':
      return `a list of ${saidOf(of.item)}`
    case 'record':
      return `a record of ${saidOf(of.value)}`
    case 'one':
      return of.tag === undefined ? of.of.map(saidOf).join(' | ') : `a union told apart by "${of.tag}"`
    case 'all':
    case 'object':
      return 'an object'
    case 'tuple':
      return 'a tuple'
    case 'nothing':
      return 'nothing'
    default:
      return of.kind
  }
}
