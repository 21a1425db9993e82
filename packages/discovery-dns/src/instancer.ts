// The instances of a name: looked up when its records may have changed, never by all clients at the same moment.
import type { InstanceSink, Steadiness } from '@tenon/discovery'
import type { Clock, Random, Timer } from '@tenon/endpoint'
import { exponential } from '@tenon/policy'
import type { Family } from './addresses.ts'
import type { Lookup } from './lookup.ts'
import type { SrvInstance } from './srv.ts'

export type { Family } from './addresses.ts'

/** A name whose SRV records tell hosts and ports. */
export interface SrvInstancerOptions extends Steadiness {
  readonly port?: undefined
  /**
   * How many instances there should be: records of the next priority are taken too while those of the better ones make
   * up fewer. `Infinity` takes all. Default 1: the next priority only when the better one has nobody.
   */
  readonly atLeast?: number | undefined
  /** Default `'any'`. */
  readonly family?: Family | undefined
  /** Where a client connects. Default `http://<address>`; for TLS, `({ target, port }) => ...` names the host. */
  readonly url?: ((place: SrvInstance) => string) | undefined
}

/** A name whose addresses all have the same port: a headless service. */
export interface AddressInstancerOptions extends Steadiness {
  /** From 1 to 65535. */
  readonly port: number
  /** Default `'any'`: IPv4, and IPv6 where there is none. */
  readonly family?: Family | undefined
}

export type DnsInstancerOptions = SrvInstancerOptions | AddressInstancerOptions

/** When to look again. */
export interface Refreshing {
  /** Milliseconds. */
  readonly min: number
  readonly max: number
  /** The part of a wait that may be added to it. */
  readonly jitter: number
  readonly clock: Clock
  readonly random: Random
}

/** That there is nobody is not believed for longer (ms), whatever the zone says: services start. */
const emptyMost = 30_000

/** Milliseconds until a name is looked up again: never before its time, and up to `jitter` of it later. */
export function nextLook(ttl: number, empty: boolean, { min, max, jitter, random }: Refreshing): number {
  const believed = Math.min(ttl * 1_000, empty ? Math.min(max, emptyMost) : max)
  return Math.max(believed, min) * (1 + jitter * random())
}

/** Looks up, tells, waits, and again. */
export const watching =
  (lookup: Lookup, refreshing: Refreshing) =>
  (sink: InstanceSink): (() => void) => {
    const { clock, random, min, max } = refreshing
    const backoff = exponential({
      from: Math.min(1_000, min),
      to: Math.max(min, Math.min(max, 30_000)),
      jitter: 'equal',
    })
    const ended = new AbortController()
    let failures = 0
    let waited = 0
    let timer: Timer | undefined

    function look(): void {
      lookup(ended.signal).then(
        ({ instances, ttl }) => {
          if (ended.signal.aborted) return
          failures = 0
          waited = 0
          again(nextLook(ttl, instances.length === 0, refreshing))
          sink.set(instances)
        },
        (error) => {
          if (ended.signal.aborted) return
          waited = backoff.next(++failures, waited, random)
          again(waited)
          sink.fail(error)
        },
      )
    }

    function again(ms: number): void {
      timer = clock.at(clock.now() + ms, look)
    }

    look()
    return () => {
      timer?.cancel()
      ended.abort()
    }
  }
