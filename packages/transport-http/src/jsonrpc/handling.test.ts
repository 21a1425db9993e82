// Batches and notifications, limits, deadlines and the gate of the server around: what one HTTP request may do.
import { connect } from 'node:net'
import { type Context, call, endpoint, type Failure, fail, ok, type Telemetry } from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import { describe, expect, it } from 'vitest'
import { http, jsonrpc, type RpcExchange, type RpcServerOptions, type Running, type ServeOptions } from '../index.ts'

const rpc = jsonrpc.method
const any = (params: object | undefined) => ok(params)
const Teapot: Failure<'Teapot', 'failed_precondition'> = {
  _tag: 'Teapot',
  code: 'failed_precondition',
  message: 'short and stout',
}

interface Waiting {
  readonly params: unknown
  readonly ctx: Context
  readonly release: () => void
}
interface Bench extends AsyncDisposable {
  readonly s: Running
  readonly waiting: Waiting[]
  readonly notified: unknown[]
  readonly post: (body: unknown, headers?: Readonly<Record<string, string>>) => Promise<Response>
}

async function bench(options: RpcServerOptions = {}, around: ServeOptions = {}): Promise<Bench> {
  const waiting: Waiting[] = []
  const notified: unknown[] = []
  const quiet = { onTelemetry: (): void => {} }
  const methods = {
    subtract: rpc({
      decode: (params) => ok(Array.isArray(params) ? params : Object.values(params ?? {}).reverse()),
      endpoint: endpoint(async ([a, b]: readonly number[]) => ok((a as number) - (b as number))),
    }),
    sum: rpc({
      decode: (params) => ok(params as readonly number[]),
      endpoint: endpoint(async (numbers: readonly number[]) => ok(numbers.reduce((a, b) => a + b, 0))),
    }),
    get_data: rpc({ decode: any, endpoint: endpoint(async () => ok(['hello', 5])) }),
    notify: rpc({ decode: any, endpoint: endpoint(async (params) => ok(void notified.push(params))) }),
    echo: rpc({ decode: any, endpoint: endpoint(async (params) => ok(params)) }),
    fails: rpc({ decode: any, endpoint: endpoint(() => fail(Teapot)) }),
    wait: rpc({
      decode: any,
      endpoint: endpoint(async (params, ctx) => {
        await new Promise<void>((release) => waiting.push({ params, ctx, release }))
        return ok(params)
      }),
    }),
  }
  const listener = jsonrpc.server(methods, { ...quiet, ...options })
  const s = await http.serve([], { ...quiet, grace: 100, ...around, routes: { 'POST /rpc': listener } })
  return {
    s,
    waiting,
    notified,
    post: (body, headers) =>
      fetch(`${s.url}/rpc`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async [Symbol.asyncDispose]() {
      for (const { release } of waiting) release()
      await s[Symbol.asyncDispose]()
    },
  }
}
const rpcCall = (method: string, params?: unknown, id: unknown = 1): object => ({ jsonrpc: '2.0', method, params, id })
const arrived = (b: Bench, count: number): Promise<void> => expect.poll(() => b.waiting.length).toBe(count)

describe('the examples of the specification', () => {
  // Source: jsonrpc.org/specification, section 7. Errors there have no data.
  const error = (code: number, id: unknown = null): object => ({
    jsonrpc: '2.0',
    error: expect.objectContaining({ code }),
    id,
  })
  const examples: readonly (readonly [string, string, unknown])[] = [
    [
      'by position',
      '{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}',
      { jsonrpc: '2.0', result: 19, id: 1 },
    ],
    [
      'by position, other order',
      '{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}',
      { jsonrpc: '2.0', result: -19, id: 2 },
    ],
    [
      'by name',
      '{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}',
      { jsonrpc: '2.0', result: 19, id: 3 },
    ],
    ['a notification', '{"jsonrpc": "2.0", "method": "notify", "params": [1,2,3,4,5]}', undefined],
    ['a notification of a method that is not there', '{"jsonrpc": "2.0", "method": "foobar"}', undefined],
    ['a call of a method that is not there', '{"jsonrpc": "2.0", "method": "foobar", "id": "1"}', error(-32601, '1')],
    ['invalid JSON', '{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', error(-32700)],
    ['an invalid request', '{"jsonrpc": "2.0", "method": 1, "params": "bar"}', error(-32600)],
    [
      'a batch of invalid JSON',
      '[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},{"jsonrpc": "2.0", "method"]',
      error(-32700),
    ],
    ['an empty batch', '[]', error(-32600)],
    ['an invalid batch, not empty', '[1]', [error(-32600)]],
    ['an invalid batch', '[1,2,3]', [error(-32600), error(-32600), error(-32600)]],
    [
      'a batch',
      `[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
        {"jsonrpc": "2.0", "method": "notify", "params": [7]},
        {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
        {"foo": "boo"},
        {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
        {"jsonrpc": "2.0", "method": "get_data", "id": "9"}]`,
      [
        { jsonrpc: '2.0', result: 7, id: '1' },
        { jsonrpc: '2.0', result: 19, id: '2' },
        error(-32600),
        error(-32601, '5'),
        { jsonrpc: '2.0', result: ['hello', 5], id: '9' },
      ],
    ],
    [
      'a batch of notifications',
      '[{"jsonrpc": "2.0", "method": "notify", "params": [1,2,4]},{"jsonrpc": "2.0", "method": "notify", "params": [7]}]',
      undefined,
    ],
  ]
  it.each(examples)('%s', async (_, sent, answer) => {
    await using b = await bench()
    const response = await b.post(sent)
    const text = await response.text()
    expect(response.status).toBe(answer === undefined ? 204 : 200)
    expect(text === '' ? undefined : JSON.parse(text)).toEqual(answer)
  })
})

describe('given notifications', () => {
  it('JS-17 (D-18) when they come, then they run, and nothing is answered but 204, whatever becomes of them', async () => {
    const heard: string[] = []
    await using b = await bench({ onError: ({ _tag }, _, where) => heard.push(`${where} ${_tag}`) })
    for (const [body, failure] of [
      [{ jsonrpc: '2.0', method: 'notify', params: { n: 1 } }, undefined],
      [{ jsonrpc: '2.0', method: 'fails' }, 'endpoint Teapot'],
      [{ jsonrpc: '2.0', method: 'nope' }, 'decode MethodNotFound'],
      [{ jsonrpc: '2.0', method: 'sum', params: { a: 1 } }, 'endpoint Defect'],
      ['{"jsonrpc":"2.0","method":"notify","params":{"__proto__":1}}', 'decode InvalidRequest'],
    ] as const) {
      const answer = await b.post(body)
      expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([204, null, ''])
      expect(heard.splice(0)).toEqual(failure === undefined ? [] : [failure])
    }
    expect(b.notified).toEqual([{ n: 1 }])
  })

  it('when a call has the id null, then it is no notification', async () => {
    await using b = await bench()
    expect(await (await b.post(rpcCall('sum', [1, 2], null))).text()).toBe('{"jsonrpc":"2.0","result":3,"id":null}')
  })

  it('when the time of a notification is up, then 504 without a body', async () => {
    const clock = virtualClock()
    await using b = await bench({ clock, limits: { request: 100 } })
    const answer = b.post({ jsonrpc: '2.0', method: 'wait' })
    await arrived(b, 1)
    await clock.advance(100)
    expect([(await answer).status, await (await answer).text()]).toEqual([504, ''])
  })
})

describe('given a batch', () => {
  it('when its calls take their time, then they run side by side within the bound, and are answered in their order', async () => {
    await using b = await bench({ limits: { parallel: 3 } })
    const answer = b.post(Array.from({ length: 7 }, (_, n) => rpcCall('wait', [n], n)))
    await arrived(b, 3)
    expect(b.waiting.map(({ params }) => params)).toEqual([[0], [1], [2]])
    for (const [running, ...released] of [
      [3, 2],
      [4, 0],
      [5, 3],
      [6, 1],
      [7, 4, 5, 6],
    ] as const) {
      await arrived(b, running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      expect(b.waiting).toHaveLength(running)
      for (const at of released) b.waiting[at]?.release()
    }
    expect(await (await answer).json()).toEqual(
      Array.from({ length: 7 }, (_, n) => ({ jsonrpc: '2.0', result: [n], id: n })),
    )
  })

  it('when the server has no place for more at once, then it goes on one by one, and gives every place back', async () => {
    await using b = await bench({}, { limits: { concurrent: 2 } })
    const first = b.post(rpcCall('wait'))
    await arrived(b, 1)
    const batch = b.post([rpcCall('wait', [1]), rpcCall('wait', [2]), rpcCall('wait', [3])])
    await arrived(b, 2)
    const refused = await b.post(rpcCall('sum', [1]))
    expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
      503,
      '1',
      {
        jsonrpc: '2.0',
        error: {
          code: -32014,
          message: '2 calls are running; try again',
          data: { code: 'unavailable', tag: 'TooBusy' },
        },
        id: null,
      },
    ])
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(b.waiting).toHaveLength(2)
    b.waiting[0]?.release()
    expect(await (await first).json()).toMatchObject({ id: 1 })
    // The place that is free now is taken when the batch looks for the next call.
    b.waiting[1]?.release()
    await arrived(b, 4)
    for (const { release } of b.waiting) release()
    expect(await (await batch).json()).toHaveLength(3)
    const again = b.post([rpcCall('wait'), rpcCall('wait')])
    await arrived(b, 6)
    for (const { release } of b.waiting) release()
    expect(await (await again).json()).toHaveLength(2)
  })

  it('when it is longer than it may be, then one error, and nothing of it ran', async () => {
    await using b = await bench({ limits: { batch: 2 } })
    const body = [1, 2, 3].map((n) => ({ jsonrpc: '2.0', method: 'notify', params: [n] }))
    const answer = await b.post(body)
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { error: { code: -32600, message: 'Invalid Request: a batch may hold 2 calls and not 3' }, id: null },
    ])
    expect(b.notified).toEqual([])
    expect((await b.post(body.slice(1))).status).toBe(204)
  })

  it('when one of its calls is bad in any way, then it alone gets an error', async () => {
    await using b = await bench({ limits: { depth: 3 } })
    const answer = await b.post(
      `[{"jsonrpc":"2.0","method":"echo","params":[{"a":{}}],"id":1},
        {"jsonrpc":"2.0","method":"echo","params":[[[[]]]],"id":2},
        {"jsonrpc":"2.0","method":"echo","params":{"__proto__":{"admin":true}},"id":3},
        {"jsonrpc":"2.0","method":"echo","params":{"a":{"__pr\\u006fto__":1}},"id":4},
        {"jsonrpc":"2.0","method":"echo","params":["__proto__"],"id":5},
        "[[[[[[",
        {"jsonrpc":"2.0","method":"echo","params":{"id":"x"},"id":7,"id":8}]`,
    )
    expect(await answer.json()).toMatchObject([
      { result: [{ a: {} }], id: 1 },
      { error: { code: -32602, message: 'params: expected at most 3 levels, got more' }, id: 2 },
      { error: { code: -32600, message: 'Invalid Request: a key is "__proto__"' }, id: 3 },
      { error: { code: -32600 }, id: 4 },
      { result: ['__proto__'], id: 5 },
      { error: { code: -32600 }, id: null },
      { result: { id: 'x' }, id: 8 },
    ])
  })

  it('when the answers grow too large, errors included, then the calls that no longer fit say so', async () => {
    await using b = await bench({ limits: { answer: 1_000 } })
    const text = 'ö'.repeat(200)
    const answer = await b.post([1, 2, 3, 4].map((id) => rpcCall('echo', [text], id)))
    expect(await answer.json()).toMatchObject([
      { result: [text], id: 1 },
      { result: [text], id: 2 },
      { error: { code: -32603, message: 'the answer may have 1000 bytes', data: { tag: 'AnswerTooLarge' } }, id: 3 },
      { error: { code: -32603 }, id: 4 },
    ])
    const single = await b.post(rpcCall('echo', ['x'.repeat(2_000)]))
    expect(await single.json()).toMatchObject({ error: { data: { code: 'internal', tag: 'AnswerTooLarge' } }, id: 1 })
  })
})

describe('given a deadline', () => {
  it('when it passes in the middle of a batch, then what is done is answered, what is not fails with its id, and what had not begun never does', async () => {
    const clock = virtualClock()
    const events: Telemetry[] = []
    const heard: unknown[] = []
    const exchanges: RpcExchange[] = []
    await using b = await bench({
      clock,
      limits: { parallel: 2 },
      onTelemetry: (event) => events.push(event),
      onError: (failure, ctx) => heard.push([failure._tag, (ctx as Context & { rpc?: { id: unknown } }).rpc?.id]),
      finalize: (_, exchange) => void exchanges.push(exchange),
    })
    const answer = b.post(
      [rpcCall('wait', [1], 1), rpcCall('sum', [1, 2], 2), rpcCall('wait', [3], 3), rpcCall('wait', [4], 4)],
      { 'request-timeout-ms': '80' },
    )
    await arrived(b, 2)
    await clock.advance(80)
    const late = {
      code: -32004,
      message: 'the deadline passed',
      data: { code: 'deadline_exceeded', tag: 'DeadlineExceeded' },
    }
    expect((await answer).status).toBe(200)
    expect(await (await answer).json()).toEqual([
      { jsonrpc: '2.0', error: late, id: 1 },
      { jsonrpc: '2.0', result: 3, id: 2 },
      { jsonrpc: '2.0', error: late, id: 3 },
      { jsonrpc: '2.0', error: late, id: 4 },
    ])
    expect(heard).toEqual([1, 3, 4].map((id) => ['DeadlineExceeded', id]))
    expect(b.waiting.map(({ ctx }) => ctx.signal.aborted)).toEqual([true, true])
    expect(exchanges[0]?.calls.map(({ outcome }) => outcome._tag)).toEqual(['Left', 'Right', 'Left', 'Left'])
    await clock.advance(20)
    for (const { release } of b.waiting) release()
    await expect.poll(() => events).toHaveLength(2)
    expect(events).toMatchObject([
      { kind: 'timeout.late', late: 20 },
      { kind: 'timeout.late', late: 20 },
    ])
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(b.waiting).toHaveLength(2)
  })

  it('when it is no number, then 400 as a JSON-RPC error; a body that never ends is 408', async () => {
    await using b = await bench({ limits: { bodyTimeout: 30 } })
    const answer = await b.post(rpcCall('sum', [1]), { 'request-timeout-ms': 'soon' })
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: -32600 }, id: null }])
    const socket = connect({ port: b.s.port, host: '127.0.0.1' })
    socket.write('POST /rpc HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{')
    const text = (await socket.toArray()).join('')
    expect(text).toMatch(/^HTTP\/1\.1 408 [\s\S]*"error":\{"code":-32004,/)
  })
})

describe('given a client that leaves', () => {
  it('when calls of its batch run, then each is cancelled, none begins any more, and finalizers hear of it', async () => {
    const exchanges: RpcExchange[] = []
    await using b = await bench({ limits: { parallel: 2 }, finalize: (_, exchange) => void exchanges.push(exchange) })
    const abort = new AbortController()
    const body = JSON.stringify([rpcCall('wait', [1], 1), rpcCall('wait', [2], 2), rpcCall('wait', [3], 3)])
    const headers = { 'content-type': 'application/json' }
    const left = fetch(`${b.s.url}/rpc`, { method: 'POST', headers, body, signal: abort.signal }).catch(() => 'left')
    await arrived(b, 2)
    abort.abort()
    expect(await left).toBe('left')
    await expect.poll(() => b.waiting.map(({ ctx }) => ctx.signal.aborted)).toEqual([true, true])
    await expect.poll(() => exchanges).toHaveLength(1)
    expect(exchanges[0]).toMatchObject({ status: 499, aborted: true })
    expect(exchanges[0]?.calls.map(({ outcome }) => outcome)).toMatchObject(
      Array(3).fill({ left: { _tag: 'Cancelled' } }),
    )
    expect(b.s.inFlight).toBe(0)
    for (const { release } of b.waiting) release()
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(b.waiting).toHaveLength(2)
  })
})

describe('given what HTTP refuses', () => {
  it('when the media type is another, then 415; JSON-RPC’s own are taken, with a charset', async () => {
    await using b = await bench()
    for (const type of [
      'application/json; charset=utf-8',
      'application/json-rpc',
      'application/jsonrequest;charset="UTF-8"',
    ])
      expect((await b.post(rpcCall('sum', [1]), { 'content-type': type })).status).toBe(200)
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1']) {
      const answer = await b.post(rpcCall('sum', [1]), { 'content-type': type })
      expect([answer.status, await answer.json()]).toMatchObject([
        415,
        { error: { code: -32600, data: { tag: 'UnsupportedMediaType' } }, id: null },
      ])
    }
  })

  it('when the body is too large, then 413; when it is not UTF-8, then -32700', async () => {
    await using b = await bench({ limits: { body: 100 } })
    const answer = await b.post(rpcCall('echo', ['x'.repeat(100)]))
    expect([answer.status, await answer.json()]).toMatchObject([
      413,
      {
        error: { code: -32600, message: 'the body may have 100 bytes at most', data: { tag: 'BodyTooLarge' } },
        id: null,
      },
    ])
    const bytes = new Uint8Array([...Buffer.from('{"jsonrpc":"2.0","method":"'), 0xc3, 0x28, 0x22, 0x7d])
    const headers = { 'content-type': 'application/json' }
    const wrong = await fetch(`${b.s.url}/rpc`, { method: 'POST', headers, body: bytes })
    expect(await wrong.json()).toMatchObject({ error: { code: -32700, message: 'Parse error: the body is not UTF-8' } })
  })
})

describe('given a server that drains', () => {
  it('when a batch is running, then it is answered whole; further requests are 503 as JSON-RPC errors', async () => {
    await using b = await bench()
    const running = b.post([rpcCall('wait', [1]), rpcCall('wait', [2], 2)])
    const socket = connect({ port: b.s.port, host: '127.0.0.1' })
    const text = socket.toArray().then((chunks) => chunks.join(''))
    socket.write('POST /rpc HTTP/1.1\r\nhost: x\r\n')
    await arrived(b, 2)
    expect(b.s.inFlight).toBe(1)
    // Until the beginning of the other request is there: a connection without any is closed.
    await new Promise((resolve) => setTimeout(resolve, 100))
    const draining = b.s.drain()
    socket.write('content-type: application/json\r\ncontent-length: 2\r\n\r\n{}')
    expect(await text).toMatch(
      /^HTTP\/1\.1 503 [\s\S]*connection: close[\s\S]*"error":\{"code":-32014,.*"tag":"Draining"/i,
    )
    for (const { release } of b.waiting) release()
    expect(await (await running).json()).toHaveLength(2)
    await draining
    expect(b.s.inFlight).toBe(0)
  })
})

it('given a call whose handler calls on, when its request ends, then what it called ends too', async () => {
  const seen: Context[] = []
  const inner = endpoint(async (_: unknown, ctx) => {
    seen.push(ctx)
    await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
    return ok()
  })
  const outer = rpc({ decode: any, endpoint: endpoint(async (_, ctx) => call(inner, undefined, { parent: ctx })) })
  const clock = virtualClock()
  const listener = jsonrpc.server({ outer }, { clock, onTelemetry: () => {} })
  await using s = await http.serve([], { routes: { 'POST /rpc': listener }, onTelemetry: () => {} })
  const headers = { 'content-type': 'application/json', 'request-timeout-ms': '30' }
  const answer = fetch(`${s.url}/rpc`, { method: 'POST', headers, body: JSON.stringify(rpcCall('outer')) })
  await expect.poll(() => seen.length).toBe(1)
  await clock.advance(30)
  expect(await (await answer).json()).toMatchObject({ error: { data: { code: 'deadline_exceeded' } }, id: 1 })
  expect(seen[0]?.signal.reason).toMatchObject({ _tag: 'DeadlineExceeded' })
})
