// The codecs that most low-level servers and clients want: JSON both ways, nothing at all.
import {
  type DecoderOptions,
  decoder,
  type InvalidArgument,
  invalidArgument,
  type Remote,
  remote,
} from '@tenon/contract'
import type { Either, Left } from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { isJson, parseJson } from './json.ts'
import type { ClientResponse } from './message.ts'
import { one } from './problem.ts'
import type { Headers, Reply, ServerRequest } from './reply.ts'

// biome-ignore lint/suspicious/noExplicitAny: what it encodes to does not matter here
type Codec<A> = t.Type<A, any, unknown>

/**
 * Writes a value as JSON into a reply or a request; the default encoder of both sides. `undefined` is no body. Throws
 * what JSON.stringify throws, which becomes a `Defect`. A content type that is set already stays.
 */
export function encodeJson(value: unknown, message: { readonly headers: Headers; body: Reply['body'] }): void {
  message.body = JSON.stringify(value)
  if (message.body !== undefined) message.headers['content-type'] ??= 'application/json'
}

const nobody: Either<never, undefined> = { _tag: 'Right', right: undefined }

/** A failure for a body that cannot be read: `InvalidArgument`, whose message says where. */
export const invalidBody = (wrong: string): InvalidArgument => ({ ...invalidArgument([]), message: wrong })

/** Reads a request's body as JSON, whatever its content type says; `undefined` when there is none. */
export function decodeJson({ body }: ServerRequest): Either<InvalidArgument, unknown> {
  if (body.length === 0) return nobody
  const parsed = parseJson(body)
  return parsed.wrong === undefined
    ? { _tag: 'Right', right: parsed.value }
    : { _tag: 'Left', left: invalidBody(parsed.wrong) }
}

/**
 * {@link decodeJson}, and the value is what this codec takes: `decode: http.decodeJsonAs(Order)`. What does not fit is an
 * `InvalidArgument` that names each wrong field.
 */
export function decodeJsonAs<A>(
  codec: Codec<A>,
  options?: DecoderOptions,
): (request: ServerRequest) => Either<InvalidArgument, A> {
  const decode = decoder(codec, options)
  return (request) => {
    const json = decodeJson(request)
    return json._tag === 'Left' ? json : decode(json.right)
  }
}

/** A decoder that reads nothing: the endpoint's input is `undefined`. */
export const noInput = (): Either<never, undefined> => nobody

/** Reads the body of an answer as JSON; `undefined` when there is none. */
export function readJson({ headers, body, status }: ClientResponse): Either<Remote, unknown> {
  if (body.length === 0) return nobody
  const type = one(headers['content-type'])
  if (!isJson(type))
    return badAnswer(`the answer (${status}) is ${type?.slice(0, 100) ?? 'of no content type'} and not JSON`)
  const parsed = parseJson(body)
  return parsed.wrong === undefined ? { _tag: 'Right', right: parsed.value } : badAnswer(parsed.wrong)
}

/**
 * {@link readJson}, and the value is what this codec takes: `decode: http.readJsonAs(Receipt)`. What does not fit is a
 * `Remote` of tag `InvalidOutput`. Keys that the codec does not know are dropped, unless `options` says otherwise.
 */
export function readJsonAs<A>(
  codec: Codec<A>,
  options: DecoderOptions = { unknownKeys: 'strip' },
): (response: ClientResponse) => Either<Remote, A> {
  const decode = decoder(codec, options)
  return (response) => {
    const json = readJson(response)
    if (json._tag === 'Left') return json
    const decoded = decode(json.right)
    return decoded._tag === 'Left' ? badAnswer(`the answer does not fit: ${decoded.left.message}`) : decoded
  }
}

/** The other side answered what cannot be read. */
export const badAnswer = (message: string): Left<Remote> => ({
  _tag: 'Left',
  left: remote({ code: 'internal', tag: 'InvalidOutput', message }),
})
