// The other side of discovery: an instance makes itself known, and takes itself out before it stops.
import type { InstanceFields } from './instance.ts'

/** What a service says of itself when it registers. */
export interface Registration extends InstanceFields {
  readonly service: string
}

/**
 * One instance's registration; an app runs it as it is: started last, drained first. Disposing deregisters.
 */
export interface Registrar extends AsyncDisposable {
  readonly name: string
  /** It tells others where we are: an app drains it before everything else and waits until they have heard. */
  readonly announces: true
  /** Registers; again is harmless. Rejects when the registry refuses. */
  start(): Promise<void>
  /** Deregisters; again is harmless. */
  drain(options?: { readonly signal: AbortSignal }): Promise<void>
}
