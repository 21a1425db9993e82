// Protobuf bodies at the low level, by the functions of whatever library makes the messages.
import type { InvalidArgument, Remote } from '@tenon/contract'
import type { Either } from 'fp-ts/lib/Either.js'
import { badAnswer, invalidBody } from './codec.ts'
import { isMedia } from './json.ts'
import type { ClientResponse } from './message.ts'
import { one } from './problem.ts'
import type { Headers, Reply, ServerRequest } from './reply.ts'

const media = 'application/x-protobuf'

/**
 * Writes a message into a reply or a request: `encode: http.encodeProtobuf((sum: Sum) => Sum.encode(sum).finish())`. Status and headers that
 * are set already stay; 204 has no body, and neither has `undefined`. What `write` throws becomes a `Defect`.
 */
export const encodeProtobuf =
  <M>(write: (message: M) => Uint8Array) =>
  (message: M, into: { readonly headers: Headers; body: Reply['body']; readonly status?: number }): void => {
    if (into.status === 204 || message === undefined) return
    into.body = write(message)
    into.headers['content-type'] ??= media
  }

/**
 * Reads a request's body as a message, whatever its content type says: `media: ['application/x-protobuf']` refuses others. What `read` throws is an
 * `InvalidArgument`.
 */
export const decodeProtobuf =
  <M>(read: (bytes: Uint8Array) => M) =>
  ({ body }: ServerRequest): Either<InvalidArgument, M> => {
    try {
      return { _tag: 'Right', right: read(body) }
    } catch {
      return { _tag: 'Left', left: invalidBody('the body is no such message') }
    }
  }

/** Reads an answer's body as a message. Another content type, and what `read` throws, is a `Remote` of tag `InvalidOutput`. */
export const readProtobuf =
  <M>(read: (bytes: Uint8Array) => M) =>
  ({ headers, body, status }: ClientResponse): Either<Remote, M> => {
    const type = one(headers['content-type'])
    if (!isMedia(type, [media]))
      return badAnswer(`the answer (${status}) is ${type?.slice(0, 100) ?? 'of no content type'} and not ${media}`)
    try {
      return { _tag: 'Right', right: read(body) }
    } catch {
      return badAnswer('the answer is no such message')
    }
  }
