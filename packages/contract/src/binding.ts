// An HTTP binding at work: an encoded input into path, query, headers and body, and a request back into an input.
import * as E from 'fp-ts/lib/Either.js'
import { type InvalidArgument, invalidArgument } from './call-failed.ts'
import type { HttpBinding, HttpParts, HttpRequest, Place } from './http.ts'
import { kindOf } from './issue.ts'
import { locator } from './located.ts'
import type { Placement } from './placement.ts'
import { eachPair, isPlainQuery } from './query.ts'
import { singlesOf } from './singles.ts'
import type { Text } from './text.ts'

type Row = Readonly<Record<string, unknown>>

/** The binding that places fields so. */
export function binding(placement: Placement): HttpBinding {
  const { verb, path, pattern, segments, body } = placement
  const locate = locator(placement)
  return {
    verb,
    path,
    pattern,
    route: segments,
    hasBody: body !== 'none',
    places: places(placement),
    body,
    encode(input) {
      const request = encode(placement, input)
      return request._tag === 'Left' ? E.left(locate(request.left)) : request
    },
    decode: decoder(placement, locate),
    locate,
  }
}

const places = ({ params, query, headers }: Placement): readonly Place[] => [
  ...[...params.keys()].map((field): Place => ({ field, in: 'path', name: field, many: false })),
  ...[...query].map(([field, { many }]): Place => ({ field, in: 'query', name: field, many })),
  ...[...headers].map(([field, { name }]): Place => ({ field, in: 'header', name, many: false })),
]

const wrong = (field: string, expected: string, actual: string): E.Left<InvalidArgument> => ({
  _tag: 'Left',
  left: invalidArgument([{ path: field, expected, actual }]),
})

/** The value is one that the codec takes, and its place does not. */
const another = (value: unknown): string => (value === undefined ? kindOf(value) : `another ${kindOf(value)}`)

type Refused = E.Left<InvalidArgument> | undefined

/** Is this a text that cannot stand for a field of the path? Neither side takes it. */
function noPathField(field: string, text: string, suffix: string): Refused {
  if (text === '') return wrong(field, 'text that is not empty', 'empty text')
  // Whoever reads a URL takes these two for steps in the tree, even percent-encoded (WHATWG URL, "double-dot").
  if (suffix === '' && (text === '.' || text === '..'))
    return wrong(field, 'text other than "." and ".."', 'one of these')
  return undefined
}

const sayable = 'something that text can say'

function encode(placement: Placement, input: unknown): E.Either<InvalidArgument, HttpRequest> {
  const { segments, params, query, headers, fields, body } = placement
  if (fields === undefined)
    return E.right({ path: placement.path, query: '', headers: {}, body: body === 'none' ? undefined : input })
  const row = input as Row
  let path = ''
  for (const segment of segments) {
    if (segment.text !== undefined) {
      path += `/${segment.text}`
      continue
    }
    const { param, suffix } = segment
    const value = row[param]
    const text = (params.get(param) as Text).write(value)
    if (!text?.isWellFormed()) return wrong(param, sayable, another(value))
    const refused = noPathField(param, text, suffix)
    if (refused !== undefined) return refused
    path += `/${encodeURIComponent(text)}${suffix}`
  }
  const entries: string[] = []
  for (const [field, text] of query) {
    const value = row[field]
    if (value === undefined && text.absent) continue
    for (const item of text.many && Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      const written = text.write(item)
      if (!written?.isWellFormed()) return wrong(field, sayable, another(item))
      entries.push(`${encodeURIComponent(field)}=${encodeURIComponent(written)}`)
    }
  }
  const sent: Record<string, string> = {}
  for (const [field, { name, text }] of headers) {
    const value = row[field]
    if (value === undefined && text.absent) continue
    const written = text.write(value)
    if (written === undefined || !headerValue.test(written))
      return wrong(field, 'printable ASCII without spaces around it', another(value))
    sent[name] = written
  }
  return E.right({
    path: path === '' ? '/' : path,
    query: entries.join('&'),
    headers: sent,
    body: bodyOf(placement, row),
  })
}

// Source: RFC 9110 5.5, field-value without obs-text: other bytes are read differently by different servers.
const headerValue = /^([\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?)?$/

function bodyOf(placement: Placement, row: Row): unknown {
  if (placement.body === 'none') return undefined
  if (placement.body !== '*') return row[placement.body.field]
  const rest: Record<string, unknown> = {}
  for (const key of Object.keys(row)) if (inBody(placement, key)) set(rest, key, row[key])
  return rest
}

/** What is the same for every request is looked up once. */
function decoder(placement: Placement, locate: HttpBinding['locate']): HttpBinding['decode'] {
  const { fields, segments, params, body: placed } = placement
  if (fields === undefined) return ({ body }) => E.right(placed === 'none' ? undefined : body)
  const inPath = segments.flatMap((segment) =>
    segment.param === undefined ? [] : [{ ...segment, text: params.get(segment.param) as Text }],
  )
  const headers = [...placement.headers].map(([field, { name, text }]) => ({ field, name, text }))
  const singles = singlesOf(placement.query)
  /** Nothing but the body: it is the input as it is. */
  const only = placed === '*' && placement.query.size + headers.length + params.size === 0
  return ({ params, query, header, body }) => {
    for (const { param, suffix } of inPath) {
      const text = params[param]
      const refused = text === undefined ? undefined : noPathField(param, text, suffix)
      if (refused !== undefined) return E.left(locate(refused.left))
    }
    const plain = typeof query === 'string' && isPlainQuery(query)
    if (typeof query === 'string' && !plain && !isEscaped(query))
      return wrong('', 'a query whose escapes are UTF-8', 'another')
    // A body that is no object is the codec's to refuse.
    const keyed = typeof body === 'object' && body !== null && !Array.isArray(body)
    if (placed === '*' && body !== undefined && (!keyed || (only && query === ''))) return E.right(body)
    const row: Record<string, unknown> = {}
    // A field that has another place is read from there only: of two values the path's is the one that was routed by.
    if (placed === '*') {
      for (const key of Object.keys(body ?? {})) if (inBody(placement, key)) set(row, key, (body as Row)[key])
    } else if (placed !== 'none' && body !== undefined) row[placed.field] = body
    if (!plain || singles === undefined || !singles(query, row)) readQuery(placement, fields, query, row)
    for (const { field, name, text } of headers) {
      const value = header(name)
      if (value !== undefined) row[field] = text.read(value)
    }
    for (const { param, text } of inPath) {
      const value = params[param]
      if (value !== undefined) row[param] = text.read(value)
    }
    return E.right(row)
  }
}

const inBody = ({ params, query, headers }: Placement, key: string): boolean =>
  !params.has(key) && !query.has(key) && !headers.has(key)

/** URLSearchParams takes what is no escape as it stands, and what is no UTF-8 for a sign that says so. */
function isEscaped(query: string): boolean {
  if (!query.includes('%')) return true
  try {
    decodeURIComponent(query)
    return true
  } catch {
    return false
  }
}

function readQuery(
  placement: Placement,
  fields: ReadonlySet<string>,
  query: HttpParts['query'],
  row: Record<string, unknown>,
): void {
  const found = new Map<string, unknown[]>()
  const take = (key: string, value: string): void => {
    const text = placement.query.get(key)
    // A key that is nobody's goes to the codec, which refuses or drops it; a field that has another place is not read here.
    if (text === undefined && fields.has(key)) return
    const item = text === undefined ? value : text.read(value)
    const items = found.get(key)
    if (items === undefined) found.set(key, [item])
    else items.push(item)
  }
  if (typeof query === 'string') eachPair(query, take)
  else for (const [key, value] of query) take(key, value)
  for (const [key, items] of found) set(row, key, placement.query.get(key)?.many || items.length > 1 ? items : items[0])
  for (const [field, text] of placement.query) if (text.many && !text.absent && !found.has(field)) row[field] = []
}

/** Sets a key that may be `__proto__`, which is then a key like any other, for the codec to refuse. */
function set(row: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(row, key, { value, enumerable: true, configurable: true, writable: true })
  else row[key] = value
}
