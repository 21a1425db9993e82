// Finding instances and choosing among them. Everything public is named here.
export { type BalancedOptions, balanced, type Through } from './balanced.ts'
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
export { type Instance, type InstanceFields, instance } from './instance.ts'
export {
  type InstanceListener,
  type Instancer,
  type InstancerOptions,
  type InstanceSink,
  type InstanceState,
  instancerOf,
} from './instancer.ts'
export { type MemoryRegistry, type MemoryRegistryOptions, memoryRegistry } from './memory-registry.ts'
export type { NoEndpoints } from './no-endpoints.ts'
export type { Connect, Node, NodeState } from './node.ts'
export { type RandomOptions, random } from './random.ts'
export type { Registrar, Registration } from './registrar.ts'
export { roundRobin } from './round-robin.ts'
export type { Steadiness } from './steady.ts'
export type { Balancer, Strategy } from './strategy.ts'
