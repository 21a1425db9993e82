// What discovery tells: sets and connections, registrations, snapshots, health, and who holds a lock or leads.

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
