// Contracts over real gRPC: where messages are defined, failures, time, limits, and the end of a server.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { contract, event, failure, handler, implement, unary, unavailable } from '@tenon/contract'
import {
  background,
  type Clock,
  type Context,
  call,
  cancelled,
  fail,
  type Outcome,
  ok,
  run,
  systemClock,
  type Telemetry,
  withCancel,
  withDeadline,
  withMetadata,
} from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { grpc, type ProtoOptions, type ServeOptions } from './index.ts'

const OutOfStock = failure('OutOfStock', 'failed_precondition', t.strict({ sku: t.string, left: t.number }))
const Orders = contract('shop.orders.v1.Orders', {
  place: unary({ input: t.strict({ sku: t.string }), output: t.strict({ id: t.string }), failures: [OutOfStock] }),
  placed: event({ message: t.string }),
})

const orders = (place: (input: { readonly sku: string }, ctx: Context) => unknown) =>
  implement(Orders, { place: handler(Orders.methods.place, place as never) })
const answers = orders(async ({ sku }) =>
  sku === 'none' ? fail(OutOfStock({ sku, left: 0 })) : ok({ id: `1-${sku}` }),
)
const quiet: ServeOptions = { onTelemetry: () => {}, grace: 0 }

describe('a contract', () => {
  it('given no .proto, when it is served and called, then values, declared failures and refusals are typed; events are not carried', async () => {
    await using server = await grpc.serve(answers)
    await using client = grpc.client(Orders, { address: server.address })
    expect(await call(client.place, { sku: 'oak' })).toEqual(ok({ id: '1-oak' }))
    expect(await call(client.place, { sku: 'none' })).toEqual(fail(OutOfStock({ sku: 'none', left: 0 })))
    expect(Object.keys(client)).toEqual(['place'])
  })

  it('given .proto files that import each other, when it is bound to them, then it is that service; a difference stops it before it listens', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'proto '))
    try {
      mkdirSync(join(folder, 'common'))
      writeFileSync(
        join(folder, 'orders.proto'),
        `syntax = "proto3"; package shop.orders.v1; import "common/order.proto"; import "google/protobuf/empty.proto";
         service Orders { rpc Place(PlaceRequest) returns (Order); }
         message PlaceRequest { string sku = 7; }`,
      )
      const other = join(folder, 'common', 'order.proto')
      writeFileSync(other, 'syntax = "proto3"; package shop.orders.v1; message Order { string id = 3; }')
      const proto = pathToFileURL(join(folder, 'orders.proto'))
      await using server = await grpc.serve(answers, { proto })
      await using client = grpc.client(Orders, { address: server.address, proto: [join(folder, 'orders.proto')] })
      expect(await call(client.place, { sku: 'oak' })).toEqual(ok({ id: '1-oak' }))
      writeFileSync(other, 'syntax = "proto3"; package shop.orders.v1; message Order { int32 id = 3; }')
      await expect(grpc.serve(answers, { proto })).rejects.toMatchObject({
        name: 'ProtoMismatch',
        mismatches: [{ path: 'place.output.id', contract: 'string', proto: 'int32' }],
      })
      expect(() => grpc.client(Orders, { address: 'a:1', proto })).toThrow('place.output.id')
      writeFileSync(other, 'syntax = "proto3"; message {')
      await expect(grpc.serve(answers, { proto })).rejects.toThrow('orders.proto cannot be read')
      await expect(grpc.serve(answers, { proto: join(folder, 'missing.proto') })).rejects.toThrow('there is no file')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('given a lock, when both sides have it, then its numbers are on the wire', async () => {
    const { lock } = grpc.toProto(Orders, { version: 1, types: { PlaceRequest: { gone: 1 } } })
    await using server = await grpc.serve(answers, { lock })
    await using client = grpc.client(Orders, { address: server.address, lock })
    await using other = grpc.client(Orders, { address: server.address })
    expect(await call(client.place, { sku: 'oak' })).toEqual(ok({ id: '1-oak' }))
    expect(await call(other.place, { sku: 'oak' })).toEqual(ok({ id: '1-' }))
  })

  it('given the same fields in another order, when neither side has a lock, then they are told apart by number; with one lock, by name', async () => {
    const [text, books] = [t.string, t.Int]
    const Here = contract('shop.v1.Shelf', {
      put: unary({ input: t.strict({ note: text, books, shelf: text }), output: t.void }),
    })
    const There = contract('shop.v1.Shelf', {
      put: unary({ input: t.strict({ shelf: text, books, note: text }), output: t.void }),
    })
    const seen: unknown[] = []
    const shelves = implement(There, {
      put: handler(There.methods.put, async (input) => {
        seen.push(input)
        return ok()
      }),
    })
    const { lock } = grpc.toProto(There)
    for (const options of [{}, { lock }] as ProtoOptions[]) {
      await using server = await grpc.serve(shelves, options)
      await using client = grpc.client(Here, { address: server.address, ...options })
      expect(await call(client.put, { note: 'n', books: 3 as t.Int, shelf: 's' })).toEqual(ok(undefined))
    }
    expect(seen).toEqual([
      { shelf: 'n', books: 3, note: 's' },
      { shelf: 's', books: 3, note: 'n' },
    ])
  })

  it('given several contracts, when they are served, then each answers; one twice is a TypeError', async () => {
    const Ping = contract('shop.v1.Ping', { ping: unary({ input: t.void, output: t.string }) })
    const pings = implement(Ping, { ping: handler(Ping.methods.ping, async () => ok('pong')) })
    await using server = await grpc.serve([answers, pings])
    await using client = grpc.client(Ping, { address: server.address })
    expect(await call(client.ping, undefined)).toEqual(ok('pong'))
    await expect(grpc.serve([pings, pings])).rejects.toThrow('shop.v1.Ping is given twice')
  })

  it('given an answer that the contract cannot send, when a handler gives it, then it is `internal`, and told to the server', async () => {
    const Count = contract('shop.v1.Count', { count: unary({ input: t.void, output: t.number }) })
    const Whole = contract('shop.v1.Count', { count: unary({ input: t.void, output: t.Int }) })
    const told: Telemetry[] = []
    const big = implement(Whole, { count: handler(Whole.methods.count, async () => ok((2 ** 60) as t.Int)) })
    await using server = await grpc.serve(big, { onTelemetry: (each) => void told.push(each), grace: 0 })
    await using client = grpc.client(Whole, { address: server.address })
    expect(await call(client.count, undefined)).toMatchObject({ left: { code: 'internal' } })
    expect(told).toMatchObject([{ kind: 'defect' }])
    expect(() => grpc.toProto(Count)).not.toThrow()
  })
})

describe('a handler', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('hunter2')
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('hunter2')
      },
    ],
    ['answers nonsense', async () => 'nonsense'],
    ['answers nothing', async () => undefined],
    ['fails with nothing', async () => fail(undefined as never)],
  ])(
    'given one that %s, when it is called, then the caller has `internal` without the cause, at once',
    async (_, place) => {
      const told: Telemetry[] = []
      await using server = await grpc.serve(orders(place), { onTelemetry: (each) => void told.push(each), grace: 0 })
      await using client = grpc.client(Orders, { address: server.address })
      const answer = await call(client.place, { sku: 'oak' })
      expect(answer).toMatchObject({ left: { code: 'internal' } })
      expect(JSON.stringify(answer)).not.toContain('hunter2')
      expect(server.inFlight).toBe(0)
    },
  )
})

describe('time', () => {
  it('given a deadline, when the handler looks, then it has what is left of it, at most what the server allows', async () => {
    const left: number[] = []
    const look = orders(async (_, ctx) => {
      left.push(ctx.deadline - performance.now())
      return ok({ id: '' })
    })
    await using server = await grpc.serve(look, { limits: { request: 20_000 } })
    await using client = grpc.client(Orders, { address: server.address, timeout: 'unbounded' })
    for (const options of [{ timeout: 2_000 }, {}, { timeout: 90_000 }, { timeout: 2 ** 31 + 1_000 }])
      expect((await call(client.place, { sku: '' }, options))._tag).toBe('Right')
    const [short, none, long, ages] = left as [number, number, number, number]
    expect(short).toBeGreaterThan(1_000)
    expect(short).toBeLessThanOrEqual(2_000)
    for (const each of [none, long, ages]) expect(Math.abs(each - 20_000)).toBeLessThan(1_000)
  })

  it('given no deadline, when nobody answers for 5 s of the clock of the call, then it is DeadlineExceeded, and the server is told', async () => {
    const clock = virtualClock()
    let ended: unknown
    let ran = false
    const hang = orders((_, { signal }) => {
      ran = true
      return new Promise(() => signal.addEventListener('abort', () => (ended = signal.reason)))
    })
    await using server = await grpc.serve(hang, quiet)
    await using client = grpc.client(Orders, { address: server.address })
    const answer = run(client.place, { sku: '' }, background({ clock }))
    await expect.poll(() => ran).toBe(true)
    await clock.advance(4_999)
    expect(ended).toBeUndefined()
    await clock.advance(1)
    expect(await answer).toMatchObject({ left: { _tag: 'DeadlineExceeded' } })
    await expect.poll(() => ended).toBeDefined()
  })

  it('given a caller who gives up, when a handler hangs, then the caller has Cancelled, the signal aborts, and the call is over', async () => {
    const ends: Outcome[] = []
    let told = false
    let ran = false
    const hang = orders((_, { signal }) => {
      ran = true
      return new Promise(() => signal.addEventListener('abort', () => (told = true)))
    })
    await using server = await grpc.serve(hang, {
      ...quiet,
      finalize: (_ctx, _call, outcome) => void ends.push(outcome),
    })
    await using client = grpc.client(Orders, { address: server.address })
    const scope = withCancel(background())
    const answer = run(client.place, { sku: '' }, scope.ctx)
    await expect.poll(() => ran).toBe(true)
    scope.cancel(cancelled('enough'))
    expect(await answer).toEqual(fail(cancelled('enough')))
    await expect.poll(() => told).toBe(true)
    await expect.poll(() => server.inFlight).toBe(0)
    expect(ends).toMatchObject([{ left: { _tag: 'Cancelled' } }])
  })

  it('given a deadline that has passed or a caller who left before, when called, then nothing is sent', async () => {
    await using client = grpc.client(Orders, { address: '127.0.0.1:1' })
    const late = withDeadline(background(), performance.now() - 1).ctx
    expect(await run(client.place, { sku: '' }, late)).toMatchObject({ left: { _tag: 'DeadlineExceeded' } })
    const gone = withCancel(background())
    gone.cancel()
    expect(await run(client.place, { sku: '' }, gone.ctx)).toMatchObject({ left: { _tag: 'Cancelled' } })
  })
})

describe('a peer', () => {
  it('given nobody who listens, when called, then it is Unavailable at once: nothing waits to become ready', async () => {
    await using client = grpc.client(Orders, { address: '127.0.0.1:1' })
    const start = performance.now()
    expect(await call(client.place, { sku: '' })).toEqual({
      _tag: 'Left',
      left: unavailable('127.0.0.1:1 cannot be reached (ECONNREFUSED)'),
    })
    expect(performance.now() - start).toBeLessThan(2_000)
  })

  it.each([
    ['answers HTTP/1.1', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
    ['answers something', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ])(
    'given one that %s, when called, then Unavailable says that it is no gRPC, and not when that was',
    async (_, text) => {
      const other = createServer((socket) => socket.on('error', () => {}).end(text)).listen(0, '127.0.0.1')
      await new Promise((resolve) => other.once('listening', resolve))
      const address = `127.0.0.1:${(other.address() as { port: number }).port}`
      await using client = grpc.client(Orders, { address })
      expect(await call(client.place, { sku: '' })).toEqual(
        fail(unavailable(`${address} cannot be reached: what answers there is no gRPC, unless it wants TLS`)),
      )
      other.close()
    },
  )

  it('given a server that went and came back, when the client calls again, then it is answered', async () => {
    const first = await grpc.serve(answers)
    await using client = grpc.client(Orders, { address: first.address })
    expect((await call(client.place, { sku: 'a' }))._tag).toBe('Right')
    await first[Symbol.asyncDispose]()
    expect(await call(client.place, { sku: 'a' })).toMatchObject({ left: { _tag: 'Unavailable' } })
    await using again = await grpc.serve(answers, { port: first.port })
    await expect.poll(async () => (await call(client.place, { sku: 'a' }))._tag, { timeout: 5_000 }).toBe('Right')
    expect(again.port).toBe(first.port)
  })

  it('given a client that was disposed, when it is called, then it is a failure and does not throw', async () => {
    await using server = await grpc.serve(answers)
    const client = grpc.client(Orders, { address: server.address })
    await client[Symbol.asyncDispose]()
    expect((await call(client.place, { sku: 'a' }))._tag).toBe('Left')
  })
})

describe('limits', () => {
  it('given a message that is too large, when the client sends it, then it is InvalidArgument, and nothing is sent', async () => {
    let calls = 0
    await using server = await grpc.serve(orders(async () => ok({ id: `${++calls}` })))
    await using client = grpc.client(Orders, { address: server.address, limits: { message: 1_000 } })
    expect(await call(client.place, { sku: 'x'.repeat(1_000) })).toMatchObject({
      left: { _tag: 'InvalidArgument', issues: [{ expected: 'at most 1000 bytes (limits.message of this client)' }] },
    })
    expect(calls).toBe(0)
  })

  it('given a message that the server does not take, when it comes, then it is resource_exhausted, and the next call is answered', async () => {
    await using server = await grpc.serve(answers, { limits: { message: 1_000 } })
    await using client = grpc.client(Orders, { address: server.address })
    expect(await call(client.place, { sku: 'x'.repeat(1_000) })).toMatchObject({
      left: {
        code: 'resource_exhausted',
        message: 'a message of 1003 bytes is too large: the server takes at most 1000 (its limits.message)',
      },
    })
    expect((await call(client.place, { sku: 'a' }))._tag).toBe('Right')
  })

  it('given an answer that is too large, when a handler gives it, then it is resource_exhausted to the caller and to finalizers', async () => {
    const ends: Outcome[] = []
    await using server = await grpc.serve(
      orders(async () => ok({ id: 'x'.repeat(1_000) })),
      {
        limits: { message: 1_000 },
        finalize: (_ctx, _call, outcome) => void ends.push(outcome),
      },
    )
    await using client = grpc.client(Orders, { address: server.address })
    const message = 'the answer has more than 1000 bytes (limits.message of the server)'
    const tooLarge = { left: { code: 'resource_exhausted', tag: 'AnswerTooLarge', message } }
    expect(await call(client.place, { sku: 'a' })).toMatchObject(tooLarge)
    expect(ends).toMatchObject([tooLarge])
  })

  it('given an answer that the client does not take, when it comes, then it is resource_exhausted, and says whose limit that is', async () => {
    await using server = await grpc.serve(orders(async () => ok({ id: 'x'.repeat(1_000) })))
    await using client = grpc.client(Orders, { address: server.address, limits: { message: 500 } })
    expect(await call(client.place, { sku: 'a' })).toMatchObject({
      left: {
        code: 'resource_exhausted',
        message: 'the answer of 1003 bytes is too large: this client takes at most 500 (its limits.message)',
      },
    })
  })

  it('given metadata beyond what may be sent, when called, then it is InvalidArgument before anything is sent', async () => {
    await using client = grpc.client(Orders, { address: '127.0.0.1:1', limits: { metadata: 100 } })
    const ctx = withMetadata(background(), { a: 'x'.repeat(100) })
    expect(await run(client.place, { sku: '' }, ctx)).toMatchObject({ left: { _tag: 'InvalidArgument' } })
  })

  it('given metadata beyond what a server takes, when called, then it is a failure, and the next call is answered', async () => {
    await using server = await grpc.serve(answers, { ...quiet, limits: { metadata: 2_000 } })
    await using client = grpc.client(Orders, { address: server.address, limits: { metadata: 65_536 } })
    for (const [bytes, tag] of [
      [20_000, 'MetadataTooLarge'],
      [62_000, 'MetadataTooLarge'],
      [65_530, undefined],
    ] as const) {
      const ctx = withMetadata(background(), { a: 'x'.repeat(bytes) })
      const answer = await run(client.place, { sku: 'a' }, ctx)
      expect(answer).toMatchObject({ left: tag === undefined ? {} : { code: 'resource_exhausted', tag } })
    }
    expect(await call(client.place, { sku: 'a' })).toEqual(ok({ id: '1-a' }))
  })
})

describe('the end of a server', () => {
  const slow = () => {
    let release = (): void => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    let running = 0
    const impl = orders(async () => {
      running++
      await gate
      return ok({ id: 'done' })
    })
    return { impl, release, running: () => running }
  }

  it('given calls in flight, when it drains, then they are answered, later ones are Unavailable, and it ends', async () => {
    const { impl, release, running } = slow()
    await using server = await grpc.serve(impl, quiet)
    await using client = grpc.client(Orders, { address: server.address })
    const first = call(client.place, { sku: '' })
    await expect.poll(running).toBe(1)
    expect(server.inFlight).toBe(1)
    const drained = server.drain()
    expect(await call(client.place, { sku: '' })).toMatchObject({ left: { _tag: 'Unavailable' } })
    release()
    expect(await first).toEqual(ok({ id: 'done' }))
    await drained
    expect(server.inFlight).toBe(0)
    await server.drain()
  })

  it('given calls that were answered, when it has drained, then it has no timer left that would keep the process alive', async () => {
    const timers = new Set<object>()
    const clock: Clock = {
      ...systemClock,
      at(when, run) {
        const timer = systemClock.at(when, () => {
          timers.delete(timer)
          run()
        })
        timers.add(timer)
        return {
          cancel() {
            timers.delete(timer)
            timer.cancel()
          },
        }
      },
    }
    const server = await grpc.serve(answers, { clock, health: true })
    await using client = grpc.client(Orders, { address: server.address })
    expect(await call(client.place, { sku: 'oak' })).toEqual(ok({ id: '1-oak' }))
    expect(timers.size).toBeGreaterThan(0)
    await client[Symbol.asyncDispose]()
    await server.drain()
    expect(timers.size).toBe(0)
  })

  it('given a handler that hangs, when the drain has no more time, then the caller has Unavailable, and it ends', async () => {
    const hang = orders(() => new Promise(() => {}))
    await using server = await grpc.serve(hang, quiet)
    await using client = grpc.client(Orders, { address: server.address })
    const answer = call(client.place, { sku: '' })
    await expect.poll(() => server.inFlight).toBe(1)
    const stop = new AbortController()
    const drained = server.drain({ signal: stop.signal })
    stop.abort()
    expect(await answer).toMatchObject({ left: { _tag: 'Unavailable' } })
    await drained
  })

  it('given a server that is disposed twice, then it ends once and is free of its port', async () => {
    const server = await grpc.serve(answers)
    await Promise.all([server[Symbol.asyncDispose](), server[Symbol.asyncDispose]()])
    await using again = await grpc.serve(answers, { port: server.port })
    expect(again.address).toBe(server.address)
  })

  it('given a port in use, when it is to listen there, then the error names it', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as { port: number }
    await expect(grpc.serve(answers, { port })).rejects.toThrow(`port ${port} of 127.0.0.1 is in use`)
    other.close()
  })

  it.each([
    [{ port: 70_000 }, 'port: whole number from 0 to 65535'],
    [{ host: '' }, 'host is a name or an address'],
    [{ grace: -1 }, 'grace: whole milliseconds from 0'],
    [{ limits: { message: 0 } }, 'limits.message: whole bytes from 1'],
    [{ limits: { what: 1 } as never }, 'there is no limit "what"'],
    [{ before: 'x' as never }, 'a hook is a function'],
    [{ health: 'yes' as never }, 'health is true, false or { ready: () => boolean } and not "yes"'],
    [{ health: null as never }, 'health is true, false or { ready: () => boolean } and not null'],
    [{ health: { ready: true as never } }, 'health.ready is a function and not true'],
    [{ health: { reddy: true } as never }, 'there is no option "reddy"'],
    [{ reflection: 1 as never }, 'reflection is true or false and not 1'],
  ])('given %j, when it is to listen, then it is a TypeError that says what is allowed', async (options, says) => {
    await expect(grpc.serve(answers, options as ServeOptions)).rejects.toThrow(says)
  })
})

describe('what is given', () => {
  it('given a contract in place of an implementation, or nothing, when it is to be served, then a TypeError says what makes it', async () => {
    const made = 'grpc.serve: what is served is made by implement(contract, endpoints)'
    for (const given of [Orders, undefined, [answers, Orders]])
      await expect(grpc.serve(given as never)).rejects.toThrow(new TypeError(made))
    await expect(grpc.serve([])).rejects.toThrow('grpc.serve: there is nothing to serve')
  })

  it('given no options, or a contract that has only events, when a client is made, then a TypeError names what is missing', () => {
    const clientOf = grpc.client as unknown as (...given: unknown[]) => unknown
    for (const options of [undefined, {}])
      expect(() => clientOf(Orders, options)).toThrow(
        new TypeError("grpc.client of shop.orders.v1.Orders: address is missing; it reads 'host:port'"),
      )
    const Told = contract('shop.v1.Told', { placed: event({ message: t.string }) })
    expect(() => grpc.client(Told, { address: 'a:1' })).toThrow('grpc.client of shop.v1.Told: it has no method to call')
  })

  it.each([
    ['localhost', 'and localhost has no port'],
    ['127.0.0.1', 'and 127.0.0.1 has no port'],
    ['::1', 'and ::1 has no port'],
    ['[::1]', 'and [::1] has no port'],
    ['localhost:', 'a port from 1 to 65535, and not localhost:'],
    ['localhost:0', 'a port from 1 to 65535, and not localhost:0'],
    ['[::1]:65536', 'a port from 1 to 65535, and not [::1]:65536'],
    ['http://localhost:9090', 'without http://'],
  ])(
    'given the address %s, when a client is made, then it is a TypeError that says what is wrong with it',
    (address, says) => {
      expect(() => grpc.client(Orders, { address })).toThrow(TypeError)
      expect(() => grpc.client(Orders, { address })).toThrow(`address reads 'host:port', ${says}`)
    },
  )

  it.each([
    'dns:///x:1',
    'dns:x',
    'unix:x.sock',
    'unix:///x.sock',
    'ipv4:1.2.3.4:1,1.2.3.5:1',
    'ipv6:[::1]:1',
    '[::1]:1',
  ])('given the target %s, when a client is made, then it is taken', async (address) => {
    await grpc.client(Orders, { address })[Symbol.asyncDispose]()
  })
})
