// undici's request, and the fetch made of it, on a pool of their own: the answer is read and parsed, nothing is checked.
import assert from 'node:assert/strict'
import { fetch, Pool } from 'undici'
import type { Caller, Target } from '../load/parts.ts'
import { order, place } from '../shop/work.ts'

const expected = await place(order)
const body = JSON.stringify(order)
const headers = { 'content-type': 'application/json' }

export function undiciRequest({ port }: Target, connections: number): Caller {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections })
  return {
    async call() {
      const { statusCode, body: answer } = await pool.request({ method: 'POST', path: '/v1/orders', headers, body })
      const found = await answer.json()
      if (statusCode !== 200 || (found as { total?: unknown }).total !== 126) assert.deepEqual(found, expected)
    },
    close: () => pool.close(),
  }
}

export function undiciFetch({ port }: Target, connections: number): Caller {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections })
  const url = `http://127.0.0.1:${port}/v1/orders`
  return {
    async call() {
      const answer = await fetch(url, { method: 'POST', headers, body, dispatcher: pool })
      const found = await answer.json()
      if (answer.status !== 200 || (found as { total?: unknown }).total !== 126) assert.deepEqual(found, expected)
    },
    close: () => pool.close(),
  }
}
