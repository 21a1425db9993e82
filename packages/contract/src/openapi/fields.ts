// The fields of a described input, as a request places them one by one: found, and left out.
import type { Definitions } from '../compat/alternatives.ts'
import type { DescribedField, Description } from '../description.ts'

/** What a reference refers to. */
export const definitionOf = (name: string, definitions: Definitions): Description =>
  (Object.hasOwn(definitions, name) ? definitions[name] : undefined) ?? { kind: 'custom', name }

/** The description behind references. */
export function resolved(description: Description, definitions: Definitions): Description {
  let found = description
  for (const seen = new Set<string>(); found.kind === 'ref' && !seen.has(found.name); ) {
    seen.add(found.name)
    found = definitionOf(found.name, definitions)
  }
  return found
}

/**
 * A field of an input that is an object: in an intersection what all members say of it, in a union what some member
 * does. `undefined` where there is none.
 */
export function fieldOf(description: Description, name: string, definitions: Definitions): DescribedField | undefined {
  const found = resolved(description, definitions)
  switch (found.kind) {
    case 'refined':
      return fieldOf(found.of, name, definitions)
    case 'object':
      return found.fields.find((field) => field.name === name)
    case 'all':
    case 'one': {
      const fields = found.of.flatMap((member) => fieldOf(member, name, definitions) ?? [])
      const [first] = fields
      if (first === undefined) return undefined
      const optional =
        found.kind === 'all'
          ? fields.every((field) => field.optional)
          : fields.length < found.of.length || fields.some((field) => field.optional)
      return {
        name,
        of: fields.length === 1 ? first.of : { kind: found.kind, of: fields.map(({ of }) => of) },
        optional,
      }
    }
    default:
      return undefined
  }
}

/**
 * The same object without some of its fields, itself where it has none of them; `undefined` where nothing is left.
 * Predicates and annotations of the whole are left out too.
 */
export function without(
  description: Description,
  names: ReadonlySet<string>,
  definitions: Definitions,
): Description | undefined {
  const found = resolved(description, definitions)
  if (![...names].some((name) => fieldOf(found, name, definitions) !== undefined)) return description
  switch (found.kind) {
    case 'refined':
      return without(found.of, names, definitions)
    case 'object': {
      const fields = found.fields.filter((field) => !names.has(field.name))
      return fields.length === 0 ? undefined : { kind: 'object', fields }
    }
    case 'all': {
      const of = found.of.flatMap((member) => without(member, names, definitions) ?? [])
      return of.length === 0 ? undefined : { kind: 'all', of }
    }
    case 'one': {
      const of = found.of.map((member) => without(member, names, definitions))
      if (of.every((member) => member === undefined)) return undefined
      const members = of.map((member): Description => member ?? { kind: 'object', fields: [] })
      return found.tag !== undefined && !names.has(found.tag)
        ? { kind: 'one', of: members, tag: found.tag }
        : { kind: 'one', of: members }
    }
    default:
      return found
  }
}

/** May it be `undefined`, of which nothing is written? */
export function mayBeNothing(description: Description, definitions: Definitions): boolean {
  const found = resolved(description, definitions)
  if (found.kind === 'one') return found.of.some((member) => mayBeNothing(member, definitions))
  if (found.kind === 'refined') return mayBeNothing(found.of, definitions)
  return found.kind === 'nothing' || found.kind === 'anything'
}

/** May it be left out: is there no field that must be there? */
export function isOptional(description: Description, definitions: Definitions): boolean {
  const found = resolved(description, definitions)
  switch (found.kind) {
    case 'object':
      return found.fields.every((field) => field.optional)
    case 'all':
      return found.of.every((member) => isOptional(member, definitions))
    case 'one':
      return found.of.some((member) => isOptional(member, definitions))
    case 'refined':
      return isOptional(found.of, definitions)
    default:
      return found.kind === 'record' || mayBeNothing(found, definitions)
  }
}
