// What a registry must be able to do for a key: read, write, take out, watch. All of it with texts.
import type { KvCall } from './kv.ts'

/** What stands at a key. */
export interface KvStored {
  readonly text: string
  /** As the registry counts changes. */
  readonly index: number
}

/** Where a watch puts what it finds. */
export interface KvSink {
  /** What stands there now; nothing, where there is no such key. The same again is no change. */
  set(stored: KvStored | undefined): void
  /** The registry cannot be asked. The same again is no change. */
  fail(error: unknown): void
}

/** The calls for one key. Each rejects with a failure of the registry; what else it throws is a bug, and passed on. */
export interface KvPort {
  get(call: KvCall): Promise<KvStored | undefined>
  /** With an `index`, only if it is as it was then (0: if there is none). `false`: it was not, and nothing was written. */
  set(text: string, index: number | undefined, call: KvCall): Promise<boolean>
  /** The same for taking it out. */
  delete(index: number | undefined, call: KvCall): Promise<boolean>
  /** Watches while somebody listens. Answers what stops it. */
  watch(sink: KvSink): () => void | Promise<void>
}
