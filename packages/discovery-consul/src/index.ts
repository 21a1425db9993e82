// Consul as a registry. Everything public is named here.
export { type ConsulRegistry, consul } from './consul.ts'
export { ConsulError, type ConsulTrouble } from './failure.ts'
export type { ConsulInstancerOptions } from './instancer.ts'
export type { ConsulOptions, ConsulTls } from './options.ts'
export type { Read, ReadMode, Reads } from './reads.ts'
