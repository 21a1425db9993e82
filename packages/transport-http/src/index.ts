// The public names of @tenon/transport-http. Its functions stand in `http` too, which bundlers can take apart.
import * as http from './http.ts'

export { type Client, type ClientLimits, type ClientOptions, client, type RemoteOptions } from './client.ts'
export { decodeJson, decodeJsonAs, encodeJson, noInput, readJson, readJsonAs } from './codec.ts'
export {
  type ClientAfter,
  type ClientBefore,
  type ClientExchange,
  type ClientFinalizer,
  type ErrorListener,
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
export type { RequestLimits, ServerLimits } from './limits.ts'
export type { RequestListener } from './listener.ts'
export type { ClientRequest, ClientResponse } from './message.ts'
export type { ClientTls, ConnectionOptions } from './pool.ts'
export { encodeProblem, type Problem, readProblem } from './problem.ts'
export type { Headers, Reply, ServerExchange, ServerRequest } from './reply.ts'
export type { Running } from './running.ts'
export { type ServeOptions, serve } from './serve.ts'
export { type ServerOptions, server } from './server.ts'
export { http }
