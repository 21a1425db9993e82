// A registry as this suite sees it: a server that is started here, our client of it, and the raw client that is the floor.
import type { Instancer, Registrar } from '@tenon/discovery'
import type { RegistryServer } from '@tenon/example-registries'

/** One entry of the suite: `consul.ts`, `etcd.ts`. */
export interface Registry {
  readonly name: string
  /** What `raw` is, in a few words. */
  readonly rawIs: string
  /** Clients that one process of this suite can be: beyond that it is busy with itself. */
  readonly crowd: number
  /** Why it cannot be had on this machine; `undefined` where it can. */
  missing(): string | undefined
  start(): Promise<RegistryServer>
  /** A client of ours, with connections of its own. */
  client(url: string): Client
  raw(url: string): Raw
  /** The ways in which an instance can be known to be alive. */
  readonly staying: readonly Staying[]
}

/** A way in which an instance stays registered, and is missed. */
export interface Staying {
  readonly name: string
  readonly subject: string
  /** How it goes: its process is killed, or stopped as one that hangs. */
  readonly end: 'killed' | 'stopped'
  /** What must come out, in milliseconds, by the times that it was given. */
  readonly expected: { readonly p50: number; readonly longest: number }
  register(
    url: string,
    instance: { readonly service: string; readonly id: string; readonly address: string },
    healthUrl: string,
  ): Registrar
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

/** The n-th instance of a kind of {@link Staying}. */
export const victimId = (kind: number, n: number): string => instanceId(0x10_0000 + kind * 0x1000 + n)
