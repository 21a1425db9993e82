// The transports that stand, as the suite wants them.
import { type Served, through, type Wire } from '@tenon/conformance'
import type { Implementation } from '@tenon/contract'
import { grpc } from '@tenon/transport-grpc'
import { http, jsonrpc } from '@tenon/transport-http'
import { wire as link, memory } from '@tenon/transport-memory'
import { nats } from '@tenon/transport-nats'
import { type Connection, generations } from '../../packages/transport-nats/test/clients.ts'

const overMemory: Wire = {
  name: 'memory',
  async serve(implementations, { grace, onTelemetry }) {
    const wire = link('conformance')
    const server = await memory.serve(implementations as readonly Implementation[], { wire, grace, onTelemetry })
    return served(server, (contract, options) => memory.client(contract, { wire, ...options }))
  },
}

const oneWay = 'a request over HTTP has one message'

const lax = {
  lax: 'two contracts whose codecs differ have two .protos: found where both are bound to one, and else told apart by numbers alone',
}

const overHttp: Wire = {
  name: 'http',
  lacks: { clientStream: oneWay, duplex: oneWay },
  async serve(implementations, { grace, onTelemetry }) {
    const server = await http.serve(implementations as readonly Implementation[], { grace, onTelemetry })
    return served(server, (contract, options) => http.client(contract, { url: server.url, ...options }))
  },
}

/** The same with the messages of gRPC as bodies. */
const overProtobuf: Wire = {
  name: 'http, protobuf',
  lacks: { ...overHttp.lacks, ...lax },
  async serve(implementations, { grace, onTelemetry }) {
    const format = grpc.protobuf()
    const server = await http.serve(implementations as readonly Implementation[], {
      grace,
      onTelemetry,
      formats: [format],
    })
    return served(server, (contract, options) => http.client(contract, { url: server.url, format, ...options }))
  },
}

/** The same with a reverse proxy in between, which must not show. */
const overProxy: Wire = {
  name: 'http, proxied',
  lacks: { clientStream: oneWay, duplex: oneWay },
  async serve(implementations, { grace, onTelemetry }) {
    const server = await http.serve(implementations as readonly Implementation[], { grace, onTelemetry })
    const proxy = http.proxy({ url: server.url, onTelemetry })
    const front = await http.serve([], { grace, onTelemetry, routes: { '* /*': proxy } })
    const closing = {
      get inFlight() {
        return front.inFlight
      },
      drain: (options?: { readonly signal?: AbortSignal }) => front.drain(options),
      async [Symbol.asyncDispose]() {
        for (const one of [front, proxy, server]) await one[Symbol.asyncDispose]()
      },
    }
    return served(closing, (contract, options) => http.client(contract, { url: front.url, ...options }))
  },
}

const overGrpc: Wire = {
  name: 'grpc',
  lacks: lax,
  async serve(implementations, { grace, onTelemetry }) {
    const server = await grpc.serve(implementations as readonly Implementation[], { grace, onTelemetry })
    return served(server, (contract, options) => grpc.client(contract, { address: server.address, ...options }))
  },
}

const once = 'JSON-RPC answers a call once'

const overJsonRpc: Wire = {
  name: 'json-rpc',
  lacks: { serverStream: once, clientStream: once, duplex: once },
  async serve(implementations, { grace, onTelemetry }) {
    const listener = jsonrpc.server(implementations as readonly Implementation[], { onTelemetry })
    const server = await http.serve([], { grace, onTelemetry, routes: { 'POST /rpc': listener } })
    const url = `${server.url}/rpc`
    return served(server, (contract, options) => jsonrpc.client(contract, { url, ...options }))
  },
}

let servers = 0

/** Each server has subjects of its own: all share one NATS server, which would take a gateway's calls back to it. */
const overNats = (name: string, connect: () => Promise<Connection>): Wire => ({
  name,
  async serve(implementations, { grace, onTelemetry }) {
    servers++
    const prefix = `conformance.${process.pid}.${servers}`
    const [ours, theirs] = await Promise.all([connect(), connect()])
    const server = await nats.serve(implementations, { connection: ours, prefix, grace, onTelemetry })
    const both = served(server, (contract, options) =>
      nats.client(contract, { connection: theirs, prefix, ...options }),
    )
    const { [Symbol.asyncDispose]: close } = both
    return Object.defineProperty(both, Symbol.asyncDispose, {
      value: async () => {
        await close()
        await Promise.all([ours.close(), theirs.close()])
      },
    })
  },
})

/**
 * Every transport alone, then in pairs: a server of the first that passes on to one of the second. Memory and JSON-RPC are
 * paired with HTTP, which stands for all others there; the others with each other, both ways. Of the clients of NATS, which
 * speak the same, the newer one is paired with others, and the two with each other. `nats`: where a NATS server listens;
 * without one there are no such wires.
 */
export function wiresOn(nats: string | undefined): readonly Wire[] {
  const overs =
    nats === undefined ? [] : generations.map(({ name, connect }) => overNats(name, () => connect({ servers: nats })))
  const [two, three] = overs
  return [
    overMemory,
    overHttp,
    overProtobuf,
    overProxy,
    overGrpc,
    overJsonRpc,
    ...overs,
    through(overMemory, overHttp),
    through(overHttp, overMemory),
    through(overHttp, overHttp),
    through(overHttp, overGrpc),
    through(overGrpc, overHttp),
    through(overGrpc, overGrpc),
    through(overJsonRpc, overHttp),
    ...(two === undefined || three === undefined
      ? []
      : [
          through(overHttp, three),
          through(three, overHttp),
          through(overGrpc, three),
          through(three, overGrpc),
          through(two, three),
        ]),
  ]
}

type Server = Pick<Served, 'inFlight' | 'drain' | typeof Symbol.asyncDispose>

/** A server and the clients that are made of it; both are closed together. */
function served(server: Server, connect: (...of: Parameters<Served['client']>) => object): Served {
  const clients: Partial<AsyncDisposable>[] = []
  return {
    get inFlight() {
      return server.inFlight
    },
    drain: (options) => server.drain(options),
    client(contract, options) {
      const client = connect(contract as never, options)
      clients.push(client)
      return client as never
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client[Symbol.asyncDispose]?.()
      await server[Symbol.asyncDispose]()
    },
  }
}
