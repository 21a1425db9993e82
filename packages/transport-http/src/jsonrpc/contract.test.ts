// Contracts over JSON-RPC: names, params, failures, what is not carried; a client and a server of one contract agree.
import {
  type CallFailed,
  contract,
  event,
  failure,
  handler,
  implement,
  serverStream,
  unary,
  unavailable,
} from '@tenon/contract'
import {
  type Code,
  call,
  codes,
  type Endpoint,
  endpoint,
  type Failure,
  fail,
  type MethodInfo,
  type Outcome,
  ok,
} from '@tenon/endpoint'
import fc from 'fast-check'
import * as t from 'io-ts'
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import { type Client, http, jsonrpc, type RpcContractOptions, type Running } from '../index.ts'

const OutOfStock = failure('OutOfStock', 'failed_precondition', t.strict({ sku: t.string }))
const Slow = failure('Slow', 'resource_exhausted', t.strict({ retryAfter: t.number }))
const Order = t.strict({ id: t.string, sku: t.string })
const Place = t.intersection([t.strict({ sku: t.string, qty: t.number }), t.partial({ note: t.string })])
interface Tree {
  readonly leaves: readonly Tree[]
}
const Tree: t.Type<Tree> = t.recursion('Tree', () => t.strict({ leaves: t.readonlyArray(Tree) }))
/** Its encoded side is of another kind than its value. */
const NumberFromString = new t.Type<number, string, unknown>(
  'NumberFromString',
  t.number.is,
  (value, context) => (typeof value === 'string' ? t.success(Number(value)) : t.failure(value, context)),
  String,
)
const Shape = t.union([t.strict({ kind: t.literal('dot') }), t.strict({ kind: t.literal('line'), to: t.number })])
const Orders = contract('shop.orders.v1.Orders', {
  place: unary({ input: Place, output: Order, failures: [OutOfStock, Slow] }),
  cancel: unary({ input: t.strict({ id: t.string }), output: t.void }),
  ping: unary({ input: t.void, output: t.union([t.string, t.null]) }),
  sum: unary({ input: t.array(t.number), output: t.number }),
  pair: unary({ input: t.tuple([t.string, t.number]), output: t.string }),
  shout: unary({ input: t.string, output: t.string }),
  twice: unary({ input: NumberFromString, output: NumberFromString }),
  maybe: unary({ input: t.union([t.string, t.undefined]), output: t.string }),
  echo: unary({ input: t.unknown, output: t.unknown }),
  draw: unary({ input: Shape, output: Shape }),
  count: unary({ input: t.record(t.string, t.number), output: t.number }),
  grow: unary({ input: Tree, output: t.number }),
  fails: unary({ input: t.unknown, output: t.void, failures: [OutOfStock, Slow] }),
  watch: serverStream({ input: t.strict({ id: t.string }), output: Order }),
  placed: event({ message: Order }),
})

/** What `fails` answers. */
let next: Failure = unavailable()
const orders = implement(Orders, {
  place: handler(Orders.methods.place, async ({ sku, qty, note }) => {
    if (sku === 'bug') throw new Error('secret')
    return sku === 'none' ? fail(OutOfStock({ sku })) : ok({ id: `${qty}${note ?? ''}`, sku })
  }),
  cancel: handler(Orders.methods.cancel, async () => ok()),
  ping: handler(Orders.methods.ping, async () => ok(null)),
  sum: handler(Orders.methods.sum, async (numbers) => ok(numbers.reduce((a, b) => a + b, 0))),
  pair: handler(Orders.methods.pair, async ([a, b]) => ok(`${a}${b}`)),
  shout: handler(Orders.methods.shout, async (text) => ok(text.toUpperCase())),
  twice: handler(Orders.methods.twice, async (n) => ok(2 * n)),
  maybe: handler(Orders.methods.maybe, async (text) => ok(text ?? 'nothing')),
  echo: handler(Orders.methods.echo, async (value) => ok(value)),
  draw: handler(Orders.methods.draw, async (shape) => ok(shape)),
  count: handler(Orders.methods.count, async (record) => ok(Object.keys(record).length)),
  grow: handler(Orders.methods.grow, async ({ leaves }) => ok(leaves.length)),
  fails: endpoint(() => fail(next)) as Endpoint<unknown, never, never>,
  watch: handler(Orders.methods.watch, async function* ({ id }) {
    yield ok({ id, sku: 'oak' })
  }),
})

const quiet = { onTelemetry: (): void => {} }
let s: Running
let c: Client<typeof Orders>
beforeAll(async () => {
  const routes = {
    'POST /rpc': jsonrpc.server(orders, quiet),
    'POST /bare': jsonrpc.server(orders, { ...quiet, name: ({ name }) => name }),
  }
  s = await http.serve([], { ...quiet, routes })
  c = jsonrpc.client(Orders, { url: `${s.url}/rpc` })
})
afterAll(async () => {
  await c[Symbol.asyncDispose]()
  await s[Symbol.asyncDispose]()
})
const post = async (method: string, params?: unknown, path = '/rpc'): Promise<unknown> => {
  const body = JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 })
  const headers = { 'content-type': 'application/json' }
  return (await fetch(s.url + path, { method: 'POST', headers, body })).json()
}
const invalid = (message: string): object => ({
  jsonrpc: '2.0',
  error: { code: -32602, message, data: expect.objectContaining({ code: 'invalid_argument', tag: 'InvalidArgument' }) },
  id: 1,
})

describe('given a contract, served and called', () => {
  it('when called, then outputs come back, whatever the input is made of', async () => {
    expectTypeOf(c.cancel).toEqualTypeOf<Endpoint<{ id: string }, void, CallFailed>>()
    expect(await call(c.place, { sku: 'oak', qty: 2, note: 'n' })).toEqual(ok({ id: '2n', sku: 'oak' }))
    expect(await call(c.cancel, { id: '7' })).toEqual(ok(undefined))
    expect(await call(c.ping, undefined)).toEqual(ok(null))
    expect(await call(c.sum, [1, 2, 3])).toEqual(ok(6))
    expect(await call(c.sum, [])).toEqual(ok(0))
    expect(await call(c.pair, ['a', 1])).toEqual(ok('a1'))
    expect(await call(c.shout, 'oak')).toEqual(ok('OAK'))
    expect(await call(c.twice, 21)).toEqual(ok(42))
    expect(await call(c.maybe, undefined)).toEqual(ok('nothing'))
    expect(await call(c.maybe, 'x')).toEqual(ok('x'))
    expect(await call(c.draw, { kind: 'line', to: 3 })).toEqual(ok({ kind: 'line', to: 3 }))
    expect(await call(c.count, { a: 1, b: 2 })).toEqual(ok(2))
    expect(await call(c.grow, { leaves: [{ leaves: [] }] })).toEqual(ok(1))
    for (const value of [null, 0, '', [], [[]], [1, 2], {}, { a: [] }, 'text'])
      expect(await call(c.echo, value), JSON.stringify(value)).toEqual(ok(value))
  })

  it('when any JSON is sent through a method that takes anything, then it comes back', async () => {
    const value = fc.jsonValue({ maxDepth: 4 }).filter((v) => !JSON.stringify(v).includes('__proto__'))
    await fc.assert(
      fc.asyncProperty(value, async (sent) => {
        const json: unknown = JSON.parse(JSON.stringify(sent))
        expect(await call(c.echo, json)).toEqual(ok(json))
      }),
      { numRuns: 50 },
    )
  })

  it('when a peer sends params by position, then they are the fields in the order of the codec; absent ones are left out', async () => {
    const name = 'shop.orders.v1.Orders'
    expect(await post(`${name}/place`, ['oak', 2, 'n'])).toMatchObject({ result: { id: '2n', sku: 'oak' } })
    expect(await post(`${name}/place`, ['oak', 2])).toMatchObject({ result: { id: '2' } })
    expect(await post(`${name}/place`, ['oak'])).toEqual(invalid('qty: expected number, but it is missing'))
    expect(await post(`${name}/place`, ['oak', 2, 'n', 3])).toEqual(invalid('params: expected 3 at most, got 4'))
    expect(await post(`${name}/place`)).toEqual(invalid('sku: expected string, but it is missing (and 1 more)'))
    expect(await post(`${name}/ping`, [])).toMatchObject({ result: null })
    expect(await post(`${name}/ping`, {})).toMatchObject({ result: null })
    expect(await post(`${name}/ping`, null)).toMatchObject({ result: null })
    expect(await post(`${name}/shout`, ['oak'])).toMatchObject({ result: 'OAK' })
    expect(await post(`${name}/shout`, ['oak', 'ash'])).toEqual(invalid('params: expected 1 at most, got 2'))
    expect(await post(`${name}/sum`)).toMatchObject({ result: 0 })
    expect(await post(`${name}/cancel`, { id: '7', colour: 'red' })).toEqual(invalid('colour: no such field'))
  })

  it('when a client and a server agree on bare names, then those are on the wire', async () => {
    expect(await post('shout', ['oak'], '/bare')).toMatchObject({ result: 'OAK' })
    expect(await post('shop.orders.v1.Orders/shout', ['oak'], '/bare')).toMatchObject({ error: { code: -32601 } })
    await using bare = jsonrpc.client(Orders, { url: `${s.url}/bare`, name: ({ name }) => name })
    expect(await call(bare.shout, 'oak')).toEqual(ok('OAK'))
  })

  it('when it streams, then -32601 says that streams are not carried, and the client does not even send; events are not there', async () => {
    expect(await post('shop.orders.v1.Orders/watch', { id: '7' })).toMatchObject({
      error: {
        code: -32601,
        message: 'shop.orders.v1.Orders/watch: a serverStream is not carried over JSON-RPC',
        data: { code: 'unimplemented', tag: 'Unimplemented' },
      },
    })
    expect(await call(c.watch, { id: '7' })).toMatchObject({ left: { _tag: 'Remote', code: 'unimplemented' } })
    expect(await post('shop.orders.v1.Orders/placed', {})).toMatchObject({
      error: { code: -32601, message: 'Method not found: "shop.orders.v1.Orders/placed"' },
    })
    expect(Object.keys(c)).not.toContain('placed')
  })

  it('a client is an implementation: a gateway passes inputs, failures, deadlines and allowed metadata through', async () => {
    const gateway = jsonrpc.server(implement(Orders, c), quiet)
    await using g = await http.serve([], { ...quiet, routes: { 'POST /rpc': gateway } })
    await using far = jsonrpc.client(Orders, { url: `${g.url}/rpc` })
    expect(await call(far.place, { sku: 'none', qty: 1 })).toEqual(fail(OutOfStock({ sku: 'none' })))
    expect(await call(far.cancel, { id: '7' })).toEqual(ok(undefined))
  })

  it('several implementations share one route; two methods with one name are a TypeError that names both', async () => {
    const Pings = contract('ops.Pings', { ping: unary({ input: t.void, output: t.string }) })
    const pings = implement(Pings, { ping: handler(Pings.methods.ping, async () => ok('pong')) })
    const routes = { 'POST /rpc': jsonrpc.server([orders, pings], quiet) }
    await using both = await http.serve([], { ...quiet, routes })
    await using client = jsonrpc.client(Pings, { url: `${both.url}/rpc` })
    expect(await call(client.ping, undefined)).toEqual(ok('pong'))
    const bare = ({ name }: MethodInfo): string => name
    expect(() => jsonrpc.server([orders, pings], { name: bare })).toThrow(
      'jsonrpc.server: shop.orders.v1.Orders/ping and ops.Pings/ping are both called "ping"',
    )
    expect(() => jsonrpc.server(orders, { name: () => '' })).toThrow('answers a text for shop.orders.v1.Orders/place')
    expect(() => jsonrpc.client(Orders, { url: s.url, name: (() => 7) as never })).toThrow(
      'jsonrpc.client of shop.orders',
    )
  })
})

describe('given failures', () => {
  const failing = async (failure: Failure): Promise<Outcome> => {
    next = failure
    return call(c.fails, undefined)
  }

  it('a declared one comes back typed with its details, and a foreign peer reads a sensible error', async () => {
    expect(await call(c.place, { sku: 'none', qty: 1 })).toEqual(fail(OutOfStock({ sku: 'none' })))
    expect(await failing(Slow({ retryAfter: 1_234 }))).toEqual(fail(Slow({ retryAfter: 1_234 })))
    expect(await post('shop.orders.v1.Orders/place', { sku: 'none', qty: 1 })).toEqual({
      jsonrpc: '2.0',
      error: {
        code: -32009,
        message: 'out of stock',
        data: { code: 'failed_precondition', tag: 'OutOfStock', details: { sku: 'none' } },
      },
      id: 1,
    })
  })

  it('an input that does not fit is -32602 with its issues, and comes back as InvalidArgument', async () => {
    const answer = await post('shop.orders.v1.Orders/place', { sku: 7 })
    expect(answer).toEqual(invalid('sku: expected string, got number (and 1 more)'))
    const left = {
      _tag: 'InvalidArgument',
      issues: [{ path: 'sku', expected: 'string', actual: 'number' }, { path: 'qty' }],
    }
    expect(await call(c.place, { sku: 7 } as never)).toMatchObject({ left })
    expect(await call(c.place, { sku: 'oak', qty: 'x' } as never)).toMatchObject({ left: { _tag: 'InvalidArgument' } })
  })

  it('a Defect is -32603 without its cause', async () => {
    const answer = JSON.stringify(await post('shop.orders.v1.Orders/place', { sku: 'bug', qty: 1 }))
    expect(answer).toContain('"code":-32603')
    expect(answer).not.toContain('secret')
    expect(await call(c.place, { sku: 'bug', qty: 1 })).toMatchObject({
      left: { _tag: 'Remote', tag: 'Defect', code: 'internal' },
    })
  })

  it('the number of every canonical code is the one that the table says', async () => {
    const numbers: Record<Code, number> = {
      cancelled: -32001,
      unknown: -32002,
      invalid_argument: -32602,
      deadline_exceeded: -32004,
      not_found: -32005,
      already_exists: -32006,
      permission_denied: -32007,
      resource_exhausted: -32008,
      failed_precondition: -32009,
      aborted: -32010,
      out_of_range: -32011,
      unimplemented: -32601,
      internal: -32603,
      unavailable: -32014,
      data_loss: -32015,
      unauthenticated: -32016,
    }
    for (const [code, number] of Object.entries(numbers)) {
      next = { _tag: 'Odd', code: code as Code, message: 'm' }
      expect(await post('shop.orders.v1.Orders/fails')).toMatchObject({ error: { code: number, message: 'm' } })
    }
    expect(Object.keys(numbers).sort()).toEqual(Object.keys(codes).sort())
  })

  it('whatever the failure is, HTTP and JSON-RPC bring the same back', async () => {
    const Fails = contract('a.Fails', { fails: Orders.methods.fails })
    const same = implement(Fails, { fails: endpoint(() => fail(next)) as Endpoint<unknown, never, never> })
    await using both = await http.serve(same, { ...quiet, routes: { 'POST /rpc': jsonrpc.server(same, quiet) } })
    await using overRpc = jsonrpc.client(Fails, { url: `${both.url}/rpc` })
    await using overHttp = http.client(Fails, { url: both.url })
    const tag = fc.constantFrom(
      'Odd',
      'OutOfStock',
      'Slow',
      'Unavailable',
      'InvalidArgument',
      'Remote',
      'Cancelled',
      'Defect',
      'DeadlineExceeded',
    )
    const failures = fc.record(
      {
        _tag: tag,
        code: fc.constantFrom(...(Object.keys(codes) as Code[])),
        message: fc.string({ unit: 'binary', minLength: 1 }),
        sku: fc.string(),
        retryAfter: fc.oneof(fc.nat(), fc.constant(-1)),
        tag: fc.string(),
        issues: fc.array(fc.record({ path: fc.string(), expected: fc.string(), actual: fc.string() })),
      },
      { requiredKeys: ['_tag', 'code', 'message'] },
    )
    // Of these two HTTP tells the wait in a header, rounded up to seconds, and their details have no place for it.
    const told = failures.filter(({ _tag, retryAfter }) => retryAfter === undefined || !/^(?:Inv|Def)/.test(_tag))
    await fc.assert(
      fc.asyncProperty(told, async (failure) => {
        next = failure
        expect(await call(overRpc.fails, 1)).toEqual(await call(overHttp.fails, 1))
      }),
      { numRuns: 80 },
    )
  })
})

it('given one who refuses the client’s options, then a TypeError says which', () => {
  const wrong: readonly (readonly [Partial<RpcContractOptions>, string])[] = [
    [{ url: 'rpc' }, 'jsonrpc.client of shop.orders.v1.Orders: url is'],
    [{ id: 7 as never }, 'id is a function'],
    [{ codes: { [-32005]: 'teapot' as never } }, 'codes maps numbers to canonical codes'],
    [{ timeout: 0 }, 'timeout: whole milliseconds'],
  ]
  for (const [options, message] of wrong)
    expect(() => jsonrpc.client(Orders, { url: 'http://127.0.0.1:1', ...options })).toThrow(message)
})
