// Puts an instance into etcd, under a lease that heartbeats keep.
import {
  adaptiveHeartbeat,
  type Instance,
  type Registrar,
  type RegistrationOptions,
  type RegistryCall,
  type RegistryParts,
  registrationOf,
} from '@tenon/discovery'
import { functionOption, numberOption } from '@tenon/policy'
import type { EtcdError } from './etcd-error.ts'
import { instanceKey, written } from './layout.ts'
import { grant, type Lease } from './lease.ts'
import type { Links } from './links.ts'

/** What a registration in etcd takes beside what all do. */
export interface EtcdRegistration extends RegistrationOptions {
  /**
   * Milliseconds after which etcd drops the instance when it has heard nothing of it: whole seconds. At least twice the longest wait
   * between heartbeats. Default 15,000.
   */
  readonly ttl?: number | undefined
  /** What is written, for others who read it their own way. Default: as the README says. */
  readonly encode?: ((instance: Instance) => string) | undefined
}

const own = { ttl: true, encode: true } as const

/** @throws TypeError or RangeError for a bad option. */
export function registrar(links: Links, parts: RegistryParts, given: EtcdRegistration): Registrar {
  const { clock, random, onTelemetry, prefix } = links.options
  const where = `registrar of ${given.service}`
  const { service, instance, registering } = registrationOf(where, given, own)
  const { ttl = 15_000, encode = written } = given
  lifetime(where, ttl)
  const { heartbeat = adaptiveHeartbeat({ min: Math.min(1_000, ttl / 3), max: ttl / 3 }) } = registering
  if (heartbeat.longest > ttl / 2)
    throw new RangeError(
      `${where}: "ttl" must be at least twice the longest wait between heartbeats (${heartbeat.longest} ms), but was ${ttl}`,
    )
  const value = valueFor(where, encode, instance)
  const key = Buffer.from(instanceKey(prefix, service, instance.id))
  const what = `registering ${instance.id} of ${service}`
  let lease: Lease | undefined

  async function put({ signal }: RegistryCall): Promise<void> {
    for (let again = lease !== undefined; ; again = false) {
      const under = lease ?? (await grant(links, what, ttl, signal))
      lease = under
      try {
        await links.request(what, ({ kv }, call) => kv.put({ key, value, lease: under.id }, call), {
          repeat: true,
          signal,
        })
        return
      } catch (error) {
        if ((error as EtcdError).code !== 'not_found') throw error
        // The lease ended meanwhile: with another one, then.
        lease = undefined
        if (!again) throw error
      }
    }
  }

  return parts.registrar({
    clock,
    random,
    onTelemetry,
    ...registering,
    heartbeat,
    service,
    id: instance.id,
    register: put,
    // Needs the connection, so that it is kept, and found again as soon as etcd is back.
    whenBack: (back) => {
      const attached = links.attach({ up: back, down: () => {} })
      return () => attached[Symbol.dispose]()
    },
    async beat({ signal }) {
      if (lease === undefined || !(await lease.renew(signal))) {
        lease = undefined
        return 'forgotten'
      }
      const read = await links.request(what, ({ kv }, call) => kv.range({ key, keys_only: true }, call), {
        repeat: true,
        signal,
      })
      // Somebody took it out by hand. Where another registration has its place, that one keeps it.
      return read.kvs.length === 0 ? 'forgotten' : undefined
    },
    async deregister({ signal }) {
      await lease?.revoke(signal)
      lease = undefined
    },
  })
}

/** A time to live of etcd. @throws TypeError or RangeError when it is none. */
export function lifetime(where: string, ttl: unknown): number {
  numberOption(where, 'ttl', ttl, { min: 1_000, max: 86_400_000, unit: 'milliseconds' })
  if ((ttl as number) % 1_000 !== 0)
    throw new RangeError(`${where}: "ttl" must be whole seconds, but was ${ttl} (milliseconds)`)
  return ttl as number
}

/** What is written. @throws TypeError when `encode` does not answer a text. */
function valueFor(where: string, encode: NonNullable<EtcdRegistration['encode']>, instance: Instance): Buffer {
  const value: unknown = functionOption(where, 'encode', encode)(instance)
  if (typeof value === 'string') return Buffer.from(value)
  throw new TypeError(`${where}: "encode" answers a text, and not ${String(value)}`)
}
