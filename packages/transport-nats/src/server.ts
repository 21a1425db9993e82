// The low level of serving: one endpoint at one subject, its codecs and hooks in the user's hands.
import {
  type Context,
  type Defect,
  type Endpoint,
  type Failure,
  knownOptions,
  type OptionNames,
  runner,
} from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { encodeJson } from './codec.ts'
import { openOf, subjectOf } from './connection.ts'
import { encodeFailure } from './failure.ts'
import type { Flow } from './flow.ts'
import { Gate } from './gate.ts'
import { linkOf } from './link.ts'
import type { Reply, ServerRequest } from './message.ts'
import { Calls, type Running, running } from './running.ts'
import { type ServerSurroundings, surroundingOptions, surroundings } from './serve.ts'
import { Stats } from './service.ts'

/** How an endpoint is served. */
export interface ServerOptions<I, O, E extends Failure = Failure> extends ServerSurroundings {
  readonly subject: string
  /** The endpoint's input, from the request; a Left is answered as that failure, a throw is a `Defect`. */
  readonly decode: (request: ServerRequest, ctx: Context) => Either<Failure, I> | Promise<Either<Failure, I>>
  /** Writes the output into the reply. Default: `encodeJson`. A throw is a `Defect`; nothing of its reply is sent. */
  readonly encode?: (output: O, reply: Reply, ctx: Context) => void | Promise<void>
  /** Writes a failure into the reply. Default: `encodeFailure`. Where it sets no `Nats-Service-Error` header, that is added. */
  readonly encodeError?: (failure: E | Failure | Defect, reply: Reply, ctx: Context) => void
}

const named: OptionNames<ServerOptions<unknown, unknown>> = {
  ...surroundingOptions,
  subject: true,
  decode: true,
  encode: true,
  encodeError: true,
}

/**
 * Serves one endpoint at a subject: before -> decode -> endpoint -> after -> encode. A message without a reply subject
 * runs the same way, and nothing is sent. It takes requests when the promise resolves.
 */
export async function server<I, O, E extends Failure>(
  endpoint: Endpoint<I, O, E>,
  options: ServerOptions<I, O, E>,
): Promise<Running> {
  const who = 'nats.server'
  knownOptions(who, options, named)
  const { decode, encode = encodeJson, encodeError = encodeFailure } = options
  const link = linkOf(openOf(who, options.connection))
  const subject = subjectOf(who, 'subject', options.subject)
  const queue = options.queue === undefined ? undefined : subjectOf(who, 'queue', options.queue)
  for (const [name, step] of Object.entries({ decode, encode, encodeError }))
    if (typeof step !== 'function') throw new TypeError(`${who}: ${name} is a function and not ${String(step)}`)
  const { grace, ...around } = surroundings(who, options)
  const flow: Flow = {
    ...around,
    run: runner(endpoint as never),
    method: endpoint.method,
    stats: new Stats(),
    decode: decode as Flow['decode'],
    encode: encode as Flow['encode'],
    encodeError: encodeError as Flow['encodeError'],
  }
  const gate = new Gate(around.limits.concurrent)
  const calls = new Calls(link, gate)
  const requests = [link.subscribe(subject, queue, (message) => calls.take(flow, message))]
  return running(link, gate, calls, grace, { requests, others: [] })
}
