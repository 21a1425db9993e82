// Does a server do the work of the suite? Asked by grpc-js's own client before it is measured.
import assert from 'node:assert/strict'
import { type Client, credentials } from '@grpc/grpc-js'
import type { Target } from '../load/parts.ts'
import { ShopOfProto } from './definition.ts'
import { exchanges, type GrpcExchange } from './exchanges.ts'

function answersOf(client: Client, { method, input }: GrpcExchange): Promise<object[]> {
  const call = client as unknown as Record<string, (...of: unknown[]) => NodeJS.EventEmitter>
  return new Promise((resolve, reject) => {
    if (method === 'Prices') {
      const items: object[] = []
      call[method]?.(input)
        .on('data', (item: object) => items.push(item))
        .on('end', () => resolve(items))
        .on('error', reject)
    } else call[method]?.(input, (cause: Error | null, answer: object) => (cause ? reject(cause) : resolve([answer])))
  })
}

/** Throws unless the server does the work of the suite. */
export async function prove({ port }: Target): Promise<void> {
  const client = new ShopOfProto(`127.0.0.1:${port}`, credentials.createInsecure())
  try {
    for (const each of exchanges) {
      const found = await answersOf(client, each)
      assert.deepEqual(
        found.map((answer) => ({ ...answer })),
        each.answers,
        `${each.title}: another answer`,
      )
    }
  } finally {
    client.close()
  }
}
