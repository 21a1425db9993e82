// The calls of the suite, and what must come back.
import type { Exchange } from '../load/parts.ts'
import { bill, cart, order, place, prices } from '../shop/work.ts'

export interface GrpcExchange extends Exchange {
  /** As the service's definition calls it. */
  readonly method: 'Place' | 'Bill' | 'Prices'
  readonly input: object
  /** One message, or all of a stream. */
  readonly answers: readonly object[]
}

const asked = { sku: 'oak-7', count: 100 }

export const exchanges: readonly GrpcExchange[] = [
  { name: 'small', title: 'unary, small message', method: 'Place', input: order, answers: [await place(order)] },
  { name: 'nested', title: 'unary, nested message', method: 'Bill', input: cart, answers: [await bill(cart)] },
  {
    name: 'stream',
    title: `server stream of ${asked.count} messages`,
    method: 'Prices',
    input: asked,
    answers: [...prices(asked)],
  },
]

/** A message as gRPC frames it: not compressed, and how long it is. */
export function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}
