// Calls that go together, and what each of them keeps for itself.
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { contract, failure, handler, implement, unary } from '@tenon/contract'
import { background, call, type Endpoint, fail, type Outcome, ok, run, withMetadata } from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { type Client, http, jsonrpc, type RpcContractOptions, type RpcServerOptions } from '../index.ts'

const OutOfStock = failure('OutOfStock', 'failed_precondition', t.strict({ sku: t.string }))
const Stock = contract('shop.Stock', {
  take: unary({ input: t.strict({ sku: t.string }), output: t.string, failures: [OutOfStock] }),
  note: unary({ input: t.strict({ n: t.number }), output: t.void }),
  wait: unary({ input: t.strict({ n: t.number }), output: t.number }),
})

interface Bench extends AsyncDisposable {
  readonly client: Client<typeof Stock>
  readonly url: string
  /** The HTTP requests so far: their bodies and headers. */
  readonly requests: { readonly body: unknown; readonly headers: IncomingHttpHeaders }[]
  readonly notes: number[]
  readonly waiting: { readonly n: number; readonly signal: AbortSignal; readonly release: () => void }[]
}

async function bench(options: Partial<RpcContractOptions> = {}, serving: RpcServerOptions = {}): Promise<Bench> {
  const requests: Bench['requests'] = []
  const notes: number[] = []
  const waiting: Bench['waiting'] = []
  const stock = implement(Stock, {
    take: handler(Stock.methods.take, async ({ sku }) => (sku === 'none' ? fail(OutOfStock({ sku })) : ok(`1 ${sku}`))),
    note: handler(Stock.methods.note, async ({ n }) => ok(void notes.push(n))),
    wait: handler(Stock.methods.wait, async ({ n }, ctx) => {
      await new Promise<void>((release) => waiting.push({ n, signal: ctx.signal, release }))
      return ok(n)
    }),
  })
  const quiet = { onTelemetry: (): void => {} }
  const finalize: RpcServerOptions['finalize'] = (_, { request }) => {
    const body: unknown = JSON.parse(request.body.toString())
    requests.push({ body, headers: request.headers })
  }
  const listener = jsonrpc.server(stock, { ...quiet, finalize, ...serving })
  const s = await http.serve([], { ...quiet, grace: 100, routes: { 'POST /rpc': listener } })
  const url = `${s.url}/rpc`
  const client = jsonrpc.client(Stock, { url, batch: true, ...options })
  return {
    client,
    url,
    requests,
    notes,
    waiting,
    async [Symbol.asyncDispose]() {
      for (const { release } of waiting) release()
      await client[Symbol.asyncDispose]()
      await s[Symbol.asyncDispose]()
    },
  }
}
const sizes = ({ requests }: Bench): readonly unknown[] =>
  requests.map(({ body }) => (Array.isArray(body) ? body.length : 'single'))

describe('given calls of one turn of the event loop', () => {
  it('when they are made, then one request carries them, and each has its own answer', async () => {
    await using b = await bench()
    const answers = await Promise.all([
      call(b.client.take, { sku: 'oak' }),
      call(b.client.take, { sku: 'none' }),
      call(b.client.note, { n: 7 }),
      call(b.client.take, { sku: 7 } as never),
      // Some promises later, but in the same turn.
      Promise.resolve().then(() => call(b.client.take, { sku: 'ash' })),
    ])
    expect(answers).toMatchObject([
      ok('1 oak'),
      fail(OutOfStock({ sku: 'none' })),
      ok(undefined),
      { left: { _tag: 'InvalidArgument', issues: [{ path: 'sku' }] } },
      ok('1 ash'),
    ])
    await expect.poll(() => sizes(b)).toEqual([5])
    expect(b.notes).toEqual([7])
    expect(b.requests[0]?.headers['request-timeout-ms']).toMatch(/^(?:4500|44\d\d)$/)
  })

  it('when there is one, then it goes as it would without batching', async () => {
    await using b = await bench()
    expect(await call(b.client.take, { sku: 'oak' })).toEqual(ok('1 oak'))
    await new Promise((resolve) => setTimeout(resolve, 1))
    expect(await call(b.client.take, { sku: 'ash' })).toEqual(ok('1 ash'))
    await expect.poll(() => sizes(b)).toEqual(['single', 'single'])
  })

  it('when they are more than a batch holds, in number or bytes, then there are several', async () => {
    await using b = await bench({ batch: { max: 3, bytes: 1_000 } })
    const take = (sku: string): Promise<Outcome> => call(b.client.take, { sku })
    await Promise.all(Array.from({ length: 7 }, (_, n) => take(`${n}`)))
    await expect.poll(() => sizes(b).toSorted()).toEqual([3, 3, 'single'])
    b.requests.length = 0
    const long = await Promise.all([take('x'.repeat(600)), take('x'.repeat(600)), take('x'.repeat(2_000)), take('a')])
    expect(long.map(({ _tag }) => _tag)).toEqual(Array(4).fill('Right'))
    await expect.poll(() => sizes(b)).toEqual(Array(4).fill('single'))
  })

  it('when their metadata differ, then they do not share a request, and nobody’s is sent with another’s call', async () => {
    await using b = await bench()
    const as = (who: string | undefined, sku: string): Promise<Outcome> =>
      call(b.client.take, { sku }, who === undefined ? {} : { metadata: { authorization: who } })
    await Promise.all([as('ann', 'a1'), as('bob', 'b1'), as(undefined, 'n1'), as('ann', 'a2'), as(undefined, 'n2')])
    await expect.poll(() => b.requests.length).toBe(3)
    const seen = b.requests.map(({ body, headers }) => [headers.authorization, JSON.stringify(body).match(/[abn]\d/g)])
    expect(seen).toEqual(
      expect.arrayContaining([
        ['ann', ['a1', 'a2']],
        ['bob', ['b1']],
        [undefined, ['n1', 'n2']],
      ]),
    )
  })

  it('when metadata cannot be sent, or a call is over before, then that one fails and the others go', async () => {
    await using b = await bench()
    const answers = await Promise.all([
      call(b.client.take, { sku: 'a' }, { metadata: { 'x-bad': 'ü' } }),
      call(b.client.take, { sku: 'b' }, { signal: AbortSignal.abort() }),
      call(b.client.take, { sku: 'c' }),
      call(b.client.take, { sku: 'd' }),
    ])
    expect(answers).toMatchObject([
      { left: { _tag: 'InvalidArgument' } },
      { left: { _tag: 'Cancelled' } },
      ok('1 c'),
      ok('1 d'),
    ])
    await expect.poll(() => sizes(b)).toEqual([2])
  })

  it('when they wait in a window, then for so long and no longer', async () => {
    const clock = virtualClock()
    await using b = await bench({ batch: { window: 10 } })
    const ctx = background({ clock })
    const first = run(b.client.take, { sku: 'a' }, ctx)
    await clock.advance(9)
    const second = run(b.client.take, { sku: 'b' }, ctx)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(b.requests).toEqual([])
    await clock.advance(1)
    expect(await Promise.all([first, second])).toEqual([ok('1 a'), ok('1 b')])
    const third = run(b.client.take, { sku: 'c' }, ctx)
    await clock.advance(10)
    expect(await third).toEqual(ok('1 c'))
    await expect.poll(() => sizes(b)).toEqual([2, 'single'])
    expect(clock.pending).toBe(0)
  })

  it('when more wait than may, then further ones are Unavailable at once', async () => {
    const clock = virtualClock()
    await using b = await bench({ batch: { window: 10, max: 100 }, connections: 1, queue: 1 })
    const ctx = background({ clock })
    const calls = ['a', 'b', 'c'].map((sku) => run(b.client.take, { sku }, ctx))
    expect(await calls[2]).toMatchObject({
      left: { _tag: 'Unavailable', message: expect.stringMatching(/^2 calls to /) },
    })
    await clock.advance(10)
    expect(await Promise.all(calls.slice(0, 2))).toEqual([ok('1 a'), ok('1 b')])
  })
})

describe('given a batch on its way', () => {
  it('when the time of one call is up, then it fails and the others are answered', async () => {
    const clock = virtualClock()
    await using b = await bench()
    const ctx = (deadline: number) => background({ clock, deadline })
    const short = run(b.client.wait, { n: 1 }, ctx(50))
    const long = run(b.client.wait, { n: 2 }, ctx(500))
    await expect.poll(() => b.waiting.length).toBe(2)
    await clock.advance(50)
    expect(await short).toMatchObject({ left: { _tag: 'DeadlineExceeded' } })
    for (const { release } of b.waiting) release()
    expect(await long).toEqual(ok(2))
    expect(b.requests[0]?.headers['request-timeout-ms']).toBe('450')
    expect(clock.pending).toBe(0)
  })

  it('when one call hangs, then the others have their answers before their time is up', async () => {
    const clock = virtualClock()
    await using b = await bench({}, { clock })
    const ctx = background({ clock, deadline: 1_000 })
    const wait = run(b.client.wait, { n: 1 }, ctx)
    const take = run(b.client.take, { sku: 'oak' }, ctx)
    await expect.poll(() => b.waiting.length).toBe(1)
    await clock.advance(900)
    expect(await Promise.all([wait, take])).toMatchObject([{ left: { _tag: 'DeadlineExceeded' } }, ok('1 oak')])
    expect(clock.now()).toBe(900)
  })

  it('when callers give up, then the others are answered; with the last of them the request ends', async () => {
    await using b = await bench()
    const aborts = [new AbortController(), new AbortController(), new AbortController()]
    const calls = aborts.map(({ signal }, n) => call(b.client.wait, { n }, { signal }))
    await expect.poll(() => b.waiting.length).toBe(3)
    aborts[0]?.abort()
    expect(await calls[0]).toMatchObject({ left: { _tag: 'Cancelled' } })
    expect(b.waiting.some(({ signal }) => signal.aborted)).toBe(false)
    aborts[1]?.abort()
    aborts[2]?.abort()
    expect(await calls[2]).toMatchObject({ left: { _tag: 'Cancelled' } })
    await expect.poll(() => b.waiting.every(({ signal }) => signal.aborted)).toBe(true)
  })

  it('when a caller gave up before it was sent, then it is not', async () => {
    await using b = await bench()
    const abort = new AbortController()
    const gone = call(b.client.note, { n: 1 }, { signal: abort.signal })
    const others = [call(b.client.note, { n: 2 }), call(b.client.note, { n: 3 })]
    abort.abort()
    expect(await gone).toMatchObject({ left: { _tag: 'Cancelled' } })
    await Promise.all(others)
    expect(b.notes).toEqual([2, 3])
  })

  it('when there are hooks, then they run once a batch', async () => {
    const ran: unknown[] = []
    await using b = await bench({
      before: (_, { headers }) => {
        headers['x-who'] = 'me'
        ran.push('before')
      },
      after: (_, { status }) => void ran.push(status),
      finalize: (_, { outcome }) => void ran.push(outcome),
    })
    await Promise.all([call(b.client.take, { sku: 'a' }), call(b.client.take, { sku: 'none' })])
    expect(ran).toEqual(['before', 200, ok(undefined)])
    expect(b.requests[0]?.headers['x-who']).toBe('me')
  })

  it('when the client is closed, then what waits or is on its way fails with Unavailable', async () => {
    const b = await bench({ batch: { window: 5 } })
    const calls = [call(b.client.take, { sku: 'a' }), call(b.client.take, { sku: 'b' })]
    await b.client[Symbol.asyncDispose]()
    for (const answer of await Promise.all(calls)) expect(answer).toMatchObject({ left: { _tag: 'Unavailable' } })
    await b[Symbol.asyncDispose]()
  })
})

describe('given foreign answers to a batch', () => {
  async function answered(
    answer: (ids: readonly number[]) => unknown,
    count = 3,
    status = 200,
  ): Promise<readonly Outcome[]> {
    const listener: RequestListener = async (req, res) => {
      const sent = JSON.parse(Buffer.concat(await req.toArray()).toString()) as { id: number }[]
      const body = answer(sent.map(({ id }) => id))
      res.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? '' : JSON.stringify(body))
    }
    const far = createServer(listener)
    await new Promise<void>((resolve) => far.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(far.address() as { port: number }).port}`
    try {
      await using client = jsonrpc.client(Stock, { url, batch: true })
      return await Promise.all(Array.from({ length: count }, (_, n) => call(client.take, { sku: `${n}` })))
    } finally {
      far.closeAllConnections()
      await new Promise((resolve) => far.close(resolve))
    }
  }
  const result = (id: unknown, value: unknown = `${id}`): object => ({ jsonrpc: '2.0', result: value, id })
  const error = (id: unknown, code = -32600): object => ({ jsonrpc: '2.0', error: { code, message: 'm' }, id })
  const missing = {
    left: {
      _tag: 'Remote',
      code: 'internal',
      tag: 'InvalidOutput',
      message: 'the answer holds no response to this call',
    },
  }

  it('when one is missing, one is there twice, and some are nobody’s, then the first counts and the missing one is a failure', async () => {
    const answers = await answered(([a, , c]) => [
      result(99),
      result(c),
      result(a),
      result(a, 'again'),
      result('0'),
      result(null),
    ])
    expect(answers).toMatchObject([ok('0'), missing, ok('2')])
  })

  it('when the server could not read some of it, then its error is theirs who have no answer', async () => {
    const answers = await answered(([, b]) => [error(null), result(b)])
    expect(answers).toMatchObject([{ left: { tag: '-32600' } }, ok('1'), { left: { tag: '-32600' } }])
  })

  it('when the answer is one error, nothing, no JSON-RPC or a page, then every call fails with that', async () => {
    for (const [answer, status, left] of [
      [error(null, -32700), 200, { _tag: 'Remote', tag: '-32700' }],
      [undefined, 200, { tag: 'InvalidOutput' }],
      [undefined, 204, { tag: 'InvalidOutput', message: 'the answer (204) holds no response to this call' }],
      [[1, 2], 200, { tag: 'InvalidOutput' }],
      ['busy', 503, { _tag: 'Unavailable' }],
    ] as const)
      expect(await answered(() => answer, 3, status)).toMatchObject(Array(3).fill({ left }))
    await using nobody = jsonrpc.client(Stock, { url: 'http://127.0.0.1:1', batch: true })
    const calls = [call(nobody.take, { sku: 'a' }), call(nobody.take, { sku: 'b' })]
    expect(await Promise.all(calls)).toMatchObject(Array(2).fill({ left: { _tag: 'Unavailable' } }))
  })

  it('in whatever order and company answers come, each call gets its own', async () => {
    const shuffled = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(shuffled, fc.array(fc.constantFrom(99, 'x', 1.5)), async (order, strays) => {
        const answers = await answered(
          (ids) => [...strays.map((id) => result(id)), ...order.map((at) => result(ids[at]))],
          8,
        )
        answers.forEach((answer, at) => {
          if (order.includes(at)) expect(answer).toEqual(ok(`${at}`))
          else expect(answer).toMatchObject(missing)
        })
      }),
      { numRuns: 25 },
    )
  })
})

describe('given many calls for a while', () => {
  it('when they come in bursts with and without batching, then the answers are the same', async () => {
    await using b = await bench()
    await using plain = jsonrpc.client(Stock, { url: b.url })
    const skus = Array.from({ length: 200 }, (_, n) => (n % 7 === 0 ? 'none' : `${n}`))
    const all = (take: Endpoint<{ sku: string }, string, never>): Promise<readonly Outcome[]> =>
      Promise.all(skus.map((sku) => call(take, { sku })))
    const batched = await all(b.client.take as never)
    expect(sizes(b).reduce<number>((sum, size) => sum + (size === 'single' ? 1 : (size as number)), 0)).toBe(200)
    expect(b.requests).toHaveLength(10)
    expect(batched).toEqual(await all(plain.take as never))
  })
})

it('given wrong options of batching, then a TypeError names them', () => {
  const wrong: readonly (readonly [unknown, string])[] = [
    [7, 'batch is true, false or { window, max, bytes } and not 7'],
    [{ size: 7 }, 'batch has no "size"; it has window, max and bytes'],
    [{ max: 0 }, 'batch.max: whole calls from 1 on'],
    [{ window: -1 }, 'batch.window: whole milliseconds from 0 on'],
  ]
  for (const [batch, message] of wrong)
    expect(() => jsonrpc.client(Stock, { url: 'http://127.0.0.1:1', batch: batch as boolean })).toThrow(message)
})

it('given metadata that came in, when calls of one handler go out, then they go together with what passes on', async () => {
  await using b = await bench()
  const received = withMetadata(background({}), { traceparent: '00-1' })
  await Promise.all([run(b.client.take, { sku: 'a' }, received), run(b.client.take, { sku: 'b' }, received)])
  await expect.poll(() => sizes(b)).toEqual([2])
  expect(b.requests[0]?.headers.traceparent).toBe('00-1')
})
