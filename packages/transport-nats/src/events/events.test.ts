// Events over a real JetStream: what becomes of each, in every way that it can go wrong; on both generations of clients.
import { contract, event, handler, unary } from '@tenon/contract'
import {
  background,
  type Context,
  call,
  type Failure,
  fail,
  ok,
  run,
  type Telemetry,
  withAttempt,
} from '@tenon/endpoint'
import { constant } from '@tenon/policy'
import * as t from 'io-ts'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, type Connection, fresh, generations, header, server as url } from '../../test/clients.ts'
import { type NatsServer, startNats } from '../../test/nats-server.ts'
import type { NatsMessage } from '../connection.ts'
import { type ConsumeOptions, type Consuming, nats } from '../index.ts'

const Orders = contract('shop.orders.v1.Orders', {
  placed: event({ message: t.strict({ id: t.string }) }),
  sent: event({ message: t.strict({ id: t.string, by: t.string }) }),
  get: unary({ input: t.void, output: t.void }),
})
const { placed } = Orders.methods
const Instant = new t.Type<Date, string>(
  'Instant',
  (u): u is Date => u instanceof Date,
  (u, c) => (typeof u === 'string' && u.endsWith('Z') ? t.success(new Date(u)) : t.failure(u, c)),
  (date) => date.toISOString(),
)
const Shelves = contract('shop.shelves.v1.Shelves', {
  moved: event({ message: t.strict({ shelf: t.string, n: t.number, at: Instant }) }),
})
const unavailable: Failure = { _tag: 'Unavailable', code: 'unavailable', message: 'not now' }
const refused: Failure = { _tag: 'Refused', code: 'failed_precondition', message: 'never' }

type Told = Extract<Telemetry, { readonly kind: 'consumer.message' }>

describe.skipIf(url === undefined).each(generations)('with $name', ({ connect }) => {
  let connection: Connection
  let open: Consuming[] = []
  let told: Telemetry[] = []
  const results = (): readonly string[] =>
    told.filter((one): one is Told => one.kind === 'consumer.message').map((one) => `${one.result} ${one.deliveries}`)
  beforeAll(async () => {
    connection = await connect({ servers: url as string })
  })
  afterEach(async () => {
    for (const one of open) await one[Symbol.asyncDispose]()
    open = []
    told = []
  })
  afterAll(() => connection.close())

  const consume = async (
    prefix: string,
    handle: (event: { readonly id: string }, ctx: Context) => Promise<unknown>,
    options: Partial<ConsumeOptions> = {},
  ): Promise<Consuming> => {
    const made = await nats.consume(
      Orders,
      { placed: handler(placed, handle as never) },
      {
        connection,
        durable: 'mail',
        prefix,
        backoff: constant(30),
        grace: 200,
        onTelemetry: (event) => void told.push(event),
        ...options,
      },
    )
    open.push(made)
    return made
  }
  const publisher = (prefix: string) => nats.publisher(Orders, { connection, prefix })
  const buried = (prefix: string): NatsMessage[] => {
    const all: NatsMessage[] = []
    connection.subscribe(`${prefix}.shop.orders.v1.Orders.dead.>`, { callback: (_, message) => void all.push(message) })
    return all
  }

  it('given events that were published before and after a consumer begins, then each is handled once and done', async () => {
    const prefix = fresh()
    const seen: string[] = []
    const handle = async ({ id }: { id: string }) => {
      seen.push(id)
      return ok()
    }
    const first = await consume(prefix, handle)
    for (const id of ['a', 'b']) expect(await call(publisher(prefix).placed, { id })).toEqual(ok(undefined))
    await expect.poll(() => seen).toEqual(['a', 'b'])
    await first.drain()
    for (const id of ['c', 'd']) await call(publisher(prefix).placed, { id })
    await consume(prefix, handle)
    await expect.poll(() => [...seen].sort()).toEqual(['a', 'b', 'c', 'd'])
    expect(results()).toEqual(['done 1', 'done 1', 'done 1', 'done 1'])
  })

  it('given no stream, when an event is published, then it is Unavailable, and says what is missing', async () => {
    const prefix = fresh()
    const message = `no stream keeps ${prefix}.shop.orders.v1.Orders.events.placed: nats.consume makes one, where JetStream is on`
    expect(await call(publisher(prefix).placed, { id: 'a' })).toMatchObject({ left: { _tag: 'Unavailable', message } })
  })

  it.each([
    ['another type', { shelf: 1 }, 'shelf'],
    ['a number that JSON has not', { n: Number.NaN }, 'n'],
    ['what its codec cannot write', { at: 'today' }, 'at'],
    ['what JSON cannot write', { shelf: 1n }, 'shelf'],
    ['nothing', undefined, ''],
  ])(
    'given an event with %s, when it is published, then it is InvalidArgument that names the field, and nothing is sent',
    async (_, wrong, path) => {
      const prefix = fresh()
      const sent: string[] = []
      const keeper = connection.subscribe(`${prefix}.>`, {
        callback(_, { subject, reply }) {
          sent.push(subject)
          connection.publish(reply as string, '{"stream":"shelves","seq":1}')
        },
      })
      const { moved } = nats.publisher(Shelves, { connection, prefix })
      const right = { shelf: 'a', n: 1, at: new Date(0) }
      const bad = wrong === undefined ? undefined : { ...right, ...wrong }
      expect(await call(moved, bad as never)).toMatchObject({ left: { _tag: 'InvalidArgument', issues: [{ path }] } })
      await connection.flush()
      expect(sent).toEqual([])
      expect(await call(moved, right)).toEqual(ok())
      expect(sent).toEqual([`${prefix}.shop.shelves.v1.Shelves.events.moved`])
      keeper.unsubscribe()
    },
  )

  it('given a contract without events, then a publisher of it is a TypeError', () => {
    const Quiet = contract('shop.quiet.v1.Quiet', { get: unary({ input: t.void, output: t.void }) })
    expect(() => nats.publisher(Quiet, { connection })).toThrow(/no event to publish/)
  })

  it('given a handler that fails for a while, then the event comes again after the backoff, its attempt counted, until it is done', async () => {
    const prefix = fresh()
    const attempts: (number | undefined)[] = []
    await consume(prefix, async (_, { attempt }) => {
      attempts.push(attempt?.number)
      if (attempts.length === 1) return fail(unavailable)
      if (attempts.length === 2) throw new Error('hunter2')
      return ok()
    })
    await call(publisher(prefix).placed, { id: 'a' })
    await expect.poll(results).toEqual(['retried 1', 'retried 2', 'done 3'])
    expect(attempts).toEqual([1, 2, 3])
  })

  it('given a final failure, an event that cannot be read, and one that fails too often, then each is put with the dead, then ended', async () => {
    const prefix = fresh()
    const dead = buried(prefix)
    await consume(prefix, async ({ id }) => (id === 'final' ? fail(refused) : fail(unavailable)), { deliveries: 2 })
    await call(publisher(prefix).placed, { id: 'final' }, { metadata: { 'x-request-id': 'r-1' } })
    await connection.request(`${prefix}.shop.orders.v1.Orders.events.placed`, '{"id":', { timeout: 2_000 })
    await call(publisher(prefix).placed, { id: 'often' })
    await expect.poll(() => [...results()].sort()).toEqual(['dead 1', 'dead 1', 'dead 2', 'retried 1'])
    const said = dead.map((one) => [bodyOf(one), header(one, 'tenon-code'), header(one, 'tenon-deliveries')])
    expect(said.map((one) => one.join(' ')).sort()).toEqual(
      ['{"id": invalid_argument 1', '{"id":"final"} failed_precondition 1', '{"id":"often"} unavailable 2'].sort(),
    )
    const final = dead.find((one) => bodyOf(one).includes('final')) as NatsMessage
    expect(['x-request-id', 'tenon-consumer', 'tenon-tag'].map((name) => header(final, name))).toEqual([
      'r-1',
      'mail-placed',
      'Refused',
    ])
    // The stream keeps them, so that they can be read later.
    const stream = `${prefix}.shop.orders.v1.Orders`.replaceAll('.', '-')
    const last = `{"last_by_subj":"${prefix}.shop.orders.v1.Orders.dead.placed"}`
    const kept = await connection.request(`$JS.API.STREAM.MSG.GET.${stream}`, last, { timeout: 2_000 })
    expect(JSON.parse(bodyOf(kept))).toMatchObject({ message: { data: expect.any(String), hdrs: expect.any(String) } })
  })

  it('given one id twice, then JetStream keeps one; and all attempts of a retry have the same', async () => {
    const prefix = fresh()
    const seen: string[] = []
    await consume(prefix, async ({ id }) => {
      seen.push(id)
      return ok()
    })
    const named = nats.publisher(Orders, { connection, prefix, id: (event) => (event as { id: string }).id })
    for (const id of ['a', 'a', 'b']) await call(named.placed, { id })
    const tried = new Set<string>()
    for (const number of [1, 2])
      await run(publisher(prefix).placed, { id: 'again' }, withAttempt(background(), { number, tried }))
    await call(publisher(prefix).placed, { id: 'last' })
    await expect.poll(() => seen.at(-1)).toBe('last')
    expect(seen).toEqual(['a', 'b', 'again', 'last'])
  })

  it('given two kinds of events with one id, then both are kept', async () => {
    const prefix = fresh()
    const seen: string[] = []
    const heard = async ({ id }: { readonly id: string }) => {
      seen.push(id)
      return ok()
    }
    const handlers = { placed: handler(Orders.methods.placed, heard), sent: handler(Orders.methods.sent, heard) }
    open.push(await nats.consume(Orders, handlers, { connection, prefix, durable: 'both' }))
    const named = nats.publisher(Orders, { connection, prefix, id: () => 'order-1' })
    expect(await call(named.placed, { id: 'placed' })).toEqual(ok())
    expect(await call(named.sent, { id: 'sent', by: 'mail' })).toEqual(ok())
    await expect.poll(() => [...seen].sort()).toEqual(['placed', 'sent'])
  })

  it('given 300 events and a slow handler, then no more run and no more wait here than may', async () => {
    const prefix = fresh()
    let running = 0
    let most = 0
    let held = 0
    const consuming = await consume(
      prefix,
      async () => {
        most = Math.max(most, ++running)
        held = Math.max(held, consuming.inFlight)
        await new Promise((resolve) => setTimeout(resolve, 2))
        running--
        return ok()
      },
      { concurrency: 4, queue: 20 },
    )
    const out = publisher(prefix)
    await Promise.all(Array.from({ length: 300 }, (_, n) => call(out.placed, { id: `${n}` })))
    await expect.poll(() => results().length, { timeout: 15_000 }).toBe(300)
    expect([most, held <= 20, held > 4]).toEqual([4, true, true])
  })

  it('given a handler that takes longer than JetStream waits, then it is told that work goes on, and the event comes once', async () => {
    const prefix = fresh()
    let calls = 0
    await consume(
      prefix,
      async () => {
        calls++
        await new Promise((resolve) => setTimeout(resolve, 1_000))
        return ok()
      },
      { ackWait: 300 },
    )
    await call(publisher(prefix).placed, { id: 'a' })
    await expect.poll(results, { timeout: 5_000 }).toEqual(['done 1'])
    expect(calls).toBe(1)
  })

  it('given a handler that hangs, when its time is over, then it is told, and the event comes again', async () => {
    const prefix = fresh()
    let ended = 0
    await consume(
      prefix,
      (_, { signal, attempt }) =>
        attempt?.number === 2
          ? Promise.resolve(ok())
          : new Promise(() => signal.addEventListener('abort', () => void ended++)),
      { timeout: 50 },
    )
    await call(publisher(prefix).placed, { id: 'a' })
    await expect.poll(results).toEqual(['retried 1', 'done 2'])
    expect(ended).toBe(1)
  })

  it('given a drain under load, then what runs is settled, what waits is given back at once, and another member has all the rest', async () => {
    const prefix = fresh()
    const seen = new Set<string>()
    const handle = async ({ id }: { id: string }) => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      seen.add(id)
      return ok()
    }
    const first = await consume(prefix, handle, { concurrency: 2 })
    const out = publisher(prefix)
    await Promise.all(Array.from({ length: 40 }, (_, n) => call(out.placed, { id: `${n}` })))
    await expect.poll(() => seen.size).toBeGreaterThan(3)
    await first.drain({ signal: AbortSignal.timeout(5_000) })
    const before = seen.size
    expect(before).toBeLessThan(40)
    const drained = told.find(({ kind }) => kind === 'consumer.drained') as Extract<
      Telemetry,
      { kind: 'consumer.drained' }
    >
    expect(drained).toMatchObject({ consumer: 'mail', pending: expect.any(Number) })
    expect(drained.pending).toBeGreaterThan(2)
    expect(results().filter((one) => one.startsWith('done')).length).toBe(before)
    await consume(prefix, handle)
    await expect.poll(() => seen.size, { timeout: 10_000 }).toBe(40)
  })

  it('given a handler that hangs, when the drain is given no more time, then it ends, and the event is given back', async () => {
    const prefix = fresh()
    const consuming = await consume(prefix, () => new Promise(() => {}))
    await call(publisher(prefix).placed, { id: 'a' })
    await expect.poll(() => consuming.inFlight).toBe(1)
    await consuming.drain({ signal: AbortSignal.timeout(30) })
    expect([consuming.inFlight, results()]).toEqual([0, ['retried 1']])
  })

  it('given options that are wrong, then a TypeError names them', async () => {
    const handlers = { placed: handler(placed, async () => ok()) }
    const bad: readonly [object, RegExp][] = [
      [{ durable: 'a b' }, /durable/],
      [{ queue: 0 }, /queue/],
      [{ from: 'here' }, /from/],
      [{ backoff: 5 }, /backoff/],
      [{ stream: { name: 'a.b' } }, /stream.name/],
    ]
    for (const [options, message] of bad)
      await expect(nats.consume(Orders, handlers, { connection, durable: 'x', ...options } as never)).rejects.toThrow(
        message,
      )
    const handlerOf = handlers.placed as never
    await expect(nats.consume(Orders, { get: handlerOf } as never, { connection, durable: 'x' })).rejects.toThrow(
      /"get"/,
    )
    await expect(nats.consume(Orders, {}, { connection, durable: 'x' })).rejects.toThrow(/no handler/)
    for (const plain of [async () => ok(), undefined, 'placed'])
      await expect(nats.consume(Orders, { placed: plain } as never, { connection, durable: 'x' })).rejects.toThrow(
        '"placed" is no endpoint: wrap the function in handler(Orders.methods.placed, ...)',
      )
    const none = { connection, durable: 'x', prefix: fresh(), stream: { create: false } }
    await expect(nats.consume(Orders, handlers, none)).rejects.toThrow(/not found/)
  })

  it('given a NATS server that is killed under a consumer and comes back, then every event that was kept is handled', async () => {
    await using own = (await startNats()) as NatsServer
    const [ours, theirs] = [await connect({ servers: own.url }), await connect({ servers: own.url })]
    const seen = new Set<string>()
    await consume(
      'crash',
      async ({ id }) => {
        seen.add(id)
        return ok()
      },
      { connection: ours },
    )
    const out = nats.publisher(Orders, { connection: theirs, prefix: 'crash' })
    const kept: string[] = []
    const publish = async (id: string): Promise<boolean> => {
      const outcome = await call(out.placed, { id }, { timeout: 2_000 })
      if (outcome._tag === 'Right') kept.push(id)
      return outcome._tag === 'Right'
    }
    for (let n = 0; n < 20; n++) await publish(`${n}`)
    own.signal('SIGKILL')
    for (let n = 20; n < 30; n++) await publish(`${n}`)
    await own.restart()
    await expect.poll(() => publish('last'), { timeout: 10_000 }).toBe(true)
    expect(kept.length).toBeGreaterThan(20)
    await expect.poll(() => kept.filter((id) => !seen.has(id)), { timeout: 15_000 }).toEqual([])
    for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
    await Promise.all([ours.close(), theirs.close()])
  })
})
