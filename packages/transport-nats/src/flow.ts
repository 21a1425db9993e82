// A served endpoint, prepared once: everything that its calls share.
import type {
  CheckedLimits,
  Clock,
  Context,
  Failure,
  MethodInfo,
  Outcome,
  Run,
  TelemetryListener,
} from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import type { NatsMessage } from './connection.ts'
import type { ErrorListener, ServerAfter, ServerAfterError, ServerBefore, ServerFinalizer } from './hooks.ts'
import type { ServerLimits } from './limits.ts'
import type { Reply, ServerRequest } from './message.ts'
import type { Stats } from './service.ts'

/** The steps of a server. */
export interface Steps {
  readonly run: Run<unknown, unknown, Failure>
  readonly decode: (
    request: ServerRequest,
    ctx: Context,
  ) => Either<Failure, unknown> | PromiseLike<Either<Failure, unknown>>
  readonly encode: (output: unknown, reply: Reply, ctx: Context) => void | PromiseLike<void>
  readonly encodeError: (failure: Failure, reply: Reply, ctx: Context) => void
  /** Reads a message of a stream that is the input. Absent where the input is none. */
  readonly readItem?: ((message: NatsMessage) => Outcome) | undefined
  /** Is the answer a stream? */
  readonly gives?: boolean
}

/** What is the same for all methods of one server. */
export interface Surroundings {
  readonly before: readonly ServerBefore[]
  readonly after: readonly ServerAfter[]
  readonly afterError: readonly ServerAfterError[]
  readonly finalize: readonly ServerFinalizer[]
  readonly onError: readonly ErrorListener[]
  readonly limits: CheckedLimits<ServerLimits>
  readonly clock: Clock
  readonly onTelemetry: TelemetryListener | undefined
}

export interface Flow extends Steps, Surroundings {
  readonly method: MethodInfo | undefined
  readonly stats: Stats
}
