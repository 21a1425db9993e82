// A request on its way through a proxy: what its hooks see, and how often it may be tried.
import type { IncomingMessage } from 'node:http'
import { unavailable } from '@tenon/contract'
import { type Context, cancelled, clockOf, deadlineExceeded, type Failure } from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { addMetadata } from '../outgoing.ts'
import type { Headers } from '../reply.ts'
import type { Params } from '../routes.ts'
import { Attempt, type Informed } from './attempt.ts'
import { addForwarded, addVia, isClaim, plainAddress } from './forwarded.ts'
import { endsHere, isFraming } from './hop.ts'
import { type Lines, members, readLines, writeLines } from './lines.ts'
import type { ProxyRequest, ProxyResponse } from './message.ts'
import type { Plan } from './plan.ts'
import { joinPath, originForm, type Target } from './target.ts'
import type { Upload } from './upload.ts'

/** Verbs that do no more when they are done twice (RFC 9110, 9.2.2). */
const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])
/** Verbs whose missing body is said: without a length Node, and many a server, would expect chunks. */
const withBody: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

/** Bytes of the metadata that hooks and middlewares may set. */
const metadataLimit = 8_192

/** A request that may pass: its target is one. */
export interface Arrived {
  readonly raw: IncomingMessage
  readonly params: Params
  readonly upload: Upload | undefined
  /** Does the client wait to be told that it may send its body? */
  readonly expects: boolean
}

export class Passing implements ProxyRequest {
  readonly method: string
  path: string
  readonly headers: Headers
  readonly params: Params
  readonly raw: IncomingMessage
  readonly #plan: Plan
  readonly #names: Lines['names']
  readonly #arrived: Arrived
  readonly #informed: Informed
  readonly #attempts: Attempt[] = []
  #last: Failure = unavailable('its body is on the way to another target')
  /** Is it decided which attempt counts, if any? */
  #decided = false

  constructor(plan: Plan, arrived: Arrived, informed: Informed) {
    const { raw, params } = arrived
    const { path, authority } = originForm(raw.url as string) as { readonly path: string; readonly authority?: string }
    /** The host it was sent to, `''` when it said none. */
    const host = authority ?? raw.headers.host ?? ''
    this.#plan = plan
    this.#arrived = arrived
    this.#informed = informed
    this.method = raw.method as string
    this.path = path
    this.params = params
    this.raw = raw
    const trusted = plan.trusts(plainAddress(raw.socket.remoteAddress ?? ''))
    const ends = endsHere(raw.rawHeaders)
    const { headers, names } = readLines(
      raw.rawHeaders,
      (name) => own.has(name) || ends(name) || (!trusted && isClaim(name)),
    )
    this.headers = headers
    this.#names = names
    if (plan.preserve && host !== '') headers.host = host
    addForwarded(headers, raw, host, plan.forwarded)
    if (plan.via !== undefined) addVia(headers, raw, plan.via)
    // RFC 9110, 7.6.2: one hop less. With other verbs it means nothing.
    const forwards = headers['max-forwards']
    if (this.method === 'OPTIONS' && forwards !== undefined) headers['max-forwards'] = String(Number(forwards) - 1)
  }

  /** Is this value a request of ours? A middleware may have made another of it. */
  static is(value: ProxyRequest): value is Passing {
    return #plan in value
  }

  /** Asks for a target and tries it. */
  async forward(ctx: Context): Promise<Either<Failure, ProxyResponse>> {
    const { upload } = this.#arrived
    // A body is not kept: what some target was sent of it cannot be sent again.
    if (upload?.taken === true) return { _tag: 'Left', left: this.#last }
    const chosen = await this.#plan.choose(this, ctx)
    if (chosen._tag === 'Left') return chosen
    if (this.#decided) return { _tag: 'Left', left: cancelled('another attempt was taken, or the request is over') }
    const lines = this.#lines(chosen.right, ctx)
    if (lines._tag === 'Left') return lines
    const { agents, limits } = this.#plan
    const { method } = this
    const sent = {
      method,
      path: joinPath(chosen.right.base, this.path),
      lines: lines.right,
      repeatable: upload === undefined && idempotent.has(method),
      upload,
    }
    const attempt = new Attempt(agents, limits, chosen.right, sent, ctx, this.#informed)
    this.#attempts.push(attempt)
    const outcome = await attempt.run()
    if (outcome._tag === 'Left') this.#last = outcome.left
    return outcome
  }

  /** The attempt whose head this is, and the end of all others. */
  take(response: ProxyResponse): Attempt | undefined {
    this.#decided = true
    const taken = this.#attempts.find(({ head }) => head === response)
    for (const attempt of this.#attempts) if (attempt !== taken) attempt.abandon()
    return taken
  }

  abandon(): void {
    this.#decided = true
    for (const attempt of this.#attempts) attempt.abandon()
  }

  /** All that is sent to this target, as Node takes it. */
  #lines(target: Target, ctx: Context): Either<Failure, string[]> {
    const { upload, expects, raw } = this.#arrived
    const set: Headers = Object.create(null)
    const refused = addMetadata(set, ctx, [], metadataLimit)
    if (refused !== undefined) return { _tag: 'Left', left: refused }
    const headers = Object.assign(Object.create(null), this.headers, set) as Headers
    const host = headers.host ?? target.host
    if (ctx.deadline < Number.POSITIVE_INFINITY) {
      const left = Math.floor(ctx.deadline - clockOf(ctx).now())
      if (left < 1) return { _tag: 'Left', left: deadlineExceeded() }
      headers['request-timeout-ms'] = String(left)
    }
    // First, as RFC 9110, 7.2, would have it.
    const lines = ['Host', String(host)]
    lines.push(...writeLines({ headers, names: this.#names }, (name) => name === 'host' || isFraming(name)))
    const { rawHeaders } = raw
    if (members(rawHeaders, 'te').includes('trailers')) lines.push('TE', 'trailers', 'Connection', 'keep-alive, te')
    if (expects)
      if (lines.every(isAscii)) lines.push('Expect', '100-continue')
      // Node would send the head of such a request at once, and as UTF-8: other bytes than these.
      else this.#informed(100, [])
    // Last, because Node writes what follows a length as other bytes (content-disposition).
    const length = raw.headers['content-length']
    if (upload !== undefined && length === undefined) {
      const announced = raw.headers.trailer
      if (announced !== undefined) lines.push('Trailer', announced)
      lines.push('Transfer-Encoding', 'chunked')
    } else if (length !== undefined) lines.push('Content-Length', length)
    else if (withBody.has(this.method)) lines.push('Content-Length', '0')
    return { _tag: 'Right', right: lines }
  }
}

/** Read from the request, and written anew. */
const own: ReadonlySet<string> = new Set(['host', 'expect', 'request-timeout-ms'])

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text)
