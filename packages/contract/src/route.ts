// Reads a route: `POST /v1/orders/{id}:cancel`.
import type { Segment, Verb } from './http.ts'

export interface ParsedRoute {
  readonly verb: Verb
  readonly path: string
  readonly segments: readonly Segment[]
  /** The fields in the path, in order. */
  readonly params: readonly string[]
  readonly pattern: string
}

const verbs: readonly string[] = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'] satisfies Verb[]

// Source: RFC 3986, pchar without percent-encoding: a route is text that every router and proxy leaves as it is.
const text = /^[\w\-.~!$&'()*+,;=:@]+$/
const field = /^\{([A-Za-z_]\w*)\}(:[\w\-.~]+)?$/

/** The route, or a text that says what is wrong with it. */
export function parseRoute(route: unknown): ParsedRoute | string {
  const [verb, path, ...rest] = typeof route === 'string' ? route.split(' ') : []
  if (verb === undefined || path === undefined || rest.length > 0 || !verbs.includes(verb) || !path.startsWith('/'))
    return `a route reads "GET /v1/orders/{id}", with one of ${verbs.join(', ')}`
  const segments: Segment[] = []
  const parts = path === '/' ? [] : path.slice(1).split('/')
  for (const [at, part] of parts.entries()) {
    // `/v1/orders/` is another path than `/v1/orders`; the segment after its last slash is empty.
    const segment = part === '' && at === parts.length - 1 ? { text: '' } : parseSegment(part)
    if (typeof segment === 'string') return segment
    segments.push(segment)
  }
  const params = segments.flatMap(({ param }) => param ?? [])
  const twice = params.find((name, at) => params.indexOf(name) !== at)
  if (twice !== undefined) return `"${twice}" stands in the path twice`
  const pattern = `${verb} /${segments.map((s) => (s.text === undefined ? `{}${s.suffix}` : s.text)).join('/')}`
  return { verb: verb as Verb, path, segments, params, pattern }
}

function parseSegment(part: string): Segment | string {
  if (part === '') return 'a path has no empty segment'
  if (part === '.' || part === '..') return `"${part}" is no segment of a path`
  const [, param, suffix = ''] = field.exec(part) ?? []
  if (param !== undefined) return { param, suffix }
  if (part.includes('{') || part.includes('}'))
    return `"${part}": a field is a whole segment, "{id}" or "{id}:verb"; wildcards there are none`
  return text.test(part) ? { text: part } : `"${part}" has a character that a path cannot carry as it is`
}
