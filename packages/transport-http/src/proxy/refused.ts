// What a proxy does not pass on, whatever its target may say of it.
import type { IncomingMessage } from 'node:http'
import {
  badHost,
  badTimeout,
  bodyTooLarge,
  malformedRequest,
  type Refusal,
  refusal,
  tooManyHeaders,
} from '../refusal.ts'
import { isHost, unsound } from '../sound.ts'
import { members } from './lines.ts'
import type { Plan } from './plan.ts'
import { climbs, originForm } from './target.ts'

const badRequest = (message: string): Refusal => ({
  ...malformedRequest,
  failure: { ...malformedRequest.failure, message },
})

const badTarget = badRequest('the target of a request is a path, or an http url')
const dotted = badRequest('the path may hold no segments of dots, escaped or not')
const badForwards = badRequest('max-forwards is a whole number')

const noUpgrade: Refusal = refusal(
  501,
  'upgrade',
  'Unimplemented',
  'unimplemented',
  'connections cannot be upgraded through this proxy',
)

/** The verbs that pass. */
export const allowed = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'

const noTrace: Refusal = {
  ...refusal(405, 'method', 'Unimplemented', 'unimplemented', 'TRACE is not answered: it would tell what it was sent'),
  headers: { allow: allowed },
}

const loop = (name: string): Refusal =>
  refusal(508, 'loop', 'Loop', 'internal', `this request has passed through ${name} before`)

/** Upgrades that clients offer and do not need: they are not taken up, and the request is one like any other. */
const offers = /^(?:h2c|tls\/[\d.]+|http\/2\.0)$/

/** Why this request is not passed on by a proxy of this plan. `deadline`: NaN where it asks for none that is one. */
export function refusedRequest(
  req: IncomingMessage,
  { via, limits }: Pick<Plan, 'via' | 'limits'>,
  deadline: number,
): Refusal | undefined {
  if (req.rawHeaders.length > limits.headers * 2) return tooManyHeaders(limits.headers)
  if (Number.isNaN(deadline)) return badTimeout
  const why = unfit(req, via)
  if (why !== undefined) return why
  return Number(req.headers['content-length']) > limits.body ? bodyTooLarge(limits.body) : undefined
}

/** Why nobody would pass it on. `via`: the name of this proxy. */
function unfit(req: IncomingMessage, via: string | undefined): Refusal | undefined {
  const { rawHeaders, headers, method } = req
  // Again, for those who hand this listener to a server of Node's. There, what is expected has been answered.
  const why = unsound(req, true)
  if (why !== undefined) return why
  const form = originForm(req.url as string)
  if (form === undefined || (form.path === '*' && method !== 'OPTIONS')) return badTarget
  if (form.authority !== undefined && !isHost(form.authority)) return badHost
  if (climbs(form.path)) return dotted
  if (method === 'TRACE') return noTrace
  if (headers.upgrade !== undefined && members(rawHeaders, 'connection').includes('upgrade'))
    if (!members(rawHeaders, 'upgrade').every((protocol) => offers.test(protocol))) return noUpgrade
  if (via !== undefined && headers.via !== undefined && passedBy(via, members(rawHeaders, 'via'))) return loop(via)
  const forwards = headers['max-forwards']
  if (method === 'OPTIONS' && forwards !== undefined && !/^\d{1,9}$/.test(String(forwards))) return badForwards
  return undefined
}

/** `1.1 name (comment)`: the second word is who it was. */
const passedBy = (name: string, hops: readonly string[]): boolean =>
  hops.some((hop) => hop.split(/\s+/)[1] === name.toLowerCase())
