// One etcd for the tests of a file, and what they need of it: keys that appear by another hand than ours.
import { etcdServer, needs, type RegistryServer } from '@tenon/example-registries'
import { Etcd3 } from 'etcd3'
import { afterAll, beforeAll } from 'vitest'
import { type EtcdOptions, type EtcdRegistry, etcd } from '../src/index.ts'

/** Is there one? Where not, that was said; in CI it is an error. */
export const isThere: boolean = needs('etcd')

/** An etcd that all tests of a file share: nobody may kill it. Each keeps to a prefix of its own. */
export function sharedEtcd(): { readonly url: string; readonly raw: Etcd3 } {
  let server: RegistryServer | undefined
  let raw: Etcd3 | undefined
  beforeAll(async () => {
    if (!isThere) return
    server = await etcdServer()
    raw = new Etcd3({ hosts: server.url })
  })
  afterAll(async () => {
    raw?.close()
    await server?.[Symbol.asyncDispose]()
  })
  return {
    get url() {
      return (server as RegistryServer).url
    },
    get raw() {
      return raw as Etcd3
    },
  }
}

let prefixes = 0

/** A prefix that no other test uses. */
export const freshPrefix = (): string => `/test/${process.pid}-${++prefixes}`

/** A registry that tells nobody. */
export const quiet = (options: EtcdOptions): EtcdRegistry => etcd({ onTelemetry: () => {}, ...options })
