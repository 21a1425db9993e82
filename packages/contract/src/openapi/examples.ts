// Examples of what is described, put together from those of its parts.
import { alternatives, type Definitions } from '../compat/alternatives.ts'
import type { Description } from '../description.ts'
import { definitionOf } from './fields.ts'

/** A value as it is on the wire; `undefined` where some part that must be there has none, or is secret. */
export function exampleOf(
  description: Description,
  definitions: Definitions,
  seen: ReadonlySet<string> = new Set(),
): unknown {
  const { notes } = description
  if (notes?.secret) return undefined
  if (notes?.example !== undefined) return notes.example
  const inside = (part: Description): unknown => exampleOf(part, definitions, seen)
  switch (description.kind) {
    case 'null':
      return null
    case 'literal':
      return description.values[0]
    case 'array': {
      const item = inside(description.item)
      return item === undefined ? undefined : [item]
    }
    case 'tuple': {
      const items = description.items.map(inside)
      return items.includes(undefined) ? undefined : items
    }
    case 'refined':
      // What the predicate wants of it, nobody knows.
      return undefined
    case 'object':
    case 'all': {
      const [only, ...others] = alternatives(description, definitions) ?? []
      if (only?.kind !== 'object' || others.length > 0 || only.rests.length > 0) return undefined
      const made: [string, unknown][] = []
      for (const [name, { of, optional }] of only.fields) {
        const example = inside(of)
        if (example === undefined && !optional) return undefined
        if (example !== undefined) made.push([name, example])
      }
      return Object.fromEntries(made)
    }
    case 'one':
      return description.of.map(inside).find((example) => example !== undefined)
    case 'ref': {
      const { name } = description
      return seen.has(name)
        ? undefined
        : exampleOf(definitionOf(name, definitions), definitions, new Set([...seen, name]))
    }
    default:
      return undefined
  }
}
