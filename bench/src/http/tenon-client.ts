// The contract's client: encoding, deadline, metadata, decoding, failures.
import assert from 'node:assert/strict'
import { call } from '@tenon/endpoint'
import { http } from '@tenon/transport-http'
import type { Caller, Target } from '../load/parts.ts'
import { Shop } from '../shop/contract.ts'
import { order, place } from '../shop/work.ts'

const answer = await place(order)

export function tenonClient({ port }: Target, connections: number): Caller {
  const client = http.client(Shop, { url: `http://127.0.0.1:${port}`, connections })
  return {
    async call() {
      const outcome = await call(client.place, order as never)
      if (outcome._tag === 'Left' || outcome.right.total !== 126) assert.deepEqual(outcome, answer)
    },
    async close() {
      await client[Symbol.asyncDispose]()
    },
  }
}
