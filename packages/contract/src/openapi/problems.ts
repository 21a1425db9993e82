// What a failure looks like on HTTP: problem documents (RFC 9457), one schema for each declared failure and one for all others.
import { codes } from '@tenon/endpoint'
import type { Description } from '../description.ts'
import type { AnyFailureType } from '../method.ts'
import { statusOf } from '../status.ts'
import type { Components } from './components.ts'
import type { JsonObject } from './document.ts'
import { exampleOf } from './examples.ts'
import { fieldOf, isOptional } from './fields.ts'

/** The media type of a problem document. */
export const problemType = 'application/problem+json'

// Source: RFC 9110 and RFC 6585; 499 is nginx's.
const phrases: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  429: 'Too Many Requests',
  499: 'Client Closed Request',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

/** A status in words. */
export const phraseOf = (status: number): string => phrases[status] ?? 'Error'

const base: JsonObject = {
  type: { type: 'string' },
  title: { type: 'string', description: 'The status in words.' },
  status: { type: 'integer' },
  detail: { type: 'string', description: 'What happened, for people.' },
  code: { type: 'string', enum: Object.keys(codes), description: 'What it means for callers: a canonical gRPC code.' },
  tag: { type: 'string', description: 'What it is called. Absent where nobody said.' },
}
const required: readonly string[] = ['type', 'title', 'status', 'detail', 'code']

/** Any failure. */
export const anyProblem = (components: Components): JsonObject =>
  components.add('Problem', {
    type: 'object',
    description: 'A failure, as RFC 9457 writes it.',
    properties: { ...base, details: { description: 'What is known beside it.' } },
    required,
  })

/** A failure of the way that says when another attempt makes sense. */
export const laterProblem = (components: Components): JsonObject =>
  components.add('RetryLaterProblem', {
    type: 'object',
    description: 'Not now. Another attempt may help, if the call may be repeated.',
    properties: {
      ...base,
      details: {
        type: 'object',
        properties: { retryAfter: { type: 'number', minimum: 0, description: 'Milliseconds to wait.' } },
      },
    },
    required,
  })

/** A failure with a schema of its own. */
export interface KnownProblem {
  readonly tag: string
  readonly status: number
  readonly schema: JsonObject
  /** What happened, in words. */
  readonly text: string
  /** Do its details say when another attempt makes sense? */
  readonly later: boolean
  /** An example as OpenAPI has it, or a reference to one. */
  readonly example?: JsonObject
}

/** The problem of an input that does not fit. */
export function invalidArgumentProblem(components: Components): KnownProblem {
  const text = { type: 'string' }
  const issue = {
    type: 'object',
    properties: {
      path: { ...text, description: 'Where: `items[0].sku`. Empty for the whole.' },
      expected: text,
      actual: { ...text, description: 'The kind of what was there, never its value.' },
      in: {
        ...text,
        enum: ['path', 'query', 'header', 'body'],
        description: 'Where it was looked for, where the body is not the whole input.',
      },
      name: { ...text, description: 'What it is called there.' },
    },
    required: ['path', 'expected', 'actual'],
  }
  const issues = { type: 'array', description: 'The first 20 wrong fields.', items: issue }
  const status = statusOf('invalid_argument')
  const details = { type: 'object', properties: { issues } }
  return {
    tag: 'InvalidArgument',
    status,
    text: 'the request does not fit',
    later: false,
    schema: components.add('InvalidArgumentProblem', {
      type: 'object',
      description: 'The request does not fit: which fields are wrong.',
      ...known('InvalidArgument', 'invalid_argument', details, false),
    }),
    example: components.share('examples', 'InvalidArgument', () => ({
      summary: 'the request does not fit',
      value: problemExample('InvalidArgument', 'invalid_argument', 'qty: expected number, got string', {
        issues: [{ path: 'qty', expected: 'number', actual: 'string' }],
      }),
    })),
  }
}

/** The problem of a declared failure. */
export function declaredProblem(type: AnyFailureType, details: Description, components: Components): KnownProblem {
  const { tag, code } = type as { readonly tag: string; readonly code: keyof typeof codes }
  const { definitions } = components
  const text = (type as (details: object) => { readonly message: string })({}).message
  // Details are read leniently, whatever the method says of its output.
  const schema = components.of(details, { side: 'out', closed: false })
  const shown = exampleOf(details, definitions)
  return {
    tag,
    status: statusOf(code),
    text,
    later: fieldOf(details, 'retryAfter', definitions) !== undefined,
    schema: components.add(`${tag}Problem`, {
      type: 'object',
      ...known(tag, code, schema, !isOptional(details, definitions)),
    }),
    ...(typeof shown === 'object' &&
      shown !== null && { example: { summary: text, value: problemExample(tag, code, text, shown) } }),
  }
}

const known = (tag: string, code: keyof typeof codes, details: JsonObject, needed: boolean): JsonObject => ({
  properties: {
    ...base,
    status: { type: 'integer', const: statusOf(code) },
    code: { type: 'string', const: code },
    tag: { type: 'string', const: tag },
    details,
  },
  required: [...required, 'tag', ...(needed ? ['details'] : [])],
})

/** A problem document as a server writes it. */
export function problemExample(tag: string, code: keyof typeof codes, detail: string, details?: object): JsonObject {
  const status = statusOf(code)
  const told = details !== undefined && Object.keys(details).length > 0
  return { type: 'about:blank', title: phraseOf(status), status, detail, code, tag, ...(told && { details }) }
}
