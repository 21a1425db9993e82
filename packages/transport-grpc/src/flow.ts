// A served method, prepared once: everything that its calls share.
import type { WireFailure } from '@tenon/contract'
import type { CheckedLimits, Clock, Context, Failure, Kind, MethodInfo, Run, TelemetryListener } from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import type { Gate } from './gate.ts'
import type { ErrorListener, ServerAfter, ServerBefore, ServerFinalizer } from './hooks.ts'
import type { RequestLimits } from './limits.ts'
import type { Message } from './line.ts'
import type { Unread } from './unread.ts'

/** What is the same for all methods of a server. */
export interface Surroundings {
  readonly before: readonly ServerBefore[]
  readonly after: readonly ServerAfter[]
  readonly finalize: readonly ServerFinalizer[]
  readonly onError: readonly ErrorListener[]
  readonly limits: CheckedLimits<RequestLimits>
  readonly clock: Clock
  readonly onTelemetry: TelemetryListener | undefined
  readonly gate: Gate
  /** Answers that have not been read. Absent where the server is the user's own. */
  readonly unread: Unread | undefined
}

/** The steps of one method. */
export interface Flow extends Surroundings {
  readonly kind: Exclude<Kind, 'event'>
  readonly method: MethodInfo | undefined
  /** The name that ErrorInfo gives as its domain. Default: that of the service in the path. */
  readonly domain: string | undefined
  readonly run: Run<unknown, unknown, Failure>
  readonly decode: (message: Message, ctx: Context) => Either<Failure, unknown> | PromiseLike<Either<Failure, unknown>>
  /** A throw is a `Defect`. */
  readonly encode: (output: unknown, ctx: Context) => Message | PromiseLike<Message>
  readonly encodeFailure: (failure: Failure, ctx: Context) => WireFailure
}
