// The requests of the suite, and what must come back: JSON, as a contract has it on NATS.
import type { Exchange } from '../load/parts.ts'
import { bill, cart, order, place } from '../shop/work.ts'

export interface NatsExchange extends Exchange {
  readonly method: 'place' | 'bill'
  readonly input: object
  readonly answer: object
}

export const exchanges: readonly NatsExchange[] = [
  { name: 'small', title: 'request and reply, small body', method: 'place', input: order, answer: await place(order) },
  { name: 'nested', title: 'request and reply, nested body', method: 'bill', input: cart, answer: await bill(cart) },
]

/** Where the server of this name takes a method's requests: as the contract has it, below the name. */
export const subjectOf = (server: string, method: NatsExchange['method']): string =>
  `${server}.bench.shop.v1.Shop.${method}`
