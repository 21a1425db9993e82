// The public names of @tenon/transport-nats. Its functions stand in `nats`, too, which bundlers can take apart.
import * as nats from './nats.ts'

export { type Client, type ClientOptions, type ContractClientOptions, client, type RemoteOptions } from './client.ts'
export { decodeJson, decodeJsonAs, encodeJson, noInput, readJson, readJsonAs } from './codec.ts'
export type {
  NatsConnection,
  NatsHeaders,
  NatsMessage,
  NatsPublishOptions,
  NatsSubscribeOptions,
  NatsSubscription,
} from './connection.ts'
export { type ConsumeOptions, type Consuming, consume, type EventHandlers } from './events/consume.ts'
export type { StreamOptions } from './events/jetstream.ts'
export { type Publisher, type PublisherOptions, publisher } from './events/publisher.ts'
export { encodeFailure } from './failure.ts'
export type { Headers } from './headers.ts'
export {
  type ClientAfter,
  type ClientBefore,
  type ClientFinalizer,
  type ErrorListener,
  type Hooks,
  type ServerAfter,
  type ServerAfterError,
  type ServerBefore,
  type ServerFinalizer,
  setReplyHeader,
  setRequestHeader,
} from './hooks.ts'
export type { ClientLimits, ServerLimits } from './limits.ts'
export type { ClientExchange, ClientRequest, ClientResponse, Reply, ServerExchange, ServerRequest } from './message.ts'
export type { Running } from './running.ts'
export { type ServeOptions, type ServerSurroundings, serve } from './serve.ts'
export { type ServerOptions, server } from './server.ts'
export { nats }
