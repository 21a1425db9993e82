// The addresses of a host: IPv4, IPv6, or whichever it has.
import type { Ask } from './asking.ts'
import type { Resource } from './message.ts'
import { recordsOf } from './records.ts'

/** `any`: the IPv4 addresses, and those of IPv6 where there is none: one instance is then not counted twice. */
export type Family = 'any' | 4 | 6

export interface Addresses {
  /** Sorted. */
  readonly addresses: readonly string[]
  /** Seconds. */
  readonly ttl: number
}

export async function addressesOf(ask: Ask, host: string, family: Family, signal: AbortSignal): Promise<Addresses> {
  const first = await asked(ask, host, family === 6 ? 'AAAA' : 'A', signal)
  if (first.addresses.length > 0 || family !== 'any') return first
  const second = await asked(ask, host, 'AAAA', signal)
  return { ...second, ttl: Math.min(first.ttl, second.ttl) }
}

async function asked(ask: Ask, host: string, type: 'A' | 'AAAA', signal: AbortSignal): Promise<Addresses> {
  const { records, ttl } = await recordsOf(ask, host, type, signal)
  return { addresses: records.map(({ address }) => address).sort(), ttl }
}

/** The addresses that came along with another answer. Those of IPv6 do for a host only where nothing else will do. */
export function sentAlong(additional: readonly Resource[], host: string, family: Family): Addresses | undefined {
  const wanted = family === 6 ? 'AAAA' : 'A'
  const found = additional.flatMap((one) => (one.type === wanted && one.name === host ? [one] : []))
  if (found.length === 0) return undefined
  return {
    addresses: found.map(({ address }) => address).sort(),
    ttl: Math.min(...found.map(({ ttl }) => ttl)),
  }
}
