// The public names of @tenon/transport-grpc. Its functions stand in `grpc` too, which bundlers can take apart.
import * as grpc from './grpc.ts'

export { type BodyCodec, type ProtobufBodies, type ProtobufMethod, protobuf } from './bodies.ts'
export type { ConnectionOptions } from './channel.ts'
export { type Client, type ClientOptions, type ContractClientOptions, client, type RemoteOptions } from './client.ts'
export type { ServerTls } from './connections.ts'
export type { ClientTls } from './credentials.ts'
export type { HealthOptions } from './health.ts'
export {
  type ClientAfter,
  type ClientAnswer,
  type ClientBefore,
  type ClientCall,
  type ClientExchange,
  type ClientFinalizer,
  type ErrorListener,
  type Hooks,
  type ServerAfter,
  type ServerBefore,
  type ServerCall,
  type ServerFinalizer,
  type ServerProvider,
  setRequestHeader,
  setResponseHeader,
  setResponseTrailer,
} from './hooks.ts'
export type { ClientLimits, RequestLimits, ServerLimits } from './limits.ts'
export { type GrpcProbe, type ProbeOptions, probe } from './probe.ts'
export type { ProtoFiles } from './proto/load.ts'
export type { ProtoLock } from './proto/lock.ts'
export { type Mismatch, ProtoMismatch } from './proto/mismatch.ts'
export { type Proto, toProto } from './proto/print.ts'
export type { ProtoOptions } from './proto/root.ts'
export type { Running } from './running.ts'
export { type ServeOptions, serve } from './serve.ts'
export { type ServerOptions, server } from './server.ts'

export { grpc }
