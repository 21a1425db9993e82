// What a method answers on HTTP: its output, its declared failures by status, and what any call may end in.
import type { Description } from '../description.ts'
import type { AnyFailureType } from '../method.ts'
import type { Components } from './components.ts'
import type { JsonObject } from './document.ts'
import { allRead, eventStream } from './event-stream.ts'
import { mayBeNothing, resolved } from './fields.ts'
import type { Mode } from './mode.ts'
import {
  anyProblem,
  declaredProblem,
  invalidArgumentProblem,
  type KnownProblem,
  laterProblem,
  phraseOf,
  problemExample,
  problemType,
} from './problems.ts'

export interface Answers {
  readonly output: Description
  readonly mode: Mode
  /** Is it a stream, and can it be resumed? */
  readonly stream: 'none' | 'once' | 'resumed'
  readonly failures: readonly (readonly [AnyFailureType, Description])[]
}

/** The responses of an operation by status. */
export function responsesOf(answers: Answers, components: Components): Record<string, JsonObject> {
  const known = [
    ...answers.failures.map(([type, details]) => declaredProblem(type, details, components)),
    invalidArgumentProblem(components),
  ]
  const statuses = [...new Set(known.map(({ status }) => status))].sort((one, other) => one - other)
  const failed = statuses.map((status) => {
    const own = known.filter((problem) => problem.status === status)
    const response = (): JsonObject => problemsOf(status, own, components)
    // What everybody may answer is written once.
    const common = own.length === 1 && own[0]?.tag === 'InvalidArgument'
    return [String(status), common ? components.share('responses', 'BadRequest', response) : response()] as const
  })
  return {
    ...succeeded(answers, known, components),
    ...Object.fromEntries(failed),
    ...(!statuses.includes(429) && { 429: shared('TooManyRequests', components) }),
    ...(!statuses.includes(503) && { 503: shared('ServiceUnavailable', components) }),
    default: shared('AnyFailure', components),
  }
}

function succeeded(
  { output, mode, stream }: Answers,
  known: readonly KnownProblem[],
  components: Components,
): Record<string, JsonObject> {
  const { definitions } = components
  const nothing = { 204: { description: 'Done; there is nothing to tell.' } }
  if (stream !== 'none') {
    const problem = oneOf(known, anyProblem(components))
    const schema = eventStream(components.of(output, mode), problem, stream === 'resumed')
    const content = { 'text/event-stream': { schema } }
    return { 200: { description: 'A stream, as server-sent events.', content }, 204: allRead }
  }
  if (resolved(output, definitions).kind === 'nothing') return nothing
  const content = { 'application/json': { schema: components.of(output, mode) } }
  const { notes } = resolved(output, definitions)
  return {
    200: { description: output.notes?.description ?? notes?.description ?? 'Done.', content },
    ...(mayBeNothing(output, definitions) && nothing),
  }
}

/** All known failures of one status, and whatever else has it. */
function problemsOf(status: number, own: readonly KnownProblem[], components: Components): JsonObject {
  const later = status === 429 || status === 503
  const rest = later ? laterProblem(components) : anyProblem(components)
  const examples = own.flatMap(({ tag, example }) => (example === undefined ? [] : [[tag, example] as const]))
  const content = {
    schema: oneOf(own, rest),
    ...(examples.length > 0 && { examples: Object.fromEntries(examples) }),
  }
  return {
    description: `${phraseOf(status)}: ${own.map(({ tag, text }) => `\`${tag}\`, ${text}`).join('; ')}.`,
    ...((later || own.some((problem) => problem.later)) && { headers: retryAfter(components) }),
    content: { [problemType]: content },
  }
}

/** Told apart by their tag. What has none of these tags is any problem. */
function oneOf(known: readonly KnownProblem[], rest: JsonObject): JsonObject {
  const others = {
    title: 'Any other',
    allOf: [rest],
    properties: { tag: { not: { enum: known.map(({ tag }) => tag) } } },
  }
  return { oneOf: [...known.map(({ schema }) => schema), others] }
}

const retryAfter = (components: Components): JsonObject => ({
  'retry-after': components.share('headers', 'RetryAfter', () => ({
    description: 'Whole seconds until another attempt makes sense; absent where nobody said.',
    schema: { type: 'integer', minimum: 0 },
  })),
})

const shareds = {
  AnyFailure: {
    description: 'Any other failure: the time ran out, a limit, a bug.',
    example: problemExample('DeadlineExceeded', 'deadline_exceeded', 'the time ran out'),
  },
  ServiceUnavailable: {
    description: 'Too busy, stopping, or something that is needed is not there.',
    example: problemExample('Unavailable', 'unavailable', 'not reachable right now', { retryAfter: 1_000 }),
  },
  TooManyRequests: {
    description: 'A quota, a limit or a queue is used up.',
    example: problemExample('QuotaExceeded', 'resource_exhausted', 'the quota is used up', { retryAfter: 1_000 }),
  },
}

/** What every method may answer. */
const shared = (name: keyof typeof shareds, components: Components): JsonObject =>
  components.share('responses', name, () => {
    const { description, example } = shareds[name]
    const any = name === 'AnyFailure'
    const schema = any ? anyProblem(components) : laterProblem(components)
    return {
      description,
      ...(!any && { headers: retryAfter(components) }),
      content: { [problemType]: { schema, example } },
    }
  })
