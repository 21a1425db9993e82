// Locks and leads in etcd: places in line, with names and times.
import {
  type Leader,
  type Leading,
  type Lock,
  type Locking,
  type LockPort,
  lockingNames,
  type RegistryParts,
} from '@tenon/discovery'
import { knownOptions } from '@tenon/endpoint'
import { lineOf, placeIn } from './line.ts'
import type { Links } from './links.ts'
import { lifetime } from './registrar.ts'

/** How long the registry keeps what is held when nothing is heard of the holder, in milliseconds. */
const defaultTtl = 15_000

/** @throws TypeError or RangeError for a bad option. */
export const lock = (links: Links, parts: RegistryParts, key: string, given: Locking = {}): Lock =>
  parts.lock(options(links, 'lock', links.options.lockPrefix, key, given, lockingNames))

/** @throws TypeError or RangeError for a bad option. */
export const leader = (links: Links, parts: RegistryParts, key: string, given: Leading = {}): Leader =>
  parts.leader(options(links, 'leader', links.options.leaderPrefix, key, given, { ...lockingNames, lead: true }))

function options<O extends Locking>(
  links: Links,
  kind: string,
  prefix: string,
  key: string,
  given: O,
  names: Readonly<Record<string, true>>,
): Omit<O, 'holder' | 'ttl'> & { readonly key: string; readonly ttl: number; readonly port: () => LockPort } {
  if (typeof key !== 'string' || key === '') throw new TypeError(`${kind}: "key" must be a name`)
  const what = `${kind} ${key}`
  knownOptions(what, given, names)
  const { clock, random, onTelemetry } = links.options
  const { ttl = defaultTtl, holder = `${kind}-${crypto.randomUUID().slice(0, 8)}`, ...rest } = given
  lifetime(what, ttl)
  if (typeof holder !== 'string') throw new TypeError(`${what}: "holder" is a text, and not ${String(holder)}`)
  const line = lineOf(prefix, key)
  return { clock, random, onTelemetry, ...rest, key, ttl, port: () => placeIn(links, { what, line, holder, ttl }) }
}
