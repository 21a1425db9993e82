// A remote method, prepared once: everything that its calls share, and what takes answers that are streams.
import type { CallFailed } from '@tenon/contract'
import type { Context, Failure, Outcome } from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import type { ClientAfter, ClientBefore, ClientFinalizer } from './hooks.ts'
import type { ClientRequest, ClientResponse } from './message.ts'
import type { Wire } from './pool.ts'

/** What takes the body of an answer piece by piece. It ends by itself (`Tap`), or is told. */
export interface Intake {
  push(piece: Buffer): void
  /** Nothing more comes. */
  broke(failure: CallFailed): void
  /** The call is over: its context has ended. */
  over(failure: Failure): void
}

/** What an intake does to its connection and its call. */
export interface Tap {
  pause(): void
  resume(): void
  /** The call has ended so, and nothing more is wanted of the connection. */
  close(outcome: Outcome): void
  /** The same when all has come but the end of the body: then the connection can be used again. */
  settle(outcome: Outcome): void
}

/** A remote method, prepared once: everything that its calls share. */
export interface Line {
  readonly wire: Wire
  /** Makes the request; a Left is the call's failure, a throw a `Defect`. */
  readonly encode: (
    input: unknown,
    request: ClientRequest,
    ctx: Context,
  ) => Either<Failure, unknown> | undefined | PromiseLike<Either<Failure, unknown> | undefined>
  /** `input`: what `encode` got. */
  readonly decode: (
    response: ClientResponse,
    ctx: Context,
    input: unknown,
  ) => Either<Failure, unknown> | PromiseLike<Either<Failure, unknown>>
  /** For answers that are streams: what takes the body of one that begins so; the call's output is that. `undefined` takes it whole. */
  readonly open?: (head: ClientResponse, tap: Tap, ctx: Context) => Intake | undefined
  readonly before: readonly ClientBefore[]
  readonly after: readonly ClientAfter[]
  readonly finalize: readonly ClientFinalizer[]
  readonly verb: string
  readonly idempotent: boolean
  /** Milliseconds a call without a deadline may take. */
  readonly timeout: number
  /** How much of the time that is left the server is told, 0..1. Default: all of it. */
  readonly share?: number
  readonly allow: readonly string[]
  /** Bytes. */
  readonly metadata: number
  readonly response: number
}
