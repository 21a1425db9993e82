// nice-grpc, which is made of grpc-js: handlers that answer promises, streams that are generators.
import { type CompatServiceDefinition, createServer, type ServiceImplementation } from 'nice-grpc'
import type { Served } from '../load/parts.ts'
import { bill, find, place, prices } from '../shop/work.ts'
import { ShopOfProto } from './definition.ts'

const handlers = {
  Place: place,
  Bill: bill,
  Find: find,
  async *Prices(asked: Parameters<typeof prices>[0]) {
    yield* prices(asked)
  },
}

export async function nice(): Promise<Served> {
  const server = createServer()
  const definition = ShopOfProto.service as unknown as CompatServiceDefinition
  server.add(definition, handlers as unknown as ServiceImplementation<CompatServiceDefinition>)
  return { port: await server.listen('127.0.0.1:0') }
}
