// etcd as a registry. Everything public is named here.
export { type EtcdRegistry, etcd } from './etcd.ts'
export { EtcdError } from './etcd-error.ts'
export type { EtcdAuth, EtcdOptions, EtcdTls } from './etcd-options.ts'
export type { EtcdInstancerOptions } from './instancer.ts'
export type { Decode, Decoded } from './layout.ts'
export type { EtcdRegistration } from './registrar.ts'
