// Which route takes a request: find-my-way, fed with the segments of contracts' bindings.
import type { Segment } from '@tenon/contract'
import makeRouter from 'find-my-way'

/** The values of a route's placeholders. */
export type Params = Readonly<Record<string, string | undefined>>

export interface Found<T> {
  readonly target: T
  readonly params: Params
}

export interface Routes<T> {
  /** @throws TypeError where the route is taken, naming both. */
  add(verb: string, segments: readonly Segment[], who: string, target: T): void
  find(verb: string, url: string): Found<T> | undefined
  /** The verbs that this path takes, `''` when it is nobody's. */
  allowed(url: string): string
}

type Router = ReturnType<typeof makeRouter>
type Verb = Parameters<Router['find']>[0]

/** The longest path that can come, because headers are limited: find-my-way's default of 100 would lose longer values. */
const longest = 1_000_000

const unused = (): void => {}

export function routes<T>(): Routes<T> {
  const router = makeRouter({ maxParamLength: longest, querystringParser: (query) => query })
  const owners = new Map<string, string>()
  const verbs = new Set<string>()
  const find = (verb: string, url: string): Found<T> | undefined => {
    const found = router.find(verb as Verb, url)
    return found === null ? undefined : { target: found.store as T, params: found.params }
  }
  return {
    add(verb, segments, who, target) {
      const pattern = `${verb} /${segments.map((s) => (s.text === undefined ? `{}${s.suffix}` : s.text)).join('/')}`
      const owner = owners.get(pattern)
      if (owner !== undefined) throw new TypeError(`${who} and ${owner} have the same route, ${pattern}`)
      owners.set(pattern, who)
      verbs.add(verb)
      router.on(verb as Verb, `/${segments.map((segment) => escaped(who, segment)).join('/')}`, unused, target)
    },
    find: (verb, url) => find(verb, url) ?? (verb === 'HEAD' ? find('GET', url) : undefined),
    allowed(url) {
      const all = [...verbs].filter((verb) => url === '*' || find(verb, url) !== undefined)
      if (all.length === 0) return ''
      if (all.includes('GET') && !all.includes('HEAD')) all.push('HEAD')
      if (!all.includes('OPTIONS')) all.push('OPTIONS')
      return all.join(', ')
    },
  }
}

/** find-my-way reads `:` as a placeholder, which `::` escapes, and a name up to the next `/`, `-`, `.` or `(`. */
function escaped(who: string, segment: Segment): string {
  const { param } = segment
  const fixed = segment.text ?? segment.suffix
  if (fixed.includes('*')) throw new TypeError(`${who}: a route may hold no "*": ${fixed}`)
  const literal = fixed.replaceAll(':', '::')
  if (param === undefined) return literal
  return literal === '' ? `:${param}` : `:${param}([^]*)${literal}`
}

const placeholder = /^\{([A-Za-z_]\w*)\}(:[\w\-.~]+)?$/

/** `GET /files/{name}` as verb and segments. */
export function parseRoute(who: string, route: string): { verb: string; segments: Segment[] } {
  const [, verb, path] = /^([A-Z]+) \/([^\s?#]*)$/.exec(route) ?? []
  if (verb === undefined || path === undefined)
    throw new TypeError(`${who}: a route is a verb and a path such as 'GET /metrics' and not ${JSON.stringify(route)}`)
  const segments = path.split('/').map((part): Segment => {
    const [, param, suffix = ''] = placeholder.exec(part) ?? []
    if (param !== undefined) return { param, suffix }
    if (/[{}]/.test(part)) throw new TypeError(`${who}: ${route}: a placeholder is a whole segment such as {id}`)
    return { text: part }
  })
  return { verb, segments }
}
