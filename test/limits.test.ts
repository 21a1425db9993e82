// Limits behind real servers: what callers hear, over HTTP and gRPC, and what becomes of those who do not wait.
import { contract, handler, implement, unary } from '@tenon/contract'
import { type CallOptions, call, type Endpoint, type Failure, mapMethods, ok } from '@tenon/endpoint'
import { concurrency, limit, tokenBucket } from '@tenon/limiter'
import { grpc } from '@tenon/transport-grpc'
import { http } from '@tenon/transport-http'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'

const Name = t.strict({ name: t.string })
const Pool = contract('test.v1.Pool', { query: unary({ input: Name, output: Name }) })

/** A service whose calls stay under way until they are let go, behind so many places. */
function pooled(places: number, queue: number) {
  const begun: string[] = []
  const letGo = new Map<string, () => void>()
  const query = handler(Pool.methods.query, async ({ name }) => {
    begun.push(name)
    await new Promise<void>((resolve) => letGo.set(name, resolve))
    return ok({ name })
  })
  const pool = limit(concurrency({ limit: places, queue, maxWait: 30_000 }))
  const end = async (name: string): Promise<void> => {
    await until(() => letGo.has(name))
    letGo.get(name)?.()
  }
  return { begun, end, pool, service: implement(Pool, mapMethods({ query }, pool)) }
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 15_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it never came to that')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

type Query = Endpoint<{ readonly name: string }, { readonly name: string }, Failure>
const wires = {
  http: async (service: ReturnType<typeof pooled>['service']) => {
    const server = await http.serve(service, { port: 0 })
    const client = http.client(Pool, { url: server.url, timeout: 30_000 })
    return { query: client.query as Query, close: [client, server] }
  },
  grpc: async (service: ReturnType<typeof pooled>['service']) => {
    const server = await grpc.serve(service, { port: 0 })
    const client = grpc.client(Pool, { address: server.address, timeout: 30_000 })
    return { query: client.query as Query, close: [client, server] }
  },
} as const

describe.each(Object.entries(wires))('a limit behind %s', (_, open) => {
  it('given two places and a queue of two, then callers wait by priority, those beyond hear when to come again, and one who leaves frees its room', async () => {
    const { begun, end, pool, service } = pooled(2, 2)
    const { query, close } = await open(service)
    const ask = (name: string, options: CallOptions = {}) => call(query, { name }, options)
    const waiting = (count: number) => until(() => pool.level()?.waiting === count)
    try {
      const running = [ask('a'), ask('b')]
      await until(() => begun.length === 2)
      const low = ask('low', { metadata: { 'x-priority': 'low' } })
      await waiting(1)
      const usual = ask('usual')
      await waiting(2)
      expect(await ask('more', { metadata: { 'x-priority': 'low' } })).toMatchObject({
        left: { _tag: 'Remote', code: 'resource_exhausted', tag: 'RateLimited', retryAfter: expect.any(Number) },
      })
      // It matters more than the one of low priority, and takes its room.
      const urgent = ask('urgent', { metadata: { 'x-priority': 'critical' } })
      expect(await low).toMatchObject({ left: { tag: 'RateLimited' } })
      // One who leaves the queue: the server is told, and another may stand there.
      const gone = new AbortController()
      await end('a')
      await until(() => begun.includes('urgent'))
      const leaving = ask('leaving', { signal: gone.signal })
      await waiting(2)
      gone.abort()
      expect(await leaving).toMatchObject({ left: { code: 'cancelled' } })
      await waiting(1)
      for (const name of ['b', 'urgent', 'usual']) await end(name)
      expect(await Promise.all([...running, urgent, usual])).toEqual(
        ['a', 'b', 'urgent', 'usual'].map((name) => ok({ name })),
      )
      expect(begun).toEqual(['a', 'b', 'urgent', 'usual'])
      expect(pool.level()).toEqual({ limit: 2, used: 0, waiting: 0 })
    } finally {
      for (const each of close) await each[Symbol.asyncDispose]()
    }
  })
})

it('given a rate, when a browser or curl is over it, then it is answered 429, and how many seconds to wait', async () => {
  const query = handler(Pool.methods.query, async ({ name }) => ok({ name }))
  const limits = limit(tokenBucket({ perSecond: 0.01, burst: 1 }))
  await using server = await http.serve(implement(Pool, mapMethods({ query }, limits)), { port: 0 })
  const ask = () =>
    fetch(`${server.url}/test.v1.Pool/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'a' }),
    })
  expect((await ask()).status).toBe(200)
  const refused = await ask()
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(90)
  expect(await refused.json()).toMatchObject({ code: 'resource_exhausted', tag: 'RateLimited' })
})
