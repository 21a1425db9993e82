// The public names of @tenon/transport-http. Its functions stand in `http` and `jsonrpc` too, which bundlers can take apart.
import * as http from './http.ts'
import * as jsonrpc from './jsonrpc/jsonrpc.ts'

export { type Client, client, type RemoteOptions } from './client.ts'
export type { ClientLimits, ClientOptions, ContractClientOptions, ResumeOptions } from './client-options.ts'
export type { ClientTls } from './client-tls.ts'
export { decodeJson, decodeJsonAs, encodeJson, noInput, readJson, readJsonAs } from './codec.ts'
export { type CorsOptions, cors } from './cors.ts'
export type { ServedFile } from './files.ts'
export type { BodyCodec, BodyFormat } from './formats.ts'
export {
  type ClientAfter,
  type ClientBefore,
  type ClientExchange,
  type ClientFinalizer,
  type ErrorListener,
  type HeaderHook,
  type Hooks,
  populateContext,
  type RequestInfo,
  type ServerAfter,
  type ServerAfterError,
  type ServerBefore,
  type ServerFinalizer,
  type ServerProvider,
  setContentType,
  setRequestHeader,
  setResponseHeader,
} from './hooks.ts'
export type { RpcAnswer, RpcCodes } from './jsonrpc/answer.ts'
export type { RpcBatching } from './jsonrpc/batch.ts'
export type {
  Called,
  RpcAfter,
  RpcAfterError,
  RpcBefore,
  RpcErrorEncoder,
  RpcExchange,
  RpcFinalizer,
  RpcOutcome,
  RpcProvider,
  RpcReply,
} from './jsonrpc/call.ts'
export { client as rpcClient, type RpcRemoteOptions } from './jsonrpc/client.ts'
export { type RpcError, type RpcErrorData, standardErrors } from './jsonrpc/error.ts'
export type { RpcLimits } from './jsonrpc/limits.ts'
export type { RpcId, RpcRequest } from './jsonrpc/message.ts'
export {
  method as rpcMethod,
  type RpcMethod,
  type RpcMethodOptions,
  type RpcName,
  type RpcServed,
} from './jsonrpc/method.ts'
export { notifier as rpcNotifier, type RpcNotificationOptions, type RpcNotifier } from './jsonrpc/notifier.ts'
export type { RpcClientOptions } from './jsonrpc/peer.ts'
export { autoIncrement, type RpcIds } from './jsonrpc/remote.ts'
export type { RpcContractOptions } from './jsonrpc/remote-endpoints.ts'
export { type RpcServerOptions, server as rpcServer } from './jsonrpc/server.ts'
export type { RequestLimits, ServerLimits } from './limits.ts'
export type { RequestListener } from './listener.ts'
export type { ClientRequest, ClientResponse } from './message.ts'
export type { OpenApiPage, ServeOpenApi, ShownDocument } from './openapi.ts'
export { type Peer, peerCertificate } from './peer-certificate.ts'
export type { ConnectionOptions } from './pool.ts'
export { encodeProblem, type Problem, readProblem } from './problem.ts'
export { decodeProtobuf, encodeProtobuf, readProtobuf } from './protobuf.ts'
export type { ProxyConnectionOptions } from './proxy/agents.ts'
export type { ForwardedStyle } from './proxy/forwarded.ts'
export type { ProxyLimits } from './proxy/limits.ts'
export type {
  BadAnswer,
  ProxyAfter,
  ProxyBefore,
  ProxyProvider,
  ProxyRequest,
  ProxyResponse,
  Unreachable,
} from './proxy/message.ts'
export { stripPrefix } from './proxy/prefix.ts'
export { type ProxyOptions, proxy, type ReverseProxy } from './proxy/proxy.ts'
export type { Headers, Reply, ServerExchange, ServerRequest } from './reply.ts'
export type { Running } from './running.ts'
export { type ServeOptions, serve } from './serve.ts'
export { type ServerOptions, server } from './server.ts'
export type { Pem, ServerCertificate, ServerTls } from './tls.ts'
export { http, jsonrpc }
