// All attacks there are, in the order of the document.
import type { Family } from '../harness/attack.ts'
import { answers } from './answers.ts'
import { bodies } from './bodies.ts'
import { connections } from './connections.ts'
import { framing } from './framing.ts'
import { calls } from './grpc/calls.ts'
import { connections as grpcConnections, grpcTls } from './grpc/connections.ts'
import { frames } from './grpc/frames.ts'
import { load as grpcLoad } from './grpc/load.ts'
import { messages } from './grpc/messages.ts'
import { slow as grpcSlow } from './grpc/slow.ts'
import { headers } from './headers.ts'
import { lines } from './lines.ts'
import { load } from './load.ts'
import { metadata } from './metadata.ts'
import { eventFamily } from './nats/events.ts'
import { requests } from './nats/requests.ts'
import { streams as natsStreams } from './nats/streams.ts'
import { paths } from './paths.ts'
import { protocols } from './protocols.ts'
import { proxying } from './proxying.ts'
import { slow } from './slow.ts'
import { jsonrpc, streams } from './streams.ts'
import { tls } from './tls.ts'
import { values } from './values.ts'

export const ofHttp: readonly Family[] = [
  lines,
  headers,
  framing,
  bodies,
  values,
  paths,
  metadata,
  protocols,
  tls,
  slow,
  connections,
  load,
  streams,
  jsonrpc,
  proxying,
  answers,
]

/** Over gRPC. */
export const ofGrpc: readonly Family[] = [messages, calls, frames, grpcSlow, grpcConnections, grpcTls, grpcLoad]

/** Over NATS. */
export const ofNats: readonly Family[] = [...requests, ...natsStreams, eventFamily]

export const families: readonly Family[] = [...ofHttp, ...ofGrpc, ...ofNats]
