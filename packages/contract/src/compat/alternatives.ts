// A description as the list of what a value may be: unions flattened, intersections multiplied out into single objects, so
// that two of them can be compared one by one. This is the disjunctive normal form of a type.
import type { Description } from '../description.ts'

export type Definitions = Readonly<Record<string, Description>>

export interface AtomField {
  readonly of: Description
  readonly optional: boolean
}

/** One alternative. `names` are the predicates that hold of it. */
export type Atom = { readonly names: readonly string[] } & (
  | { readonly kind: 'string' | 'number' | 'boolean' | 'null' | 'nothing' | 'anything' }
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'array'; readonly item: Description }
  | { readonly kind: 'tuple'; readonly items: readonly Description[] }
  /** `rests`: what any further key and its value satisfy; `open`: further keys are somebody else's. */
  | {
      readonly kind: 'object'
      readonly fields: ReadonlyMap<string, AtomField>
      readonly rests: readonly { readonly key: Description; readonly value: Description }[]
      readonly open: boolean
    }
  | { readonly kind: 'custom'; readonly name: string }
  | { readonly kind: 'both'; readonly of: readonly Atom[] }
)

/** An intersection of unions with more alternatives than this is not multiplied out. */
const most = 512

/** The alternatives in order; `undefined` where they are too many. */
export function alternatives(
  description: Description,
  definitions: Definitions,
  open: readonly string[] = [],
): readonly Atom[] | undefined {
  const names: readonly string[] = []
  switch (description.kind) {
    case 'never':
      return []
    case 'literal':
      return description.values.map((value) => ({ kind: 'literal', value, names }))
    case 'array':
      return [{ kind: 'array', item: description.item, names }]
    case 'tuple':
      return [{ kind: 'tuple', items: description.items, names }]
    case 'record':
      return [{ kind: 'object', fields: new Map(), rests: [description], open: false, names }]
    case 'object': {
      const fields = new Map(description.fields.map(({ name, of, optional }) => [name, { of, optional }]))
      return [{ kind: 'object', fields, rests: [], open: false, names }]
    }
    case 'custom':
      return [{ kind: 'custom', name: description.name, names }]
    case 'ref': {
      const { name } = description
      // A union that is a member of itself adds nothing to itself.
      if (open.includes(name)) return []
      const found = Object.hasOwn(definitions, name) ? definitions[name] : undefined
      return found === undefined ? [{ kind: 'custom', name, names }] : alternatives(found, definitions, [...open, name])
    }
    case 'refined': {
      const inside = alternatives(description.of, definitions, open)
      return inside?.map((atom) => ({ ...atom, names: union(atom.names, [description.name]) }))
    }
    case 'one': {
      const members = description.of.map((member) => alternatives(member, definitions, open))
      return members.every((atoms) => atoms !== undefined) ? members.flat() : undefined
    }
    case 'all': {
      let made: readonly Atom[] = [{ kind: 'anything', names }]
      for (const [at, member] of description.of.entries()) {
        const atoms = alternatives(member, definitions, open)
        if (atoms === undefined || atoms.length * made.length > most) return undefined
        made = at === 0 ? atoms : made.flatMap((one) => atoms.flatMap((other) => meet(one, other) ?? []))
      }
      return made
    }
    default:
      return [{ kind: description.kind, names }]
  }
}

/** What satisfies both; `undefined` where nothing can. */
function meet(one: Atom, other: Atom): Atom | undefined {
  const names = union(one.names, other.names)
  if (one.kind === 'anything') return { ...opened(other), names }
  if (other.kind === 'anything') return { ...opened(one), names }
  if (one.kind === 'custom' || other.kind === 'custom' || one.kind === 'both' || other.kind === 'both')
    return { kind: 'both', of: [opened(one), opened(other)], names: [] }
  if (one.kind === 'object' && other.kind === 'object') {
    const fields = new Map<string, AtomField>()
    for (const [from, beside] of [
      [one, other],
      [other, one],
    ] as const)
      for (const [name, field] of from.fields) {
        const known = fields.get(name)
        const rests = known === undefined ? beside.rests.map(({ value }) => value) : []
        fields.set(name, {
          of: both([...(known === undefined ? [] : [known.of]), field.of, ...rests]),
          optional: field.optional && (known?.optional ?? true),
        })
      }
    return { kind: 'object', fields, rests: [...one.rests, ...other.rests], open: one.open || other.open, names }
  }
  if (one.kind === 'array' && other.kind === 'array')
    return { kind: 'array', item: both([one.item, other.item]), names }
  if (one.kind === 'literal' && other.kind === 'literal')
    return one.value === other.value ? { ...one, names } : undefined
  if (one.kind === 'literal') return typeof one.value === other.kind ? { ...one, names } : undefined
  if (other.kind === 'literal') return typeof other.value === one.kind ? { ...other, names } : undefined
  if (one.kind !== other.kind) {
    const lists = [one.kind, other.kind].every((kind) => kind === 'array' || kind === 'tuple')
    return lists ? { kind: 'both', of: [one, other], names: [] } : undefined
  }
  return one.kind === 'tuple' ? { kind: 'both', of: [one, other], names: [] } : { ...one, names }
}

const opened = (atom: Atom): Atom => (atom.kind === 'object' ? { ...atom, open: true } : atom)

const union = (one: readonly string[], other: readonly string[]): readonly string[] => [...new Set([...one, ...other])]

/** An intersection without repetitions, so that a recursion through one comes back to itself. */
export function both(descriptions: readonly Description[]): Description {
  const flat = descriptions.flatMap((description) => (description.kind === 'all' ? description.of : [description]))
  const distinct = [...new Map(flat.map((description) => [JSON.stringify(description), description])).values()]
  const [only] = distinct
  return distinct.length === 1 && only !== undefined ? only : { kind: 'all', of: distinct }
}
