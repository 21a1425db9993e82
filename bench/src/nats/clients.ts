// What calls over NATS: `request` of both clients, and Tenon's client of the contract on both.
import assert from 'node:assert/strict'
import { call } from '@tenon/endpoint'
import { nats } from '@tenon/transport-nats'
import type { Caller, Target } from '../load/parts.ts'
import { Shop } from '../shop/contract.ts'
import { order, place, type Receipt } from '../shop/work.ts'
import { type Connect, nats2, nats3 } from './connections.ts'
import { subjectOf } from './exchanges.ts'

const expected = await place(order)
const right = (found: Partial<Receipt>): void => {
  if (found.total !== expected.total) assert.deepEqual(found, expected)
}

/** Milliseconds, as Tenon's client has by itself. */
const timeout = 5_000

const requesting =
  (connect: Connect) =>
  async ({ server, port }: Target): Promise<Caller> => {
    const connection = await connect(port)
    const subject = subjectOf(server, 'place')
    return {
      async call() {
        const { data } = await connection.request(subject, JSON.stringify(order), { timeout })
        right(JSON.parse(Buffer.from(data).toString()))
      },
      close: () => connection.close(),
    }
  }

const calling =
  (connect: Connect) =>
  async ({ server, port }: Target): Promise<Caller> => {
    const connection = await connect(port)
    const client = nats.client(Shop, { connection, prefix: server })
    return {
      async call() {
        const outcome = await call(client.place, order as never)
        if (outcome._tag === 'Left') throw new Error(outcome.left.message)
        right(outcome.right)
      },
      async close() {
        await client[Symbol.asyncDispose]()
        await connection.close()
      },
    }
  }

export const request2 = requesting(nats2)
export const request3 = requesting(nats3)
export const tenonClient2 = calling(nats2)
export const tenonClient3 = calling(nats3)
