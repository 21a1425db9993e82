// Locks and leads: one holder at a time among many processes, for as long as a registry knows that it lives. What those
// who use them see, whatever the registry.
import type { Clock, Fail, LockStatus, Ok, OptionNames, Random, TelemetryListener } from '@tenon/endpoint'
import type { Backoff } from '@tenon/policy'
import type { NotHeld } from './not-held.ts'

/** What somebody has who holds a lock, or leads. */
export interface Held {
  readonly key: string
  /**
   * The fencing token: whoever holds it later has a greater one. Hand it on with each write, and let the storage refuse
   * those that are smaller than one it has seen: nothing else is safe from a process that was paused. A bigint, since the
   * numbers of registries have 64 bits.
   */
  readonly token: bigint
  /**
   * Aborts when it is lost, before anybody else can have it, and when it is to be given back: stop then. Its reason is a
   * {@link NotHeld}.
   */
  readonly signal: AbortSignal
  /**
   * Milliseconds for which nobody else can have it, whatever happens; 0 once it is lost. Read from the clock: true also
   * in a process that was paused and has not yet heard.
   */
  remaining(): number
}

/** A lock, or a lead, at one moment. */
export interface LockView {
  readonly key: string
  /** `idle`: nobody asks. `waiting`: wants it. `held`: has it. `lost`: had it, and the work has not ended yet. `closed`: disposed. */
  readonly status: LockStatus
  /** The fencing token, while it is held. */
  readonly token?: bigint
  /** What another holder called itself, as far as is known, while it is waited for. */
  readonly holder?: string
  /** What the registry failed with last, until it answers again. */
  readonly error?: unknown
}

/** What can be observed. */
export interface Observable {
  readonly key: string
  view(): LockView
  /** Tells `listener` the view now and after every change. What it throws is reported and ignored. Dispose to stop. */
  subscribe(listener: (view: LockView) => void): Disposable
}

/** How long to wait for a lock. */
export interface HoldOptions {
  /** Milliseconds to wait for it; 0 tries once. Default 10,000. */
  readonly wait?: number
  /** Ends the waiting, and tells the work to stop. */
  readonly signal?: AbortSignal
}

/** A lock. Whoever uses the same value waits in line; disposing tells the holder to stop, and waits for it. */
export interface Lock extends Observable, AsyncDisposable {
  /**
   * Runs `work` while it holds the lock, and gives it back when that has settled: it waits for work that was told to stop,
   * too. What the work answers, or why it was not
   * held: it was taken, the registry could not be asked, or it was lost before the work had ended. Rejects with what the
   * work throws.
   */
  hold<A>(work: (held: Held) => A | Promise<A>, options?: HoldOptions): Promise<Ok<A> | Fail<NotHeld>>
}

/** One who leads, or waits for it. An app runs it as it is. Disposing resigns. */
export interface Leader extends Observable, AsyncDisposable {
  readonly name: string
  /** Wants to lead from now on. Resolves at once: a registry that is down stops no service. Again is harmless. */
  start(): Promise<void>
  /**
   * Resigns: tells `lead` to stop, waits for it, gives the lead back. When `signal` aborts or `drainTimeout` is over it
   * does not wait any longer: then nobody else leads before the time to live is over.
   */
  drain(options?: { readonly signal: AbortSignal }): Promise<void>
}

/** How a lock is asked for. Times are milliseconds. */
export interface Locking {
  /** How long it stays held once nothing is heard of the holder. Default: the backend's. */
  readonly ttl?: number | undefined
  /** How long before the end of that the holder takes it for lost, if it could not be renewed. Default: a tenth of it. */
  readonly margin?: number | undefined
  /** What the holder calls itself: seen by others. Default: made up. */
  readonly holder?: string | undefined
  /** What each call to the registry may take. Default 5,000. */
  readonly timeout?: number | undefined
  /** Waits between tries while it is taken, or the registry fails. Default: exponential from 100 to 2,000, with jitter. */
  readonly retry?: Backoff | undefined
  /** How long disposing and draining wait for work that was told to stop. Default 10,000. */
  readonly drainTimeout?: number | undefined
  /** Default: the system's. */
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  /** Hears `lock.transition` and `lock.error`. Default: the diagnostics channel. */
  readonly onTelemetry?: TelemetryListener | undefined
}

/** How somebody leads. */
export interface Leading extends Locking {
  /**
   * What the leader does, until `signal` aborts. When it settles before that, it resigns and comes again after a wait; a
   * rejection is reported. Never two at a time in this value. Default: nothing; `view` and `subscribe` tell who leads.
   */
  readonly lead?: ((held: Held) => unknown) | undefined
}

/** The names of all that a {@link Locking} has, for those who check options of their own beside them. */
export const lockingNames: OptionNames<Locking> = {
  ttl: true,
  margin: true,
  holder: true,
  timeout: true,
  retry: true,
  drainTimeout: true,
  clock: true,
  random: true,
  onTelemetry: true,
}
