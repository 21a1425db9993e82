// A registry as this suite sees it: a server that is started here, our client of it, and the raw client that is the floor.
import type { Instancer } from '@tenon/discovery'
import type { RegistryServer } from '@tenon/example-registries'

/** One entry of the suite: `consul.ts`, `etcd.ts`. */
export interface Registry {
  readonly name: string
  /** What `raw` is, in a few words. */
  readonly rawIs: string
  /** Why it cannot be had on this machine; `undefined` where it can. */
  missing(): string | undefined
  start(): Promise<RegistryServer>
  /** A client of ours, with connections of its own. */
  client(url: string): Client
  raw(url: string): Raw
}

export interface Client extends AsyncDisposable {
  instancer(service: string): Instancer
}

/** What whoever wants no library would write: one request for each thing, and the registry's own way to wait for a change. */
export interface Raw extends AsyncDisposable {
  /** The ids of a service's instances: one request. */
  list(service: string): Promise<readonly string[]>
  register(service: string, id: string): Promise<void>
  deregister(service: string, id: string): Promise<void>
  /** Tells the ids, at once and with every change, until it is stopped. */
  watch(service: string, tell: (ids: readonly string[]) => void): () => void
  /** A write that concerns no service: it moves the registry's index. */
  touch(): Promise<void>
}

/** Every instance's address is its id, so that all clients name it alike. */
export const addressOf = (id: string): { readonly host: string; readonly port: number } => {
  const [host = '', port = ''] = id.split(':')
  return { host, port: Number(port) }
}

/** The n-th instance. */
export const instanceId = (n: number): string => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}:80`
