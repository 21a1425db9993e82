// An etcd as a registry: instances, all over one connection.
import type { Instancer } from '@tenon/discovery'
import { type EtcdOptions, etcdOptions } from './etcd-options.ts'
import { type EtcdInstancerOptions, instancersOf } from './instancer.ts'
import { linksOf } from './links.ts'

/** An etcd. Disposing ends all watches and closes the connection; what is pending rejects with `cancelled`. */
export interface EtcdRegistry extends AsyncDisposable {
  /**
   * Watches a service: everything under `<prefix>/<service>/`. All instancers of a service share one watch.
   *
   * @throws TypeError or RangeError for a bad option.
   */
  instancer(service: string, options?: EtcdInstancerOptions): Instancer
}

/**
 * The etcd whose members are at `endpoints`. Nothing is asked before something is watched, registered or read, so it may be down.
 *
 * @throws TypeError or RangeError that names a bad option.
 */
export function etcd(options: EtcdOptions = {}): EtcdRegistry {
  const links = linksOf(etcdOptions(options))
  return {
    instancer: instancersOf(links),
    async [Symbol.asyncDispose]() {
      links.close()
    },
  }
}
