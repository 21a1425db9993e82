// A description as JSON Schema (2020-12), kind by kind. References stay symbolic: what a definition is called is decided
// when it is known in how many ways it is described.
import { type Atom, alternatives, type Definitions } from '../compat/alternatives.ts'
import type { Description, Notes } from '../description.ts'
import type { JsonObject } from './document.ts'
import { resolved } from './fields.ts'
import type { Mode } from './mode.ts'
import { noted } from './noted.ts'
import { distinct, literal, unionSchema } from './union.ts'

/** Describes one value after the other. */
export interface Schemas {
  readonly definitions: Definitions
  /** The schema of a reference. */
  refer(name: string, mode: Mode): JsonObject
  /** Is told of every predicate that is known by its name only. */
  unsaid(name: string): void
  /** Is told where a reference says what its predicate demands. */
  said(name: string): void
}

/** The schema of what is described. */
export function schemaOf(description: Description, mode: Mode, to: Schemas): JsonObject {
  return noted(bodyOf(description, mode, to), description, mode, to.definitions)
}

function bodyOf(description: Description, mode: Mode, to: Schemas): JsonObject {
  const inside = (part: Description): JsonObject => schemaOf(part, mode, to)
  switch (description.kind) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return { type: description.kind }
    case 'anything':
      return {}
    case 'never':
    case 'nothing':
      return { not: {} }
    case 'literal':
      return literal(description.values)
    case 'array':
      return { type: 'array', items: inside(description.item) }
    case 'tuple':
      return tuple(description.items.map(inside), description.least, mode)
    case 'object':
    case 'record':
      return object(alternatives(description, to.definitions)?.[0] as ObjectAtom, mode, to)
    case 'all':
      return intersection(description, mode, to)
    case 'one':
      return unionSchema(description, inside, to.definitions)
    case 'refined':
      if (!tells(description.notes)) to.unsaid(description.name)
      return schemaOf(description.of, mode, to)
    case 'custom':
      return tells(description.notes) ? {} : { title: description.name }
    case 'ref': {
      const found = resolved(description, to.definitions)
      if (found.kind === 'refined' && tells(description.notes)) to.said(found.name)
      return to.refer(description.name, mode)
    }
  }
}

/** Does somebody say what the predicate, or the codec, demands? */
export const tells = (notes: Notes | undefined): boolean =>
  notes?.schema !== undefined || notes?.description !== undefined

const tuple = (items: readonly JsonObject[], least = items.length, { closed }: Mode): JsonObject => ({
  type: 'array',
  // The meta-schema wants one at least.
  ...(items.length > 0 && { prefixItems: items }),
  ...(least > 0 && { minItems: least }),
  ...(closed && { items: false }),
})

type ObjectAtom = Atom & { readonly kind: 'object' }

function object({ fields, rests, open }: ObjectAtom, mode: Mode, to: Schemas): JsonObject {
  const properties = [...fields].map(([name, { of }]) => [name, schemaOf(of, mode, to)] as const)
  const required = [...fields].filter(([, { optional }]) => !optional).map(([name]) => name)
  const values = rests.map(({ value }) => schemaOf(value, mode, to))
  const keys = rests.map(({ key }) => schemaOf(key, mode, to)).filter((key) => JSON.stringify(key) !== anyText)
  return {
    type: 'object',
    ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
    ...(required.length > 0 && { required }),
    ...(keys.length > 0 && { propertyNames: allOf(keys) }),
    ...(values.length > 0
      ? { additionalProperties: allOf(values) }
      : mode.closed && !open && { additionalProperties: false }),
  }
}

const anyText = JSON.stringify({ type: 'string' } satisfies JsonObject)

const allOf = (schemas: readonly JsonObject[]): JsonObject =>
  schemas.length === 1 ? (schemas[0] as JsonObject) : { allOf: schemas }

type Intersection = Description & { readonly kind: 'all' }

/** More objects than these are not written out. */
const most = 16

/**
 * An intersection of objects, or of unions of them, as what each combination is: members that refuse unknown keys would
 * refuse each other's. Where that cannot be, keys inside are not refused.
 */
function intersection(description: Intersection, mode: Mode, to: Schemas): JsonObject {
  const atoms = alternatives(description, to.definitions)
  if (atoms !== undefined && atoms.length <= most && atoms.every(isObject)) {
    const objects = atoms.map((atom) => object(atom, mode, to))
    const schema = objects.length === 0 ? { not: {} } : objects.length === 1 ? objects[0] : { anyOf: objects }
    return { ...schema, ...keywords(description, to) }
  }
  const members = description.of.map((member) => schemaOf(member, { ...mode, closed: false }, to))
  const refuses =
    mode.closed &&
    description.of.some((member) => mayBeObject(member, to.definitions)) &&
    !description.of.some((member) => mayHaveAnyKey(member, to.definitions))
  return { ...allOf(distinct(members)), ...(refuses && { unevaluatedProperties: false }) }
}

const isObject = (atom: Atom): atom is ObjectAtom => atom.kind === 'object'

/** Keywords that annotations add to members of an intersection, whose predicates would else be forgotten. */
function keywords(description: Description, to: Schemas): JsonObject {
  const found = resolved(description, to.definitions)
  if (found.kind === 'refined' && !tells(found.notes)) to.unsaid(found.name)
  const inside = found.kind === 'all' ? found.of : found.kind === 'refined' ? [found.of] : []
  return Object.assign({}, ...inside.map((part) => keywords(part, to)), found.notes?.schema)
}

function mayBeObject(description: Description, definitions: Definitions): boolean {
  const found = resolved(description, definitions)
  return found.kind === 'refined' ? mayBeObject(found.of, definitions) : objects.has(found.kind)
}

const objects: ReadonlySet<string> = new Set(['object', 'record', 'all', 'one'])

/** Is it, or may it be, something whose keys are its own affair? */
function mayHaveAnyKey(
  description: Description,
  definitions: Definitions,
  seen: ReadonlySet<string> = new Set(),
): boolean {
  if (description.kind === 'ref' && seen.has(description.name)) return false
  const known = description.kind === 'ref' ? new Set([...seen, description.name]) : seen
  const found = resolved(description, definitions)
  if (found.kind === 'all' || found.kind === 'one')
    return found.of.some((member) => mayHaveAnyKey(member, definitions, known))
  if (found.kind === 'refined') return mayHaveAnyKey(found.of, definitions, known)
  return found.kind === 'custom' || found.kind === 'anything'
}
