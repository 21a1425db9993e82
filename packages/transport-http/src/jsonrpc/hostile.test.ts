// Whatever is sent, the server answers JSON-RPC or nothing where it must be nothing, and goes on.
import { contract, failure, handler, implement, unary } from '@tenon/contract'
import { type Context, endpoint, fail, ok } from '@tenon/endpoint'
import fc from 'fast-check'
import * as t from 'io-ts'
import { Pool } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { http, jsonrpc, type Running } from '../index.ts'

const Odd = failure('Odd', 'aborted', t.strict({ n: t.number }))
const C = contract('a.C', {
  obj: unary({ input: t.strict({ a: t.number, b: t.string }), output: t.number, failures: [Odd] }),
  any: unary({ input: t.unknown, output: t.unknown }),
  none: unary({ input: t.void, output: t.void }),
})
const listenerOf = () =>
  jsonrpc.server(
    implement(C, {
      obj: handler(C.methods.obj, async ({ a }) => (a > 0 ? ok(a) : fail(Odd({ n: a })))),
      any: handler(C.methods.any, async (value) => ok(value)),
      none: handler(C.methods.none, async () => {
        throw new Error('secret')
      }),
    }),
    { onTelemetry: () => {}, name: ({ name }) => name, limits: { batch: 5, depth: 8, body: 100_000, answer: 5_000 } },
  )

let s: Running
let pool: Pool
const rejections: unknown[] = []
const note = (cause: unknown): void => void rejections.push(cause)
beforeAll(async () => {
  process.on('unhandledRejection', note)
  s = await http.serve([], { onTelemetry: () => {}, routes: { 'POST /rpc': listenerOf() } })
  pool = new Pool(s.url, { connections: 4 })
})
afterAll(async () => {
  await pool.close()
  await s[Symbol.asyncDispose]()
  process.off('unhandledRejection', note)
  expect(rejections).toEqual([])
})

interface Answer {
  readonly status: number
  readonly text: string
}
async function post(body: string | Buffer): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  const { statusCode, body: answer } = await pool.request({ path: '/rpc', method: 'POST', headers, body })
  return { status: statusCode, text: await answer.text() }
}

/** One response of JSON-RPC 2.0: these members and no others. */
const isResponse = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false
  const { jsonrpc, id, error, result, ...rest } = value as Record<string, unknown>
  if (jsonrpc !== '2.0' || Object.keys(rest).length > 0) return false
  if (id !== null && typeof id !== 'string' && typeof id !== 'number') return false
  if ('result' in value === 'error' in value) return false
  if (!('error' in value)) return result !== undefined
  const { code, message } = error as { code: unknown; message: unknown }
  return Number.isSafeInteger(code) && typeof message === 'string' && message !== ''
}

/** Does this element ask for an answer? Everything that is no notification does. */
const isNotification = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const { jsonrpc, method, params, id } = value as Record<string, unknown>
  return (
    jsonrpc === '2.0' &&
    typeof method === 'string' &&
    id === undefined &&
    (params === undefined || typeof params === 'object')
  )
}

function expectValid(sent: string, { status, text }: Answer): void {
  let value: unknown
  try {
    value = JSON.parse(sent)
  } catch {
    expect(status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({ jsonrpc: '2.0', error: { code: -32700 }, id: null })
    return
  }
  expect([200, 204]).toContain(status)
  expect(text).not.toContain('secret')
  const elements: readonly unknown[] = Array.isArray(value) ? value : [value]
  const whole = Array.isArray(value) && (value.length === 0 || value.length > 5)
  const due = whole ? 1 : elements.filter((element) => !isNotification(element)).length
  if (due === 0) {
    expect([status, text]).toEqual([204, ''])
    return
  }
  const answer: unknown = JSON.parse(text)
  expect(Array.isArray(answer)).toBe(Array.isArray(value) && !whole)
  const responses: readonly unknown[] = Array.isArray(answer) ? answer : [answer]
  expect(responses).toHaveLength(due)
  for (const response of responses) expect(isResponse(response), JSON.stringify(response)).toBe(true)
  if (whole) return
  // Ids come back in order, each where it was legal.
  const legal = (id: unknown): boolean => id === null || typeof id === 'string' || typeof id === 'number'
  const ids = elements
    .filter((element) => !isNotification(element))
    .map((element) => (element as { id?: unknown } | null)?.id)
  responses.forEach((response, at) => {
    const id = ids[at]
    const { id: back } = response as { id: unknown }
    if (typeof id === 'number' && !Number.isSafeInteger(id)) expect(typeof back).toBe('number')
    else expect(back).toEqual(legal(id) ? id : null)
  })
}

const maybe = <T>(usual: T, others: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: others })
const nearly = fc
  .record(
    {
      jsonrpc: maybe('2.0', fc.jsonValue()),
      method: fc.oneof(
        fc.constantFrom('obj', 'any', 'none', 'nope', 'constructor', '__proto__', 'rpc.x'),
        fc.jsonValue(),
      ),
      params: fc.oneof(
        fc.record({ a: fc.integer(), b: fc.string() }),
        fc.tuple(fc.integer(), fc.string()),
        fc.jsonValue({ maxDepth: 12 }),
      ),
      id: fc.oneof(
        fc.integer(),
        fc.string(),
        fc.constant(null),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.jsonValue(),
      ),
      extra: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  .map((value) => JSON.stringify(value))
const hostile = fc.constantFrom(
  '{"jsonrpc":"2.0","method":"any","params":{"__proto__":{"a":1}},"id":1}',
  '{"jsonrpc":"2.0","method":"any","__proto__":{"id":2},"id":1}',
  '{"jsonrpc":"2.0","method":"any","id":1,"id":2,"method":"none"}',
  '{"jsonrpc":"2.0","method":"any","params":{"toJSON":1,"then":2,"constructor":{"prototype":1}},"id":1}',
  `{"jsonrpc":"2.0","method":"any","params":${'['.repeat(3_000)}${']'.repeat(3_000)},"id":1}`,
  `{"jsonrpc":"2.0","method":"any","params":["${'x'.repeat(6_000)}"],"id":1}`,
  `{"jsonrpc":"2.0","method":"any","id":${'9'.repeat(400)}}`,
  `{"jsonrpc":"2.0","method":"any","id":"${'i'.repeat(6_000)}"}`,
  `{"jsonrpc":"2.0","method":"${'m'.repeat(6_000)}","id":1}`,
  '{"jsonrpc":"2.0","method":"none","id":1e999}',
  '{"jsonrpc":"2.0","method":"obj","params":{"a":1,"b":"\\ud800"},"id":"\\udfff"}',
)
const element = fc.oneof(
  { weight: 5, arbitrary: nearly },
  { weight: 2, arbitrary: hostile },
  { weight: 1, arbitrary: fc.json() },
)
const message = fc.oneof(
  element,
  fc.array(element, { maxLength: 7 }).map((all) => `[${all.join(',')}]`),
)
const broken = fc
  .tuple(message, fc.nat(), fc.constantFrom('', '}', '"', ',', '\u0000', ']'))
  .map(([text, at, piece]) => {
    const cut = text.length === 0 ? 0 : at % text.length
    return text.slice(0, cut) + piece + text.slice(cut + 1)
  })

describe('given a server of JSON-RPC', () => {
  it('when calls, nearly calls and hostile ones come, alone and in batches, then each answer is a valid one', async () => {
    await fc.assert(
      fc.asyncProperty(message, async (text) => expectValid(text, await post(text))),
      { numRuns: 300 },
    )
  })

  it('when texts come that are broken somewhere, then they are answered like what they are', async () => {
    await fc.assert(
      fc.asyncProperty(broken, async (text) => expectValid(text, await post(text))),
      { numRuns: 200 },
    )
  })

  it('when bytes come that are no text, then -32700', async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 }).filter((given) => !isText(given))
    await fc.assert(
      fc.asyncProperty(bytes, async (given) => {
        const { status, text } = await post(Buffer.from(given))
        expect([status, JSON.parse(text)]).toMatchObject([200, { error: { code: -32700 }, id: null }])
      }),
      { numRuns: 50 },
    )
  })

  it('after all of that, then it answers as before', async () => {
    const { text } = await post('{"jsonrpc":"2.0","method":"obj","params":{"a":7,"b":""},"id":1}')
    expect(text).toBe('{"jsonrpc":"2.0","result":7,"id":1}')
    expect(s.inFlight).toBe(0)
  })
})

const isText = (bytes: Uint8Array): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

it('given endpoints that answer nonsense and failures that cannot be written, then their calls are -32603 and others are answered', async () => {
  const odd = (answer: unknown) =>
    jsonrpc.method({ decode: () => ok(undefined), endpoint: endpoint(() => answer as never) })
  const cyclic: Record<string, unknown> = { _tag: 'Odd', code: 'aborted', message: 'm' }
  cyclic.issues = [cyclic]
  const listener = jsonrpc.server(
    {
      seven: odd(7),
      nothing: odd(undefined),
      left: odd({ _tag: 'Left', left: 'x' }),
      cyclic: odd({ _tag: 'Left', left: cyclic }),
      function: odd(ok(() => 1)),
      symbol: odd(ok(Symbol('x'))),
      decode: jsonrpc.method({ decode: () => 7 as never, endpoint: endpoint(() => ok()) }),
      undecoded: jsonrpc.method({
        decode: () => ({ _tag: 'Left', left: undefined }) as never,
        endpoint: endpoint(() => ok()),
      }),
      context: jsonrpc.method({
        decode: () => ok(undefined),
        before: () => 7 as never as Context,
        endpoint: endpoint(async (_: undefined, ctx) => ok(ctx.signal.aborted)),
      }),
      fine: odd(ok('fine')),
    },
    { onTelemetry: () => {} },
  )
  await using server = await http.serve([], { onTelemetry: () => {}, routes: { 'POST /rpc': listener } })
  const names = ['seven', 'nothing', 'left', 'cyclic', 'function', 'symbol', 'decode', 'undecoded', 'context', 'fine']
  const body = JSON.stringify(names.map((method) => ({ jsonrpc: '2.0', method, id: method })))
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${server.url}/rpc`, { method: 'POST', headers, body })
  const byId = new Map(((await answer.json()) as { id: string }[]).map((one) => [one.id, one]))
  for (const name of names.filter((one) => !/function|symbol|fine/.test(one)))
    expect(byId.get(name), name).toMatchObject({ error: { code: -32603 } })
  expect(byId.get('function')).toMatchObject({ result: null })
  expect(byId.get('symbol')).toMatchObject({ result: null })
  expect(byId.get('fine')).toMatchObject({ result: 'fine' })
})
