// A client of each wire. All four are the same record of endpoints, and fail alike.
import type { ClientOf } from '@tenon/contract'
import { natsAt } from '@tenon/example-nats'
import { grpc } from '@tenon/transport-grpc'
import { http, jsonrpc } from '@tenon/transport-http'
import { nats } from '@tenon/transport-nats'
import { Add } from './contract.ts'
import { addProto } from './proto.ts'

/** What it calls with; dispose it. */
export type AddClient = ClientOf<typeof Add> & AsyncDisposable

export type Wire = keyof typeof wires

export const wires = {
  http: (at: string): AddClient => http.client(Add, { url: `http://${at}` }),
  jsonrpc: (at: string): AddClient => jsonrpc.client(Add, { url: `http://${at}`, name: ({ name }) => name }),
  grpc: (at: string): AddClient => grpc.client(Add, { address: at, proto: addProto }),
  async nats(at: string): Promise<AddClient> {
    // On NATS the connection is yours, and so is the closing of it.
    const link = await natsAt(`nats://${at}`)
    const client = nats.client(Add, { connection: link.connection })
    return {
      ...client,
      async [Symbol.asyncDispose]() {
        await client[Symbol.asyncDispose]()
        await link[Symbol.asyncDispose]()
      },
    }
  },
}
