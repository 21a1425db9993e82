// The public names of @tenon/contract.
export { type Annotations, annotate, annotationsOf, redacted, secret } from './annotate.ts'
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
export type { ClientOf, EndpointsOf, EventsOf } from './client.ts'
export { type Codecs, codecs } from './codecs.ts'
export type { Break, Change } from './compat/break.ts'
export { type Comparable, type Compatibility, type CompatOptions, compat } from './compat/compat.ts'
export { printCompat } from './compat/print.ts'
export { type Snapshot, snapshot } from './compat/snapshot.ts'
export { compilation, compile } from './compiler/compile.ts'
export type { Compilation } from './compiler/made.ts'
export {
  type AnyContract,
  type Calls,
  type Contract,
  type ContractOptions,
  contract,
  type Events,
} from './contract.ts'
export { type FailureOf, type FailureType, failure } from './declared.ts'
export { type DecoderOptions, decoder } from './decoder.ts'
export { type Describer, describer } from './describer.ts'
export type { DescribedField, Description, Notes } from './description.ts'
export { handler } from './handler.ts'
export type {
  HttpBinding,
  HttpParts,
  HttpRequest,
  HttpRule,
  Place,
  Route,
  Segment,
  Verb,
} from './http.ts'
export { type Implementation, implement } from './implement.ts'
export { type Issue, problemOf } from './issue.ts'
export {
  type AnyMethod,
  clientStream,
  duplex,
  event,
  type Method,
  type MethodShape,
  type PlacedMethod,
  type StreamShape,
  serverStream,
  type UnknownKeys,
  unary,
} from './method.ts'
export type {
  JsonObject,
  OpenApiDocument,
  OpenApiInfo,
  OpenApiOperation,
  OpenApiServer,
} from './openapi/document.ts'
export { type OpenApi, openapi } from './openapi/openapi.ts'
export type { OpenApiOptions } from './openapi/options.ts'
export { redact } from './redact.ts'
export type { Resume } from './resume.ts'
export { type Resumption, resumption } from './resumption.ts'
export { codeOf, statusOf } from './status.ts'
export { decodeCallFailed, encodeUndeclared, type WireFailure } from './wire.ts'
