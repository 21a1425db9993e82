// The client's endpoint of a method that answers with a stream.
import { bindings, type Codecs, codecs, type PlacedMethod, resumption } from '@tenon/contract'
import {
  type Context,
  clockOf,
  type Endpoint,
  endpoint,
  type Failure,
  isCode,
  type Outcome,
  stream,
  type TelemetryListener,
} from '@tenon/endpoint'
import type { Backoff } from '@tenon/policy'
import { badAnswer } from '../codec.ts'
import { parseText } from '../json.ts'
import type { Line } from '../line.ts'
import { placing } from '../placing.ts'
import { one, problemType, readProblem } from '../problem.ts'
import { Sending } from '../sending.ts'
import { eventStream, isEventStream } from './accept.ts'
import { endId } from './event.ts'
import { Inbox, type Receiving } from './inbox.ts'
import type { ReadEvent } from './parser.ts'
import { Reading, type Way } from './reading.ts'

/** What the streams of a client share. */
export interface StreamOptions {
  /** Milliseconds; `undefined`: by what the server promises. */
  readonly silence: number | undefined
  /** Connections in a row that are tried to go on with a stream. */
  readonly attempts: number
  readonly backoff: Backoff
  readonly onTelemetry: TelemetryListener | undefined
}

/** Beats that a server may miss before its connection is taken for dead. */
const beats = 3

export function streamMethod(
  shared: Omit<Line, 'verb' | 'idempotent' | 'encode' | 'decode' | 'open'>,
  method: PlacedMethod,
  { silence, ...options }: StreamOptions,
): Endpoint<unknown, unknown, Failure> | undefined {
  const [binding] = bindings(method)
  if (binding === undefined) return undefined
  const coded: Codecs = codecs(method)
  const { wire, response: limit } = shared
  const place = placing(coded, binding, wire.base)
  const failure: Receiving['failure'] = (event) => told(coded, event)
  const line: Line = {
    ...shared,
    verb: binding.verb,
    idempotent: method.idempotent,
    encode(input, request, ctx) {
      request.headers.accept = eventStream
      return place(input, request, ctx)
    },
    open({ status, headers }, tap, ctx) {
      if (status !== 200 || !isEventStream(one(headers['content-type']))) return undefined
      const promised = beats * milliseconds(one(headers['heartbeat-ms']))
      return new Inbox(tap, { clock: clockOf(ctx), peer: wire.origin, limit, silence: silence ?? promised, failure })
    },
    decode(response) {
      const { status, headers } = response
      if (status < 200 || status > 299) return { _tag: 'Left', left: coded.decodeFailure(readProblem(response)) }
      return badAnswer(
        `the answer (${status}) is ${one(headers['content-type']) ?? 'of no content type'} and no stream`,
      )
    },
  }
  const open = (input: unknown, ctx: Context): Promise<Outcome> =>
    new Promise((resolve) => new Sending(line, ctx, resolve).start(input))
  const way: Way = {
    ...options,
    method,
    coded,
    resumption: resumption(method),
    open,
    closed: () => wire.closed,
  }
  return endpoint(async (input: unknown, ctx) => {
    const outcome = await open(input, ctx)
    if (outcome._tag === 'Left') return outcome
    const inbox = outcome.right as Inbox
    return {
      _tag: 'Right',
      right: stream({ [Symbol.asyncIterator]: () => new Reading(way, inbox, input, ctx) }),
    } as const
  }, method) as Endpoint<unknown, unknown, Failure>
}

const milliseconds = (header: string | undefined): number =>
  header !== undefined && /^[1-9]\d{0,8}$/.test(header) ? Number(header) : Number.POSITIVE_INFINITY

/** The failure in a last event: a problem document. */
function told(coded: Codecs, { data, id }: ReadEvent): ReturnType<Receiving['failure']> {
  const { value } = parseText(data, 'the last event') as { readonly value?: unknown }
  const { code } = (value ?? {}) as { readonly code?: unknown }
  if (!isCode(code)) return { failure: badAnswer('the last event of the stream says no failure').left, again: false }
  const problem = { status: 500, headers: { 'content-type': problemType }, body: Buffer.from(data) }
  return {
    failure: coded.decodeFailure(readProblem(problem)),
    // The server stops, and the stream with it: another one may go on.
    again: code === 'unavailable' && id !== endId,
  }
}
