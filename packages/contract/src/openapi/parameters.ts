// The fields of an input that travel in path, query and headers, as parameters.

import type { Definitions } from '../compat/alternatives.ts'
import type { Description } from '../description.ts'
import type { HttpBinding, Place } from '../http.ts'
import type { Components } from './components.ts'
import type { JsonObject } from './document.ts'
import { fieldOf, resolved } from './fields.ts'
import type { Mode } from './mode.ts'

/**
 * The parameters of a binding. `paths` has other names for the fields in the path, where another method's route that is
 * the same but for them was there first.
 */
export function parametersOf(
  { places }: HttpBinding,
  input: Description,
  mode: Mode,
  components: Components,
  paths: ReadonlyMap<string, string>,
): readonly JsonObject[] {
  if (places.length > 0)
    for (const name of predicatesOf(input, components.definitions))
      components.warn(`what ${name} demands of the whole is not told, because its fields travel apart`)
  return places.map((place) => {
    // Source: OpenAPI 3.1, 4.8.12.2.1.
    if (place.in === 'header' && place.name === 'authorization')
      components.warn(`${place.field} travels in authorization, which OpenAPI knows as security only: security says it`)
    const field = fieldOf(input, place.field, components.definitions)
    const schema = components.of(field?.of ?? { kind: 'anything' }, mode)
    const { description, deprecated, examples, ...rest } = schema
    const [example] = Array.isArray(examples) ? (examples as readonly unknown[]) : []
    const said = field && resolved(field.of, components.definitions).notes
    const text = description ?? said?.description
    return {
      name: place.in === 'path' ? (paths.get(place.field) ?? place.name) : place.name,
      in: place.in,
      ...(text !== undefined && { description: text }),
      // An empty list is sent as no key at all.
      ...((place.in === 'path' || (field?.optional === false && !place.many)) && { required: true }),
      ...((deprecated ?? said?.deprecated) === true && { deprecated: true }),
      ...styleOf(place),
      // What is said of a named schema everywhere is said there.
      schema: schema.$ref === undefined ? rest : schema,
      ...(example !== undefined && { example }),
    }
  })
}

/** Source: OpenAPI 3.1, 4.8.12.2; these are the defaults, said aloud where a list could travel otherwise. */
const styleOf = ({ many }: Place): JsonObject => (many ? { style: 'form', explode: true } : {})

/** The predicates of an object as a whole. */
function predicatesOf(input: Description, definitions: Definitions): readonly string[] {
  const found = resolved(input, definitions)
  if (found.kind === 'all') return found.of.flatMap((member) => predicatesOf(member, definitions))
  return found.kind === 'refined' ? [found.name, ...predicatesOf(found.of, definitions)] : []
}
