// grpc-js as it is: handlers with callbacks, and a stream that waits while its reader is slow.
import { once } from 'node:events'
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import type { Served } from '../load/parts.ts'
import { type Asked, bill, find, type Price, place, prices } from '../shop/work.ts'
import { ShopOfProto } from './definition.ts'

const unary =
  <I, O>(work: (input: I) => Promise<O>): handleUnaryCall<I, O> =>
  ({ request }, callback) => {
    work(request).then(
      (answer) => callback(null, answer),
      () => callback({ code: 13, details: 'a bug' }),
    )
  }

async function stream(call: ServerWritableStream<Asked, Price>): Promise<void> {
  for (const price of prices(call.request)) if (!call.write(price)) await once(call, 'drain')
  call.end()
}

const handlers: UntypedServiceImplementation = {
  Place: unary(place),
  Bill: unary(bill),
  Find: unary(find),
  Prices: (call: ServerWritableStream<Asked, Price>) => void stream(call),
}

export function rawGrpc(): Promise<Served> {
  const server = new Server()
  server.addService(ShopOfProto.service, handlers)
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (cause, port) =>
      cause === null ? resolve({ port }) : reject(cause),
    )
  })
}
