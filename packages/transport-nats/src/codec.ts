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
import { parseJson } from './json.ts'
import type { ClientResponse, Reply, ServerRequest } from './message.ts'

// biome-ignore lint/suspicious/noExplicitAny: what it encodes to does not matter here
type Codec<A> = t.Type<A, any, unknown>

/** Writes a value as JSON, without a line feed; the default encoder of both sides. `undefined` is no body. */
export function encodeJson(value: unknown, message: { body: Reply['body'] }): void {
  message.body = JSON.stringify(value)
}

/** Reads a request's body as JSON; `undefined` when there is none. */
export function decodeJson({ body }: Pick<ServerRequest, 'body'>): Either<InvalidArgument, unknown> {
  const parsed = parseJson(body)
  return parsed.wrong === undefined
    ? { _tag: 'Right', right: parsed.value }
    : { _tag: 'Left', left: { ...invalidArgument([]), message: parsed.wrong } }
}

/** {@link decodeJson}, and the value is what this codec takes. What does not fit is an `InvalidArgument` that names each wrong field. */
export function decodeJsonAs<A>(
  codec: Codec<A>,
  options?: DecoderOptions,
): (request: Pick<ServerRequest, 'body'>) => Either<InvalidArgument, A> {
  const decode = decoder(codec, options)
  return (request) => {
    const json = decodeJson(request)
    return json._tag === 'Left' ? json : decode(json.right)
  }
}

/** A decoder that reads nothing: the endpoint's input is `undefined`. */
export const noInput = (): Either<never, undefined> => ({ _tag: 'Right', right: undefined })

/** Reads the body of an answer as JSON; `undefined` when there is none. */
export function readJson({ body }: Pick<ClientResponse, 'body'>): Either<Remote, unknown> {
  const parsed = parseJson(body)
  return parsed.wrong === undefined ? { _tag: 'Right', right: parsed.value } : badAnswer(parsed.wrong)
}

/** {@link readJson}, and the value is what this codec takes. What does not fit is a `Remote` of tag `InvalidOutput`. Keys that the codec does not know are dropped. */
export function readJsonAs<A>(codec: Codec<A>): (response: Pick<ClientResponse, 'body'>) => Either<Remote, A> {
  const decode = decoder(codec, { unknownKeys: 'strip' })
  return (response) => {
    const json = readJson(response)
    if (json._tag === 'Left') return json
    const decoded = decode(json.right)
    return decoded._tag === 'Left' ? badAnswer(`the answer does not fit: ${decoded.left.message}`) : decoded
  }
}

const badAnswer = (message: string): Left<Remote> => ({
  _tag: 'Left',
  left: remote({ code: 'internal', tag: 'InvalidOutput', message }),
})
