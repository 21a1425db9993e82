// The public names of @tenon/endpoint.
export { CallError, type CallOptions, call, unwrap } from './call.ts'
export type { Attempt, Context } from './carried.ts'
export { type Clock, sleepOn, systemClock } from './clock.ts'
export {
  type BackgroundOptions,
  background,
  clockOf,
  endedBy,
  extend,
  lastingDeadline,
  onEnding,
  outgoing,
  pause,
  withAttempt,
  withMetadata,
} from './context.ts'
export type { Endpoint, Run } from './endpoint.ts'
export {
  type Cancelled,
  type Code,
  type CodeInfo,
  cancelled,
  codes,
  type DeadlineExceeded,
  type Defect,
  deadlineExceeded,
  defect,
  type Failure,
  type Infrastructure,
  type InfrastructureCode,
  isCode,
  isDefect,
  isFailure,
  isInfrastructure,
  matchFailure,
} from './failure.ts'
export { knownOptions, type OptionNames } from './known-options.ts'
export { reportLate } from './late.ts'
export type { Ending, EndingListener } from './life.ts'
export { allowOption, hooksOption } from './list-options.ts'
export { endpoint, fromPromise, withMethod } from './make.ts'
export { type Metadata, metadata, noMetadata, passedOn } from './metadata.ts'
export type { Kind, MethodInfo } from './method.ts'
export { type Mapped, mapMethod, mapMethods } from './methods.ts'
export {
  type Answer,
  type AnyMiddleware,
  byMethod,
  chain,
  type Failed,
  type Middleware,
  middleware,
  type Without,
} from './middleware.ts'
export { mapFailure, mapInput, mapOutput, provide, recover, tap } from './operators.ts'
export { type Random, systemRandom } from './random.ts'
export { type Fail, fail, type Ok, type Outcome, ok, pass, refuse } from './result.ts'
export { run, runner } from './run.ts'
export { type Scope, withCancel, withDeadline, withTimeout } from './scope.ts'
export { admit, guard, measure, observe } from './step.ts'
export { isStream, type Stream, type StreamEnd, stream, whenEnds } from './stream.ts'
export { type StreamTimeoutOptions, streamTimeout } from './stream-timeout.ts'
export {
  type ClientConnection,
  type ConsumerDrained,
  type ConsumerMessage,
  type DefectCaught,
  type DrainStep,
  listenerFailures,
  listening,
  report,
  type ServerRejected,
  subscribe,
  type Telemetry,
  type TelemetryListener,
  type TimeoutLate,
} from './telemetry.ts'
export type {
  DiscoveryConnection,
  DiscoveryError,
  DiscoveryHealth,
  DiscoveryOutlier,
  DiscoveryPanic,
  DiscoveryRegistrarError,
  DiscoveryRegistration,
  DiscoverySet,
  DiscoverySnapshot,
  LockError,
  LockStatus,
  LockTransition,
  RegistrationStatus,
} from './telemetry-discovery.ts'
export type {
  BreakerState,
  BreakerTransition,
  LimiterLimit,
  LimiterRejected,
  LimiterWaited,
  RetryAttempt,
  RetryExhausted,
} from './telemetry-policies.ts'
export { type TimeoutOptions, timeout } from './timeout.ts'
export type { Timer } from './timer.ts'
export { type CheckedLimits, limitOptions, type WholeRule, wholeOption } from './whole-option.ts'
