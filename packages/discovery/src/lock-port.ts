// What a registry must be able to do for locks and leads: four calls, and how long it keeps its word.
import type { RegistryCall } from './registry-call.ts'

/** What came of a try to hold: the fencing token, or who has it. */
export type Acquired = { readonly token: bigint } | { readonly token?: undefined; readonly holder?: string | undefined }

/**
 * The calls for one hold. Made anew for each: what it opens (a session, a lease) is its own, and gone after `release`.
 * Each settles soon after its signal aborts.
 */
export interface LockPort {
  /**
   * Tries once, and answers at once. When it is ours already (an answer was lost), it answers its token again. From the
   * moment of this call on it stays ours for `ttl` at least: a session that is older is renewed first.
   */
  acquire(call: RegistryCall): Promise<Acquired>
  /** Keeps it for `ttl` more, counted from this call. `false`: it is not ours any more. */
  renew(call: RegistryCall): Promise<boolean>
  /** Lets it go, and whatever was opened for it. Called once at the end, held or not; harmless when it is not. */
  release(call: RegistryCall): Promise<unknown>
  /** Settles when it may be free. Called while somebody else has it; without it, tries come at the pace of `retry`. */
  readonly watch?: ((call: RegistryCall) => Promise<unknown>) | undefined
}
