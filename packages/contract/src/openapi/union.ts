// A union as JSON Schema: an enum, a list of types, one of several by their tag, or any of several.
import type { Definitions } from '../compat/alternatives.ts'
import type { Description } from '../description.ts'
import type { JsonObject } from './document.ts'
import { fieldOf, resolved } from './fields.ts'

type Union = Description & { readonly kind: 'one' }

/** The schema of a union; `undefined` among its members is said by absence, and not here. */
export function unionSchema(
  { of, tag }: Union,
  schemaOf: (member: Description) => JsonObject,
  definitions: Definitions,
): JsonObject {
  const said = of.filter(({ kind }) => kind !== 'nothing')
  const literals = said.filter((member) => member.kind === 'literal' && member.notes === undefined)
  const values = literals.flatMap((member) => (member.kind === 'literal' ? member.values : []))
  const others = said.filter((member) => !literals.includes(member))
  const schemas = [...(values.length > 0 ? [literal([...new Set(values)])] : []), ...others.map(schemaOf)]
  const members = distinct(schemas)
  const [only] = members
  if (only === undefined) return { not: {} }
  if (members.length === 1) return only
  const types = members.map(bareType)
  if (types.every((type) => type !== undefined)) return { type: types }
  if (tag === undefined || members.length < said.length) return { anyOf: members }
  const mapping = members.every(isReference) ? mappingOf(said, tag, members, definitions) : undefined
  return { oneOf: members, ...(mapping && { discriminator: { propertyName: tag, mapping } }) }
}

/** Schemas without repetitions. */
export const distinct = (schemas: readonly JsonObject[]): readonly JsonObject[] => [
  ...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values(),
]

/** The schema of one value, or of several. */
export function literal(values: readonly (string | number | boolean | null)[]): JsonObject {
  const types = [...new Set(values.map((value) => (value === null ? 'null' : typeof value)))]
  const type = types.length === 1 ? types[0] : types
  return values.length === 1 ? { type, const: values[0] } : { type, enum: values }
}

/** The type of a schema that says nothing else. */
const bareType = (schema: JsonObject): unknown =>
  Object.keys(schema).length === 1 && typeof schema.type === 'string' ? schema.type : undefined

const isReference = (schema: JsonObject): boolean => typeof schema.$ref === 'string'

/**
 * Which value of the tag is which member. OpenAPI has it for references and text only: a schema that is written out has
 * no name to map to.
 */
function mappingOf(
  members: readonly Description[],
  tag: string,
  schemas: readonly JsonObject[],
  definitions: Definitions,
): Record<string, unknown> | undefined {
  const entries: [string, unknown][] = []
  for (const [at, member] of members.entries()) {
    const values = textsOf(fieldOf(member, tag, definitions)?.of, definitions)
    if (values === undefined) return undefined
    for (const value of values) entries.push([value, schemas[at]?.$ref])
  }
  return Object.fromEntries(entries)
}

function textsOf(description: Description | undefined, definitions: Definitions): readonly string[] | undefined {
  const found = description && resolved(description, definitions)
  if (found?.kind === 'one' || found?.kind === 'all') {
    const texts = found.of.map((member) => textsOf(member, definitions))
    return texts.every((values) => values !== undefined) ? texts.flat() : undefined
  }
  return found?.kind === 'literal' && found.values.every((value) => typeof value === 'string')
    ? (found.values as readonly string[])
    : undefined
}
