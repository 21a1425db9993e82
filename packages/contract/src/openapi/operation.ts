// A method at one of its routes, as an operation.
import { words } from '../declared.ts'
import type { Description } from '../description.ts'
import type { HttpBinding } from '../http.ts'
import type { AnyFailureType, PlacedMethod } from '../method.ts'
import { bodyOf } from './body.ts'
import type { Components } from './components.ts'
import type { OpenApiOperation } from './document.ts'
import { lastEventId } from './event-stream.ts'
import type { Mode } from './mode.ts'
import { parametersOf } from './parameters.ts'
import { responsesOf } from './responses.ts'

/** A method with its codecs described. */
export interface DescribedMethod {
  readonly method: PlacedMethod
  readonly input: Description
  readonly output: Description
  readonly failures: readonly (readonly [AnyFailureType, Description])[]
}

/** The operation of one binding. `paths`: what the fields in its path are called there. */
export function operationOf(
  { method, input, output, failures }: DescribedMethod,
  binding: HttpBinding,
  operationId: string,
  paths: ReadonlyMap<string, string>,
  components: Components,
): OpenApiOperation {
  const { contract, name, kind, idempotent, deprecated, description, unknownKeys, resume } = method
  const taken: Mode = { side: 'in', closed: unknownKeys.input !== 'strip' }
  const given: Mode = { side: 'out', closed: unknownKeys.output === 'refuse' }
  const summary = summaryOf(description) ?? inWords(name)
  const stream = kind !== 'serverStream' ? 'none' : resume === undefined ? 'once' : 'resumed'
  const placed = parametersOf(binding, input, taken, components, paths)
  const parameters = stream === 'resumed' ? [...placed, lastEventId] : placed
  const requestBody = bodyOf(binding, input, taken, components)
  return {
    operationId,
    tags: [contract],
    summary,
    ...(description !== undefined && description.trim().replace(/\.$/, '') !== summary && { description }),
    ...(deprecated && { deprecated }),
    ...(idempotent && { 'x-idempotent': idempotent }),
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody && { requestBody }),
    responses: responsesOf({ output, mode: given, stream, failures }, components),
  }
}

/** The first sentence, without its point. */
const summaryOf = (description: string | undefined): string | undefined =>
  /^\s*(\S.*?)(?:\.?\s*$|\.\s|\.?\s*\n)/.exec(description ?? '')?.[1]

const inWords = (name: string): string => {
  const text = words(name)
  return text.charAt(0).toUpperCase() + text.slice(1)
}
