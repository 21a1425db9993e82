// Calls over the in-process wire: what crosses, what does not, and who gives up when.
import { type CallFailed, contract, failure, handler, type Implementation, implement, unary } from '@tenon/contract'
import {
  background,
  type Context,
  call,
  endpoint,
  type Failure,
  fail,
  mapMethods,
  type Outcome,
  ok,
  run,
  subscribe,
  type Telemetry,
  timeout,
  withCancel,
  withMetadata,
} from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type ClientOptions, memory, type Running, type ServeOptions, type Wire, wire } from './index.ts'

/** A date in the program, a text on the wire. */
const Day = new t.Type<Date, string, unknown>(
  'Day',
  (u): u is Date => u instanceof Date,
  (u, c) => (typeof u === 'string' && !Number.isNaN(Date.parse(u)) ? t.success(new Date(u)) : t.failure(u, c)),
  (day) => day.toISOString(),
)
const OutOfStock = failure('OutOfStock', 'failed_precondition', t.strict({ sku: t.string, back: Day }))
const Place = t.strict({ sku: t.string, on: Day, note: t.union([t.string, t.undefined]) })
const Orders = contract('shop.orders.v1.Orders', {
  place: unary({ input: Place, output: t.strict({ sku: t.string, on: Day }), failures: [OutOfStock] }),
  ask: unary({ input: t.unknown, output: t.unknown }),
  nothing: unary({ input: t.void, output: t.void }),
})
type Ask = (input: unknown, ctx: Context) => Outcome | Promise<Outcome>

const day = new Date('2026-01-02T03:04:05.000Z')
const seen: unknown[] = []
const answering = (ask: Ask = (input) => ok(input)): Implementation =>
  implement(Orders, {
    place: handler(Orders.methods.place, (order) => {
      seen.push(order)
      return order.sku === '' ? fail(OutOfStock({ sku: 'oak', back: day, message: 'wait' })) : ok(order)
    }),
    ask: endpoint(ask as never) as never,
    nothing: handler(Orders.methods.nothing, () => ok()),
  })

async function setUp(
  ask?: Ask,
  serving: Partial<ServeOptions> = {},
  calling: Partial<ClientOptions> = {},
): Promise<{ server: Running; client: ReturnType<typeof clientOf>; link: Wire }> {
  const link = wire('orders')
  const server = await memory.serve(answering(ask), { wire: link, ...serving })
  return { server, client: clientOf(link, calling), link }
}
const clientOf = (link: Wire, options: Partial<ClientOptions> = {}) => memory.client(Orders, { wire: link, ...options })
const left = (outcome: Outcome): Failure => (outcome._tag === 'Left' ? outcome.left : expect.unreachable())
const settle = () => new Promise((resolve) => setImmediate(resolve))
const never = () => new Promise<never>(() => {})

describe('what crosses the wire', () => {
  it('given values of rich types, when they cross, then each side has its own, encoded and decoded', async () => {
    const { client } = await setUp()
    const order = { sku: 'oak', on: day, note: undefined }
    seen.length = 0
    const answer = await call(client.place, order)
    expect(answer).toEqual(ok({ sku: 'oak', on: day }))
    expect(seen).toEqual([{ sku: 'oak', on: day, note: undefined }])
    expect(seen[0]).not.toBe(order)
    expect((seen[0] as typeof order).on).not.toBe(day)
  })

  it('given anything at all, when it crosses, then it is what JSON makes of it: undefined keys are dropped', async () => {
    const { client } = await setUp()
    // Contracts refuse `__proto__` as a key.
    const key = fc.string({ unit: 'binary' }).filter((name) => name !== '__proto__')
    const values = [fc.constant(undefined), fc.boolean(), fc.double(), fc.string({ unit: 'binary' }), fc.date()]
    await fc.assert(
      fc.asyncProperty(fc.object({ key, values, maxDepth: 2 }), async (value) => {
        const answer = await call(client.ask, value)
        expect(answer).toEqual(ok(JSON.parse(JSON.stringify(value))))
      }),
      { numRuns: 40 },
    )
    const answer = await call(client.ask, { a: undefined, b: 1 })
    expect(answer._tag === 'Right' && Object.keys(answer.right as object)).toEqual(['b'])
    expect(await call(client.nothing, undefined)).toEqual(ok(undefined))
  })

  it('given a declared failure, when it crosses, then it is typed back with its decoded details', async () => {
    const { client } = await setUp()
    const answer = await call(client.place, { sku: '', on: day, note: undefined })
    expect(answer).toEqual(fail(OutOfStock({ sku: 'oak', back: day, message: 'wait' })))
    expectTypeOf(client.place).toEqualTypeOf<
      import('@tenon/endpoint').Endpoint<
        t.TypeOf<typeof Place>,
        { sku: string; on: Date },
        ReturnType<typeof OutOfStock> | CallFailed
      >
    >()
  })

  it('given an undeclared failure, a throw, a rejection, an answer that is none, then code and tag cross, no cause does', async () => {
    const reported: unknown[] = []
    using _ = subscribe((event) => void (event.kind === 'defect' && reported.push(String(event.cause))), ['defect'])
    const { client } = await setUp((how) => {
      if (how === 'fail') return fail({ _tag: 'Teapot', code: 'aborted', message: 'short and stout' } as Failure)
      if (how === 'throw') throw new Error('secret')
      if (how === 'reject') return Promise.reject(new Error('secret'))
      return 'nonsense' as never
    })
    expect(left(await call(client.ask, 'fail'))).toEqual({
      _tag: 'Remote',
      code: 'aborted',
      message: 'short and stout',
      tag: 'Teapot',
    })
    for (const how of ['throw', 'reject', 'nonsense']) {
      const failed = left(await call(client.ask, how))
      expect(failed).toMatchObject({ _tag: 'Remote', code: 'internal', tag: 'Defect' })
      expect(JSON.stringify(failed)).not.toContain('secret')
    }
    expect(reported).toHaveLength(3)
  })

  it('given an input that does not fit, then the server says where, and its endpoint is not asked', async () => {
    const { link } = await setUp()
    const Older = contract('shop.orders.v1.Orders', {
      place: unary({ input: t.strict({ sku: t.number }), output: t.unknown }),
      gone: unary({ input: t.void, output: t.void }),
    })
    seen.length = 0
    const older = memory.client(Older, { wire: link })
    const failed = left(await call(older.place, { sku: 7 }))
    expect(failed).toMatchObject({ _tag: 'InvalidArgument', code: 'invalid_argument' })
    expect((failed as { issues?: { path: string }[] }).issues?.map(({ path }) => path).sort()).toEqual(['on', 'sku'])
    expect(seen).toEqual([])
    expect(left(await call(older.gone, undefined))).toMatchObject({ _tag: 'Remote', code: 'unimplemented' })
  })

  it('given an answer its codec does not take, then that is an internal failure and the cause is reported', async () => {
    const events: Telemetry[] = []
    const { client } = await setUp(() => ok(1n), { onTelemetry: (event) => events.push(event) })
    expect(left(await call(client.ask, 1))).toMatchObject({ code: 'internal', tag: 'Defect' })
    expect(events).toMatchObject([{ kind: 'defect', method: { name: 'ask' }, cause: expect.any(TypeError) }])
    // And an input that cannot be encoded is a Defect on the client's side.
    expect(left(await call(client.ask, 1n))).toMatchObject({ _tag: 'Defect' })
  })

  it('given metadata, then what this hop set crosses, and of what came in only the allowed keys, lower-case', async () => {
    const { link, client } = await setUp((_, ctx) => ok([...ctx.metadata]))
    const incoming = background({
      metadata: new Map([
        ['traceparent', '00-1'],
        ['authorization', 'secret'],
        ['x-tenant', 'a'],
      ]),
    })
    const ctx = withMetadata(incoming, { 'X-Own': '1' })
    const of = async (sent: ReturnType<typeof clientOf>) => {
      const answer = await run(sent.ask, undefined, ctx)
      return answer._tag === 'Right' && (answer.right as string[][]).map(([key]) => key).sort()
    }
    expect(await of(client)).toEqual(['traceparent', 'x-own'])
    expect(await of(clientOf(link, { allow: ['x-tenant'] }))).toEqual(['x-own', 'x-tenant'])
  })
})

describe('time', () => {
  it('given a deadline, then the server has as many milliseconds left, and its signal aborts when they are over', async () => {
    const clock = virtualClock(500)
    let inside: Context | undefined
    const { client } = await setUp((_, ctx) => {
      inside = ctx
      expect(ctx.signal.aborted).toBe(false)
      return never()
    })
    const answer = run(client.ask, undefined, background({ clock, deadline: 800.7 }))
    await clock.advance(299)
    expect(inside?.deadline).toBe(800)
    await clock.advance(2)
    expect(left(await answer)).toMatchObject({ _tag: 'DeadlineExceeded' })
    expect(inside?.signal.aborted).toBe(true)
  })

  it('given no deadline, then the client gives up after its timeout, 5 s by default, and tells the server', async () => {
    const clock = virtualClock()
    const endings: unknown[] = []
    const { client, link } = await setUp((_, ctx) => {
      ctx.signal.addEventListener('abort', () => endings.push(ctx.signal.reason))
      return never()
    })
    for (const [asked, ms] of [
      [client, 5_000],
      [clientOf(link, { timeout: 50 }), 50],
    ] as const) {
      const answer = run(asked.ask, undefined, background({ clock }))
      await clock.advance(ms - 1)
      expect(endings).toEqual([])
      await clock.advance(1)
      expect(left(await answer)).toMatchObject({ _tag: 'DeadlineExceeded', message: `no answer within ${ms} ms` })
      expect(endings.splice(0)).toMatchObject([{ _tag: 'DeadlineExceeded' }])
    }
    expect(clock.pending).toBe(0)
  })

  it('given an unbounded client, then it waits as long as it takes', async () => {
    const clock = virtualClock()
    const { client } = await setUp(
      async (_, ctx) => {
        expect(ctx.deadline).toBe(Number.POSITIVE_INFINITY)
        await clock.sleep(3_600_000)
        return ok('done')
      },
      {},
      { timeout: 'unbounded' },
    )
    const answer = run(client.ask, undefined, background({ clock }))
    await clock.advance(3_600_000)
    expect(await answer).toEqual(ok('done'))
  })

  it('given a caller who cancels, then it is answered at once and the server is told; nothing is left behind', async () => {
    const clock = virtualClock()
    let reason: unknown
    const { client, server } = await setUp(
      (_, ctx) =>
        new Promise((resolve) => {
          ctx.signal.addEventListener('abort', () => {
            reason = ctx.signal.reason
            resolve(ok('too late'))
          })
        }),
    )
    using scope = withCancel(background({ clock }))
    const answer = run(client.ask, undefined, scope.ctx)
    await settle()
    scope.cancel()
    expect(left(await answer)).toMatchObject({ _tag: 'Cancelled' })
    await settle()
    expect(reason).toMatchObject({ _tag: 'Cancelled' })
    expect(server.inFlight).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('given a call that has ended before it began, then nothing is sent', async () => {
    const clock = virtualClock(100)
    const asked: unknown[] = []
    const { client } = await setUp((input) => {
      asked.push(input)
      return ok(input)
    })
    using scope = withCancel(background({ clock }))
    scope.cancel()
    expect(left(await run(client.ask, 1, scope.ctx))).toMatchObject({ _tag: 'Cancelled' })
    expect(left(await run(client.ask, 2, background({ clock, deadline: 100 })))).toMatchObject({
      _tag: 'DeadlineExceeded',
    })
    await settle()
    expect(asked).toEqual([])
  })

  it('given a middleware with a time limit around the client, then it goes down the wire', async () => {
    const clock = virtualClock()
    const { client } = await setUp((_, ctx) => ok(ctx.deadline))
    const limited = mapMethods(client, timeout(70))
    expect(await run(limited.ask, undefined, background({ clock }))).toEqual(ok(70))
    expect(clock.pending).toBe(0)
  })
})

describe('a server', () => {
  it('given nobody serves the contract, then Unavailable says so; the next who serves it takes over', async () => {
    const link = wire('orders')
    const client = clientOf(link)
    expect(left(await call(client.ask, 1))).toEqual({
      _tag: 'Unavailable',
      code: 'unavailable',
      message: 'shop.orders.v1.Orders is not served on memory://orders',
    })
    {
      await using server = await memory.serve(answering(), { wire: link })
      expect(server.url).toBe('memory://orders')
      expect(await call(client.ask, 1)).toEqual(ok(1))
    }
    expect(left(await call(client.ask, 1))).toMatchObject({ _tag: 'Unavailable' })
    await using _ = await memory.serve(
      answering(() => ok('new')),
      { wire: link },
    )
    expect(await call(client.ask, 1)).toEqual(ok('new'))
  })

  it('given two contracts, then both are served; the same one twice is refused and nothing of it stays', async () => {
    const link = wire()
    const Stock = contract('shop.stock.v1.Stock', { take: unary({ input: t.string, output: t.number }) })
    const stock = implement(Stock, { take: handler(Stock.methods.take, (sku) => ok(sku.length)) })
    await using server = await memory.serve([answering(), stock], { wire: link })
    expect(await call(memory.client(Stock, { wire: link }).take, 'oak')).toEqual(ok(3))
    await expect(memory.serve(stock, { wire: link })).rejects.toThrow(
      new TypeError('memory.serve: shop.stock.v1.Stock is served on memory://memory already'),
    )
    expect(server.inFlight).toBe(0)
  })

  it('given a drain, then what runs is finished, new calls are refused, and it resolves after the last', async () => {
    let finish: (() => void) | undefined
    const { client, server } = await setUp(async () => {
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      return ok('done')
    })
    const running = call(client.ask, 1)
    await settle()
    expect(server.inFlight).toBe(1)
    let drained = false
    const draining = server.drain({ signal: new AbortController().signal }).then(() => {
      drained = true
    })
    expect(left(await call(client.ask, 2))).toMatchObject({ _tag: 'Unavailable' })
    expect(drained).toBe(false)
    finish?.()
    expect(await running).toEqual(ok('done'))
    await draining
    await server.drain({ signal: new AbortController().signal })
    await server[Symbol.asyncDispose]()
  })

  it('given the time of a drain is up, then callers hear Unavailable at once, also of an endpoint that does not listen', async () => {
    let signal: AbortSignal | undefined
    const { client, server } = await setUp((_, ctx) => {
      signal = ctx.signal
      return never()
    })
    const running = call(client.ask, 1)
    await settle()
    const ended = new AbortController()
    const draining = server.drain({ signal: ended.signal })
    ended.abort()
    expect(left(await running)).toMatchObject({ _tag: 'Unavailable' })
    expect(signal?.aborted).toBe(true)
    await draining
    expect(server.inFlight).toBe(0)
  })

  it('given it is disposed, then it waits for its grace and no longer', async () => {
    const { client, server } = await setUp(never, { grace: 20 })
    const running = call(client.ask, 1)
    await settle()
    await Promise.all([server[Symbol.asyncDispose](), server[Symbol.asyncDispose]()])
    expect(left(await running)).toMatchObject({ _tag: 'Unavailable' })
  })

  it('given a client that is disposed, then it takes no calls, and those that run go on', async () => {
    let finish: (() => void) | undefined
    const { client } = await setUp(
      () =>
        new Promise((resolve) => {
          finish = () => resolve(ok('done'))
        }),
    )
    const running = call(client.ask, 1)
    await settle()
    await client[Symbol.asyncDispose]()
    expect(left(await call(client.ask, 2))).toMatchObject({ _tag: 'Unavailable', message: 'this client is closed' })
    finish?.()
    expect(await running).toEqual(ok('done'))
  })

  it('given a client in the place of an implementation, then that is a gateway', async () => {
    const { client } = await setUp()
    const front = wire('front')
    await using _ = await memory.serve(implement(Orders, client), { wire: front })
    const far = clientOf(front)
    expect(await call(far.place, { sku: 'oak', on: day, note: 'x' })).toEqual(ok({ sku: 'oak', on: day }))
    expect(await call(far.place, { sku: '', on: day, note: 'x' })).toEqual(
      fail(OutOfStock({ sku: 'oak', back: day, message: 'wait' })),
    )
  })
})

describe('limits and options', () => {
  it('given an input above the limit, in bytes and not letters, then it is refused and that is reported', async () => {
    const events: Telemetry[] = []
    const { client } = await setUp(undefined, { limits: { body: 100 }, onTelemetry: (event) => events.push(event) })
    expect(await call(client.ask, 'x'.repeat(80))).toEqual(ok('x'.repeat(80)))
    expect(left(await call(client.ask, 'ü'.repeat(80)))).toMatchObject({
      _tag: 'Remote',
      code: 'invalid_argument',
      tag: 'BodyTooLarge',
      message: 'an input may have 100 bytes',
    })
    expect(events).toMatchObject([{ kind: 'server.rejected', transport: 'memory', reason: 'body-too-large' }])
  })

  it('given an answer above the limit, then the client says so', async () => {
    const { client } = await setUp(() => ok('x'.repeat(200)), {}, { limits: { response: 100 } })
    expect(left(await call(client.ask, 1))).toMatchObject({ _tag: 'Remote', code: 'internal', tag: 'AnswerTooLarge' })
  })

  it('given metadata above the limit, then nothing is sent', async () => {
    let asked = 0
    const { client } = await setUp(() => ok(asked++), {}, { limits: { metadata: 10 } })
    expect(await call(client.ask, 1, { metadata: { 'x-a': '1234567' } })).toEqual(ok(0))
    expect(left(await call(client.ask, 1, { metadata: { 'x-a': '12345678' } }))).toMatchObject({
      _tag: 'InvalidArgument',
      issues: [{ path: 'metadata', expected: 'at most 10 bytes', actual: 'more' }],
    })
    expect(asked).toBe(1)
  })

  it('given a bad option, then a TypeError names it', async () => {
    const link = wire()
    for (const none of [{}, undefined]) {
      const says = '"wire" must be a wire, as wire() makes it'
      expect(() => memory.client(Orders, none as never)).toThrow(`memory.client: ${says}`)
      await expect(memory.serve(answering(), none as never)).rejects.toThrow(`memory.serve: ${says}`)
    }
    for (const given of [Orders, undefined, [Orders]])
      await expect(memory.serve(given as never, { wire: link })).rejects.toThrow(
        'memory.serve: what is served is made by implement(contract, endpoints)',
      )
    expect(() => clientOf(link, { timeout: 0 })).toThrow(
      'memory.client: "timeout" must be a number of milliseconds above 0, but was 0',
    )
    expect(() => clientOf(link, { limits: { response: 1.5 } })).toThrow('"response" must be a whole number of bytes')
    await expect(memory.serve(answering(), { wire: { name: 'x' } })).rejects.toThrow('"wire" must be a wire')
    await expect(memory.serve(answering(), { wire: link, limits: { body: 0 } })).rejects.toThrow('"body" must be')
    await expect(memory.serve(answering(), { wire: link, grace: -1 })).rejects.toThrow('"grace" must be')
  })

  it('given many calls under one parent, then no listener and no timer stays', async () => {
    const clock = virtualClock()
    const { client, server } = await setUp()
    using scope = withCancel(background({ clock, deadline: 60_000 }))
    for (let n = 0; n < 200; n++) await call(client.ask, n, { parent: scope.ctx })
    expect(clock.pending).toBe(0)
    expect(server.inFlight).toBe(0)
  })
})
