// Go kit's acceptance list for JSON-RPC clients (JC-*), and what foreign servers may answer.
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { type CallFailed, contract, unary } from '@tenon/contract'
import { type Context, call, type Endpoint, extend, type Failure, fail, type Outcome, ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { setRequestHeader } from '../hooks.ts'
import { jsonrpc, type RpcRemoteOptions } from '../index.ts'

interface Far extends AsyncDisposable {
  readonly url: string
}
async function far(listener: RequestListener): Promise<Far> {
  const http = createServer(listener)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(http.address() as { port: number }).port}`,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}
const bodyOf = async (req: IncomingMessage): Promise<string> => Buffer.concat(await req.toArray()).toString()
const json = { 'content-type': 'application/json' }
const answering =
  (body: string, status = 200, headers: Record<string, string> = json): RequestListener =>
  (_, res) =>
    void res.writeHead(status, headers).end(body)
/** Answers the request itself as the result, with its headers. */
const mirror: RequestListener = async (req, res) => {
  const text = await bodyOf(req)
  const { id } = JSON.parse(text) as { id: unknown }
  res
    .writeHead(200, json)
    .end(JSON.stringify({ jsonrpc: '2.0', result: { url: req.url, headers: req.headers, text }, id }))
}
interface Mirrored {
  readonly url: string
  readonly headers: Record<string, string>
  readonly text: string
}
const throwing = (): never => {
  throw new Error('secret cause')
}
type Remote = Endpoint<unknown, unknown, Failure> & AsyncDisposable
const remote = (options: Partial<RpcRemoteOptions<unknown, unknown, Failure>> & { url: string }): Remote =>
  jsonrpc.client<unknown, unknown, Failure>({ method: 'sum', ...options }) as Remote
const mirrored = (outcome: Outcome): Mirrored => {
  if (outcome._tag === 'Left') throw new Error(JSON.stringify(outcome.left))
  return outcome.right as Mirrored
}

describe('given a call of one method', () => {
  it.each([
    ['', 200],
    ['', 500],
    ['{}', 200],
    ['{"jsonrpc":"2.0","error":{"code":-32603,"message":"bad"},"id":0}', 200],
  ] as const)(
    'JC-1, JC-12 when the answer is %j with %i, then before, after and finalizers all run, after the after hooks it fails',
    async (body, status) => {
      await using s = await far(answering(body, status))
      const ran: string[] = []
      await using c = remote({
        url: s.url,
        before: () => void ran.push('before'),
        after: () => void ran.push('after'),
        finalize: [() => ran.push('finalize'), (_, { outcome }) => ran.push(outcome._tag)],
      })
      expect((await call(c, undefined))._tag).toBe('Left')
      expect(ran).toEqual(['before', 'after', 'finalize', 'Left'])
    },
  )

  it('JC-2, JC-5, JC-6, JC-7 (D-18) when it is sent, then with version, method, encoded params, and the header that a before hook sets', async () => {
    await using s = await far(mirror)
    const seen: unknown[] = []
    await using c = remote({
      url: `${s.url}/base/`,
      encode: (n) => [n, { twice: 2 * (n as number) }],
      before: setRequestHeader('X-Who', 'me'),
      finalize: (_, { response, outcome }) => void seen.push(response?.headers['content-type'], outcome._tag),
    })
    const got = mirrored(await call(c, 21))
    expect(got.text).toBe('{"jsonrpc":"2.0","method":"sum","params":[21,{"twice":42}],"id":0}')
    expect(got.url).toBe('/base/')
    expect(got.headers).toMatchObject({ 'x-who': 'me', 'content-type': 'application/json', accept: 'application/json' })
    expect(got.headers['request-timeout-ms']).toMatch(/^(?:5000|49\d\d)$/)
    expect(seen).toEqual(['application/json', 'Right'])
  })

  it('JC-3 when an after hook adds to the context, then the decoder sees it', async () => {
    await using s = await far(mirror)
    await using c = remote({
      url: s.url,
      after: (ctx, { status }) => extend(ctx, { status }),
      decode: (_, ctx) => ok((ctx as Context & { status: number }).status),
    })
    expect(await call(c, [])).toEqual(ok(200))
  })

  it('JC-4 when there is a generator of ids, then the envelope carries its ids; a wrong one is a Defect', async () => {
    await using s = await far(mirror)
    const ids: unknown[] = ['oak', 7, -1.5, 2 ** 60, '', null, Number.NaN, {}]
    await using c = remote({ url: s.url, id: () => ids.shift() as string })
    const sent: unknown[] = []
    for (let n = 0; n < 5; n++) sent.push(/"id":(.*)}$/.exec(mirrored(await call(c, [])).text)?.[1])
    expect(sent).toEqual(['"oak"', '7', '-1.5', '1152921504606847000', '""'])
    for (let n = 0; n < 3; n++) expect(await call(c, [])).toMatchObject({ left: { _tag: 'Defect' } })
  })

  it('JC-8 when there are no options, then params and results are plain JSON', async () => {
    await using s = await far(mirror)
    await using c = jsonrpc.client({ url: s.url, method: 'sum' })
    expect(mirrored(await call(c, { a: 1 })).text).toBe('{"jsonrpc":"2.0","method":"sum","params":{"a":1},"id":0}')
    expect(mirrored(await call(c, undefined)).text).toBe('{"jsonrpc":"2.0","method":"sum","id":1}')
    for (const params of [7, 'oak', null, true])
      expect(await call(c, params)).toMatchObject({ left: { _tag: 'Defect' } })
    expectTypeOf(jsonrpc.client<{ a: number }>({ url: s.url, method: 'x' })).toEqualTypeOf<
      Endpoint<{ a: number }, unknown, CallFailed> & AsyncDisposable
    >()
  })

  it('JC-9 when the answer is an error, then the call fails with its message and its number', async () => {
    await using s = await far(answering('{"jsonrpc":"2.0","error":{"code":-32603,"message":"bad thing"},"id":0}'))
    await using c = remote({ url: s.url })
    expect(await call(c, [])).toEqual(fail({ _tag: 'Remote', code: 'internal', message: 'bad thing', tag: '-32603' }))
  })

  it('JC-10 when nobody says otherwise, then ids are 0, 1, 2, ... 99, each client its own', async () => {
    const next = jsonrpc.autoIncrement(0)
    expect(Array.from({ length: 100 }, next)).toEqual(Array.from({ length: 100 }, (_, n) => n))
    await using s = await far(mirror)
    for (let n = 0; n < 2; n++) {
      await using c = remote({ url: s.url })
      for (const id of [0, 1, 2]) expect(mirrored(await call(c, [])).text).toContain(`"id":${id}}`)
    }
  })

  it('JC-11 when there is a decoder, then it may turn an error into a business result; what it throws is a Defect', async () => {
    await using s = await far(answering('{"jsonrpc":"2.0","error":{"code":7,"message":"no","data":[1]},"id":0}'))
    const decode: RpcRemoteOptions<unknown, unknown, Failure>['decode'] = ({ error, result }) => ok(error ?? result)
    await using c = remote({ url: s.url, decode })
    expect(await call(c, [])).toEqual(ok({ code: 7, message: 'no', data: [1] }))
    await using broken = remote({ url: s.url, decode: throwing })
    expect(await call(broken, [])).toMatchObject({ left: { _tag: 'Defect' } })
    await using unsent = remote({ url: s.url, encode: throwing })
    expect(await call(unsent, [])).toMatchObject({ left: { _tag: 'Defect' } })
  })

  it('when options are wrong, then a TypeError names them', () => {
    const url = 'http://127.0.0.1:1'
    expect(() => jsonrpc.client({ url } as never)).toThrow(
      'jsonrpc.client: method is the method’s name'.replace('’', "'"),
    )
    expect(() => remote({ url, decode: 7 as never })).toThrow('jsonrpc.client: decode is a function and not 7')
    expect(() => remote({ url: 'ftp://x' })).toThrow('jsonrpc.client: url is http(s)')
    const Ping = contract('a.v1.Ping', { ping: unary({ input: t.void, output: t.void }) })
    expect(() => jsonrpc.client(Ping, undefined as never)).toThrow('jsonrpc.client of a.v1.Ping: url is missing')
  })
})

describe('given answers of foreign servers', () => {
  const Sums = contract('a.Sums', { sum: unary({ input: t.array(t.number), output: t.number }) })
  const told = async (body: string, status = 200, headers: Record<string, string> = json): Promise<unknown> => {
    await using s = await far(answering(body, status, headers))
    await using c = jsonrpc.client(Sums, { url: s.url, codes: { [-32005]: 'resource_exhausted' } })
    const outcome = await call(c.sum, [1])
    return outcome._tag === 'Right' ? outcome.right : outcome.left
  }
  const error = (code: unknown, more: object = {}): string =>
    JSON.stringify({ jsonrpc: '2.0', error: { code, message: 'm', ...more }, id: 0 })

  it('when errors tell a number only, then its canonical code, and the number as the tag', async () => {
    for (const [number, code] of [
      [-32700, 'invalid_argument'],
      [-32600, 'invalid_argument'],
      [-32601, 'unimplemented'],
      [-32603, 'internal'],
      [-32000, 'unknown'],
      [-32005, 'resource_exhausted'],
      [-32014, 'unknown'],
      [-32800, 'unknown'],
      [0, 'unknown'],
      [418, 'unknown'],
    ] as const)
      expect(await told(error(number))).toEqual({ _tag: 'Remote', code, message: 'm', tag: String(number) })
    expect(await told(error(-32602, { data: 'a is no number' }))).toEqual({
      _tag: 'InvalidArgument',
      code: 'invalid_argument',
      message: 'm',
      issues: [],
    })
  })

  it('when errors are malformed, then they are read as far as they can be', async () => {
    expect(await told('{"jsonrpc":"2.0","error":"boom","id":0}')).toMatchObject({
      _tag: 'Remote',
      code: 'internal',
      message: 'boom',
    })
    expect(await told('{"jsonrpc":"2.0","error":{"code":-32601},"id":0}')).toMatchObject({
      message: 'Method not found',
    })
    expect(await told(error('x'))).toMatchObject({ code: 'internal', tag: '-32603' })
    expect(await told(error(-32000, { data: { code: 'not_found', tag: 7, details: 8 } }))).toMatchObject({
      _tag: 'Remote',
      code: 'not_found',
      tag: 'not_found',
    })
    expect(await told(error(-32000, { data: { code: 'teapot' } }))).toMatchObject({ code: 'unknown', tag: '-32000' })
  })

  it('when results are written in the ways of other versions, then they are results', async () => {
    expect(await told('{"jsonrpc":"2.0","result":3,"error":null,"id":0}')).toBe(3)
    expect(await told('{"result":3,"error":null,"id":0}')).toBe(3)
    expect(await told('[{"jsonrpc":"2.0","result":3,"id":0}]')).toBe(3)
    expect(
      await told('{"jsonrpc":"2.0","result":3,"id":0}', 200, { 'content-type': 'text/plain; charset=utf-8' }),
    ).toBe(3)
    expect(await told('{"jsonrpc":"2.0","result":3,"id":0}', 500)).toBe(3)
    expect(
      await told(
        '[{"jsonrpc":"2.0","result":4,"id":1},{"jsonrpc":"2.0","result":3,"id":0},{"jsonrpc":"2.0","result":5,"id":0}]',
      ),
    ).toBe(3)
  })

  it('when there is no response to the call, then a failure of tag InvalidOutput says so', async () => {
    for (const [body, says] of [
      ['', 'the answer (200) holds no response to this call'],
      ['{"jsonrpc":"2.0","result":3,"id":1}', 'the answer holds no response to this call'],
      ['{"jsonrpc":"2.0","result":3,"id":"0"}', 'the answer holds no response to this call'],
      ['{"jsonrpc":"2.0","result":3,"id":null}', 'the answer holds no response to this call'],
      ['{"jsonrpc":"2.0","id":0}', 'the answer (200) is application/json and no JSON-RPC response'],
      ['[]', 'no JSON-RPC response'],
      ['[1]', 'no JSON-RPC response'],
      ['{', 'no JSON-RPC response'],
      ['{"jsonrpc":"2.0","result":{"__proto__":1},"id":0}', 'no JSON-RPC response'],
      ['{"jsonrpc":"2.0","result":"3","id":0}', 'the answer does not fit: expected number, got string'],
    ] as const)
      expect(await told(body), body).toMatchObject({
        _tag: 'Remote',
        code: 'internal',
        tag: 'InvalidOutput',
        message: expect.stringContaining(says),
      })
    expect(await told('', 204, {})).toMatchObject({
      tag: 'InvalidOutput',
      message: 'the answer (204) holds no response to this call',
    })
  })

  it('when the server could not read the call, then its error has a null id, and is this call’s', async () => {
    const body = '{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null}'
    expect(await told(body, 400)).toMatchObject({ _tag: 'Remote', tag: '-32700', message: 'Parse error' })
  })

  it('when it is no JSON-RPC at all, then its status says what it is, and retry-after is kept', async () => {
    const page = { 'content-type': 'text/html', 'retry-after': '2' }
    expect(await told('<html>', 503, page)).toMatchObject({ _tag: 'Unavailable', retryAfter: 2_000 })
    expect(await told('<html>', 502, {})).toMatchObject({ _tag: 'Unavailable' })
    expect(await told('<html>', 404, {})).toMatchObject({ _tag: 'Remote', code: 'not_found' })
    expect(await told('<html>', 200, page)).toMatchObject({
      _tag: 'Remote',
      tag: 'InvalidOutput',
      message: 'the answer (200) is text/html and no JSON-RPC response',
    })
    const busy =
      '{"jsonrpc":"2.0","error":{"code":-32014,"message":"m","data":{"code":"unavailable","tag":"Unavailable"}},"id":null}'
    expect(await told(busy, 503, { ...json, 'retry-after': '1' })).toMatchObject({
      _tag: 'Unavailable',
      retryAfter: 1_000,
    })
  })
})

it('given connections that break and time that runs out, then the failures are those of every client', async () => {
  await using hangs = await far(() => {})
  await using resets = await far((req) => void req.socket.destroy())
  await using slow = remote({ url: hangs.url, timeout: 30 })
  expect(await call(slow, [])).toMatchObject({ left: { _tag: 'DeadlineExceeded' } })
  await using lost = remote({ url: resets.url })
  expect(await call(lost, [])).toMatchObject({ left: { _tag: 'Unavailable' } })
  await using big = await far(answering(`{"jsonrpc":"2.0","result":"${'x'.repeat(2_000)}","id":0}`))
  await using small = remote({ url: big.url, limits: { response: 1_000 } })
  expect(await call(small, [])).toMatchObject({ left: { tag: 'AnswerTooLarge' } })
  await using nobody = remote({ url: 'http://127.0.0.1:1' })
  expect(await call(nobody, [])).toMatchObject({ left: { _tag: 'Unavailable' } })
})
