// Consul as a registry. Everything public is named here.
export {
  type Check,
  type CheckState,
  checkTimes,
  type GrpcCheckOptions,
  grpcCheck,
  type HttpCheckOptions,
  httpCheck,
  type TcpCheckOptions,
  type TtlOptions,
  tcpCheck,
  ttl,
} from './checks.ts'
export { type ConsulRegistry, consul } from './consul.ts'
export { ConsulError, type ConsulTrouble } from './failure.ts'
export type { ConsulInstancerOptions } from './instancer.ts'
export type { ConsulKvOptions } from './kv.ts'
export type { ConsulLeading, ConsulLocking } from './locking.ts'
export type { ConsulOptions, ConsulTls } from './options.ts'
export type { Read, ReadMode, Reads } from './reads.ts'
export type { ConsulRegistrar, ConsulRegistration } from './registrar.ts'
