// One state for each key - instance, tenant, method - made when first asked for, and bounded in number and in time.
import { type Clock, knownOptions, type OptionNames, systemClock } from '@tenon/endpoint'
import { functionOption, numberOption } from './option.ts'
import { type Linked, recency } from './recency.ts'

/** Why an entry went: not used for too long, or the least recently used when there was no room. */
export type Eviction = 'idle' | 'full'

export interface KeyedOptions<S, K = string> {
  /** Makes the state of a key that has none. When it throws, `get` throws the same and nothing is stored. */
  readonly make: (key: K) => S
  /** How many entries there may be: 1..16,000,000. Default 10,000. */
  readonly max?: number
  /** Milliseconds from its last use until an entry is forgotten: above 0, or `Infinity`. Default 600,000 (10 min). */
  readonly idle?: number
  /** Protects what should not be forgotten: an open breaker. Asked when an entry is about to go. Default: none is. */
  readonly keep?: (state: S, key: K) => boolean
  /** Told of each eviction (not of `delete` and `clear`), once the entry is out. It must not throw, nor call `get`. */
  readonly onEvict?: (key: K, state: S, why: Eviction) => void
  /** Default `systemClock`. It is read only where `now` is not passed. */
  readonly clock?: Pick<Clock, 'now'>
}

/** A bounded map that makes what it lacks. Keys compare as in a `Map`. Iterating shows live entries and uses none. */
export interface Keyed<S, K = string> extends Iterable<readonly [key: K, state: S]> {
  /** The state of the key, made when there is none. A use. O(1) amortised. */
  get(key: K, now?: number): S
  /** The state of the key if there is one. Not a use. */
  peek(key: K, now?: number): S | undefined
  /** Forgets the key. Answers whether it was stored. */
  delete(key: K): boolean
  /** Forgets all. */
  clear(): void
  /** How many entries are stored: never above `max`. Some may have been idle too long and not been swept out yet. */
  readonly size: number
}

interface Entry<S, K> extends Linked<Entry<S, K>> {
  readonly key: K
  readonly state: S
  used: number
}

/** The most entries that one access looks at, so that no call pays for all the others. */
const batch = 16

const named: OptionNames<KeyedOptions<unknown, unknown>> = {
  make: true,
  max: true,
  idle: true,
  keep: true,
  onEvict: true,
  clock: true,
}

/**
 * One state for each key.
 *
 * - *Idle:* an entry not used for `idle` is gone: `get` makes a new one. No timer: each `get` sweeps out up to 16.
 * - *Full:* a new key takes the place of the least recently used entry.
 * - *Protected:* what `keep` answers true for is passed over, and counts as used just then. A bound remains a bound:
 *   when the 16 least recently used are all protected, the first of them goes all the same.
 *
 * Costs some 130 bytes a key, beside key and state.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function keyed<S, K = string>(options: KeyedOptions<S, K>): Keyed<S, K> {
  knownOptions('keyed', options, named)
  const { make, max = 10_000, idle = 600_000, keep = () => false, onEvict = () => {}, clock = systemClock } = options
  functionOption('keyed', 'make', make)
  functionOption('keyed', 'keep', keep)
  functionOption('keyed', 'onEvict', onEvict)
  numberOption('keyed', 'max', max, { min: 1, max: 16_000_000, whole: true })
  numberOption('keyed', 'idle', idle, { above: 0, max: Number.POSITIVE_INFINITY, unit: 'milliseconds' })

  // The order of use is kept beside the map: taking a key out of a Map and putting it in again makes it rehash.
  const entries = new Map<K, Entry<S, K>>()
  const order = recency<Entry<S, K>>()

  const remove = (entry: Entry<S, K>): void => {
    order.remove(entry)
    entries.delete(entry.key)
  }
  const evict = (entry: Entry<S, K>, why: Eviction): void => {
    remove(entry)
    onEvict(entry.key, entry.state, why)
  }
  const use = (entry: Entry<S, K>, now: number): void => {
    entry.used = now
    order.use(entry)
  }
  const isKept = (entry: Entry<S, K>): boolean => keep(entry.state, entry.key)
  const isIdle = (entry: Entry<S, K>, now: number): boolean => now - entry.used >= idle
  const isGone = (entry: Entry<S, K>, now: number): boolean => isIdle(entry, now) && !isKept(entry)

  const sweep = (now: number): void => {
    for (let looked = 0; looked < batch; looked++) {
      const { oldest } = order
      if (oldest === undefined || !isIdle(oldest, now)) return
      if (isKept(oldest)) use(oldest, now)
      else evict(oldest, 'idle')
    }
  }
  /** Who goes when there is no room. */
  const victim = (now: number): Entry<S, K> => {
    const first = order.oldest as Entry<S, K>
    for (let looked = 0; looked < batch; looked++) {
      const oldest = order.oldest as Entry<S, K>
      if (!isKept(oldest)) return oldest
      use(oldest, now)
    }
    return first
  }
  const create = (key: K, now: number): S => {
    const state = make(key)
    // `make` may have asked for this very key.
    const meanwhile = entries.get(key)
    if (meanwhile !== undefined) return meanwhile.state
    if (entries.size >= max) evict(victim(now), 'full')
    const entry: Entry<S, K> = { key, state, used: now, newer: undefined, older: undefined }
    entries.set(key, entry)
    order.add(entry)
    return state
  }

  return {
    get(key, now = clock.now()) {
      sweep(now)
      const entry = entries.get(key)
      if (entry === undefined) return create(key, now)
      if (isGone(entry, now)) {
        evict(entry, 'idle')
        return create(key, now)
      }
      use(entry, now)
      return entry.state
    },
    peek(key, now = clock.now()) {
      const entry = entries.get(key)
      return entry === undefined || isGone(entry, now) ? undefined : entry.state
    },
    delete(key) {
      const entry = entries.get(key)
      if (entry !== undefined) remove(entry)
      return entry !== undefined
    },
    clear() {
      entries.clear()
      order.clear()
    },
    get size() {
      return entries.size
    },
    *[Symbol.iterator]() {
      const now = clock.now()
      for (const [key, entry] of entries) if (!isGone(entry, now)) yield [key, entry.state] as const
    },
  }
}
