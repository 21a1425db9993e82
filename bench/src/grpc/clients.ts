// What calls over gRPC: grpc-js with a promise and a deadline around it, nice-grpc, and Tenon's client of the contract.
import assert from 'node:assert/strict'
import { credentials, type ServiceError } from '@grpc/grpc-js'
import { call } from '@tenon/endpoint'
import { grpc } from '@tenon/transport-grpc'
import { type CompatServiceDefinition, createChannel, createClient } from 'nice-grpc'
import type { Caller, Target } from '../load/parts.ts'
import { Shop } from '../shop/contract.ts'
import { order, place, type Receipt } from '../shop/work.ts'
import { proto, ShopOfProto } from './definition.ts'

const expected = await place(order)
const right = (found: { readonly total?: unknown }): void => {
  if (found.total !== expected.total) assert.deepEqual(found, expected)
}

/** Milliseconds; as Tenon's client has by itself, and grpc-js has not. */
const timeout = 5_000

export function grpcJsClient({ port }: Target): Caller {
  const client = new ShopOfProto(`127.0.0.1:${port}`, credentials.createInsecure())
  const send = client.Place as (
    input: object,
    options: object,
    done: (cause: ServiceError | null, answer: Receipt) => void,
  ) => void
  return {
    async call() {
      right(
        await new Promise<Receipt>((resolve, reject) => {
          send.call(client, order, { deadline: Date.now() + timeout }, (cause, answer) =>
            cause === null ? resolve(answer) : reject(cause),
          )
        }),
      )
    },
    close: async () => client.close(),
  }
}

export function niceClient({ port }: Target): Caller {
  const channel = createChannel(`127.0.0.1:${port}`)
  const client = createClient(ShopOfProto.service as unknown as CompatServiceDefinition, channel)
  const { Place: send } = client as unknown as { Place(input: object): Promise<Receipt> }
  return {
    call: async () => right(await send(order)),
    close: async () => channel.close(),
  }
}

export function tenonGrpcClient({ port }: Target): Caller {
  const client = grpc.client(Shop, { address: `127.0.0.1:${port}`, proto })
  return {
    async call() {
      const outcome = await call(client.place, order as never)
      if (outcome._tag === 'Left') throw new Error(outcome.left.message)
      right(outcome.right)
    },
    async close() {
      await client[Symbol.asyncDispose]()
    },
  }
}
