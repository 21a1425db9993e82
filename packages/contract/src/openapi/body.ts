// The body of a request: everything that has no other place, or one field.
import type { Description } from '../description.ts'
import type { HttpBinding } from '../http.ts'
import type { Components } from './components.ts'
import type { JsonObject } from './document.ts'
import { fieldOf, isOptional, mayBeNothing, resolved, without } from './fields.ts'
import type { Mode } from './mode.ts'

/** What a request of this binding carries; `undefined` where that is nothing. */
export function bodyOf(
  { body, places }: HttpBinding,
  input: Description,
  mode: Mode,
  components: Components,
): JsonObject | undefined {
  const { definitions } = components
  if (body === 'none') return undefined
  const field = body === '*' ? undefined : fieldOf(input, body.field, definitions)
  const of = body === '*' ? without(input, new Set(places.map((place) => place.field)), definitions) : field?.of
  if (of === undefined || resolved(of, definitions).kind === 'nothing') return undefined
  // An object whose fields are all optional may be left out; one field that is the body is there or not.
  const optional = body === '*' ? isOptional(of, definitions) : field?.optional || mayBeNothing(of, definitions)
  return { ...(!optional && { required: true }), content: { 'application/json': { schema: components.of(of, mode) } } }
}
