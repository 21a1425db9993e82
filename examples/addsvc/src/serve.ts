// The transports. To each of them the service is a record of endpoints, and its contract says the rest.
import { implement } from '@tenon/contract'
import { type Address, written } from '@tenon/example-command'
import type { Metrics } from '@tenon/metrics'
import { grpc } from '@tenon/transport-grpc'
import { http } from '@tenon/transport-http'
import { type NatsConnection, nats } from '@tenon/transport-nats'
import { Add, type AddEndpoints } from './contract.ts'
import { goKitAdd, routes, rpc } from './gokit.ts'
import { addProto, goKitProto } from './proto.ts'

/** Where the service is reached. */
export interface Places {
  readonly http: Address
  readonly jsonrpc: Address
  readonly grpc: Address
  /** Without one, it is not on NATS. */
  readonly nats: NatsConnection | undefined
}

/** Serves it on all wires, for as long as `open` is: what it holds is drained by whoever disposes it. */
export async function serve(all: AddEndpoints, measured: Metrics, places: Places, open: AsyncDisposableStack) {
  const add = implement(Add, all)
  const overHttp = open.use(
    await http.serve(add, {
      ...places.http,
      openapi: { info: { title: 'Add', version: '1.0.0' } },
      routes: { ...routes(all), 'GET /metrics': measured.handler },
    }),
  )
  const overRpc = open.use(await http.serve([], { ...places.jsonrpc, routes: { '* /*': rpc(all) } }))
  const overGrpc = open.use(
    await grpc.serve([add, goKitAdd(all)], {
      ...places.grpc,
      proto: [addProto, goKitProto],
      health: true,
      reflection: true,
    }),
  )
  const overNats = places.nats && open.use(await nats.serve(add, { connection: places.nats, version: '1.0.0' }))
  return {
    services: [overHttp, overRpc, overGrpc, ...(overNats ? [overNats] : [])],
    http: overHttp.url,
    jsonrpc: overRpc.url,
    grpc: written({ host: places.grpc.host, port: overGrpc.port }),
  }
}
