// What annotations add to a schema. A secret is marked, and never shown by an example.
import type { Definitions } from '../compat/alternatives.ts'
import type { Description } from '../description.ts'
import type { JsonObject } from './document.ts'
import { resolved } from './fields.ts'
import type { Mode } from './mode.ts'

/** The schema of a description with what its annotations say. A title of one word is a definition's name, and not repeated. */
export function noted(schema: JsonObject, description: Description, mode: Mode, definitions: Definitions): JsonObject {
  const { notes } = description
  if (notes === undefined) return schema
  const { title, description: text, example, deprecated, secret, schema: more } = notes
  const { examples: _, example: __, default: ___, ...shown } = { ...schema, ...more } as JsonObject
  return {
    ...(title?.includes(' ') && { title }),
    ...(text !== undefined && { description: text }),
    ...(secret ? shown : { ...schema, ...more }),
    ...(deprecated && { deprecated }),
    ...(secret && isText(description, definitions) && shown.format === undefined && { format: 'password' }),
    // What comes out is there to be read, however secret it is.
    ...(secret && mode.side === 'in' && { writeOnly: true }),
    ...(example !== undefined && !secret && { examples: [example] }),
  }
}

function isText(description: Description, definitions: Definitions): boolean {
  const found = resolved(description, definitions)
  return found.kind === 'refined' ? isText(found.of, definitions) : found.kind === 'string'
}
