// Which of Consul's servers may answer a read, and how sure it has to be: one mode for all, or one for each call.
import { choiceOption } from '@tenon/policy'

/**
 * - `default`: the leader answers. It may be wrong for the moment in which another one has been chosen.
 * - `consistent`: the leader asks the others before, which costs a round trip among the servers.
 * - `stale`: any server answers, also while there is no leader; usually within 50 ms of the leader, without a bound.
 */
export type ReadMode = 'default' | 'consistent' | 'stale'

/** What is about to be read. */
export interface Read {
  readonly of: 'instances' | 'kv'
  /** The service, or the key. */
  readonly name: string
  /** Reads in a row that have failed before this one: 0 when all is well. */
  readonly failures: number
}

/** A mode, or what chooses one for each read: `({ failures }) => (failures > 0 ? 'stale' : 'default')`. */
export type Reads = ReadMode | ((read: Read) => ReadMode)

const modes: readonly ReadMode[] = ['default', 'consistent', 'stale']

/** The mode for a read, as a part of its query. */
export function modeOf(where: string, reads: Reads, read: Read): readonly (readonly [string, string])[] {
  const mode = typeof reads === 'function' ? reads(read) : reads
  choiceOption(where, 'reads', mode, modes)
  return mode === 'default' ? [] : [[mode, '']]
}

/** @throws TypeError for what is no mode and chooses none. */
export function readsOption(where: string, reads: Reads): Reads {
  if (typeof reads !== 'function') choiceOption(where, 'reads', reads, modes)
  return reads
}

const chosen = new WeakMap<object, string>()
let last = 0

/** The same for the same way to read. Two functions are two ways, even if they read the same. */
export function wayOf(reads: Reads): string {
  if (typeof reads !== 'function') return reads
  const way = chosen.get(reads) ?? `chosen ${++last}`
  chosen.set(reads, way)
  return way
}
