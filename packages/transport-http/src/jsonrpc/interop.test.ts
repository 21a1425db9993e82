// With clients and servers that others have written: jayson and json-rpc-2.0.
import { createServer } from 'node:http'
import { contract, failure, handler, type Implementation, implement, unary } from '@tenon/contract'
import { call, endpoint, fail, ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import jayson from 'jayson/promise/index.js'
import { JSONRPCClient, JSONRPCErrorException, type JSONRPCRequest, JSONRPCServer } from 'json-rpc-2.0'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { http, jsonrpc, type Running } from '../index.ts'

const Empty = failure('Empty', 'out_of_range', t.strict({ field: t.string }))
const Sums = contract('math.v1.Sums', {
  sum: unary({ input: t.strict({ a: t.number, b: t.number }), output: t.number }),
  join: unary({ input: t.array(t.string), output: t.string, failures: [Empty] }),
  note: unary({ input: t.strict({ what: t.string }), output: t.void }),
  nope: unary({ input: t.void, output: t.void }),
})
const bare = ({ name }: { readonly name: string }): string => name
const quiet = { onTelemetry: (): void => {} }

describe('given our server', () => {
  const notes: string[] = []
  const sums: Implementation = implement(Sums, {
    sum: handler(Sums.methods.sum, async ({ a, b }) => ok(a + b)),
    join: handler(Sums.methods.join, async (words) =>
      words.length > 0 ? ok(words.join(' ')) : fail(Empty({ field: '' })),
    ),
    note: handler(Sums.methods.note, async ({ what }) => ok(void notes.push(what))),
    nope: endpoint(() => fail({ _tag: 'Nope', code: 'permission_denied', message: 'not you' } as const)),
  })
  let s: Running
  beforeAll(async () => {
    s = await http.serve([], { ...quiet, routes: { 'POST /rpc': jsonrpc.server(sums, { ...quiet, name: bare }) } })
  })
  afterAll(() => s[Symbol.asyncDispose]())

  it('when jayson’s client calls, notifies and sends batches, then it understands every answer', async () => {
    const client = jayson.Client.http({
      port: s.port,
      hostname: '127.0.0.1',
      path: '/rpc',
      headers: { connection: 'close' },
    })
    expect(await client.request('sum', { a: 1, b: 2 })).toEqual({ jsonrpc: '2.0', result: 3, id: expect.any(String) })
    expect(await client.request('sum', [1, 2], 'own-id')).toEqual({ jsonrpc: '2.0', result: 3, id: 'own-id' })
    expect(await client.request('join', [])).toMatchObject({ error: { code: -32011, data: { tag: 'Empty' } } })
    expect(await client.request('nope', [])).toMatchObject({ error: { code: -32007, message: 'not you' } })
    expect(await client.request('missing', [])).toMatchObject({
      error: { code: -32601, message: 'Method not found: "missing"' },
    })
    expect(await client.request('sum', { a: 'x' })).toMatchObject({ error: { code: -32602 } })
    expect(await client.request('note', { what: 'jayson' }, null as never)).toBeUndefined()
    expect(notes.splice(0)).toEqual(['jayson'])
    const batch = [
      client.request('sum', [1, 2], undefined, false),
      client.request('note', ['batch'], null as never, false),
      client.request('missing', [], undefined, false),
    ] as never
    expect(await client.request(batch)).toMatchObject([{ result: 3 }, { error: { code: -32601 } }])
    expect(notes.splice(0)).toEqual(['batch'])
  })

  it('when json-rpc-2.0’s client calls, notifies and sends batches, then it understands every answer', async () => {
    const client = new JSONRPCClient<void>(async (request: unknown) => {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${s.url}/rpc`, { method: 'POST', headers, body: JSON.stringify(request) })
      if (answer.status === 200) client.receive((await answer.json()) as never)
      else if (answer.status !== 204) throw new Error(answer.statusText)
    })
    expect(await client.request('sum', { a: 1, b: 2 })).toBe(3)
    expect(await client.request('join', ['oak', 'ash'])).toBe('oak ash')
    await expect(client.request('join', [])).rejects.toMatchObject({
      code: -32011,
      message: 'empty',
      data: { details: { field: '' } },
    })
    await expect(client.request('missing', [])).rejects.toThrow('Method not found')
    client.notify('note', { what: 'json-rpc-2.0' })
    await expect.poll(() => notes).toEqual(['json-rpc-2.0'])
    const one = (id: number, method: string, params: unknown): JSONRPCRequest => ({
      jsonrpc: '2.0',
      id,
      method,
      params,
    })
    const answers = await client.requestAdvanced([
      one(1, 'sum', [1, 2]),
      one(2, 'nope', []),
      one(3, 'sum', { a: 0, b: 0 }),
    ])
    expect(answers).toMatchObject([
      { result: 3, id: 1 },
      { error: { code: -32007 }, id: 2 },
      { result: 0, id: 3 },
    ])
  })
})

describe.each(['jayson', 'json-rpc-2.0'])('given a server of %s', (name) => {
  const notes: unknown[] = []
  let close: () => Promise<unknown>
  let url: string
  beforeAll(async () => {
    const server = name === 'jayson' ? ofJayson(notes) : ofJsonRpc(notes)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`
    close = () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    }
  })
  afterAll(() => close())

  it('when our client calls, one by one and in batches, then results and errors come back', async () => {
    for (const batch of [false, true]) {
      await using c = jsonrpc.client(Sums, { url, name: bare, batch, codes: { [-32005]: 'resource_exhausted' } })
      const answers = await Promise.all([
        call(c.sum, { a: 1, b: 2 }),
        call(c.join, ['oak', 'ash']),
        call(c.join, []),
        call(c.nope, undefined),
        call(c.note, { what: 'called' }),
      ])
      expect(answers).toEqual([
        ok(3),
        ok('oak ash'),
        fail({ _tag: 'Remote', code: 'resource_exhausted', tag: '-32005', message: 'nothing to join' }),
        fail({
          _tag: 'Remote',
          code: 'unimplemented',
          tag: '-32601',
          message: expect.stringMatching(/method not found/i),
        }),
        ok(undefined),
      ])
    }
  })

  it('when our client notifies, one by one and in batches, then it is taken and run', async () => {
    for (const batch of [false, true]) {
      notes.length = 0
      await using n = jsonrpc.notifier(Sums, { url, name: bare, batch })
      expect(await Promise.all([call(n.note, { what: 'a' }), call(n.note, { what: 'b' })])).toEqual([
        ok(undefined),
        ok(undefined),
      ])
      await expect.poll(() => notes).toEqual(['a', 'b'])
    }
  })
})

type NodeServer = ReturnType<typeof createServer>

function ofJayson(notes: unknown[]): NodeServer {
  const server = new jayson.Server({
    sum: async ({ a, b }: { a: number; b: number }) => a + b,
    join: async (words: readonly string[]) => {
      if (words.length === 0) throw server.error(-32005, 'nothing to join')
      return words.join(' ')
    },
    note: async ({ what }: { what: string }) => {
      notes.push(what)
      return null
    },
  })
  return server.http() as unknown as NodeServer
}

function ofJsonRpc(notes: unknown[]): NodeServer {
  const server = new JSONRPCServer({ errorListener: () => {} })
  server.addMethod('sum', ({ a, b }: { a: number; b: number }) => a + b)
  server.addMethod('join', (words: readonly string[]) => {
    if (words.length === 0) throw new JSONRPCErrorException('nothing to join', -32005)
    return words.join(' ')
  })
  server.addMethod('note', ({ what }: { what: string }) => void notes.push(what))
  return createServer(async (req, res) => {
    const answer = await server.receiveJSON(Buffer.concat(await req.toArray()).toString())
    if (answer === null) res.writeHead(204).end()
    else res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
}
