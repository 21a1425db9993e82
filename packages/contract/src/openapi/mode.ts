// How a codec is described: as what goes in or what comes out, with or without keys that nobody knows. One codec may be
// on both sides, and then its schemas differ: what goes in must have no other keys, what comes out may get some.
import type { Definitions } from '../compat/alternatives.ts'
import type { Description } from '../description.ts'
import { definitionOf } from './fields.ts'

export interface Mode {
  readonly side: 'in' | 'out'
  /** Are keys that the codec does not know refused? */
  readonly closed: boolean
}

/** What of the mode makes a difference. */
interface Matters {
  readonly side: boolean
  readonly closed: boolean
}

/** Tells the ways in which a definition is described apart: equal keys are equal schemas. */
export function variants(definitions: Definitions): (name: string, mode: Mode) => string {
  const known = new Map<string, Matters>()
  const matters = (name: string): Matters => {
    let found = known.get(name)
    if (found === undefined) {
      const parts = [...within(definitionOf(name, definitions), definitions, new Set([name]))]
      found = {
        side: parts.some(({ notes }) => notes?.secret === true),
        closed: parts.some(({ kind }) => kind === 'object' || kind === 'tuple'),
      }
      known.set(name, found)
    }
    return found
  }
  return (name, { side, closed }) => {
    const { side: bySide, closed: byClosed } = matters(name)
    return `${name}|${bySide ? side : ''}|${byClosed ? (closed ? 'closed' : 'open') : ''}`
  }
}

/** Everything that a description is made of, through its references. */
function* within(description: Description, definitions: Definitions, seen: Set<string>): Generator<Description> {
  yield description
  for (const part of parts(description)) yield* within(part, definitions, seen)
  if (description.kind !== 'ref' || seen.has(description.name)) return
  seen.add(description.name)
  yield* within(definitionOf(description.name, definitions), definitions, seen)
}

function parts(description: Description): readonly Description[] {
  switch (description.kind) {
    case 'array':
      return [description.item]
    case 'tuple':
      return description.items
    case 'record':
      return [description.key, description.value]
    case 'object':
      return description.fields.map(({ of }) => of)
    case 'all':
    case 'one':
      return description.of
    case 'refined':
      return [description.of]
    default:
      return []
  }
}
