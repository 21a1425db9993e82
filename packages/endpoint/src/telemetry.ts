// What policies report, as one tagged union owned by the kernel: metrics, logs, traces and pages listen without
// importing the packages that speak.
import { type Channel, channel } from 'node:diagnostics_channel'
import type { Failure } from './failure.ts'
import type { MethodInfo } from './method.ts'
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

/** A breaker's state. */
export type BreakerState = 'closed' | 'open' | 'halfOpen'

/** A breaker changed its state. */
export interface BreakerTransition {
  readonly kind: 'breaker.transition'
  /** The breaker's name, its method's name when it was given none. */
  readonly breaker: string
  /** The key among a keyed breaker's states, `''` for a single one. */
  readonly key: string
  readonly from: BreakerState
  readonly to: BreakerState
}

/** A retry is about to call again. */
export interface RetryAttempt {
  readonly kind: 'retry.attempt'
  readonly method: MethodInfo | undefined
  /** The number of the attempt to come: 2 is the first repetition. */
  readonly attempt: number
  /** Milliseconds it waits before. */
  readonly wait: number
  readonly failure: Failure
}

/** A retry stops although the failure might be repeated. */
export interface RetryExhausted {
  readonly kind: 'retry.exhausted'
  readonly method: MethodInfo | undefined
  /** Attempts made. */
  readonly attempts: number
  readonly why: 'attempts' | 'deadline' | 'budget' | 'cancelled'
  readonly failure: Failure
}

/** A limiter refused a call. */
export interface LimiterRejected {
  readonly kind: 'limiter.rejected'
  /** The limiter's name, its method's name when it was given none. */
  readonly limiter: string
  /** The key among a keyed limiter's states, `''` for a single one. */
  readonly key: string
  /** What there was too much of. */
  readonly why: 'rate' | 'full' | 'waited' | 'deadline' | 'displaced' | 'overload'
}

/** A call that a limiter made wait goes ahead. */
export interface LimiterWaited {
  readonly kind: 'limiter.waited'
  readonly limiter: string
  readonly key: string
  /** Milliseconds it waited. */
  readonly wait: number
}

/** An adaptive limiter has moved its limit noticeably: by a tenth, or by one where a tenth is less. */
export interface LimiterLimit {
  readonly kind: 'limiter.limit'
  readonly limiter: string
  readonly key: string
  /** The limit as it was told before, and as it is now. */
  readonly from: number
  readonly to: number
}

/** A registry delivered a new complete set of instances. */
export interface DiscoverySet {
  readonly kind: 'discovery.set'
  readonly service: string
  readonly size: number
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

/** A registry could not be asked; the last good set stays in use. */
export interface DiscoveryError {
  readonly kind: 'discovery.error'
  readonly service: string
  readonly error: unknown
}

/** An instance's connection was made, could not be made, or was closed. */
export interface DiscoveryConnection {
  readonly kind: 'discovery.connection'
  readonly service: string
  readonly instance: string
  readonly state: 'opened' | 'failed' | 'closing' | 'closed'
  readonly error?: unknown
}

/** An instance behaved much worse than the others and gets no calls for a while, or gets some again. */
export interface DiscoveryOutlier {
  readonly kind: 'discovery.outlier'
  readonly service: string
  readonly instance: string
  readonly state: 'ejected' | 'returned'
  /** What it was ejected for. */
  readonly why?: 'consecutive' | 'successRate' | 'latency'
  /** Milliseconds that it is ejected for. */
  readonly duration?: number
}

/** The last good set was written to a file or read from it, or could not be. */
export interface DiscoverySnapshot {
  readonly kind: 'discovery.snapshot'
  readonly service: string
  /**
   * `loaded`: it serves until the registry answers. `unused`: there was one, or none, and it does not serve. `saved`.
   * `failed`: it could not be saved; the one before stays.
   */
  readonly state: 'loaded' | 'unused' | 'saved' | 'failed'
  /** Instances in it. */
  readonly size?: number
  /** Milliseconds since the registry last confirmed what is in it. */
  readonly age?: number
  /**
   * Why it does not serve. `late`: the registry had answered before. `missing`: there is no file. `unreadable`,
   * `untrusted` (others own it or may write to it), `corrupt`, `foreign` (another version or service), `old`.
   */
  readonly why?: 'late' | 'missing' | 'unreadable' | 'untrusted' | 'corrupt' | 'foreign' | 'old'
  readonly error?: unknown
}

/**
 * Where a registration stands. `unconfirmed`: registered, but its heartbeats fail, so that the registry may drop it.
 * `abandoned`: it could not be taken out in time; the registry will drop it by itself, or never.
 */
export type RegistrationStatus =
  | 'idle'
  | 'registering'
  | 'registered'
  | 'unconfirmed'
  | 'deregistering'
  | 'deregistered'
  | 'abandoned'

/** A registration changed its status. From `registered` or `unconfirmed` to `registering`: the registry had forgotten it. */
export interface DiscoveryRegistration {
  readonly kind: 'discovery.registration'
  readonly service: string
  readonly instance: string
  readonly from: RegistrationStatus
  readonly to: RegistrationStatus
}

/** A registry did not take a registration, a heartbeat or a deregistration. */
export interface DiscoveryRegistrarError {
  readonly kind: 'discovery.registrarError'
  readonly service: string
  readonly instance: string
  readonly operation: 'register' | 'heartbeat' | 'deregister'
  /** How many in a row, this one included. */
  readonly failures: number
  /** Milliseconds until it is tried again; absent when it is not. */
  readonly wait?: number
  readonly error: unknown
}

/** Where somebody stands who wants a lock, or wants to lead. `lost`: it was held, and the work has not ended yet. */
export type LockStatus = 'idle' | 'waiting' | 'held' | 'lost' | 'closed'

/** Somebody got a lock or the lead, gave it back, or lost it. */
export interface LockTransition {
  readonly kind: 'lock.transition'
  readonly lock: string
  readonly from: LockStatus
  readonly to: LockStatus
  /** The fencing token of what is held, in decimal digits: a JSON of the event stays possible. */
  readonly token?: string
  /** Why it was lost. Absent when it was given back. */
  readonly lost?: 'expired' | 'revoked'
}

/** A registry could not be asked about a lock, or the work that leads failed. */
export interface LockError {
  readonly kind: 'lock.error'
  readonly lock: string
  readonly operation: 'acquire' | 'watch' | 'renew' | 'release' | 'lead'
  readonly error: unknown
}

/** Health checks of our own found an instance well or not, or look after it no longer. */
export interface DiscoveryHealth {
  readonly kind: 'discovery.health'
  readonly service: string
  readonly instance: string
  readonly from: 'unknown' | 'healthy' | 'unhealthy'
  readonly to: 'healthy' | 'unhealthy' | 'gone'
  /** Why it is unhealthy. */
  readonly error?: unknown
}

/** So few instances are healthy that the checks are not believed, and all of them serve; or that is over. */
export interface DiscoveryPanic {
  readonly kind: 'discovery.panic'
  readonly service: string
  readonly state: 'began' | 'ended'
  readonly healthy: number
  readonly size: number
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
