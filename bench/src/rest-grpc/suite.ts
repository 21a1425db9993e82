// The suite `rest-grpc`: the same contract and service as REST with JSON and as gRPC, both in Tenon, in one run: latency,
// throughput, size.
import { loaded } from '../load/loaded.ts'
import { atOnce } from '../load/paces.ts'
import type { ClientSubject, ServerSubject, Target } from '../load/parts.ts'

const rest = async () => (await import('../http/tenon.ts')).tenon
const rpc = async () => (await import('../grpc/tenon.ts')).tenonGrpc
const restClient = async () => (await import('../http/tenon-client.ts')).tenonClient
const rpcClient = async () => (await import('../grpc/clients.ts')).tenonGrpcClient

const servers: readonly ServerSubject[] = [
  { name: 'rest', subject: 'REST, JSON', load: rest },
  { name: 'rest-again', subject: 'REST, JSON (A/A)', again: 'rest', load: rest },
  { name: 'grpc', subject: 'gRPC, protobuf', load: rpc },
]

const clients: readonly ClientSubject[] = [
  { name: 'rest-client', subject: 'REST, JSON', server: 'rest', load: restClient },
  { name: 'rest-client-again', subject: 'REST, JSON (A/A)', server: 'rest', again: 'rest-client', load: restClient },
  { name: 'grpc-client', subject: 'gRPC, protobuf', server: 'grpc', load: rpcClient },
]

const isGrpc = ({ server }: Target): boolean => server === 'grpc'

export const restGrpc = loaded({
  name: 'rest-grpc',
  does: 'the same contract and service as REST with JSON and as gRPC, both in Tenon: latency, throughput, size',
  notes:
    'One contract, one implementation, served and called twice. Servers are loaded by generators that speak either protocol at the same small price; what is called *end to end* is a client of Tenon in one process and its server in another, and there p50 with one call at a time is the latency of a call. ' +
    'Sizes are of question and answer together: the messages alone, and all bytes of a connection in use, headers included.',
  exchanges: [
    { name: 'small', title: 'server, small message' },
    { name: 'nested', title: 'server, nested message' },
  ],
  servers,
  calls: [
    { name: 'alone', title: 'end to end, small message, one call at a time', atOnce: 1, clients },
    { name: 'calling', title: `end to end, small message, ${atOnce} calls at once`, atOnce, clients },
  ],
  wanted: [],
  prove: async (target) => {
    const { prove } = isGrpc(target) ? await import('../grpc/prove.ts') : await import('../http/prove.ts')
    await prove(target)
  },
  loader: async () => {
    const { grpcLoad } = await import('../grpc/loader.ts')
    const { httpLoad } = await import('../http/loader.ts')
    return (load) => (isGrpc(load) ? grpcLoad(load) : httpLoad(load))
  },
  more: async (exchanges) => (await import('./sizes.ts')).sizes(exchanges),
})
