// The service served by @tenon/transport-nats with its defaults, on both clients: limits, deadlines, strict decoding.
import { nats } from '@tenon/transport-nats'
import type { Place, Served } from '../load/parts.ts'
import { shop, watchedShop } from '../shop/service.ts'
import { type Connect, nats2, nats3 } from './connections.ts'

const serving =
  (connect: Connect, make: typeof shop) =>
  async ({ subject, broker }: Place): Promise<Served> => {
    await nats.serve(make(), { connection: await connect(broker), prefix: subject })
    return { port: broker as number }
  }

export const tenonNats2 = serving(nats2, shop)
export const tenonNats3 = serving(nats3, shop)
export const tenonNats3Red = serving(nats3, watchedShop)
