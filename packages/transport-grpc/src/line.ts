// A remote method, prepared once: everything that its calls share.
import type { Client as Channel, Metadata } from '@grpc/grpc-js'
import { type InvalidArgument, invalidArgument, type WireFailure } from '@tenon/contract'
import { type Context, defect, type Failure, type Kind, type MethodInfo, report } from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import type { ClientAfter, ClientBefore, ClientFinalizer } from './hooks.ts'
import { Lossy } from './proto/convert.ts'

/** A message as grpc-js takes it: bytes where a contract made it, else what the user's own definition serializes. */
export type Message = unknown

export interface Line {
  readonly channel: Channel
  readonly path: string
  readonly kind: Exclude<Kind, 'event'>
  readonly method: MethodInfo | undefined
  /** Messages as bytes, and back, where grpc-js does it. */
  readonly serialize: (message: Message) => Buffer
  readonly deserialize: (bytes: Buffer) => Message
  /** A throw of `Lossy` is an `InvalidArgument`, any other a `Defect`; then nothing is sent. */
  readonly encode: (input: unknown, ctx: Context) => Message | PromiseLike<Message>
  readonly decode: (message: Message, ctx: Context) => Either<Failure, unknown> | PromiseLike<Either<Failure, unknown>>
  readonly decodeFailure: (failure: WireFailure) => Failure
  readonly before: readonly ClientBefore[]
  readonly after: readonly ClientAfter[]
  readonly finalize: readonly ClientFinalizer[]
  /** Milliseconds that a call without a deadline may take; a stream of answers, to open. */
  readonly timeout: number
  readonly allow: readonly string[]
  /** Bytes. */
  readonly metadata: number
  readonly message: number
}

/** Is it still to come? */
export const isLater = <T>(value: T | PromiseLike<T>): value is PromiseLike<T> =>
  typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function'

/** What is too large to be sent; `undefined` for all else. */
export const tooLarge = (message: Message, limit: number): InvalidArgument | undefined =>
  message instanceof Uint8Array && message.length > limit
    ? invalidArgument([
        { path: '', expected: `at most ${limit} bytes (limits.message of this client)`, actual: `${message.length}` },
      ])
    : undefined

/** What a throw of an encoder, a decoder or a hook means to the caller. */
export function thrown(cause: unknown, method: MethodInfo | undefined): Failure {
  if (cause instanceof Lossy) return invalidArgument([cause.issue])
  report(undefined, { kind: 'defect', method, cause })
  return defect(cause)
}

/** What came back with a status. */
export interface Ended {
  readonly code: number
  readonly details: string
  readonly metadata: Metadata
}
