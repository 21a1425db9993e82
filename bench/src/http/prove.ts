// Does a server do the work of the suite? Asked before it is measured.
import assert from 'node:assert/strict'
import { type Exchange, exchanges } from './work.ts'

async function proveOne({ title, verb, path, body, status, answer }: Exchange, port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: verb,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const found: unknown = await response.json()
  assert.equal(response.status, status, `${title}: status ${response.status} and not ${status}`)
  if (answer !== undefined) assert.deepEqual(found, answer, `${title}: another answer`)
  else assert.equal(typeof found, 'object', `${title}: an error says what is wrong`)
}

/** What is wrong with the server that listens there, `undefined` when nothing is. */
export async function prove(port: number): Promise<string | undefined> {
  try {
    for (const each of exchanges) await proveOne(each, port)
    return undefined
  } catch (cause) {
    const [first = ''] = (cause as Error).message.split('\n')
    return first
  }
}
