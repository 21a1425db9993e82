// A Consul as a registry: what watches and registers, all over one agent.
import {
  type Instancer,
  type KvCodec,
  type KvKey,
  type Leader,
  type Lock,
  type Registry,
  registryParts,
  sharedWatches,
} from '@tenon/discovery'
import { callsOf } from './calls.ts'
import type { ConsulError } from './failure.ts'
import { type ConsulInstancerOptions, instancer } from './instancer.ts'
import { type ConsulKvOptions, kv } from './kv.ts'
import { type ConsulLeading, type ConsulLocking, leader, lock } from './locking.ts'
import { type ConsulOptions, settingsOf } from './options.ts'
import { type ConsulRegistrar, type ConsulRegistration, registrar } from './registrar.ts'

/** A Consul, by one agent. Disposing takes out what is registered, gives back locks, ends watches and closes all connections. */
export interface ConsulRegistry extends Registry {
  /** Of the agent, without a path. */
  readonly url: string
  /**
   * Watches a service: its instances whose checks pass, those with some tags, or all. Subscribers of one service, and
   * instancers with the same options, share one blocking query.
   *
   * @throws TypeError or RangeError for a bad option.
   */
  instancer(service: string, options?: ConsulInstancerOptions): Instancer
  /**
   * Registers an instance at the agent with `start()`, keeps it there, and takes it out with `drain()`.
   *
   * @throws TypeError or RangeError for a bad option, or what Consul would not take.
   */
  registrar(registration: ConsulRegistration): ConsulRegistrar
  /**
   * A lock among all who use this key of Consul's KV.
   *
   * @throws TypeError or RangeError for a bad option.
   */
  lock(key: string, options?: ConsulLocking): Lock
  /**
   * One of those of whom one leads. An app runs it.
   *
   * @throws TypeError or RangeError for a bad option.
   */
  leader(key: string, options?: ConsulLeading): Leader
  /**
   * A key of Consul's KV: JSON that the codec reads and writes, or, without one, a text.
   *
   * @throws TypeError for a bad key or option.
   */
  kv(key: string): KvKey<string, ConsulError>
  kv<A>(key: string, codec: KvCodec<A>, options?: ConsulKvOptions): KvKey<A, ConsulError>
}

/**
 * The Consul whose agent is at `url`. Nothing is asked before something is watched or registered, so it may be down.
 *
 * @throws TypeError or RangeError that names a bad option.
 */
export function consul(options: ConsulOptions = {}): ConsulRegistry {
  const settings = settingsOf(options)
  const watches = sharedWatches()
  const calls = callsOf(settings)
  const parts = registryParts()
  const keys = new Set<() => Promise<void>>()
  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    const stopping = [...keys].map((stop) => stop())
    await Promise.all([...stopping, watches[Symbol.asyncDispose](), parts[Symbol.asyncDispose]()])
    calls.close()
  }
  return {
    url: settings.base.origin,
    instancer: (service, options) => instancer(settings, watches, service, options),
    registrar: (registration) => registrar(settings, calls, parts, registration),
    lock: (key, options) => lock(settings, calls, parts, key, options),
    leader: (key, options) => leader(settings, calls, parts, key, options),
    kv: <A>(key: string, codec?: KvCodec<A>, options?: ConsulKvOptions) =>
      kv(
        settings,
        calls,
        {
          add: (stop) => void keys.add(stop),
          delete: (stop) => void keys.delete(stop),
          closed: () => closing !== undefined,
        },
        key,
        codec,
        options,
      ),
    [Symbol.asyncDispose]() {
      closing ??= close()
      return closing
    },
  }
}
