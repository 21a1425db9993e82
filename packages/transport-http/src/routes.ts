// Which route takes a request: find-my-way, fed with the segments of contracts' bindings.
import { METHODS } from 'node:http'
import type { Segment } from '@tenon/contract'
import makeRouter from 'find-my-way'

/** The values of a route's placeholders. */
export type Params = Readonly<Record<string, string | undefined>>

export interface Found<T> {
  readonly target: T
  readonly params: Params
}

/** A part of a route between two slashes; `*`, the last one, is all that follows, slashes and nothing included. */
export type Part = Segment | '*'

/**
 * Which route takes a request: of those for its verb, the one whose first differing part is fixed rather than a
 * placeholder, and a placeholder rather than `*`; then one for this verb rather than for any.
 */
export interface Routes<T> {
  /**
   * Verb `*` is any. GET takes HEAD, too, where nobody else does.
   *
   * @throws TypeError where the route is taken, naming both.
   */
  add(verb: string, parts: readonly Part[], who: string, target: T): void
  find(verb: string, url: string): Found<T> | undefined
  /** The verbs that this path takes, `''` when it is nobody's. */
  allowed(url: string): string
}

type Router = ReturnType<typeof makeRouter>
type Verb = Parameters<Router['find']>[0]

/** The longest path that can come, because headers are limited: find-my-way's default of 100 would lose longer values. */
const longest = 1_000_000

const unused = (): void => {}

/** Paths without placeholders and escapes. */
const toTheLetter = /^[\w/.~-]*$/
const none: Params = Object.freeze(Object.create(null))

const trial: Router = makeRouter()
/** Verbs that any verb stands for: those that Node and the router know, but for CONNECT, which is no request. */
const anyVerb: readonly string[] = METHODS.filter((verb) => verb !== 'CONNECT' && known(verb))
/** Those of them that an answer to OPTIONS tells. */
const told = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

function known(verb: string): boolean {
  try {
    trial.on(verb as Verb, '/', unused)
    return true
  } catch {
    return false
  }
}

/** How closely a route names a verb: a closer one takes the place of another with the same path. */
const named = 0
const implied = 1
const any = 2

interface Owner {
  readonly who: string
  readonly path: string
  readonly closeness: number
}

export function routes<T>(): Routes<T> {
  const router = makeRouter({ maxParamLength: longest, querystringParser: (query) => query })
  const owners = new Map<string, Owner>()
  const verbs = new Set<string>()
  /** Fixed paths by verb: what stands there to the letter needs no router, which would take it for the same. */
  const fixed = new Map<string, Map<string, Found<T>>>()
  const find = (verb: string, url: string): Found<T> | undefined => {
    const end = url.indexOf('?')
    const exact = fixed.get(verb)?.get(end < 0 ? url : url.slice(0, end))
    if (exact !== undefined) return exact
    const found = router.find(verb as Verb, url)
    return found === null ? undefined : { target: found.store as T, params: found.params }
  }
  const put = (verb: string, pattern: string, owner: Owner, target: T): void => {
    const key = `${verb} ${pattern}`
    const before = owners.get(key)
    if (before !== undefined && before.closeness < owner.closeness) return
    if (before?.closeness === owner.closeness)
      throw new TypeError(
        `${owner.who} and ${before.who} have the same route, ${owner.closeness === any ? '*' : verb} ${pattern}`,
      )
    if (before !== undefined) router.off(verb as Verb, before.path)
    owners.set(key, owner)
    router.on(verb as Verb, owner.path, unused, target)
    if (!toTheLetter.test(owner.path)) return
    const paths = fixed.get(verb) ?? new Map<string, Found<T>>()
    fixed.set(verb, paths.set(owner.path, { target, params: none }))
  }
  return {
    add(verb, parts, who, target) {
      const pattern = `/${parts.map((p) => (p === '*' ? p : p.text === undefined ? `{}${p.suffix}` : p.text)).join('/')}`
      const path = `/${parts.map((part) => (part === '*' ? part : escaped(who, part))).join('/')}`
      for (const one of verb === '*' ? anyVerb : [verb])
        put(one, pattern, { who, path, closeness: verb === '*' ? any : named }, target)
      if (verb === 'GET') put('HEAD', pattern, { who, path, closeness: implied }, target)
      for (const one of verb === '*' ? told : [verb]) verbs.add(one)
    },
    find,
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
  if (fixed.includes('*')) throw new TypeError(`${who}: a route may hold "*" as its last segment only: ${fixed}`)
  const literal = fixed.replaceAll(':', '::')
  if (param === undefined) return literal
  return literal === '' ? `:${param}` : `:${param}([^]*)${literal}`
}

const placeholder = /^\{([A-Za-z_]\w*)\}(:[\w\-.~]+)?$/

/** `GET /files/{name}`, or `* /files/*`, as verb and parts. */
export function parseRoute(who: string, route: string): { verb: string; parts: Part[] } {
  const [, verb, path] = /^([A-Z-]+|\*) \/([^\s?#]*)$/.exec(route) ?? []
  if (verb === undefined || path === undefined)
    throw new TypeError(
      `${who}: a route is a verb and a path such as 'GET /metrics' or '* /files/*' and not ${JSON.stringify(route)}`,
    )
  if (verb !== '*' && !anyVerb.includes(verb)) throw new TypeError(`${who}: ${route}: ${verb} cannot be served`)
  const texts = path.split('/')
  const parts = texts.map((text, at): Part => {
    if (text === '*' && at === texts.length - 1) return '*'
    const [, param, suffix = ''] = placeholder.exec(text) ?? []
    if (param !== undefined) return { param, suffix }
    if (/[{}]/.test(text)) throw new TypeError(`${who}: ${route}: a placeholder is a whole segment such as {id}`)
    return { text }
  })
  return { verb, parts }
}
