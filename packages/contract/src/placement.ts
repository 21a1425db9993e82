// Decides where each field of an input travels in a request. Everything that cannot work is said here, when the contract
// is made, with the names of contract, method and field.
import type { HttpRule, Segment, Verb } from './http.ts'
import { parseRoute } from './route.ts'
import { type Field, fieldsOf, resolve, type Shape } from './shape.ts'
import { type Text, textOf } from './text.ts'

export interface Placement {
  readonly verb: Verb
  readonly path: string
  readonly pattern: string
  readonly segments: readonly Segment[]
  /** The names of all fields; `undefined` where the input is no object with known fields, which travels whole. */
  readonly fields: ReadonlySet<string> | undefined
  readonly params: ReadonlyMap<string, Text>
  readonly query: ReadonlyMap<string, Text>
  /** By field: the header's name and how the value is written. */
  readonly headers: ReadonlyMap<string, { readonly name: string; readonly text: Text }>
  /** `'*'`: everything else; or one field. */
  readonly body: { readonly field: string } | '*' | 'none'
}

// Source: RFC 9110 5.1 for the form; what HTTP itself or a transport writes is not a contract's to set.
const headerName = /^[a-z0-9][a-z0-9-]*$/
const taken = new Set(
  'accept accept-encoding connection content-encoding content-length content-type date expect host keep-alive request-timeout-ms te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
)

/**
 * Where the fields of a method's input travel under this rule.
 *
 * @throws TypeError beginning with `where`, for what cannot work.
 */
export function place(where: string, rule: HttpRule, input: Shape): Placement {
  const route = parseRoute(rule.route)
  if (typeof route === 'string') throw new TypeError(`${where}: http ${JSON.stringify(rule.route)}: ${route}`)
  const here = `${where} (${rule.route})`
  const { verb, path, pattern, segments } = route
  const fields = fieldsOf(input)
  const bodiless = verb === 'GET' || verb === 'DELETE'
  const asked = rule.body ?? (bodiless ? 'none' : '*')
  if (verb === 'GET' && asked !== 'none') throw new TypeError(`${here}: a GET has no body`)
  const base = { verb, path, pattern, segments, params: new Map(), query: new Map(), headers: new Map() }

  if (fields === undefined) {
    const { kind } = resolve(input)
    const named = [...route.params, ...(rule.query ?? []), ...Object.keys(rule.headers ?? {})]
    if (asked !== '*' && asked !== 'none') named.push(asked)
    if (named[0] !== undefined)
      throw new TypeError(`${here}, field "${named[0]}": the input is no object whose fields are known`)
    if (asked === 'none' && kind !== 'undefined')
      throw new TypeError(`${here}: the input is no object, so it can travel in the body only: use POST, PUT or PATCH`)
    return { ...base, fields, body: kind === 'undefined' ? 'none' : '*' }
  }

  const places = new Map<string, string>()
  const take = (name: string, to: string): Field => {
    const field = fields.get(name)
    if (field === undefined)
      throw new TypeError(
        `${here}, field "${name}": the input has no such field, only ${[...fields.keys()].join(', ')}`,
      )
    const before = places.get(name)
    if (before !== undefined) throw new TypeError(`${here}, field "${name}": it is placed in the ${before} already`)
    places.set(name, to)
    return field
  }
  const asText = (name: string, field: Field, to: string): Text => {
    const text = textOf(field.shape)
    if (typeof text === 'string')
      throw new TypeError(`${here}, field "${name}": ${text}, so it cannot travel in the ${to}; put it in the body`)
    if (text.many && to !== 'query')
      throw new TypeError(`${here}, field "${name}": a list can travel in the query or the body, not in the ${to}`)
    return { ...text, absent: text.absent || field.optional }
  }

  const params = new Map<string, Text>()
  for (const name of route.params) {
    const text = asText(name, take(name, 'path'), 'path')
    if (text.absent) throw new TypeError(`${here}, field "${name}": a field in the path must be required`)
    params.set(name, text)
  }
  const headers = new Map<string, { readonly name: string; readonly text: Text }>()
  for (const [name, given] of Object.entries(rule.headers ?? {})) {
    const field = take(name, 'header')
    const header = String(given).toLowerCase()
    if (!headerName.test(header) || taken.has(header))
      throw new TypeError(`${here}, field "${name}": ${JSON.stringify(given)} is no header that a contract may set`)
    if ([...headers.values()].some((other) => other.name === header))
      throw new TypeError(`${here}, field "${name}": the header ${header} carries another field already`)
    headers.set(name, { name: header, text: asText(name, field, 'header') })
  }
  const query = new Map<string, Text>()
  for (const name of rule.query ?? []) query.set(name, asText(name, take(name, 'query'), 'query'))
  if (asked !== '*' && asked !== 'none') take(asked, 'body')
  if (asked !== '*')
    for (const [name, field] of fields) if (!places.has(name)) query.set(name, asText(name, field, 'query'))
  const names = new Set(fields.keys())
  return {
    ...base,
    fields: names,
    params,
    query,
    headers,
    body: asked === '*' || asked === 'none' ? asked : { field: asked },
  }
}
