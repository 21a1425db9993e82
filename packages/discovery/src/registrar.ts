// The other side of discovery: an instance makes itself known, and takes itself out before it stops.
import type { InstanceFields } from './instance.ts'

/** What a service says of itself when it registers. */
export interface Registration extends InstanceFields {
  readonly service: string
}

/**
 * One instance's registration; an app runs it as it is: last in the order of start, first in the order of drain.
 * Both are idempotent and reject when the registry refuses. Disposing deregisters.
 */
export interface Registrar extends AsyncDisposable {
  readonly name: string
  start(): Promise<void>
  drain(options?: { readonly signal: AbortSignal }): Promise<void>
}
