// An etcd as a registry: instances, registrations, locks, leads and keys, all over one connection.
import {
  type Instancer,
  type KvCodec,
  type KvKey,
  type KvOptions,
  type Leader,
  type Leading,
  type Lock,
  type Locking,
  type Registrar,
  type Registry,
  registryParts,
  sharedWatches,
} from '@tenon/discovery'
import type { EtcdError } from './etcd-error.ts'
import { type EtcdOptions, etcdOptions } from './etcd-options.ts'
import { type EtcdInstancerOptions, instancersOf } from './instancer.ts'
import { kv } from './kv.ts'
import { linksOf } from './links.ts'
import { leader, lock } from './locking.ts'
import { type EtcdRegistration, registrar } from './registrar.ts'

/**
 * An etcd. Disposing takes out what was registered with it, gives back what is held, ends all watches and closes the connection; what is
 * pending then rejects with `cancelled`.
 */
export interface EtcdRegistry extends Registry {
  /**
   * Watches a service: everything under `<prefix>/<service>/`. All instancers of a service share one watch.
   *
   * @throws TypeError or RangeError for a bad option.
   */
  instancer(service: string, options?: EtcdInstancerOptions): Instancer
  /**
   * Registers an instance as `<prefix>/<service>/<id>`, under a lease that heartbeats keep: a third of `ttl` at most lies between two.
   *
   * @throws TypeError or RangeError for a bad option.
   */
  registrar(registration: EtcdRegistration): Registrar
  /**
   * A lock, in whole seconds of `ttl` (default 15,000). The fencing token is the revision of etcd in which the holder came into line. Who
   * waits stands in line, also with `etcdctl lock` and the locks of etcd's Go client.
   *
   * @throws TypeError or RangeError for a bad option.
   */
  lock(key: string, options?: Locking): Lock
  /**
   * One of those of whom one leads: the same as a lock.
   *
   * @throws TypeError or RangeError for a bad option.
   */
  leader(key: string, options?: Leading): Leader
  /**
   * A key of etcd: JSON that the codec reads and writes, or, without one, a text. Its `index` is the revision of its last change.
   *
   * @throws TypeError for a bad key or option.
   */
  kv(key: string): KvKey<string, EtcdError>
  kv<A>(key: string, codec: KvCodec<A>, options?: KvOptions): KvKey<A, EtcdError>
}

/**
 * The etcd whose members are at `endpoints`. Nothing is asked before something is watched, registered or held, so it may be down.
 *
 * @throws TypeError or RangeError that names a bad option.
 */
export function etcd(options: EtcdOptions = {}): EtcdRegistry {
  const links = linksOf(etcdOptions(options))
  const watches = sharedWatches()
  const parts = registryParts()
  return {
    instancer: instancersOf(links, watches),
    registrar: (registration) => registrar(links, parts, registration),
    lock: (key, given) => lock(links, parts, key, given),
    leader: (key, given) => leader(links, parts, key, given),
    kv: <A>(key: string, codec?: KvCodec<A>, given?: KvOptions) => kv(links, key, codec, given),
    async [Symbol.asyncDispose]() {
      await Promise.all([watches[Symbol.asyncDispose](), parts[Symbol.asyncDispose]()])
      links.close()
    },
  }
}
