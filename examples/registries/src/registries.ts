// Registries to try things on: real ones, started here, that can be killed, stopped and restarted; and a network that can fail.
export { type ConsulOptions, type ConsulServer, consulServer } from './consul.ts'
export { type ClusterOptions, type ConsulCluster, consulCluster } from './consul-cluster.ts'
export { type EtcdOptions, etcdServer } from './etcd.ts'
export { type FaultProxy, faultProxy, type ProxyOptions } from './fault-proxy.ts'
export { missing, needs, type Registry } from './missing.ts'
export type { RegistryServer, Restart } from './server.ts'
