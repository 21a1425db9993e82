// The suite `grpc`: one service on grpc-js by hand, nice-grpc and Tenon, under load from another process; and their clients.
import { loaded } from '../load/loaded.ts'
import { atOnce } from '../load/paces.ts'
import type { ClientSubject, ServerSubject } from '../load/parts.ts'
import { exchanges } from './exchanges.ts'
import { prove } from './prove.ts'

const raw = async () => (await import('./raw.ts')).rawGrpc
const rawClient = async () => (await import('./clients.ts')).grpcJsClient

const servers: readonly ServerSubject[] = [
  { name: 'raw', subject: 'grpc-js', load: raw },
  { name: 'raw-again', subject: 'grpc-js (A/A)', again: 'raw', load: raw },
  { name: 'tenon', subject: 'Tenon', load: async () => (await import('./tenon.ts')).tenonGrpc },
  { name: 'tenon-red', subject: 'Tenon, RED metrics on', load: async () => (await import('./tenon.ts')).tenonGrpcRed },
  { name: 'nice', subject: 'nice-grpc', load: async () => (await import('./nice.ts')).nice },
]

const clients: readonly ClientSubject[] = [
  { name: 'raw-client', subject: 'grpc-js, a promise and a deadline around it', load: rawClient },
  {
    name: 'raw-client-again',
    subject: 'grpc-js, a promise and a deadline around it (A/A)',
    again: 'raw-client',
    load: rawClient,
  },
  {
    name: 'tenon-client',
    subject: 'Tenon: grpc.client',
    load: async () => (await import('./clients.ts')).tenonGrpcClient,
  },
  {
    name: 'nice-client',
    subject: 'nice-grpc, no deadline',
    load: async () => (await import('./clients.ts')).niceClient,
  },
]

const wanted = { by: 'throughput', in: ['small', 'nested', 'stream'], limit: 0.95 } as const

export const grpc = loaded({
  name: 'grpc',
  does: 'one service over gRPC: grpc-js by hand, nice-grpc, Tenon; and clients',
  notes:
    'All are of one .proto. grpc-js by hand checks nothing but that the bytes are such a message; Tenon runs with all limits, deadlines and strict decoding at their defaults. ' +
    'What Tenon adds stands in the profile below: the beginning and the end of a call (a context, a deadline, the end of a caller who leaves), for a nested message and a stream the conversion between what a codec knows and what protobuf.js writes (*transport*), and what both leave to the collector. The rest is grpc-js and the HTTP/2 of Node, which all pay.',
  exchanges,
  servers,
  calls: [{ name: 'calling', title: 'calling grpc-js: unary, small message', atOnce, clients }],
  wanted: [
    { ...wanted, of: 'tenon', over: 'raw' },
    { ...wanted, of: 'tenon-red', over: 'raw' },
    { ...wanted, of: 'tenon-client', over: 'raw-client', in: ['calling'] },
  ],
  prove,
  loader: async () => (await import('./loader.ts')).grpcLoad,
})
