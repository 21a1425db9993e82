// Finding instances and choosing among them. Everything public is named here.
export { type BalancedOptions, balanced, type Through } from './balanced.ts'
export { type ByPriorityOptions, byPriority } from './by-priority.ts'
export { type CheckedOptions, checked } from './checked.ts'
export { type ConsistentHashOptions, consistentHash } from './consistent-hash.ts'
export { type Connected, type Discovered, type DiscoveredOptions, discovered, endpointerOf } from './discovered.ts'
export {
  type Endpointer,
  type EndpointerOptions,
  type EndpointerView,
  endpointer,
  type NodeView,
  type ReadyOptions,
} from './endpointer.ts'
export { type FixedOptions, fixed } from './fixed.ts'
export { type AdaptiveHeartbeatOptions, adaptiveHeartbeat, fixedHeartbeat, type Heartbeat } from './heartbeat.ts'
export { type HttpProbeOptions, httpProbe } from './http-probe.ts'
export { type Instance, type InstanceFields, instance } from './instance.ts'
export {
  type InstanceListener,
  type Instancer,
  type InstancerOptions,
  type InstanceSink,
  type InstanceState,
  instancerOf,
} from './instancer.ts'
export type { KvCall, KvCodec, KvConflict, KvEntry, KvInvalid, KvKey, KvOptions, KvState } from './kv.ts'
export { type KvKeyOptions, kvKeyOf } from './kv-of.ts'
export type { KvPort, KvSink, KvStored } from './kv-port.ts'
export { type LeaderOptions, leaderOf } from './leader-of.ts'
export { leastRequests } from './least-requests.ts'
export {
  type Held,
  type HoldOptions,
  type Leader,
  type Leading,
  type Lock,
  type Locking,
  type LockView,
  lockingNames,
  type Observable,
} from './lock.ts'
export { lockOf } from './lock-of.ts'
export type { Acquired, LockPort } from './lock-port.ts'
export type { LockOptions } from './lock-world.ts'
export { type MemoryRegistry, type MemoryRegistryOptions, memoryRegistry } from './memory-registry.ts'
export type { NoEndpoints } from './no-endpoints.ts'
export type { Connect, Node, NodeState } from './node.ts'
export type { NotHeld } from './not-held.ts'
export type { NotRegistered } from './not-registered.ts'
export { type OutlierOptions, outlierEjection } from './outlier-ejection.ts'
export type { DeviationOptions, LatencyOptions } from './outliers.ts'
export { type P2cOptions, p2c } from './p2c.ts'
export { type PollingAnswer, type PollingOptions, polling } from './polling.ts'
export type { Probe } from './probe.ts'
export { type RandomOptions, random } from './random.ts'
export type { Registrar, RegistrarOptions, RegistrarView } from './registrar.ts'
export { registrarOf } from './registrar-of.ts'
export {
  type Registering,
  type Registration,
  type RegistrationOptions,
  type RegistrationParts,
  registeringNames,
  registrationOf,
} from './registration.ts'
export type { Registry } from './registry.ts'
export type { RegistryCall } from './registry-call.ts'
export { type RegistryParts, registryParts } from './registry-parts.ts'
export { roundRobin } from './round-robin.ts'
export { type SharedWatches, sharedWatches } from './shared-watches.ts'
export { type SlowStartOptions, slowStart } from './slow-start.ts'
export { type SnapshotOptions, snapshot } from './snapshot.ts'
export type { Steadiness } from './steady.ts'
export type { Balancer, BalancerHome, Strategy } from './strategy.ts'
export { type Selector, type SubsetOptions, subset } from './subset.ts'
export { type TcpProbeOptions, tcpProbe } from './tcp-probe.ts'
export type { Verdict } from './verdict.ts'
export { weighted } from './weighted.ts'
export { type ZoneAwareOptions, zoneAware } from './zone-aware.ts'
