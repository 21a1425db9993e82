// The other side of discovery: an instance makes itself known, stays known, and takes itself out before it stops.
import type { Fail, Ok, OptionNames, RegistrationStatus } from '@tenon/endpoint'
import type { NotRegistered } from './not-registered.ts'
import { type Registering, registeringNames } from './registration.ts'
import type { RegistryCall } from './registry-call.ts'

/** A registration at one moment: for pages, logs and tests. */
export interface RegistrarView {
  readonly service: string
  readonly id: string
  readonly status: RegistrationStatus
  /** Registrations, heartbeats or deregistrations in a row that failed. */
  readonly failures: number
  /** What the last of them failed with. */
  readonly error?: unknown
}

/**
 * One instance's registration; an app runs it as it is: started last, drained first. It is for one life: once it has
 * been drained it does not start again.
 */
export interface Registrar extends AsyncDisposable {
  readonly name: string
  readonly service: string
  /** The instance's id. */
  readonly id: string
  /** It tells others where we are: an app drains it before everything else and waits until they have heard. */
  readonly announces: true
  /**
   * Registers, and stays registered. Resolves when that is done, or when the first try has failed and it is tried on; with
   * `required` it rejects with a `CallError` of {@link NotRegistered} after `attempts`. Again is harmless. A signal that
   * aborts ends the waiting: it goes on until it is drained; with `required` it ends, and rejects with the signal's reason.
   */
  start(options?: { readonly signal?: AbortSignal }): Promise<void>
  /** Waits until the registry holds it, at most `timeout` milliseconds (default 10,000), or says why it does not. */
  registered(options?: { readonly timeout?: number }): Promise<Ok<void> | Fail<NotRegistered>>
  view(): RegistrarView
  /**
   * Deregisters, and tries until `drainTimeout` is over or `signal` aborts. Rejects with a `CallError` of
   * {@link NotRegistered} when it was registered and could not be taken out. Again is harmless.
   */
  drain(options?: { readonly signal: AbortSignal }): Promise<void>
  /** Drains, and never rejects. */
  [Symbol.asyncDispose](): Promise<void>
}

/** What a registrar is made of. */
export interface RegistrarOptions extends Registering {
  readonly service: string
  /** The instance's id in the registry. */
  readonly id: string
  /**
   * Puts the instance into the registry. Again replaces it. There is never more than one of these calls at a time, as long
   * as they settle when their signal aborts.
   */
  readonly register: (call: RegistryCall) => Promise<unknown>
  /** Takes it out. Harmless when it is not there. */
  readonly deregister: (call: RegistryCall) => Promise<unknown>
  /** Tells that it is still there. Answers `forgotten` when the registry does not know it: then it is registered anew. */
  readonly beat?: ((call: RegistryCall) => Promise<unknown>) | undefined
  /**
   * Called when the registration begins, with what ends the wait for the next try or heartbeat: for a registry that is heard
   * of when it is back. What it answers is called at the end. Default: waits are waited out.
   */
  readonly whenBack?: ((back: () => void) => () => void) | undefined
}

/** The names of all that {@link RegistrarOptions} has. */
export const registrarNames: OptionNames<RegistrarOptions> = {
  ...registeringNames,
  service: true,
  id: true,
  register: true,
  deregister: true,
  beat: true,
  whenBack: true,
}
