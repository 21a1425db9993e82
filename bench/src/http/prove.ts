// Does a server do the work of the suite? Asked before it is measured.
import assert from 'node:assert/strict'
import type { Target } from '../load/parts.ts'
import { exchanges, type HttpExchange } from './exchanges.ts'

async function proveOne({ title, verb, path, body, status, answer }: HttpExchange, port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: verb,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const found: unknown = await response.json()
  assert.equal(response.status, status, `${title}: status ${response.status} and not ${status}`)
  if (answer !== undefined) assert.deepEqual(found, answer, `${title}: another answer`)
  else assert.equal(typeof found, 'object', `${title}: an error says what is wrong`)
}

/** Throws unless the server does the work of the suite. */
export async function prove({ port }: Target): Promise<void> {
  for (const each of exchanges) await proveOne(each, port)
}
