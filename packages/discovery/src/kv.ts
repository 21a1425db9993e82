// Keys of a registry as typed values, for configuration: what those who use them see, whatever the registry.
import type { Issue } from '@tenon/contract'
import type { Fail, Failure, Ok } from '@tenon/endpoint'
import type * as t from 'io-ts'

/** What reads and writes a value as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: what it encodes to does not matter here
export type KvCodec<A> = t.Type<A, any, unknown>

/** A value, and when it was written. */
export interface KvEntry<out A> {
  readonly value: A
  /** As the registry counts changes: for `cas`. */
  readonly index: number
}

/** What stands there is not what the codec takes, or is no JSON; or what is to be written could not be read again. */
export interface KvInvalid extends Failure<'KvInvalid', 'failed_precondition'> {
  readonly key: string
  readonly issues: readonly Issue[]
}

/** It was changed by somebody else meanwhile. */
export interface KvConflict extends Failure<'KvConflict', 'aborted'> {
  readonly key: string
}

/** What is known of a key at one moment. `E` is what the registry fails with. */
export interface KvState<out A, out E extends Failure = Failure> {
  /** Has the registry answered? Until then there is no entry. */
  readonly known: boolean
  /** The last good one; `undefined` when there is none. */
  readonly entry: KvEntry<A> | undefined
  /** Why that may be old: the registry cannot be asked, or what stands there now is not valid. */
  readonly error: E | KvInvalid | undefined
}

/** One call. */
export interface KvCall {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds. Default: the registry's `timeout`. */
  readonly timeout?: number | undefined
}

/** How a key is read and written. */
export interface KvOptions {
  /** Keys of objects that the codec does not know: `refuse` makes the value invalid, `strip` drops them. Default `'refuse'`. */
  readonly unknownKeys?: 'refuse' | 'strip' | undefined
}

/** A key. Holds nothing while nobody watches. Calls never reject, but for a bug. `E` is what the registry fails with. */
export interface KvKey<A, E extends Failure = Failure> {
  readonly key: string
  /** What stands there; `undefined` when nothing does. */
  get(call?: KvCall): Promise<Ok<KvEntry<A> | undefined> | Fail<E | KvInvalid>>
  /** Writes it, whatever stands there. What could not be read again is `KvInvalid`, and not written. */
  put(value: A, call?: KvCall): Promise<Ok<void> | Fail<E | KvInvalid>>
  /** Writes it if that is as it was when its index was this; 0: if there is none. */
  cas(value: A, index: number, call?: KvCall): Promise<Ok<void> | Fail<E | KvInvalid | KvConflict>>
  /**
   * Changes what stands there, and nothing that somebody else wrote meanwhile: reads, asks `change`, writes, and does all
   * of it again when it was too late, 10 times at most. Answers what it wrote. Rejects with what `change` throws.
   */
  update(
    change: (value: A | undefined) => A | Promise<A>,
    call?: KvCall,
  ): Promise<Ok<A> | Fail<E | KvInvalid | KvConflict>>
  /** Takes it out; with an `index` only if it is as it was then. Harmless when there is none. */
  delete(call?: KvCall & { readonly index?: number | undefined }): Promise<Ok<void> | Fail<E | KvConflict>>
  /**
   * Tells `listener` what is known at once, and then every change, as soon as the registry tells it. A value that is not
   * valid takes no effect: the last good one stays, with an error beside it. What a listener throws is reported. Dispose to stop.
   */
  watch(listener: (state: KvState<A, E>) => void): Disposable
}
