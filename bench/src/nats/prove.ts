// Does a server do the work of the suite? Asked by NATS's own client before it is measured.
import assert from 'node:assert/strict'
import type { Target } from '../load/parts.ts'
import { nats3 } from './connections.ts'
import { exchanges, subjectOf } from './exchanges.ts'

/** Throws unless the server does the work of the suite. */
export async function prove({ server, port }: Target): Promise<void> {
  const connection = await nats3(port)
  try {
    for (const { title, method, input, answer } of exchanges) {
      const found = await connection.request(subjectOf(server, method), JSON.stringify(input), { timeout: 5_000 })
      assert.deepEqual(found.json(), answer, `${title}: another answer`)
    }
  } finally {
    await connection.close()
  }
}
