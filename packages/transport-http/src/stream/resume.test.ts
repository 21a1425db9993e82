// Streams that go on: over connections that break at any byte, servers that stop, and until it is no use any more.
import type { RequestListener } from 'node:http'
import { type AddressInfo, connect, createServer as createTcp, type Socket } from 'node:net'
import { type CallFailed, contract, failure, handler, implement, serverStream } from '@tenon/contract'
import { background, call, fail, type Outcome, ok, run, type Stream, type Telemetry, withCancel } from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import { constant } from '@tenon/policy'
import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { all, far, head, opened } from '../../test/streams.ts'
import { type ContractClientOptions, http, type Running } from '../index.ts'
import type { ServeOptions } from '../serve.ts'

const Refused = failure('Refused', 'failed_precondition', t.strict({ at: t.number }))
const Item = t.strict({ seq: t.number, text: t.string })
const From = t.intersection([t.strict({ id: t.string }), t.partial({ after: t.number })])
const shape = { input: From, output: Item, failures: [Refused], resume: { id: 'seq', after: 'after' } } as const
const Feed = contract('shop.feed.v1.Feed', {
  watch: serverStream({ ...shape, http: 'GET /v1/{id}/events' }),
  posted: serverStream(shape),
})
type From = t.TypeOf<typeof From>
type Watching = Stream<t.TypeOf<typeof Item>, CallFailed | ReturnType<typeof Refused>>

const pads = ['', 'é', '日本', '🌲🌲', 'x'.repeat(100), '\n\r\u2028"\\']
const itemOf = (seq: number) => ({ seq, text: pads[seq % pads.length] as string })
const serving = (watch: (input: From) => AsyncIterable<Outcome>, options: ServeOptions = {}): Promise<Running> =>
  http.serve(
    implement(Feed, {
      watch: handler(Feed.methods.watch, watch as never),
      posted: handler(Feed.methods.posted, watch as never),
    }),
    { onTelemetry: () => {}, ...options },
  )
/** Items after the one that is asked for, up to this one. */
const upTo = (last: number) =>
  async function* ({ after = 0 }: From) {
    for (let seq = after + 1; seq <= last; seq++) {
      yield ok(itemOf(seq))
      if (seq % 7 === 0) await new Promise(setImmediate)
    }
  }
const quick = { backoff: constant(1) }
const clientOf = (url: string, options: Partial<ContractClientOptions> = {}) =>
  http.client(Feed, { url, resume: quick, onTelemetry: () => {}, ...options })

const expected = (last: number) => Array.from({ length: last }, (_, i) => itemOf(i + 1))

interface Proxy extends AsyncDisposable {
  readonly url: string
  connections: number
}
/** Passes bytes on, and breaks each connection when so many have come back from the server; the last is left alone. */
async function cutting(port: number, cuts: readonly number[]): Promise<Proxy> {
  const sockets = new Set<Socket>()
  const server = createTcp((near) => {
    const cut = cuts[held.connections++] ?? Number.POSITIVE_INFINITY
    const distant = connect({ port, host: '127.0.0.1' })
    for (const socket of [near, distant]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => sockets.delete(socket))
    }
    let back = 0
    near.on('data', (chunk) => distant.write(chunk))
    near.once('close', () => distant.destroy())
    distant.on('data', (chunk: Buffer) => {
      const rest = Math.max(0, cut - back)
      back += chunk.length
      if (back < cut) near.write(chunk)
      else {
        // Every third by a reset, which may take what was sent before with it.
        near.write(chunk.subarray(0, rest), () => (cut % 3 === 0 ? near.resetAndDestroy() : near.end()))
        distant.destroy()
      }
    })
    distant.once('close', () => near.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const held = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return held
}

const event = (seq: number): string => `id: ${seq}\ndata: ${JSON.stringify(itemOf(seq))}\n\n`
/** Sends this of a stream, and breaks off. */
const breaking =
  (text: string): RequestListener =>
  (_, res) => {
    res.writeHead(200, head).write(text)
    setTimeout(() => res.destroy(), 10)
  }

describe('given a connection that breaks', () => {
  it('when it breaks at any byte, again and again, then every item is read once, in order, to the end', {
    timeout: 60_000,
  }, async () => {
    await using s = await serving(upTo(60))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 4_000 }), { maxLength: 6 }),
        fc.constantFrom('watch' as const, 'posted' as const),
        fc.option(fc.integer({ min: 1, max: 59 }), { nil: undefined }),
        async (cuts, method, after) => {
          await using proxy = await cutting(s.port, cuts)
          await using c = clientOf(proxy.url, { resume: { ...quick, attempts: 'unbounded' } })
          const input = after === undefined ? { id: 'a b' } : { id: 'a b', after }
          // The first opening is the caller's to repeat.
          let outcome = (await call(c[method], input)) as Outcome
          for (let i = 0; i < cuts.length && outcome._tag === 'Left'; i++)
            outcome = (await call(c[method], input)) as Outcome
          expect(await all(outcome._tag === 'Right' ? (outcome.right as Watching) : expect.unreachable())).toEqual(
            expected(60).slice(after ?? 0),
          )
        },
      ),
      { numRuns: 60 },
    )
    await expect.poll(() => s.inFlight).toBe(0)
  })

  it('when it breaks at each byte of a short stream in turn, then every item is read once', {
    timeout: 60_000,
  }, async () => {
    await using s = await serving(upTo(3))
    const socket = connect({ port: s.port, host: '127.0.0.1' })
    socket.write('GET /v1/a/events HTTP/1.1\r\nhost: x\r\n\r\n')
    let whole = ''
    for await (const chunk of socket) {
      whole += (chunk as Buffer).toString('latin1')
      if (whole.endsWith('0\r\n\r\n')) break
    }
    const from = whole.indexOf('\r\n\r\n') + 4
    for (let cut = from; cut <= whole.length + 1; cut++) {
      await using proxy = await cutting(s.port, [cut])
      await using c = clientOf(proxy.url)
      expect(await all(await opened(call(c.watch, { id: 'a' })))).toEqual(expected(3))
    }
  })

  it('when nothing had come yet, then the next one asks the same; else for what comes after the last item', async () => {
    const parts = ['', event(1) + event(2), `${event(3)}event: end\ndata: {}\n\n`]
    await using s = await far((req, res) => breaking(parts.shift() ?? '')(req, res))
    await using c = clientOf(s.url)
    expect(await all(await opened(call(c.watch, { id: 'a' })))).toEqual(expected(3))
    expect(s.requests.map(({ url }) => url)).toEqual(['/v1/a/events', '/v1/a/events', '/v1/a/events?after=2'])
  })

  it('when the hooks set headers, then they do for each connection, and each is reported', async () => {
    const parts = [event(1), 'event: end\ndata: {}\n\n']
    await using s = await far((req, res) => breaking(parts.shift() ?? '')(req, res))
    const events: Telemetry[] = []
    let token = 0
    await using c = clientOf(s.url, {
      before: (_, { headers }) => {
        headers.authorization = `token ${++token}`
      },
      onTelemetry: (event) => events.push(event),
    })
    expect(await all(await opened(call(c.watch, { id: 'a' })))).toEqual(expected(1))
    expect(s.requests.map(({ headers }) => headers.authorization)).toEqual(['token 1', 'token 2'])
    expect(events.filter(({ kind }) => kind === 'retry.attempt')).toMatchObject([
      { attempt: 2, wait: 1, failure: { code: 'unavailable' }, method: { name: 'watch' } },
    ])
  })

  it('when the method does not offer it, or it is turned off, then it is Unavailable', async () => {
    const Plain = contract('a.Plain', {
      watch: serverStream({ input: From, output: Item, http: 'GET /v1/{id}/events' }),
    })
    await using s = await far(breaking(event(1)))
    await using plain = http.client(Plain, { url: s.url })
    await using off = clientOf(s.url, { resume: { attempts: 0 } })
    for (const c of [plain, off])
      expect(await all(await opened(call(c.watch, { id: 'a' })))).toMatchObject([itemOf(1), { _tag: 'Unavailable' }])
    expect(s.requests).toHaveLength(2)
  })
})

describe('given a server that stops', () => {
  it('when another one takes over, then the stream goes on there', async () => {
    let released = Promise.withResolvers<void>()
    const waiting = async function* ({ after = 0 }: From) {
      yield* upTo(after + 3)({ id: '', after })
      await released.promise
    }
    const first = await serving(waiting)
    await using c = clientOf(first.url)
    const items = (await opened(call(c.watch, { id: 'a' })))[Symbol.asyncIterator]()
    const read: unknown[] = []
    for (let i = 0; i < 3; i++) read.push((await items.next()).value)
    const next = items.next()
    await first.drain()
    released.resolve()
    released = Promise.withResolvers<void>()
    await using _second = await serving(waiting, { port: first.port, grace: 0 })
    read.push((await next).value)
    read.push((await items.next()).value, (await items.next()).value)
    expect(read).toEqual(expected(6).map(ok))
    await items.return?.()
    released.resolve()
  })

  it('when it says how long to wait, then that is waited', async () => {
    for (const [text, wait] of [
      [`retry: 250\n${event(1)}`, 250],
      // Neither at once nor for ever.
      [`retry: 0\n${event(1)}`, 100],
      [`retry: ${'9'.repeat(400)}\n${event(1)}`, 300_000],
    ] as const) {
      const clock = virtualClock()
      const events: Telemetry[] = []
      await using s = await far(breaking(text))
      await using c = clientOf(s.url, { onTelemetry: (event) => events.push(event) })
      using scope = withCancel(background({ clock }))
      const items = (await opened(run(c.watch, { id: 'a' }, scope.ctx)))[Symbol.asyncIterator]()
      await items.next()
      const next = items.next()
      await expect.poll(() => events.find(({ kind }) => kind === 'retry.attempt')).toMatchObject({ wait })
      await clock.advance(wait - 1)
      expect(s.requests).toHaveLength(1)
      await clock.advance(1)
      await expect.poll(() => s.requests.length).toBe(2)
      scope.cancel()
      expect((await next).value).toMatchObject({ left: { _tag: 'Cancelled' } })
      expect(clock.pending).toBe(0)
    }
  })

  it('when it refuses for a while and says for how long, then that is waited; what is no such refusal ends it', async () => {
    const answers: RequestListener[] = [
      breaking(event(1)),
      (_, res) => void res.writeHead(503, { 'retry-after': '1' }).end(),
      breaking(event(2)),
      (_, res) =>
        void res
          .writeHead(400, { 'content-type': 'application/problem+json' })
          .end('{"code":"failed_precondition","tag":"Refused","detail":"no","details":{"at":2}}'),
    ]
    await using s = await far((req, res) => answers.shift()?.(req, res))
    const waits: number[] = []
    await using c = clientOf(s.url, {
      onTelemetry: (event) => event.kind === 'retry.attempt' && waits.push(event.wait),
    })
    expect(await all(await opened(call(c.watch, { id: 'a' })))).toEqual([
      ...expected(2),
      Refused({ at: 2, message: 'no' }),
    ])
    expect(waits).toEqual([1, 1_000, 1])
  })

  it('when it fails of itself, even as unavailable, then that is the end', async () => {
    let asked = 0
    await using s = await serving(async function* () {
      asked++
      yield ok(itemOf(1))
      yield fail({ _tag: 'Unavailable', code: 'unavailable', message: 'the source is down' })
    })
    await using c = clientOf(s.url)
    expect(await all(await opened(call(c.watch, { id: 'a' })))).toMatchObject([
      itemOf(1),
      { _tag: 'Unavailable', message: 'the source is down' },
    ])
    expect(asked).toBe(1)
  })
})

describe('given no way to go on', () => {
  it('when it breaks without an item for as many times as allowed, then it is Unavailable; items begin the count anew', async () => {
    let connection = 0
    await using s = await far((req, res) =>
      breaking(++connection === 3 ? event(2) : connection === 1 ? event(1) : '')(req, res),
    )
    const events: Telemetry[] = []
    await using c = clientOf(s.url, {
      resume: { ...quick, attempts: 2 },
      onTelemetry: (event) => events.push(event),
    })
    expect(await all(await opened(call(c.watch, { id: 'a' })))).toMatchObject([...expected(2), { _tag: 'Unavailable' }])
    expect(connection).toBe(5)
    expect(events.at(-1)).toMatchObject({ kind: 'retry.exhausted', why: 'attempts', attempts: 2 })
  })

  it('when a silent connection held for long, then the count begins anew, too', async () => {
    const clock = virtualClock()
    let connection = 0
    const ends: (() => void)[] = []
    await using s = await far((_, res) => {
      connection++
      res.writeHead(200, head).flushHeaders()
      ends.push(() => res.destroy())
    })
    await using c = clientOf(s.url, { resume: { ...quick, attempts: 1 } })
    const read = opened(run(c.watch, { id: 'a' }, background({ clock }))).then(all)
    for (let i = 1; i <= 3; i++) {
      await expect.poll(() => connection).toBe(i)
      await new Promise((resolve) => setTimeout(resolve, 10))
      await clock.advance(30_001)
      ends[i - 1]?.()
      await expect.poll(() => clock.pending).toBe(1)
      await clock.advance(1)
    }
    await expect.poll(() => connection).toBe(4)
    ends[3]?.()
    expect(await read).toMatchObject([{ _tag: 'Unavailable' }])
    expect(clock.pending).toBe(0)
  })

  it('when the deadline is nearer than the next attempt, then it does not wait for it', async () => {
    const clock = virtualClock()
    const events: Telemetry[] = []
    await using s = await far(breaking(event(1)))
    await using c = clientOf(s.url, {
      resume: { backoff: constant(1_000) },
      onTelemetry: (event) => events.push(event),
    })
    const read = all(await opened(run(c.watch, { id: 'a' }, background({ clock, deadline: 900 }))))
    expect(await read).toMatchObject([itemOf(1), { _tag: 'Unavailable' }])
    expect(events.at(-1)).toMatchObject({ kind: 'retry.exhausted', why: 'deadline' })
    expect(clock.pending).toBe(0)
  })

  it('when the caller or the reader gives up between two connections, then nothing more is tried', async () => {
    for (const how of ['caller', 'reader'] as const) {
      const clock = virtualClock()
      await using s = await far(breaking(event(1)))
      await using c = clientOf(s.url, { resume: { backoff: constant(1_000) } })
      using scope = withCancel(background({ clock }))
      const items = (await opened(run(c.watch, { id: 'a' }, scope.ctx)))[Symbol.asyncIterator]()
      await items.next()
      const next = items.next()
      await expect.poll(() => clock.pending).toBe(1)
      if (how === 'caller') scope.cancel()
      else await items.return?.()
      const { done, value } = await next
      if (how === 'caller') expect(value).toMatchObject({ left: { _tag: 'Cancelled' } })
      else expect(done).toBe(true)
      expect(clock.pending).toBe(0)
      expect(s.requests).toHaveLength(1)
    }
  })

  it('when the reader gives up while the next connection opens, then that is closed', async () => {
    const answers: RequestListener[] = [breaking(event(1)), () => {}]
    await using s = await far((req, res) => answers.shift()?.(req, res))
    await using c = clientOf(s.url)
    const items = (await opened(call(c.watch, { id: 'a' })))[Symbol.asyncIterator]()
    await items.next()
    const next = items.next()
    await expect.poll(() => s.requests.length).toBe(2)
    await items.return?.()
    expect((await next).done).toBe(true)
    await expect.poll(() => s.requests[1]?.socket.destroyed).toBe(true)
  })

  it('when the client is closed, then it does not wait for a next one', async () => {
    await using s = await far(breaking(event(1)))
    const c = clientOf(s.url, { resume: { backoff: constant(60_000) } })
    const items = (await opened(call(c.watch, { id: 'a' })))[Symbol.asyncIterator]()
    await items.next()
    await c[Symbol.asyncDispose]()
    expect((await items.next()).value).toMatchObject({ left: { _tag: 'Unavailable' } })
  })

  it("when it cannot be opened at first, then that is the caller's to repeat", async () => {
    await using s = await far((_, res) => void res.writeHead(503).end())
    await using c = clientOf(s.url)
    expect(await call(c.watch, { id: 'a' })).toMatchObject({ left: { _tag: 'Unavailable' } })
    expect(s.requests).toHaveLength(1)
  })
})
