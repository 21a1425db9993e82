// Notifications from a client: taken or refused, never answered.
import { createServer, type RequestListener } from 'node:http'
import { type CallFailed, contract, handler, implement, serverStream, unary } from '@tenon/contract'
import { call, type Endpoint, fail, ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { http, jsonrpc, type RpcNotifier } from '../index.ts'

const Audit = contract('ops.Audit', {
  note: unary({ input: t.strict({ what: t.string }), output: t.number }),
  watch: serverStream({ input: t.strict({}), output: t.number }),
})
const quiet = { onTelemetry: (): void => {} }

interface Bench extends AsyncDisposable {
  readonly url: string
  readonly notes: string[]
  readonly bodies: string[]
  readonly heard: string[]
}
async function bench(): Promise<Bench> {
  const notes: string[] = []
  const bodies: string[] = []
  const heard: string[] = []
  const audit = implement(Audit, {
    note: handler(Audit.methods.note, async ({ what }) => {
      if (what === 'bug') throw new Error('secret')
      return ok(notes.push(what))
    }),
    watch: handler(Audit.methods.watch, async function* () {
      yield ok(1)
    }),
  })
  const listener = jsonrpc.server(audit, {
    ...quiet,
    onError: ({ _tag }) => heard.push(_tag),
    finalize: (_, { request }) => bodies.push(request.body.toString()),
  })
  const s = await http.serve([], { ...quiet, routes: { 'POST /rpc': listener } })
  return { url: `${s.url}/rpc`, notes, bodies, heard, [Symbol.asyncDispose]: () => s[Symbol.asyncDispose]() }
}

async function far(
  status: number,
  body: string,
  type = 'application/json',
): Promise<{ url: string } & AsyncDisposable> {
  const listener: RequestListener = (_, res) => void res.writeHead(status, { 'content-type': type }).end(body)
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('given a contract’s notifier', () => {
  it('when a notification is sent, then it has no id, and ends with nothing when the server has taken it, whatever became of it there', async () => {
    await using b = await bench()
    await using n = jsonrpc.notifier(Audit, { url: b.url })
    expectTypeOf(n).toEqualTypeOf<RpcNotifier<typeof Audit>>()
    expectTypeOf(n.note).toEqualTypeOf<Endpoint<{ what: string }, void, CallFailed>>()
    expect(Object.keys(n)).toEqual(['note'])
    expect(await call(n.note, { what: 'start' })).toEqual(ok(undefined))
    expect(await call(n.note, { what: 'bug' })).toEqual(ok(undefined))
    expect(await call(n.note, { what: 7 } as never)).toEqual(ok(undefined))
    expect(b.notes).toEqual(['start'])
    await expect.poll(() => b.heard).toEqual(['Defect', 'InvalidArgument'])
    expect(b.bodies[0]).toBe('{"jsonrpc":"2.0","method":"ops.Audit/note","params":{"what":"start"}}')
  })

  it('when notifications are batched, then one request carries them', async () => {
    await using b = await bench()
    await using n = jsonrpc.notifier(Audit, { url: b.url, batch: true })
    const sent = ['a', 'b', 'c'].map((what) => call(n.note, { what }))
    expect(await Promise.all(sent)).toEqual(Array(3).fill(ok(undefined)))
    expect(b.notes).toEqual(['a', 'b', 'c'])
    await expect.poll(() => b.bodies.length).toBe(1)
  })
})

describe('given a notifier by hand', () => {
  it('when it is used, then its params are what encode makes of the input', async () => {
    await using b = await bench()
    await using n = jsonrpc.notifier({ url: b.url, method: 'ops.Audit/note', encode: (what: string) => [what] })
    expectTypeOf(n).toEqualTypeOf<Endpoint<string, void, CallFailed> & AsyncDisposable>()
    expect(await call(n, 'start')).toEqual(ok(undefined))
    expect(b.notes).toEqual(['start'])
    expect(() => jsonrpc.notifier({ url: b.url } as never)).toThrow('jsonrpc.notifier: method is')
  })

  it.each([
    ['nothing', 204, ''],
    ['accepted', 202, ''],
    ['a page', 200, 'thanks'],
    ['a response all the same, as Go kit does', 200, '{"jsonrpc":"2.0","result":1,"id":null}'],
    ['an empty batch', 200, '[]'],
  ])('when the server answers %s, then it has taken it', async (_, status, body) => {
    await using s = await far(status, body)
    await using n = jsonrpc.notifier({ url: s.url, method: 'm' })
    expect(await call(n, [])).toEqual(ok(undefined))
  })

  it('when the server refuses it, then that is a failure', async () => {
    const refused: readonly (readonly [number, string, object])[] = [
      [503, 'busy', { _tag: 'Unavailable' }],
      [401, '', { _tag: 'Remote', code: 'unauthenticated' }],
      [200, '{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null}', { tag: '-32700' }],
    ]
    for (const [status, body, left] of refused) {
      await using s = await far(status, body)
      for (const batch of [false, true]) {
        await using n = jsonrpc.notifier({ url: s.url, method: 'm', batch })
        expect(await Promise.all([call(n, []), call(n, [])])).toMatchObject(Array(2).fill(fail(left as never)))
      }
    }
  })
})
