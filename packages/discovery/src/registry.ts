// What every registry offers, so that a program can be given one or another.
import type { Instancer } from './instancer.ts'
import type { Leader, Leading, Lock, Locking } from './lock.ts'
import type { Registrar } from './registrar.ts'
import type { RegistrationOptions } from './registration.ts'
import type { Steadiness } from './steady.ts'

/** A registry. Disposing it ends all that was made with it: registrations are taken out, locks given back. */
export interface Registry extends AsyncDisposable {
  /** Watches a service. */
  instancer(service: string, options?: Steadiness): Instancer
  /** One instance's registration. */
  registrar(registration: RegistrationOptions): Registrar
  /** A lock among all who use the same registry and key. */
  lock(key: string, options?: Locking): Lock
  /** One of those of whom one leads. */
  leader(key: string, options?: Leading): Leader
}
