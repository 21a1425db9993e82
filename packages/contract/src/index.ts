// The public names of @tenon/contract.
export { bindings } from './bindings.ts'
export {
  type CallFailed,
  type InvalidArgument,
  invalidArgument,
  isCallFailed,
  type Remote,
  type RetryAfter,
  remote,
  retryAfterOf,
  type Unavailable,
  unavailable,
} from './call-failed.ts'
export type { ClientOf } from './client.ts'
export { type Codecs, codecs } from './codecs.ts'
export {
  type AnyContract,
  type Calls,
  type Contract,
  type ContractOptions,
  contract,
  type Events,
} from './contract.ts'
export { type FailureOf, type FailureType, failure } from './declared.ts'
export { handler } from './handler.ts'
export type {
  HttpBinding,
  HttpParts,
  HttpRequest,
  HttpRule,
  Route,
  Segment,
  Verb,
} from './http.ts'
export { type Implementation, implement } from './implement.ts'
export type { Issue } from './issue.ts'
export {
  type AnyMethod,
  clientStream,
  duplex,
  event,
  type Method,
  type MethodShape,
  type PlacedMethod,
  serverStream,
  type UnknownKeys,
  unary,
} from './method.ts'
export { codeOf, statusOf } from './status.ts'
export type { WireFailure } from './wire.ts'
