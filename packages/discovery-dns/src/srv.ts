// What SRV records ask of a client (RFC 2782): the better group first, weights within it.
import { isIPv6 } from 'node:net'
import type { InstanceFields } from '@tenon/discovery'
import type { Resource } from './message.ts'

export type SrvRecord = Extract<Resource, { readonly type: 'SRV' }>

/** A place that a SRV record names, once its target was looked up. */
export interface SrvInstance {
  /** `10.0.0.7:8080`, an IPv6 host in brackets. */
  readonly address: string
  /** The host as the record names it, without the dot at the end: what a certificate is made out to. */
  readonly target: string
  readonly port: number
  readonly priority: number
  /** As the record says it; where its target has several addresses, their shares of it. */
  readonly weight: number
}

/** `host:port`, an IPv6 host in brackets. */
export const addressOf = (host: string, port: number): string => `${isIPv6(host) ? `[${host}]` : host}:${port}`

/** The places of a record whose target has these addresses: together they have its weight. */
export const placesOf = (
  { target, port, priority, weight }: SrvRecord,
  addresses: readonly string[],
): readonly SrvInstance[] =>
  addresses.map((host) => ({
    address: addressOf(host, port),
    target,
    port,
    priority,
    weight: weight / addresses.length,
  }))

/**
 * The places to call: all of the lowest priority, and of the next as long as there are fewer than `atLeast`. Port 0
 * counts for nothing: nobody can be called there.
 */
export function chosen(places: readonly SrvInstance[], atLeast: number): readonly SrvInstance[] {
  const good = places.filter(({ port }) => port !== 0).sort((a, b) => a.priority - b.priority || b.weight - a.weight)
  const enough = good[Math.min(atLeast, good.length) - 1]
  return enough === undefined ? [] : good.filter(({ priority }) => priority <= enough.priority)
}

/** A place as an instance: what has no field of its own stands in metadata. */
export const asInstance = (place: SrvInstance, url: ((place: SrvInstance) => string) | undefined): InstanceFields => ({
  address: place.address,
  weight: place.weight,
  metadata: { target: place.target, priority: String(place.priority) },
  ...(url === undefined ? {} : { url: url(place) }),
})
