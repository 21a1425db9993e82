// Events into JetStream: an endpoint for each kind, which succeeds once the event is kept.
import { randomUUID } from 'node:crypto'
import {
  type AnyMethod,
  type CallFailed,
  type Codecs,
  type Contract,
  codecs,
  decodeCallFailed,
  type Events,
  type InvalidArgument,
  type Method,
  unavailable,
} from '@tenon/contract'
import type { Context, Endpoint, MethodInfo } from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { type ClientOptions, owning, prepare, sender } from '../client.ts'
import { encodeJson, readJson } from '../codec.ts'
import { subjectOf } from '../connection.ts'
import type { ClientRequest } from '../message.ts'
import { baseOf, eventOf, readInput } from '../methods.ts'
import { type Answer, wrongIn } from './jetstream.ts'

/** How events are published. */
export interface PublisherOptions extends ClientOptions {
  /** Words before every subject; consumers need the same. */
  readonly prefix?: string
  /**
   * The id of an event: JetStream keeps one of several of a kind with the same id within two minutes. Default: another one
   * for each call, the same one for all attempts of a retry around it. It crosses as `placed.<id>`.
   */
  readonly id?: (event: unknown, method: MethodInfo, ctx: Context) => string
}

/** An endpoint for each event. Dispose it when done: it takes no calls then. */
export type Publisher<C> =
  C extends Contract<string, infer M>
    ? { readonly [K in keyof Events<M>]: Endpoint<EventOf<M[K & keyof M]>, void, CallFailed> } & AsyncDisposable
    : never
/** The message of an event. */
// biome-ignore lint/suspicious/noExplicitAny: what a pattern does not ask for must be any, or nothing matches
export type EventOf<X> = X extends Method<'event', infer I, any, any> ? I : never

// What all attempts of one call share is the set of instances that they tried.
const ids = new WeakMap<object, string>()

function idOf(_: unknown, __: MethodInfo, { attempt }: Context): string {
  if (attempt === undefined) return randomUUID()
  const known = ids.get(attempt.tried) ?? randomUUID()
  ids.set(attempt.tried, known)
  return known
}

/**
 * The events of a contract as endpoints. A success says that JetStream has the event; where no stream keeps it, that is
 * `Unavailable`. One that its consumers could not read is `InvalidArgument`, and not sent. Any other failure does not say
 * that it was not kept.
 *
 * @throws TypeError for a bad option, and for a contract without events.
 */
export function publisher<N extends string, M extends Record<string, AnyMethod>>(
  contract: Contract<N, M>,
  options: PublisherOptions,
): Publisher<Contract<N, M>> {
  const who = `nats.publisher of ${contract.name}`
  const { id = idOf, prefix } = options ?? {}
  if (typeof id !== 'function') throw new TypeError(`${who}: id is a function and not ${String(id)}`)
  const events = Object.values(contract.methods as Record<string, AnyMethod & MethodInfo>).filter(
    ({ kind }) => kind === 'event',
  )
  if (events.length === 0)
    throw new TypeError(`${who}: the contract has no event to publish; its methods are called with nats.client`)
  const { shared, close } = prepare(who, options, contract.name)
  const base = baseOf(prefix === undefined ? undefined : subjectOf(who, 'prefix', prefix), contract.name)
  const endpoints: Record<PropertyKey, unknown> = {}
  for (const method of events) {
    const coded: Codecs = codecs(method)
    const subject = eventOf(base, method.name)
    endpoints[method.name] = sender(
      {
        ...shared,
        subject,
        leaving: undefined,
        nobody: `no stream keeps ${subject}: nats.consume makes one, where JetStream is on`,
        timed: false,
        encode(event, request, ctx) {
          const read = write(coded, event, request)
          if (read._tag === 'Left') return read
          // One stream keeps all events of the contract, and drops what has an id that it knows, whatever the subject.
          request.headers['Nats-Msg-Id'] = `${method.name}.${idText(who, id(event, method, ctx))}`
          return undefined
        },
        decode(response) {
          const read = readJson(response)
          if (read._tag === 'Left') return read
          const answer = (read.right ?? {}) as Answer
          const wrong = wrongIn(answer)
          if (wrong !== undefined) return { _tag: 'Left', left: unavailable(`JetStream: ${wrong}`) }
          // Somebody else listens at the subject, and answered.
          if (typeof answer.stream !== 'string')
            return { _tag: 'Left', left: unavailable(`${subject}: the answer is not of JetStream`) }
          return { _tag: 'Right', right: undefined }
        },
        decodeError: (wire) => decodeCallFailed(wire),
        sends: false,
        receives: false,
      },
      method,
    )
  }
  return owning(endpoints, close) as Publisher<Contract<N, M>>
}

/** Writes an event, and reads it as its consumers will: one that they cannot read would be kept, and go to the dead. */
function write(coded: Codecs, event: unknown, request: ClientRequest): Either<InvalidArgument, unknown> {
  let wire = (): unknown => JSON.parse(JSON.stringify(event) ?? 'null')
  try {
    const encoded = coded.encodeInput(event)
    wire = () => encoded
    encodeJson(encoded, request)
  } catch (cause) {
    // Codecs throw for what is not of their type, without a word of where that is.
    const read = coded.decodeInput(wire())
    if (read._tag === 'Left') return read
    throw cause
  }
  return readInput(coded, { body: Buffer.from((request.body ?? '') as string) })
}

function idText(who: string, id: unknown): string {
  if (typeof id === 'string' && /^[\x21-\x7e]{1,256}$/.test(id)) return id
  throw new TypeError(`${who}: an id is 1 to 256 characters of printable ASCII without blanks`)
}
