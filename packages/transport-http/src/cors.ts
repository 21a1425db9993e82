// Cross-origin requests (Fetch Standard, 3.2): who may read answers from a page of another origin. One policy for a whole
// server, put on every answer where its head is written, so that failures, streams and what a proxy brings have it, too.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { knownOptions, type OptionNames, report, type TelemetryListener, wholeOption } from '@tenon/endpoint'
import type { RequestListener } from './listener.ts'

/** Who may call from other origins, and how. */
export interface CorsOptions {
  /**
   * The origins of pages that may read answers: `'https://shop.example'`, with a port where it is not the usual one and
   * without a slash at its end; a function that says yes or no; or `'*'` for anybody.
   */
  readonly origins: '*' | readonly string[] | ((origin: string) => boolean)
  /** Verbs that they may use. Default: GET, HEAD, POST, PUT, PATCH, DELETE. */
  readonly methods?: readonly string[]
  /** Headers that they may send. Default: those that a page asks for. */
  readonly headers?: readonly string[]
  /** Headers of answers that they may read, beside the few that all may. Default: none. */
  readonly exposed?: readonly string[]
  /** May they send cookies and certificates? Default: false. Not for `'*'`. */
  readonly credentials?: boolean
  /** Milliseconds that a browser may remember what it asked; most cut it at two hours. Default: 600,000. */
  readonly maxAge?: number
  /** May pages of public sites call this server in a private network? Default: false. */
  readonly privateNetwork?: boolean
}

/** A policy, checked. */
export interface Cors {
  /** Readies the answer to a request; `true` when this is a preflight, which is to be answered with 204. */
  dress(req: IncomingMessage, res: ServerResponse): boolean
}

type Line = readonly [name: string, value: string]

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const ours = /^access-control-(?:allow-|expose-|max-)/i

const named: OptionNames<CorsOptions> = {
  origins: true,
  methods: true,
  headers: true,
  exposed: true,
  credentials: true,
  maxAge: true,
  privateNetwork: true,
}

/** @throws TypeError for a policy that browsers would not follow, or that opens more than it says. */
export function corsPolicy(who: string, options: CorsOptions, onTelemetry?: TelemetryListener): Cors {
  knownOptions(who, options, named)
  const {
    credentials = false,
    privateNetwork = false,
    methods = usual,
    headers,
    exposed = [],
  } = checkedNames(who, options)
  const allowed = originsOf(who, options, onTelemetry)
  if (allowed === undefined && credentials)
    throw new TypeError(`${who}: origins: anybody with credentials is refused by browsers; name the origins`)
  const maxAge = Math.floor(
    wholeOption(`${who}: maxAge`, options.maxAge, { value: 600_000, unit: 'milliseconds', min: 0 }) / 1_000,
  )
  const always: Line[] = []
  if (credentials) always.push(['access-control-allow-credentials', 'true'])
  const onAnswers: readonly Line[] =
    exposed.length === 0 ? always : [...always, ['access-control-expose-headers', exposed.join(', ')]]
  const onPreflights: readonly Line[] = [
    ...always,
    ['access-control-allow-methods', methods.join(', ')],
    ['access-control-max-age', String(maxAge)],
  ]

  const preflightLines = (asked: IncomingMessage['headers']): Line[] => {
    const lines = [...onPreflights]
    const names = headers ?? namesIn(asked['access-control-request-headers'])
    if (names.length > 0) lines.push(['access-control-allow-headers', names.join(', ')])
    if (privateNetwork && asked['access-control-request-private-network'] === 'true')
      lines.push(['access-control-allow-private-network', 'true'])
    return lines
  }

  return {
    dress(req, res) {
      const { origin } = req.headers
      const asked = req.headers['access-control-request-method']
      const preflight = req.method === 'OPTIONS' && origin !== undefined && asked !== undefined
      const mine = origin !== undefined && (allowed === undefined || allowed(origin))
      const lines: Line[] = mine ? [['access-control-allow-origin', allowed === undefined ? '*' : origin]] : []
      if (mine) lines.push(...(preflight ? preflightLines(req.headers) : onAnswers))
      const vary = preflight ? onPreflight : allowed === undefined ? none : byOrigin
      if (lines.length > 0 || vary.length > 0) onHead(res, lines, vary)
      return preflight
    },
  }
}

/**
 * The same for a listener of Node's server: `createServer(cors({ origins: ['https://shop.example'] }, listener))`. Where
 * `http.serve` listens, its option `cors` is the one to use.
 */
export function cors(options: CorsOptions, listener: RequestListener): RequestListener {
  const who = 'http.cors'
  if (typeof listener !== 'function') throw new TypeError(`${who}: a listener is a function (req, res)`)
  const policy = corsPolicy(who, options)
  return (req, res, params) => {
    if (policy.dress(req, res)) res.writeHead(204).end()
    else return listener(req, res, params)
  }
}

const usual = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
const none: readonly string[] = []
// Where the answer is the same for everybody, caches may give it to everybody; else it belongs to an origin, also where the
// request named none.
const byOrigin: readonly string[] = ['Origin']
const onPreflight: readonly string[] = ['Origin', 'Access-Control-Request-Method', 'Access-Control-Request-Headers']

function checkedNames(who: string, options: CorsOptions): CorsOptions {
  if (typeof options !== 'object' || options === null) throw new TypeError(`${who}: cors is { origins: [...] }`)
  for (const name of ['methods', 'headers', 'exposed'] as const) {
    const list = options[name]
    if (list === undefined) continue
    if (!Array.isArray(list) || !list.every((one) => typeof one === 'string' && token.test(one)))
      throw new TypeError(`${who}: ${name} is a list of names`)
    // A literal asterisk where credentials are sent, and everything but authorization elsewhere.
    if (list.includes('*')) throw new TypeError(`${who}: ${name}: browsers do not take "*" for what it says; name them`)
  }
  for (const name of ['credentials', 'privateNetwork'] as const)
    if (options[name] !== undefined && typeof options[name] !== 'boolean')
      throw new TypeError(`${who}: ${name} is true or false and not ${String(options[name])}`)
  return options
}

/** Which origins; `undefined` for any. */
function originsOf(
  who: string,
  { origins }: CorsOptions,
  onTelemetry: TelemetryListener | undefined,
): ((origin: string) => boolean) | undefined {
  if (origins === '*') return undefined
  if (typeof origins === 'function')
    return (origin) => {
      try {
        return origins(origin) === true
      } catch (cause) {
        report(onTelemetry, { kind: 'defect', method: undefined, cause })
        return false
      }
    }
  if (!Array.isArray(origins) || origins.length === 0)
    throw new TypeError(`${who}: origins is a list, a function of an origin, or '*'`)
  for (const origin of origins)
    if (
      typeof origin !== 'string' ||
      origin.includes('*') ||
      !URL.canParse(origin) ||
      new URL(origin).origin !== origin
    )
      throw new TypeError(`${who}: origins: https://host, perhaps with a port, and not ${JSON.stringify(origin)}`)
  const known = new Set<string>(origins)
  return (origin) => known.has(origin)
}

const namesIn = (list: string | string[] | undefined): string[] =>
  String(list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => token.test(name))

type Head = Record<string, unknown> | unknown[]

/** Has the head of an answer written with these lines instead of others of their kind, and varied by these. */
function onHead(res: ServerResponse, lines: readonly Line[], vary: readonly string[]): void {
  const write = res.writeHead
  res.writeHead = function writeHead(status: number, ...more: unknown[]): ServerResponse {
    const reason = typeof more[0] === 'string' ? more[0] : undefined
    const given = (typeof more[0] === 'object' ? more[0] : more[1]) as Head | undefined
    const { kept, varied } = without(given)
    for (const name of res.getHeaderNames()) if (ours.test(name)) res.removeHeader(name)
    for (const [name, value] of lines) res.setHeader(name, value)
    const before = varied ?? res.getHeader('vary')
    res.removeHeader('vary')
    const all = joined(before, vary)
    if (all !== '') res.setHeader('vary', all)
    res.writeHead = write
    return reason === undefined ? res.writeHead(status, kept as never) : res.writeHead(status, reason, kept as never)
  } as typeof res.writeHead
}

/** What a head is given without lines of our kind, and how it varies. */
function without(given: Head | undefined): { readonly kept: Head | undefined; readonly varied: unknown } {
  if (given === undefined || given === null) return { kept: undefined, varied: undefined }
  const pairs: [string, unknown][] = []
  if (Array.isArray(given)) for (let at = 0; at < given.length; at += 2) pairs.push([String(given[at]), given[at + 1]])
  else pairs.push(...Object.entries(given))
  const varied = pairs.filter(([name]) => name.toLowerCase() === 'vary').flatMap(([, value]) => value)
  const kept = pairs.filter(([name]) => name.toLowerCase() !== 'vary' && !ours.test(name))
  return {
    kept: Array.isArray(given) ? kept.flat() : Object.fromEntries(kept),
    varied: varied.length === 0 ? undefined : varied,
  }
}

function joined(before: unknown, more: readonly string[]): string {
  const names = [before ?? []].flat(2).flatMap((value) =>
    String(value)
      .split(',')
      .map((name) => name.trim()),
  )
  const known = new Set(names.map((name) => name.toLowerCase()))
  if (known.has('*')) return '*'
  return [...names, ...more.filter((name) => !known.has(name.toLowerCase()))].filter((name) => name !== '').join(', ')
}
