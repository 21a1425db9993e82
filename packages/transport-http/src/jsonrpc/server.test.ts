// Go kit's acceptance list for JSON-RPC servers (JS-*, JT-*, JE-*), on the low level as there.
import { createServer } from 'node:http'
import { contract, failure, handler, unary } from '@tenon/contract'
import { type Context, endpoint, extend, type Failure, fail, ok, type Telemetry } from '@tenon/endpoint'
import * as t from 'io-ts'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { populateContext, type ServerBefore } from '../hooks.ts'
import {
  type Called,
  jsonrpc,
  type RequestListener,
  type RpcExchange,
  type RpcMethod,
  type RpcServerOptions,
} from '../index.ts'

interface Listening extends AsyncDisposable {
  readonly url: string
  /** Posts a text, or a value as JSON. */
  readonly post: (body: unknown, headers?: Readonly<Record<string, string>>) => Promise<Response>
}

async function listening(listener: RequestListener): Promise<Listening> {
  const http = createServer(listener)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(http.address() as { port: number }).port}`
  return {
    url,
    post: (body, headers) =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

const quiet = { onTelemetry: (): void => {} }
const throwing = (): never => {
  throw new Error('secret cause')
}
const Teapot: Failure<'Teapot', 'failed_precondition'> = {
  _tag: 'Teapot',
  code: 'failed_precondition',
  message: 'short and stout',
}
const hello = endpoint(async () => ok('hello'))
const noParams = () => ok(undefined)
const rpc = jsonrpc.method
const serving = (methods: Readonly<Record<string, RpcMethod>>, options: RpcServerOptions = {}): Promise<Listening> =>
  listening(jsonrpc.server(methods, { ...quiet, ...options }))
const call = (method: string, params?: unknown, id: unknown = 1): object => ({ jsonrpc: '2.0', method, params, id })

interface Said {
  readonly said: string[]
}
const says =
  (word: string) =>
  (ctx: Context): Context => {
    if (!('said' in ctx)) return extend(ctx, { said: [word] })
    ;(ctx as Context & Said).said.push(word)
    return ctx
  }

describe('given one method that goes wrong', () => {
  it('JS-1, JS-17 (D-18) when the params do not decode, then 200 with -32602 and the listener hears of it; -32603 where the decoder throws', async () => {
    const heard: unknown[] = []
    const decode = (params: unknown) =>
      Array.isArray(params)
        ? fail<Failure>({ _tag: 'Odd', code: 'invalid_argument', message: 'params: expected {a, b}' })
        : throwing()
    await using s = await serving(
      { sum: rpc({ endpoint: hello, decode }) },
      { onError: ({ _tag }, ctx, where) => heard.push([_tag, where, (ctx as Context & Called).rpc.method]) },
    )
    const answer = await s.post(call('sum', [1]))
    expect([answer.status, await answer.json()]).toEqual([
      200,
      {
        jsonrpc: '2.0',
        error: { code: -32602, message: 'params: expected {a, b}', data: { code: 'invalid_argument', tag: 'Odd' } },
        id: 1,
      },
    ])
    const broken = await s.post(call('sum', {}))
    const text = await broken.text()
    expect(text).not.toContain('secret')
    expect([broken.status, JSON.parse(text)]).toMatchObject([200, { error: { code: -32603 }, id: 1 }])
    expect(heard).toEqual([
      ['Odd', 'decode', 'sum'],
      ['Defect', 'decode', 'sum'],
    ])
  })

  it('JS-2 when the endpoint fails or throws, then 200, an error, and the id', async () => {
    await using s = await serving({
      throws: rpc({ endpoint: endpoint(throwing), decode: noParams }),
      fails: rpc({ endpoint: endpoint(() => fail(Teapot)), decode: noParams }),
    })
    const thrown = await s.post(call('throws', undefined, 'a'))
    expect([thrown.status, await thrown.json()]).toEqual([
      200,
      {
        jsonrpc: '2.0',
        error: { code: -32603, message: 'something unexpected happened', data: { code: 'internal', tag: 'Defect' } },
        id: 'a',
      },
    ])
    expect(await (await s.post(call('fails', undefined, 7))).json()).toEqual({
      jsonrpc: '2.0',
      error: { code: -32009, message: 'short and stout', data: { code: 'failed_precondition', tag: 'Teapot' } },
      id: 7,
    })
  })

  it('when the endpoint is of a contract, then its declared failures have their details, as the contract tells them', async () => {
    const Full = failure('Full', 'failed_precondition', t.strict({ limit: t.number }))
    const Box = contract('a.v1.Box', { put: unary({ input: t.void, output: t.void, failures: [Full] }) })
    await using s = await serving({
      put: rpc({ endpoint: handler(Box.methods.put, () => fail(Full({ limit: 3 }))), decode: noParams }),
    })
    const data = { code: 'failed_precondition', tag: 'Full', details: { limit: 3 } }
    expect(await (await s.post(call('put'))).json()).toMatchObject({ error: { code: -32009, message: 'full', data } })
  })

  it('JS-3 when the result cannot be encoded, then 200, -32603, and the id', async () => {
    const cyclic: Record<string, unknown> = {}
    cyclic.self = cyclic
    const of = (encode: () => unknown) => rpc({ endpoint: hello, decode: noParams, encode })
    await using s = await serving({
      throws: of(throwing),
      rejects: of(() => Promise.reject(new Error('secret'))),
      cyclic: of(() => cyclic),
      big: of(() => 1n),
    })
    for (const method of ['throws', 'rejects', 'cyclic', 'big']) {
      const answer = await s.post(call(method, undefined, method))
      expect([answer.status, await answer.json()]).toMatchObject([200, { error: { code: -32603 }, id: method }])
    }
  })

  it('JS-4, JS-13, JS-14 when an error encoder is set, then it may set number, message, data, headers and HTTP 418', async () => {
    await using s = await serving(
      { brew: rpc({ endpoint: endpoint(() => fail(Teapot)), decode: noParams }) },
      {
        encodeError(failure, error, ctx, reply) {
          error.code = 418
          error.message = `${failure.message}: ${ctx.rpc?.method ?? 'nothing'}`
          error.data = { pot: 'tea' }
          reply.headers['x-pot'] = 'tea'
          reply.status = 418
        },
      },
    )
    const answer = await s.post(call('brew'))
    expect([answer.status, answer.headers.get('x-pot')]).toEqual([418, 'tea'])
    expect(await answer.json()).toEqual({
      jsonrpc: '2.0',
      error: { code: 418, message: 'short and stout: brew', data: { pot: 'tea' } },
      id: 1,
    })
    expect(await (await s.post('{')).json()).toMatchObject({ error: { code: 418, data: { pot: 'tea' } }, id: null })
  })

  it('JS-4 when the error encoder itself goes wrong, then the error is as without it, and the defect is reported', async () => {
    const events: Telemetry[] = []
    for (const encodeError of [
      throwing,
      (_: unknown, error: { code: number }) => {
        error.code = 1.5
      },
      (_: unknown, error: { data?: unknown }) => {
        error.data = 1n
      },
    ]) {
      await using s = await serving(
        { brew: rpc({ endpoint: endpoint(() => fail(Teapot)), decode: noParams }) },
        { encodeError, onTelemetry: (event) => events.push(event) },
      )
      const error = { code: -32009, message: 'short and stout', data: { code: 'failed_precondition', tag: 'Teapot' } }
      expect(await (await s.post(call('brew'))).json()).toEqual({ jsonrpc: '2.0', error, id: 1 })
    }
    expect(events.map(({ kind }) => kind)).toEqual(['defect', 'defect', 'defect'])
  })

  it('JE-1, JE-2 when an error has a number and no message, then the standard text; else its own', async () => {
    let next: { code: number; message: string } = { code: 0, message: '' }
    await using s = await serving(
      { brew: rpc({ endpoint: endpoint(() => fail(Teapot)), decode: noParams }) },
      { encodeError: (_, error) => void Object.assign(error, next) },
    )
    const says = async (code: number, message = ''): Promise<unknown> => {
      next = { code, message }
      return ((await (await s.post(call('brew'))).json()) as { error: { message: unknown } }).error.message
    }
    expect(await says(-32601)).toBe('Method not found')
    expect(await says(-32601, 'no such pot')).toBe('no such pot')
    expect(await says(-32042)).toBe('Server error')
  })

  it('JE-3 each of the five standard errors has a text and its number', () => {
    expect(Object.values(jsonrpc.standardErrors)).toEqual([
      { code: -32700, message: 'Parse error' },
      { code: -32600, message: 'Invalid Request' },
      { code: -32601, message: 'Method not found' },
      { code: -32602, message: 'Invalid params' },
      { code: -32603, message: 'Internal error' },
    ])
  })
})

describe('given requests that are no calls', () => {
  it('JS-5, JS-15 when it is no POST, then 405 with allow, and no hook and no finalizer runs', async () => {
    let ran = 0
    const count = (): void => void ran++
    await using s = await serving(
      { hello: rpc({ endpoint: hello, decode: noParams }) },
      { before: count, beforeCall: count, after: count, afterError: count, onError: count, finalize: count },
    )
    for (const method of ['GET', 'PUT', 'DELETE', 'HEAD', 'OPTIONS']) {
      const answer = await fetch(s.url, { method })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
    }
    expect(await (await fetch(s.url)).json()).toMatchObject({ jsonrpc: '2.0', error: { code: -32600 }, id: null })
    expect(ran).toBe(0)
  })

  it('JS-6 when the body is not JSON, then 200, -32700 and a null id, and the place without a word of the body', async () => {
    const heard: string[] = []
    await using s = await serving({}, { onError: ({ message }, _, where) => heard.push(`${where} ${message}`) })
    for (const [body, message] of [
      ['{"secret": oak}', 'Parse error: the body is not JSON from position 11'],
      ['[1', 'Parse error: the JSON of the body breaks off'],
      ['', 'Parse error: there is no body'],
    ] as const) {
      const answer = await s.post(body)
      expect([answer.status, await answer.json()]).toEqual([
        200,
        {
          jsonrpc: '2.0',
          error: { code: -32700, message, data: { code: 'invalid_argument', tag: 'ParseError' } },
          id: null,
        },
      ])
      expect(answer.headers.get('content-type')).toBe('application/json')
      expect(heard.pop()).toBe(`decode ${message}`)
    }
  })

  it('JS-7 when the method is not registered, then 200, -32601 and the id', async () => {
    await using s = await serving({ hello: rpc({ endpoint: hello, decode: noParams }) })
    for (const name of ['nope', 'constructor', '__proto__', 'hello ', '', 'Hello']) {
      const answer = await s.post(call(name, undefined, name))
      expect([answer.status, await answer.json()]).toEqual([
        200,
        {
          jsonrpc: '2.0',
          error: {
            code: -32601,
            message: `Method not found: ${JSON.stringify(name)}`,
            data: { code: 'unimplemented', tag: 'MethodNotFound' },
          },
          id: name,
        },
      ])
    }
    const long = (await (await s.post(call('x'.repeat(10_000)))).json()) as { error: { message: string } }
    expect(long.error.message).toBe(`Method not found: "${'x'.repeat(64)}..."`)
  })

  it('JS-17 (D-18) when the version, the method, the params or the id are of a wrong kind, then -32600', async () => {
    await using s = await serving({ hello: rpc({ endpoint: hello, decode: noParams }) })
    for (const [sent, id, message] of [
      [{ method: 'hello', id: 1 }, 1, 'Invalid Request: jsonrpc is "2.0"'],
      [{ jsonrpc: '1.0', method: 'hello', id: 'x' }, 'x', 'Invalid Request: jsonrpc is "2.0"'],
      [{ jsonrpc: 2, method: 'hello' }, null, 'Invalid Request: jsonrpc is "2.0"'],
      [{ jsonrpc: '2.0', id: 2 }, 2, 'Invalid Request: the method is a string'],
      [{ jsonrpc: '2.0', method: 1 }, null, 'Invalid Request: the method is a string'],
      [{ ...call('hello'), params: 'oak' }, 1, 'Invalid Request: params are an object or an array'],
      [{ ...call('hello'), id: {} }, null, 'Invalid Request: the id is a string, a number or null'],
      [{ ...call('hello'), id: true }, null, 'Invalid Request: the id is a string, a number or null'],
      [7, null, 'Invalid Request: a call is an object'],
      [null, null, 'Invalid Request: a call is an object'],
      [[], null, 'Invalid Request: a batch holds at least one call'],
    ] as const) {
      const answer = await s.post(sent)
      expect([answer.status, await answer.json()]).toEqual([
        200,
        {
          jsonrpc: '2.0',
          error: { code: -32600, message, data: { code: 'invalid_argument', tag: 'InvalidRequest' } },
          id,
        },
      ])
    }
  })
})

describe('given a method that answers', () => {
  it('JS-8 when it is called, then 200, version 2.0, the result, and no error member', async () => {
    await using s = await serving({ hello: rpc({ endpoint: hello, decode: noParams }) })
    const answer = await s.post(call('hello'))
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json'])
    expect(await answer.text()).toBe('{"jsonrpc":"2.0","result":"hello","id":1}')
  })

  it('when it answers nothing, then the result is null', async () => {
    await using s = await serving({ quiet: rpc({ endpoint: endpoint(async () => ok()), decode: noParams }) })
    expect(await (await s.post(call('quiet'))).text()).toBe('{"jsonrpc":"2.0","result":null,"id":1}')
  })

  it('given addsvc’s methods, then its bodies are served, and its business errors are not lost (E-1)', async () => {
    const IntOverflow: Failure<'IntOverflow', 'out_of_range'> = {
      _tag: 'IntOverflow',
      code: 'out_of_range',
      message: 'integer overflow',
    }
    const pair =
      <A>(is: (value: unknown) => value is A) =>
      (params: object | undefined) => {
        const { a, b } = (params ?? {}) as { a?: unknown; b?: unknown }
        return is(a) && is(b) ? ok({ a, b }) : fail<Failure>({ _tag: 'BadPair', code: 'unknown', message: 'a and b' })
      }
    const isNumber = (value: unknown): value is number => typeof value === 'number'
    const isString = (value: unknown): value is string => typeof value === 'string'
    await using s = await serving({
      sum: rpc({
        endpoint: endpoint(async ({ a, b }: { a: number; b: number }) =>
          a + b > 2 ** 31 ? fail(IntOverflow) : ok(a + b),
        ),
        decode: pair(isNumber),
        encode: (v) => ({ v }),
      }),
      concat: rpc({
        endpoint: endpoint(async ({ a, b }: { a: string; b: string }) => ok(a + b)),
        decode: pair(isString),
        encode: (v) => ({ v }),
      }),
    })
    const text = async (body: object): Promise<string> => (await s.post(body)).text()
    expect(await text(call('sum', { a: 1, b: 2 }))).toBe('{"jsonrpc":"2.0","result":{"v":3},"id":1}')
    expect(await text(call('concat', { a: 'o', b: 'ak' }, 'x'))).toBe('{"jsonrpc":"2.0","result":{"v":"oak"},"id":"x"}')
    expect(JSON.parse(await text(call('sum', { a: 2 ** 31, b: 1 })))).toMatchObject({
      error: { code: -32011, message: 'integer overflow' },
    })
    expect(JSON.parse(await text(call('concat', { a: 1, b: 2 })))).toMatchObject({ error: { code: -32002 } })
  })

  it.each([
    '12345',
    '12345.6',
    '"stringaling"',
    'null',
    '1.0',
    '-0',
    '0',
    '1e3',
    '9007199254740993',
    '123456789012345678901234567890',
    '1e999',
    '0.1000000000000000055511151231257827',
    '""',
    '"\\u006fak"',
    '"1"',
  ])(
    'JT-1, JT-2, JT-3, JT-4 given the id %s, then it comes back as it was written, and hooks can read it',
    async (id) => {
      const ids: unknown[] = []
      await using s = await serving(
        { hello: rpc({ endpoint: hello, decode: noParams }) },
        { beforeCall: ({ rpc }) => void ids.push(rpc.id, rpc.idText) },
      )
      const answer = await s.post(`{"params":{"id":{"id":7}},"jsonrpc":"2.0", "id" : ${id} ,"method":"hello"}`)
      expect(await answer.text()).toBe(`{"jsonrpc":"2.0","result":"hello","id":${id}}`)
      expect(ids).toEqual([JSON.parse(id), id])
    },
  )
})

describe('given hooks', () => {
  it('JS-9, JS-16 when there are several before a call, then the second sees what the first added, and both the parsed call', async () => {
    const seen: unknown[] = []
    await using s = await serving(
      { hello: rpc({ endpoint: hello, decode: noParams }) },
      {
        beforeCall: [
          (ctx, request) => {
            seen.push([ctx.rpc, request.method])
            return extend(ctx, { first: 1 })
          },
          (ctx) => void seen.push([ctx.rpc.method, (ctx as Context & { first?: number }).first]),
        ],
      },
    )
    await s.post(call('hello', { a: 1 }, 'x'))
    expect(seen).toEqual([
      [{ method: 'hello', params: { a: 1 }, id: 'x', idText: '"x"' }, 'POST'],
      ['hello', 1],
    ])
    seen.length = 0
    await s.post(call('nope'))
    expect(seen).toMatchObject([
      [{ method: 'nope' }, 'POST'],
      ['nope', 1],
    ])
  })

  it('JS-10, JS-11, JS-12, X1 when there are several of each, then they run in order, once, around decode, endpoint and encode', async () => {
    const said: unknown[] = []
    const before: readonly ServerBefore[] = [says('before 1'), says('before 2')]
    await using s = await serving(
      {
        hello: rpc({
          before: says('own'),
          decode: (_, ctx) => {
            says('decode')(ctx)
            return ok(undefined)
          },
          endpoint: endpoint(async (_: undefined, ctx) => {
            says('endpoint')(ctx)
            return ok('hello')
          }),
          encode: (output, ctx) => {
            says('encode')(ctx)
            return output
          },
        }),
      },
      {
        before,
        beforeCall: [says('call 1'), says('call 2')],
        after: [
          (ctx, reply) => {
            reply.headers['x-after'] = '1'
            return says('after 1')(ctx)
          },
          says('after 2'),
        ],
        finalize: [
          (ctx, { status }) => said.push(...(ctx as Context & Said).said, status),
          (_, { calls }) => said.push(calls[0]?.outcome),
        ],
      },
    )
    const answer = await s.post(call('hello'))
    expect(answer.headers.get('x-after')).toBe('1')
    const order = 'before 1,before 2,call 1,call 2,own,decode,endpoint,after 1,after 2,encode'
    await expect.poll(() => said).toEqual([...order.split(','), 200, ok('hello')])
  })

  it('JS-12 (D-18) when there are finalizers, then each hears of every call, status, headers and size, whatever happened', async () => {
    const seen: RpcExchange[] = []
    await using s = await serving(
      {
        hello: rpc({ endpoint: hello, decode: noParams }),
        fails: rpc({ endpoint: endpoint(() => fail(Teapot)), decode: noParams }),
      },
      { finalize: [(_, exchange) => void seen.push(exchange), throwing, (_, exchange) => void seen.push(exchange)] },
    )
    const text = await (
      await s.post([call('hello'), call('fails', [], 2), 7, { jsonrpc: '2.0', method: 'fails' }])
    ).text()
    await expect.poll(() => seen.length).toBe(2)
    const [first] = seen.splice(0)
    expect(first).toMatchObject({ status: 200, bytes: text.length, aborted: false, outcome: ok(undefined) })
    expect(first?.headers['content-type']).toBe('application/json')
    expect(first?.calls).toEqual([
      { request: expect.objectContaining({ method: 'hello', id: 1 }), outcome: ok('hello') },
      { request: expect.objectContaining({ method: 'fails', params: [] }), outcome: fail(Teapot) },
      { request: undefined, outcome: fail(expect.objectContaining({ _tag: 'InvalidRequest' })) },
      { request: expect.objectContaining({ method: 'fails', id: undefined }), outcome: fail(Teapot) },
    ])
    await s.post('{')
    await expect.poll(() => seen.length).toBe(2)
    expect(seen.splice(0)[0]).toMatchObject({ status: 200, calls: [], outcome: { left: { _tag: 'ParseError' } } })
    await s.post(call('fails'))
    await expect.poll(() => seen.length).toBe(2)
    expect(seen[0]).toMatchObject({ status: 200, outcome: fail(Teapot) })
  })

  it('X4 when a call fails, then listeners hear first (not of business failures), then the error is made, then afterError runs and after does not', async () => {
    const order: string[] = []
    const note = (word: string) => (): void => void order.push(word)
    await using s = await serving(
      {
        fails: rpc({ endpoint: endpoint(() => fail(Teapot)), decode: noParams }),
        throws: rpc({ endpoint: endpoint(throwing), decode: noParams }),
      },
      { onError: note('heard'), encodeError: note('encoded'), after: note('after'), afterError: note('afterError') },
    )
    await s.post(call('fails'))
    expect(order.splice(0)).toEqual(['encoded', 'afterError'])
    await s.post(call('throws'))
    expect(order).toEqual(['heard', 'encoded', 'afterError'])
  })

  it('X3 when the endpoint or a middleware adds to its context, then the hooks after it do not see it', async () => {
    const seen: boolean[] = []
    await using s = await serving(
      {
        hello: rpc({
          decode: noParams,
          endpoint: endpoint(async (_: undefined, ctx) => {
            extend(ctx, { within: 1 })
            return ok('hello')
          }),
        }),
      },
      { after: (ctx) => void seen.push('within' in ctx) },
    )
    await s.post(call('hello'))
    expect(seen).toEqual([false])
  })

  it('when hooks throw, then the call is a Defect and the others of its batch are answered', async () => {
    await using s = await serving(
      { hello: rpc({ endpoint: hello, decode: noParams }) },
      {
        beforeCall: ({ rpc }) => (rpc.id === 1 ? throwing() : undefined),
        after: ({ rpc }) => (rpc.id === 2 ? throwing() : undefined),
      },
    )
    expect(await (await s.post([call('hello'), call('hello', [], 2), call('hello', [], 3)])).json()).toMatchObject([
      { error: { code: -32603 }, id: 1 },
      { error: { code: -32603 }, id: 2 },
      { result: 'hello', id: 3 },
    ])
    await using broken = await serving({}, { before: throwing })
    const answer = await broken.post(call('hello'))
    expect([answer.status, await answer.json()]).toMatchObject([500, { error: { code: -32603 }, id: null }])
  })

  it('when an endpoint needs something of its context, then its last before hook must provide it, and rpc is there anyway', async () => {
    const needs = endpoint(async (_: undefined, ctx: Context & { readonly http: { readonly userAgent: string } }) =>
      ok(ctx.http.userAgent),
    )
    const knows = endpoint(async (_: undefined, ctx: Context & Called) => ok(ctx.rpc.method))
    // @ts-expect-error nobody provides http
    rpc({ endpoint: needs, decode: noParams })
    await using s = await serving({
      agent: rpc({ endpoint: needs, decode: noParams, before: populateContext }),
      name: rpc({ endpoint: knows, decode: noParams }),
    })
    expect(await (await s.post(call('agent'), { 'user-agent': 'oak/1' })).json()).toMatchObject({ result: 'oak/1' })
    expect(await (await s.post(call('name'))).json()).toMatchObject({ result: 'name' })
    expectTypeOf(rpc({ endpoint: knows, decode: noParams })).toEqualTypeOf<RpcMethod>()
  })
})

describe('given what cannot be served', () => {
  it('when options or methods are wrong, then a TypeError that names them', () => {
    const wrong: readonly (readonly [() => unknown, string])[] = [
      [() => jsonrpc.server({ sum: {} as never }), 'jsonrpc.server: "sum" is no method; jsonrpc.method('],
      [() => jsonrpc.server({ sum: hello as never }), '"sum" is no method'],
      [() => jsonrpc.server({}, { limits: { batch: 0 } }), 'jsonrpc.server: limits.batch: whole calls from 1 on'],
      [() => jsonrpc.server({}, { limits: { bach: 1 } as never }), 'there is no limit "bach"'],
      [() => jsonrpc.server({}, { after: 7 as never }), 'a hook is a function'],
      [() => jsonrpc.server({}, { encodeError: 7 as never }), 'encodeError is a function'],
      [() => jsonrpc.server({}, { name: 'x' as never }), 'name is a function'],
      [() => jsonrpc.server({}, { media: [] }), 'media is a list of media types'],
      [() => jsonrpc.server([7 as never]), 'implement(...) makes what can be served'],
      [() => rpc({ endpoint: hello, decode: 7 as never }), 'jsonrpc.method: decode is a function and not 7'],
      [() => rpc({ endpoint: undefined as never, decode: noParams }), 'endpoint is a function'],
    ]
    for (const [make, message] of wrong) expect(make, message).toThrow(message)
  })
})
