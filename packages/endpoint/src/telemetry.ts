// What policies report, as one tagged union owned by the kernel: metrics, logs, traces and pages listen without
// importing the packages that speak.
import { type Channel, channel } from 'node:diagnostics_channel'
import type { Failure } from './failure.ts'
import type { MethodInfo } from './method.ts'
import type {
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
  LockTransition,
} from './telemetry-discovery.ts'
import type {
  BreakerTransition,
  LimiterLimit,
  LimiterRejected,
  LimiterWaited,
  RetryAttempt,
  RetryExhausted,
} from './telemetry-policies.ts'
import { unheard } from './unheard.ts'

/** Something threw where nothing may: the cause of a `Defect`, which no wire ever carries. */
export interface DefectCaught {
  readonly kind: 'defect'
  readonly method: MethodInfo | undefined
  readonly cause: unknown
}

/** A call answered after its timeout had answered for it; the late result was dropped. */
export interface TimeoutLate {
  readonly kind: 'timeout.late'
  readonly method: MethodInfo | undefined
  /** Milliseconds between the timeout and the late answer. */
  readonly late: number
  /** What it had failed with; absent where it had succeeded. The value is not told: it may hold secrets. */
  readonly failure?: Failure
}

/** An app takes a step of its start or its ordered drain. */
export interface DrainStep {
  readonly kind: 'drain.step'
  readonly app: string
  /** The service the step is about, absent for steps of the whole. */
  readonly service?: string
  readonly step: 'started' | 'readinessOff' | 'propagated' | 'draining' | 'drained' | 'failed' | 'forced' | 'done'
  /** Milliseconds since the start or the drain began. */
  readonly elapsed: number
  readonly error?: unknown
}

/** A server refused something before any endpoint saw it: a limit, a malformed request, an overload. */
export interface ServerRejected {
  readonly kind: 'server.rejected'
  readonly transport: string
  readonly reason: string
  readonly failure: Failure
}

/** A client's connection to its peer was lost, or is back. */
export interface ClientConnection {
  readonly kind: 'client.connection'
  readonly transport: string
  readonly peer: string
  readonly state: 'connected' | 'lost'
}

/** A consumer settled a message: `done`, to come again (`retried`), put with the dead, or not to be settled at all. */
export interface ConsumerMessage {
  readonly kind: 'consumer.message'
  readonly consumer: string
  readonly method: MethodInfo
  readonly result: 'done' | 'retried' | 'dead' | 'unsettled'
  /** How often it was delivered, this time included. */
  readonly deliveries: number
  /** Why it is not done. */
  readonly failure?: Failure
}

/** A consumer has ended its drain. */
export interface ConsumerDrained {
  readonly kind: 'consumer.drained'
  readonly consumer: string
  /** Milliseconds that it took. */
  readonly elapsed: number
  /** Messages that it held when the drain began. */
  readonly pending: number
}

/** Everything that policies report. */
export type Telemetry =
  | DefectCaught
  | TimeoutLate
  | BreakerTransition
  | RetryAttempt
  | RetryExhausted
  | LimiterRejected
  | LimiterWaited
  | LimiterLimit
  | DiscoverySet
  | DiscoveryError
  | DiscoveryConnection
  | DiscoveryOutlier
  | DiscoverySnapshot
  | DiscoveryRegistration
  | DiscoveryRegistrarError
  | LockTransition
  | LockError
  | DiscoveryHealth
  | DiscoveryPanic
  | DrainStep
  | ServerRejected
  | ClientConnection
  | ConsumerMessage
  | ConsumerDrained

/** Hears what policies report. It may throw: that is ignored and counted, see {@link listenerFailures}. */
export type TelemetryListener = (event: Telemetry) => void

const kinds = [
  'defect',
  'timeout.late',
  'breaker.transition',
  'retry.attempt',
  'retry.exhausted',
  'limiter.rejected',
  'limiter.waited',
  'limiter.limit',
  'discovery.set',
  'discovery.error',
  'discovery.connection',
  'discovery.outlier',
  'discovery.snapshot',
  'discovery.registration',
  'discovery.registrarError',
  'lock.transition',
  'lock.error',
  'discovery.health',
  'discovery.panic',
  'drain.step',
  'server.rejected',
  'client.connection',
  'consumer.message',
  'consumer.drained',
] as const satisfies readonly Telemetry['kind'][]

const channels = Object.fromEntries(kinds.map((kind) => [kind, channel(`tenon:${kind}`)])) as Record<
  Telemetry['kind'],
  Channel
>

let failures = 0

/** How many times a listener has thrown in this process. */
export const listenerFailures = (): number => failures

const guarded =
  (listener: TelemetryListener) =>
  (event: unknown): void => {
    try {
      listener(event as Telemetry)
    } catch {
      failures++
    }
  }

/**
 * Reports an event: to the listener where a policy was given one (`onTelemetry`), else on the diagnostics channel
 * `tenon:<kind>`. Never throws. Where building the event costs something, ask {@link listening} first. A defect that
 * nobody listens for is a warning of the process, of type `TenonDefect`, ten a minute at most.
 */
export function report(listener: TelemetryListener | undefined, event: Telemetry): void {
  if (listener === undefined) {
    const target = channels[event.kind]
    if (target.hasSubscribers) target.publish(event)
    else if (event.kind === 'defect') unheard(event.method, event.cause)
  } else guarded(listener)(event)
}

/** Would anybody hear an event of this kind? Costs a few nanoseconds. */
export const listening = (listener: TelemetryListener | undefined, kind: Telemetry['kind']): boolean =>
  listener !== undefined || channels[kind].hasSubscribers

/**
 * Listens to all policies that were given no listener of their own; `only` names the kinds, all of them by default.
 * Dispose what it returns to stop.
 */
export function subscribe(listener: TelemetryListener, only: readonly Telemetry['kind'][] = kinds): Disposable {
  const hear = guarded(listener)
  for (const kind of only) channels[kind].subscribe(hear)
  return {
    [Symbol.dispose]: () => {
      for (const kind of only) channels[kind].unsubscribe(hear)
    },
  }
}
