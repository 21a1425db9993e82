// The contract's client: encoding, deadline, metadata, decoding, failures.
import assert from 'node:assert/strict'
import { call } from '@tenon/endpoint'
import { http } from '@tenon/transport-http'
import type { Caller } from './caller.ts'
import { Shop } from './tenon.ts'
import { exchanges, type Order } from './work.ts'

const [small] = exchanges
const order = small?.body as Order

export function tenonClient(port: number, connections: number): Caller {
  const client = http.client(Shop, { url: `http://127.0.0.1:${port}`, connections })
  return {
    async call() {
      const outcome = await call(client.place, order as never)
      if (outcome._tag === 'Left' || outcome.right.total !== 126) assert.deepEqual(outcome, small?.answer)
    },
    async close() {
      await client[Symbol.asyncDispose]()
    },
  }
}
