// Limits at which a test can afford to wait for them. At full scale they are the defaults.
import type { ServerLimits as GrpcLimits } from '@tenon/transport-grpc'
import type { ServerLimits } from '@tenon/transport-http'
import type { ServerLimits as NatsLimits } from '@tenon/transport-nats'
import type { Scale } from './attack.ts'

/** Short times and small sums. One set of them for all attacks, so that they share a server. */
const hastyLimits: ServerLimits = {
  headersTimeout: 600,
  bodyTimeout: 600,
  keepAlive: 600,
  unread: 600,
  body: 65_536,
  allBodies: 300_000,
  allAnswers: 30_000_000,
}

export const hasty = (scale: Scale): ServerLimits => (scale === 'quick' ? hastyLimits : {})

/** Few calls at once. */
export const few = (scale: Scale): ServerLimits => (scale === 'quick' ? { concurrent: 50, request: 1_000 } : {})

/** The same for gRPC. */
export const hastyGrpc = (scale: Scale): GrpcLimits =>
  scale === 'quick'
    ? { arrival: 600, unread: 600, request: 2_000, handshake: 600, allMessages: 300_000, allAnswers: 10_000_000 }
    : {}

/** Few calls at once over gRPC. */
export const fewGrpc = (scale: Scale): GrpcLimits =>
  scale === 'quick' ? { concurrent: 50, request: 1_000, arrival: 600 } : {}

/** Few calls at once over NATS, short ones, with small bodies. */
export const fewNats = (scale: Scale): NatsLimits =>
  scale === 'quick' ? { concurrent: 20, request: 600, body: 1_024 } : {}
