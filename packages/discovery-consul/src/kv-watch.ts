// Watches one key for all who listen to it.
import { report } from '@tenon/endpoint'
import { ConsulError, malformed } from './failure.ts'
import { keyPath, type Stored, storedOf } from './key.ts'
import type { KvEntry, KvInvalid, Texts } from './kv-value.ts'
import type { Settings } from './options.ts'
import type { Reads } from './reads.ts'
import { watching } from './watching.ts'

/** What is known of a key at one moment. */
export interface KvState<out A> {
  /** Has Consul answered? Until then there is no entry. */
  readonly known: boolean
  /** The last good one; `undefined` when there is none. */
  readonly entry: KvEntry<A> | undefined
  /** Why that may be old: Consul cannot be asked, or what stands there now is not valid. */
  readonly error: ConsulError | KvInvalid | undefined
}

/** The watches that end with the registry. */
export interface Watches {
  add(stop: () => Promise<void>): void
  delete(stop: () => Promise<void>): void
  closed(): boolean
}

/** Subscribes to a key: one blocking query for all, while somebody listens. */
export function keyWatch<A>(
  settings: Settings,
  watches: Watches,
  key: string,
  reads: Reads,
  texts: Texts<A>,
): (listener: (state: KvState<A>) => void) => Disposable {
  const what = `watching ${key}`
  const { datacenter, base, onTelemetry } = settings
  const observers = new Set<(state: KvState<A>) => void>()
  const unknown: KvState<A> = { known: false, entry: undefined, error: undefined }
  let state = unknown
  let seen: Stored | undefined
  let stop: (() => Promise<void>) | undefined

  function tell(listener: (state: KvState<A>) => void): void {
    try {
      listener(state)
    } catch (cause) {
      report(undefined, { kind: 'defect', method: undefined, cause })
    }
  }

  function become(next: KvState<A>): void {
    const { error } = next
    if (error !== undefined && error.message !== state.error?.message)
      report(onTelemetry, { kind: 'discovery.error', service: `kv ${key}`, error })
    state = next
    for (const listener of [...observers]) tell(listener)
  }

  function hear(stored: Stored | undefined): void {
    const same = stored?.index === seen?.index && stored?.value === seen?.value
    const failed = state.error instanceof ConsulError
    if (state.known && same && !failed) return
    seen = stored
    const now = stored === undefined ? undefined : texts.decode(stored.value, stored.index)
    // What is not valid takes no effect.
    if (now?._tag === 'Left') become({ known: true, entry: state.entry, error: now.left })
    else become({ known: true, entry: now?.right, error: undefined })
  }

  function fail(cause: unknown): void {
    const error =
      cause instanceof ConsulError
        ? cause
        : new ConsulError('failed', `${what}: ${cause instanceof Error ? cause.message : cause}`, { cause })
    if (error.message !== state.error?.message) become({ ...state, error })
  }

  function begin(): void {
    if (watches.closed()) {
      state = { ...unknown, error: new ConsulError('closed', `${what}: the registry was disposed`) }
      return
    }
    stop = watching<Stored | undefined>(
      settings,
      {
        what,
        read: { of: 'kv', name: key },
        reads,
        path: keyPath(key),
        query: datacenter === undefined ? [] : [['dc', datacenter]],
        statuses: [404],
        parse({ status, body }) {
          if (status === 404) return undefined
          const stored = storedOf(body)
          if (stored === undefined) throw malformed(what, base.origin, 'something that is no entry of its KV')
          return stored[0]
        },
      },
      { value: hear, fail },
    )
    watches.add(stop)
  }

  function halt(): void {
    const end = stop
    stop = undefined
    state = unknown
    seen = undefined
    if (end === undefined) return
    watches.delete(end)
    void end()
  }

  return (listener) => {
    // The same function twice is two subscriptions.
    const own = (state: KvState<A>): void => listener(state)
    observers.add(own)
    if (stop === undefined) begin()
    tell(own)
    return {
      [Symbol.dispose]: () => {
        if (observers.delete(own) && observers.size === 0) halt()
      },
    }
  }
}
