// The public names of @tenon/transport-http: its functions stand in `http`, which bundlers take apart; types by name.
import * as http from './http.ts'

export type { Client, ClientLimits, ClientOptions, RemoteOptions } from './client.ts'
export type {
  ClientAfter,
  ClientBefore,
  ClientExchange,
  ClientFinalizer,
  ErrorListener,
  Hooks,
  RequestInfo,
  ServerAfter,
  ServerAfterError,
  ServerBefore,
  ServerFinalizer,
  ServerProvider,
} from './hooks.ts'
export type { RequestLimits, ServerLimits } from './limits.ts'
export type { ClientRequest, ClientResponse } from './message.ts'
export type { ClientTls, ConnectionOptions } from './pool.ts'
export type { Problem } from './problem.ts'
export type { Headers, Reply, ServerExchange, ServerRequest } from './reply.ts'
export type { Running } from './running.ts'
export type { ServeOptions } from './serve.ts'
export type { RequestListener, ServerOptions } from './server.ts'
export { http }
