// What a name stands for now: instances, and how long that may be believed.
import type { InstanceFields } from '@tenon/discovery'
import { type Addresses, addressesOf, type Family, sentAlong } from './addresses.ts'
import type { Ask } from './asking.ts'
import { normalName } from './name.ts'
import { recordsOf } from './records.ts'
import { addressOf, asInstance, chosen, placesOf, type SrvInstance, type SrvRecord } from './srv.ts'

export interface Found {
  readonly instances: readonly InstanceFields[]
  /** Seconds. */
  readonly ttl: number
}

/** Looks up once. Rejects when it cannot be known: then what was known before still holds. */
export type Lookup = (signal: AbortSignal) => Promise<Found>

/** Instances of a host's addresses, all on the same port. */
export const addressLookup =
  (ask: Ask, name: string, port: number, family: Family): Lookup =>
  async (signal) => {
    const { addresses, ttl } = await addressesOf(ask, name, family, signal)
    return { instances: addresses.map((host) => ({ address: addressOf(host, port) })), ttl }
  }

/** What a SRV lookup needs beside its name. */
export interface SrvLookup {
  readonly family: Family
  readonly atLeast: number
  readonly url: ((place: SrvInstance) => string) | undefined
  /** Hears of what was left out, while the rest goes on. */
  readonly amiss: (error: unknown) => void
}

/** Instances of SRV records. */
export function srvLookup(ask: Ask, name: string, { family, atLeast, url, amiss }: SrvLookup): Lookup {
  /** Of each target, what it was last known by: one that cannot be looked up now is where it was. */
  let known = new Map<string, Addresses>()

  return async (signal) => {
    const { records, ttl, additional } = await recordsOf(ask, name, 'SRV', signal)
    // A single record with the root as its target: the service is decidedly not to be had here (RFC 2782).
    const named = records.filter(({ target }) => target !== '')
    const hosts = [...new Set(named.map(({ target }) => target))]
    const failures: unknown[] = []
    const targets = new Map<string, Addresses>()
    let until = ttl
    await Promise.all(
      hosts.map(async (host) => {
        const found = await located(host).catch((error) => {
          failures.push(error)
          return undefined
        })
        const addresses = found ?? known.get(host)
        if (addresses !== undefined) targets.set(host, addresses)
        until = Math.min(until, found?.ttl ?? 0)
      }),
    )
    if (hosts.length > 0 && targets.size === 0) throw failures[0]
    for (const failure of failures) amiss(failure)
    known = targets
    for (const { port, target } of named)
      if (port === 0) amiss(new Error(`a SRV record of ${name} has port 0: ${target}`))
    const places = named.flatMap((record: SrvRecord) => placesOf(record, targets.get(record.target)?.addresses ?? []))
    return { instances: chosen(places, atLeast).map((place) => asInstance(place, url)), ttl: until }

    async function located(host: string): Promise<Addresses> {
      return sentAlong(additional, host, family) ?? addressesOf(ask, normalName(host), family, signal)
    }
  }
}
