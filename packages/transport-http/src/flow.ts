// A served endpoint, prepared once: everything that its exchanges share.
import type { CheckedLimits, Clock, Context, Failure, MethodInfo, Run, TelemetryListener } from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import type { ErrorListener, ServerAfter, ServerAfterError, ServerBefore, ServerFinalizer } from './hooks.ts'
import type { RequestLimits } from './limits.ts'
import type { Reply, ServerRequest } from './reply.ts'

/** The steps of a server. */
export interface Steps {
  readonly run: Run<unknown, unknown, Failure>
  readonly decode: (
    request: ServerRequest,
    ctx: Context,
  ) => Either<Failure, unknown> | PromiseLike<Either<Failure, unknown>>
  readonly encode: (
    output: unknown,
    reply: Reply,
    ctx: Context,
    request: ServerRequest,
  ) => undefined | PromiseLike<unknown>
  readonly encodeError: (failure: Failure, reply: Reply, ctx: Context) => void
  /** The media types that a body may have; any when undefined. */
  readonly media: readonly string[] | undefined
}

/** What is the same for all methods of one server. */
export interface Surroundings {
  readonly before: readonly ServerBefore[]
  readonly after: readonly ServerAfter[]
  readonly afterError: readonly ServerAfterError[]
  readonly finalize: readonly ServerFinalizer[]
  readonly onError: readonly ErrorListener[]
  readonly limits: CheckedLimits<RequestLimits>
  readonly clock: Clock
  readonly onTelemetry: TelemetryListener | undefined
}

export interface Flow extends Steps, Surroundings {
  readonly method: MethodInfo | undefined
  /** Milliseconds that what was opened within the request's time may last; absent for single answers. */
  readonly lasts?: number
}
