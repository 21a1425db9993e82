// What is tried: a registry that can be ill-treated, and our client of it. One entry for each backend.
import type { Registry as Client } from '@tenon/discovery'
import type { Registry, RegistryServer } from '@tenon/example-registries'

/** An instance as it is written straight into the registry. */
export interface Entry {
  readonly id: string
  readonly host: string
  readonly port: number
}

export interface Backend {
  /** As it is called on the page. */
  readonly name: string
  readonly needs: Registry
  /** Whether it finds again what it knew after a restart. */
  readonly keeps: boolean
  start(options?: { readonly durable?: boolean }): Promise<RegistryServer>
  /** Our client of the registry at `url`. `hasty`: it gives up on silence within a second or two. */
  open(url: string, options?: { readonly hasty?: boolean }): Client
  /** Straight into the registry, by no code of ours. */
  put(url: string, service: string, entry: Entry): Promise<void>
  /** The same, and the registry itself takes it out after some 3 s. */
  lend(url: string, service: string, entry: Entry): Promise<void>
  remove(url: string, service: string, id: string): Promise<void>
  /** Entries that are no instance; answers how many. */
  spoil(url: string, service: string): Promise<number>
  /** A change that concerns none of the services: its index grows. */
  age(url: string): Promise<void>
}
