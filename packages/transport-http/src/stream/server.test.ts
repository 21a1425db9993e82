// What a stream is on the wire: raw clients, against the head, the events, back-pressure, silence, and every kind of end.
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { contract, failure, handler, implement, serverStream } from '@tenon/contract'
import {
  type Context,
  endpoint,
  fail,
  guard,
  mapMethods,
  type Outcome,
  ok,
  refuse,
  stream,
  type Telemetry,
} from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { http, type Running, type ServerExchange } from '../index.ts'
import type { ServeOptions } from '../serve.ts'
import { acceptsEvents } from './accept.ts'

const Refused = failure('Refused', 'failed_precondition', t.strict({ at: t.number }))
const Item = t.strict({ n: t.number })
const Feed = contract('shop.feed.v1.Feed', {
  watch: serverStream({
    input: t.intersection([t.strict({ id: t.string }), t.partial({ after: t.number })]),
    output: Item,
    failures: [Refused],
    http: ['GET /v1/{id}/events', 'POST /v1/watch'],
    resume: { id: 'n', after: 'after' },
  }),
  plain: serverStream({ input: t.strict({}), output: t.unknown, failures: [Refused], http: 'GET /v1/plain' }),
})
type Source = (input: { readonly id: string; readonly after?: number }, ctx: Context) => AsyncIterable<Outcome>

const serving = (watch: Source, options: ServeOptions = {}): Promise<Running> =>
  http.serve(
    implement(Feed, {
      watch: handler(Feed.methods.watch, watch as never),
      plain: handler(Feed.methods.plain, watch as never) as never,
    }),
    { onTelemetry: () => {}, ...options },
  )
async function* upTo(last: number, from = 1) {
  for (let n = from; n <= last; n++) yield ok({ n })
}
const held = (): { readonly promise: Promise<void>; readonly resolve: () => void } => Promise.withResolvers<void>()

interface Raw {
  readonly socket: Socket
  readonly text: () => string
  /** Everything that came, as soon as it matches. */
  until(pattern: RegExp): Promise<string>
  readonly closed: Promise<string>
}
function ask(s: Running, path = '/v1/a/events', headers = '', version = '1.1'): Raw {
  const socket = connect({ port: s.port, host: '127.0.0.1' })
  socket.on('error', () => {})
  socket.write(`GET ${path} HTTP/${version}\r\nhost: x\r\n${headers}\r\n`)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text)))
  return {
    socket,
    text: () => text,
    async until(pattern) {
      await expect.poll(() => text, { timeout: 5_000, interval: 5 }).toMatch(pattern)
      return text
    },
    closed,
  }
}
const end = 'event: end\nid: :end\ndata: {}\n\n'
const items = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `id: ${from + i}\ndata: {"n":${from + i}}\n\n`).join('')

describe('given a method that answers with a stream', () => {
  it('when it ends, then its items are events with ids, and the last event says that it has ended', async () => {
    await using s = await serving(() => upTo(3))
    const answer = await fetch(`${s.url}/v1/a/events`)
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'heartbeat-ms': '15000',
    })
    expect(await answer.text()).toBe(items(1, 3) + end)
    const posted = await fetch(`${s.url}/v1/watch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"id":"a"}',
    })
    expect(await posted.text()).toBe(items(1, 3) + end)
  })

  it('when it offers no ids, then its items have none; nothing at all and texts of several lines travel too', async () => {
    await using s = await serving(async function* () {
      yield ok(undefined)
      yield ok('a\nb\u2028é')
      yield ok(null)
    })
    const text = await (await fetch(`${s.url}/v1/plain`)).text()
    expect(text).toBe(`data: \n\ndata: "a\\nb\u2028é"\n\ndata: null\n\n${end}`)
  })

  it('when nothing has come yet, then its head is there all the same', async () => {
    const go = held()
    await using s = await serving(async function* () {
      await go.promise
      yield* upTo(1)
    })
    const answer = await fetch(`${s.url}/v1/a/events`)
    expect(answer.status).toBe(200)
    go.resolve()
    expect(await answer.text()).toBe(items(1, 1) + end)
  })

  it('when it is over, then its connection is used again', async () => {
    await using s = await serving(() => upTo(1))
    const raw = ask(s)
    await raw.until(/event: end[\s\S]*0\r\n\r\n$/)
    raw.socket.write('GET /v1/a/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    expect((await raw.closed).match(/event: end/g)).toHaveLength(2)
  })

  it('when last-event-id says where it was, then the input begins there, whatever the query says; what is no id is a 400', async () => {
    await using s = await serving(({ after = 0 }) => upTo(after + 1, after + 1))
    const got = (headers: Record<string, string>, query = '') => fetch(`${s.url}/v1/a/events${query}`, { headers })
    expect(await (await got({ 'last-event-id': '41' }, '?after=7')).text()).toBe(items(42, 42) + end)
    expect(await (await got({}, '?after=7')).text()).toBe(items(8, 8) + end)
    expect(await (await got({ 'last-event-id': '' })).text()).toBe(items(1, 1) + end)
    const wrong = await got({ 'last-event-id': 'x' })
    expect(wrong.status).toBe(400)
    expect(await wrong.json()).toMatchObject({ details: { issues: [{ path: 'after' }] } })
  })

  it('when an EventSource comes back after the end, then 204 tells it to stop, and nothing is asked', async () => {
    let asked = 0
    await using s = await serving(() => {
      asked++
      return upTo(1)
    })
    for (const path of ['/v1/a/events', '/v1/plain'])
      expect((await fetch(s.url + path, { headers: { 'last-event-id': ':end' } })).status).toBe(204)
    expect(asked).toBe(0)
    expect(s.inFlight).toBe(0)
  })

  it('when an item cannot be written, then the last event is a Defect that says nothing, and the source is closed', async () => {
    for (const [item, path] of [
      [{ n: 1n }, '/v1/plain'],
      // Its id is none.
      [{ n: Number.NaN }, '/v1/a/events'],
    ] as const) {
      const events: Telemetry[] = []
      let closed = false
      await using s = await serving(
        async function* () {
          try {
            yield ok(item)
          } finally {
            closed = true
          }
        },
        { onTelemetry: (event) => events.push(event) },
      )
      const text = await (await fetch(s.url + path)).text()
      expect(text).toMatch(/^event: failure\nid: :end\ndata: \{.*"status":500.*"code":"internal","tag":"Defect"\}\n\n$/)
      expect(events).toMatchObject([{ kind: 'defect' }])
      expect(closed).toBe(true)
    }
  })
})

describe('given a stream that fails', () => {
  it('when it does not open, then it is an ordinary answer: a guard, an input, a failure of the endpoint, no stream at all', async () => {
    const opening = (answer: unknown, options: ServeOptions = {}): Promise<Running> => {
      const watch = endpoint(() => answer as never, Feed.methods.watch) as never
      return http.serve(implement(Feed, { watch, plain: watch }), { onTelemetry: () => {}, ...options })
    }
    await using refused = await opening(fail(Refused({ at: 0 })))
    const answer = await fetch(`${refused.url}/v1/a/events`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/problem+json'])
    expect(await answer.json()).toMatchObject({ tag: 'Refused', details: { at: 0 } })
    expect((await fetch(`${refused.url}/v1/a/events?after=x`)).status).toBe(400)
    const used = stream(upTo(1))
    used[Symbol.asyncIterator]()
    await using again = await opening(ok(used))
    expect((await fetch(`${again.url}/v1/a/events`)).status).toBe(500)
    const guarded = mapMethods(
      { watch: handler(Feed.methods.watch, () => upTo(1)), plain: handler(Feed.methods.plain, () => upTo(1)) },
      guard(() => refuse({ _tag: 'Out', code: 'unauthenticated', message: 'who?' } as const)),
    )
    await using closed = await http.serve(implement(Feed, guarded))
    expect((await fetch(`${closed.url}/v1/a/events`)).status).toBe(401)
    expect(closed.inFlight).toBe(0)
  })

  it('when it fails in the middle, declared or not, or throws, then the last event is the problem, and hooks hear what they hear', async () => {
    for (const [how, data] of [
      ['declared', { status: 400, code: 'failed_precondition', tag: 'Refused', details: { at: 2 } }],
      ['undeclared', { status: 503, code: 'unavailable', tag: 'Teapot', detail: 'short' }],
      ['throw', { status: 500, code: 'internal', tag: 'Defect', detail: 'something unexpected happened' }],
    ] as const) {
      const heard: string[] = []
      const exchanges: ServerExchange[] = []
      await using s = await serving(
        async function* () {
          yield ok({ n: 1 })
          if (how === 'declared') yield fail(Refused({ at: 2 }))
          if (how === 'undeclared') yield fail({ _tag: 'Teapot', code: 'unavailable', message: 'short' } as const)
          throw new Error('secret')
        },
        {
          onError: ({ _tag }, _, where) => void heard.push(`${_tag} in ${where}`),
          finalize: (_, exchange) => void exchanges.push(exchange),
        },
      )
      const text = await (await fetch(`${s.url}/v1/a/events`)).text()
      const [, json = ''] = /^id: 1\ndata: \{"n":1\}\n\nevent: failure\nid: :end\ndata: (.*)\n\n$/.exec(text) ?? []
      expect(JSON.parse(json)).toMatchObject({ type: 'about:blank', ...data })
      expect(heard).toEqual(how === 'declared' ? [] : [`${data.tag} in endpoint`])
      await expect.poll(() => exchanges).toHaveLength(1)
      expect(exchanges[0]).toMatchObject({
        status: 200,
        aborted: false,
        bytes: Buffer.byteLength(text),
        outcome: { left: { _tag: data.tag } },
      })
    }
  })

  it("when an after hook says a length, then it is no stream's", async () => {
    await using s = await serving(() => upTo(2), { after: http.setResponseHeader('content-length', '3') })
    const answer = await fetch(`${s.url}/v1/a/events`)
    expect(answer.headers.get('content-length')).toBeNull()
    expect(await answer.text()).toBe(items(1, 2) + end)
  })

  it('when an after hook throws, or sets a header that cannot travel, then it is a 500, and the source is closed', async () => {
    for (const after of [
      () => {
        throw new Error('secret')
      },
      http.setResponseHeader('x-a', 'b\nc'),
    ]) {
      let closed = 0
      const source = async function* () {
        yield* upTo(1)
      }
      await using s = await serving(
        () => ({
          [Symbol.asyncIterator]: () => {
            const inner = source()
            return {
              next: () => inner.next(),
              return: () => {
                closed++
                return inner.return(undefined)
              },
            }
          },
        }),
        { after: after as never },
      )
      const answer = await fetch(`${s.url}/v1/a/events`)
      expect(answer.status).toBe(500)
      expect(await answer.text()).not.toContain('secret')
      await expect.poll(() => closed).toBe(1)
      expect(s.inFlight).toBe(0)
    }
  })
})

describe('given what a client says of itself', () => {
  it.each([
    [undefined, true],
    ['', true],
    ['text/event-stream', true],
    ['TEXT/Event-Stream; charset=utf-8', true],
    ['application/json, text/event-stream;q=0.1', true],
    ['text/*', true],
    ['*/*;q=0.1', true],
    ['application/json', false],
    ['text/html, text/plain', false],
    ['text/event-stream;q=0', false],
    ['text/event-stream;q=0, */*', false],
    ['text/*;q=0.000, */*;q=1', false],
    ['*/*;q=0, text/event-stream', true],
  ])('when accept is %j, then it takes a stream: %s', (accept, expected) => {
    expect(acceptsEvents(accept)).toBe(expected)
  })

  it('when it takes no events, then 406 before anything is asked', async () => {
    let asked = false
    await using s = await serving(() => {
      asked = true
      return upTo(1)
    })
    const answer = await fetch(`${s.url}/v1/a/events`, { headers: { accept: 'application/json' } })
    expect(answer.status).toBe(406)
    expect(await answer.json()).toMatchObject({ tag: 'NotAcceptable', code: 'invalid_argument' })
    expect(asked).toBe(false)
  })

  it('when it asks HEAD, then the stream is opened, its head is sent, and the stream is closed unread', async () => {
    const log: string[] = []
    await using s = await serving(() => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false as const, value: ok({ n: log.push('asked') }) }),
        return: async () => ({ done: true as const, value: log.push('closed') }),
      }),
    }))
    const answer = await fetch(`${s.url}/v1/a/events`, { method: 'HEAD' })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    expect(log).toEqual(['closed'])
    expect(s.inFlight).toBe(0)
  })

  it('when it speaks HTTP/1.0, then the stream has no chunks and ends with its connection, after its last event', async () => {
    await using s = await serving(() => upTo(2))
    const text = await ask(s, '/v1/a/events', '', '1.0').closed
    expect(text.toLowerCase()).toMatch(/^http\/1\.1 200 ok\r\n[\s\S]*connection: close/)
    expect(text.toLowerCase()).not.toContain('transfer-encoding')
    expect(text.split('\r\n\r\n')[1]).toBe(items(1, 2) + end)
  })
})

describe('given a client that leaves, hangs or is slow', () => {
  it('when it leaves, then the call is cancelled, its source closed, the gate free, and finalizers see what was sent', async () => {
    const exchanges: ServerExchange[] = []
    const log: string[] = []
    let ctx: Context | undefined
    await using s = await serving(
      async function* (_, given) {
        ctx = given
        try {
          yield* upTo(2)
          await new Promise((resolve) => given.signal.addEventListener('abort', resolve))
        } finally {
          log.push(`closed, aborted ${given.signal.aborted}`)
        }
      },
      { limits: { concurrent: 1 }, finalize: (_, exchange) => void exchanges.push(exchange) },
    )
    const raw = ask(s)
    await raw.until(/"n":2/)
    expect(s.inFlight).toBe(1)
    expect((await fetch(`${s.url}/v1/a/events`)).status).toBe(503)
    raw.socket.destroy()
    await expect.poll(() => exchanges.length).toBe(2)
    expect(ctx?.signal.reason).toMatchObject({ _tag: 'Cancelled', message: 'the client closed the connection' })
    expect(log).toEqual(['closed, aborted true'])
    expect(exchanges[1]).toMatchObject({
      status: 200,
      aborted: true,
      bytes: items(1, 2).length,
      outcome: { left: { _tag: 'Cancelled' } },
    })
    await expect.poll(async () => (await fetch(`${s.url}/v1/a/events`, { method: 'HEAD' })).status).toBe(200)
    expect(s.inFlight).toBe(0)
  })

  it('when it leaves while its source does not listen, then the source counts among what runs until it has ended', async () => {
    const go = held()
    await using s = await serving(
      async function* () {
        yield ok({ n: 1 })
        await go.promise
      },
      { limits: { concurrent: 1 } },
    )
    const raw = ask(s)
    await raw.until(/"n":1/)
    raw.socket.destroy()
    await expect.poll(() => s.inFlight).toBe(0)
    expect((await fetch(`${s.url}/v1/plain`)).status).toBe(503)
    go.resolve()
    await expect.poll(async () => (await fetch(`${s.url}/v1/plain`, { method: 'HEAD' })).status).toBe(200)
  })

  it('when it does not read, then no more is made than fits, and after its time the connection is closed', async () => {
    let made = 0
    let closed = false
    let most = 0
    let socket: Socket | undefined
    await using s = await serving(
      async function* () {
        try {
          for (;;) {
            most = Math.max(most, socket?.writableLength ?? 0)
            yield ok({ n: ++made, pad: 'x'.repeat(10_000) })
          }
        } finally {
          closed = true
        }
      },
      {
        limits: { unread: 200 },
        before: (_, { raw }) => {
          socket = raw.socket
        },
      },
    )
    const raw = ask(s, '/v1/plain')
    raw.socket.pause()
    await expect.poll(() => closed, { timeout: 5_000 }).toBe(true)
    // Node's buffer of 64 KiB and what is put together before it is written; all else is the kernel's, some megabytes.
    expect(most).toBeLessThan(65_536 + 2 * 16_384 + 10_100)
    expect(made).toBeGreaterThan(1)
    expect(made * 10_000).toBeLessThan(20_000_000)
    await expect.poll(() => s.inFlight).toBe(0)
  })

  it('when many do not read, then those that have waited longest are closed, so that all of them hold no more than answers may', async () => {
    const events: Telemetry[] = []
    await using s = await serving(
      async function* () {
        for (let n = 0; ; n++) yield ok({ n, pad: 'x'.repeat(10_000) })
      },
      { limits: { allAnswers: 300_000 }, grace: 0, onTelemetry: (event) => events.push(event) },
    )
    const raws: Raw[] = []
    for (let i = 0; i < 6; i++) {
      const raw = ask(s, '/v1/plain')
      raws.push(raw)
      await raw.until(/"n":0/)
      raw.socket.pause()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    // Each of them holds some 100 KB.
    await expect.poll(() => s.inFlight).toBeLessThan(5)
    expect(s.inFlight).toBeGreaterThan(1)
    expect(events[0]).toMatchObject({ kind: 'server.rejected', reason: 'unread' })
    const reading = raws.at(-1) as Raw
    const before = reading.text().length
    reading.socket.resume()
    await expect.poll(() => reading.text().length).toBeGreaterThan(before + 5_000_000)
    for (const { socket } of raws) socket.destroy()
  })

  it('when it sends rubbish behind its request, then its stream goes on to the end, and then the connection is closed', async () => {
    const go = held()
    await using s = await serving(async function* () {
      yield ok({ n: 1 })
      await go.promise
      yield ok({ n: 2 })
    })
    const raw = ask(s)
    await raw.until(/"n":1/)
    raw.socket.write('rubbish\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 30))
    go.resolve()
    expect(await raw.closed).toMatch(/"n":2[\s\S]*event: end[\s\S]*0\r\n\r\n$/)
  })

  it('when it asks for a second stream behind the first, then that comes after it', async () => {
    const go = held()
    await using s = await serving(async function* ({ id }) {
      yield ok({ n: 1 })
      if (id === 'a') await go.promise
    })
    const raw = ask(s)
    raw.socket.write('GET /v1/b/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    await raw.until(/"n":1/)
    go.resolve()
    expect((await raw.closed).match(/"n":1[\s\S]*?event: end/g)).toHaveLength(2)
    expect(s.inFlight).toBe(0)
  })

  it('when it reads slowly, then items are made as it reads, all arrive, and none is lost', async () => {
    let made = 0
    await using s = await serving(async function* () {
      for (let n = 1; n <= 2_000; n++) {
        made = n
        yield ok({ n, pad: 'x'.repeat(10_000) })
      }
    })
    let text = ''
    const answer = await new Promise<import('node:http').IncomingMessage>((resolve) =>
      request(`${s.url}/v1/plain`, resolve).end(),
    )
    answer.setEncoding('latin1')
    let reads = 0
    for await (const chunk of answer) {
      text += String(chunk)
      if (++reads % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 2))
      if (reads === 50) expect(made).toBeLessThan(1_900)
    }
    expect([...text.matchAll(/"n":(\d+)/g)].map(([, n]) => Number(n))).toEqual(
      Array.from({ length: 2_000 }, (_, i) => i + 1),
    )
    expect(text).toMatch(/event: end\nid: :end\ndata: \{\}\n\n$/)
  })

  it('when nothing is said for long, then a comment is, one for each heartbeat, by one timer for all streams', async () => {
    const clock = virtualClock()
    const go = held()
    await using s = await serving(
      async function* () {
        yield ok({ n: 1 })
        await go.promise
        yield ok({ n: 2 })
      },
      { clock, heartbeat: 1_000, limits: { request: 'unbounded' } },
    )
    const streams = [ask(s), ask(s), ask(s)]
    for (const raw of streams) await raw.until(/"n":1/)
    expect(streams[0]?.text()).toContain('heartbeat-ms: 1000')
    expect(clock.pending).toBe(1)
    await clock.advance(999)
    await clock.advance(1)
    for (const raw of streams) await raw.until(/"n":1\}\n\n\r\n3\r\n:\n\n\r\n$/)
    await clock.advance(3_000)
    for (const raw of streams) expect((await raw.until(/(3\r\n:\n\n\r\n){4}$/)).match(/3\r\n:\n\n/g)).toHaveLength(4)
    go.resolve()
    for (const raw of streams) await raw.until(/event: end/)
    expect(clock.pending).toBe(0)
  })

  it('given no heartbeat, then none is promised', async () => {
    await using s = await serving(() => upTo(1), { heartbeat: 'unbounded' })
    expect((await fetch(`${s.url}/v1/a/events`)).headers.get('heartbeat-ms')).toBeNull()
  })

  it('given an option that is none, then a TypeError names it', async () => {
    for (const [options, told] of [
      [{ heartbeat: 0 }, 'http.serve: heartbeat: whole milliseconds from 2 on'],
      [{ limits: { stream: 0 } }, 'http.serve: limits.stream: whole milliseconds from 1 on'],
      [{ limits: { unread: 'unbounded' } }, 'http.serve: limits.unread: whole milliseconds from 1 on'],
    ] as const)
      await expect(serving(() => upTo(1), options as never)).rejects.toThrow(told)
  })
})

describe('given a time', () => {
  it('when the caller has asked for so much, then the last event says that it is over, and the source is closed', async () => {
    const clock = virtualClock()
    const seen: number[] = []
    let closed = false
    await using s = await serving(
      async function* (_, ctx) {
        try {
          seen.push(ctx.deadline)
          yield ok({ n: 1 })
          await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
        } finally {
          closed = true
        }
      },
      { clock, heartbeat: 'unbounded' },
    )
    const raw = ask(s, '/v1/a/events', 'request-timeout-ms: 40000\r\n')
    await raw.until(/"n":1/)
    await clock.advance(39_000)
    expect(raw.text()).not.toContain('failure')
    await clock.advance(1_000)
    await raw.until(/event: failure\nid: :end\ndata: .*"code":"deadline_exceeded","tag":"DeadlineExceeded"/)
    expect(seen).toEqual([40_000])
    await expect.poll(() => closed).toBe(true)
    expect(clock.pending).toBe(0)
    const bad = await fetch(`${s.url}/v1/a/events`, { headers: { 'request-timeout-ms': 'soon' } })
    expect(bad.status).toBe(400)
  })

  it('given limits.stream, then that is its time; limits.request is the time in which it must open', async () => {
    const clock = virtualClock()
    const opening = held()
    const watch = endpoint(async (_: unknown, ctx) => {
      await opening.promise
      return ok(
        stream(
          (async function* () {
            yield ok({ n: ctx.deadline })
            await new Promise(() => {})
          })(),
        ),
      )
    }, Feed.methods.watch) as never
    const options = {
      clock,
      heartbeat: 'unbounded',
      limits: { request: 50, stream: 1_000 },
      onTelemetry: () => {},
    } as const
    await using s = await http.serve(implement(Feed, { watch, plain: watch }), { ...options, grace: 0 })
    const late = fetch(`${s.url}/v1/a/events`)
    await expect.poll(() => s.inFlight).toBe(1)
    await clock.advance(50)
    expect((await late).status).toBe(504)
    opening.resolve()
    const raw = ask(s)
    await raw.until(/"n":1050/)
    await clock.advance(1_000)
    await raw.until(/event: failure[\s\S]*deadline_exceeded/)
    expect(clock.pending).toBe(0)
  })

  it('when it has opened too late, then it is closed unread', async () => {
    const clock = virtualClock()
    const opening = held()
    let closed = 0
    const opened = stream({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => {}),
        return: async () => {
          closed++
          return { done: true as const, value: undefined }
        },
      }),
    })
    const watch = endpoint(() => opening.promise.then(() => ok(opened)), Feed.methods.watch) as never
    await using s = await http.serve(implement(Feed, { watch, plain: watch }), {
      clock,
      limits: { request: 50, concurrent: 1 },
      onTelemetry: () => {},
    })
    const late = fetch(`${s.url}/v1/a/events`)
    await expect.poll(() => s.inFlight).toBe(1)
    await clock.advance(50)
    expect((await late).status).toBe(504)
    opening.resolve()
    await expect.poll(() => closed).toBe(1)
  })
})

describe('given a server that drains', () => {
  const endless = async function* () {
    yield ok({ n: 1 })
    await new Promise(() => {})
  }

  it('when a stream can be resumed, then it is told at once, with an id and a time to come back, and the drain ends', async () => {
    const exchanges: ServerExchange[] = []
    const s = await serving(endless, { finalize: (_, exchange) => void exchanges.push(exchange) })
    const raw = ask(s)
    await raw.until(/"n":1/)
    await s.drain()
    const text = await raw.closed
    const last = text.slice(text.indexOf('event: failure'))
    expect(last).toMatch(/^event: failure\nretry: \d+\ndata: \{.*"code":"unavailable","tag":"Unavailable"\}\n\n/)
    expect(text).not.toContain(':end')
    const retry = Number(/retry: (\d+)/.exec(last)?.[1])
    expect(retry).toBeGreaterThanOrEqual(500)
    expect(retry).toBeLessThanOrEqual(2_500)
    expect(exchanges).toMatchObject([{ outcome: { left: { _tag: 'Unavailable' } } }])
  })

  it('when it cannot, then it may still end by itself', async () => {
    const go = held()
    const s = await serving(async function* () {
      yield ok(1)
      await go.promise
      yield ok(2)
    })
    const raw = ask(s, '/v1/plain')
    await raw.until(/data: 1\n/)
    let drained = false
    const draining = s.drain().then(() => {
      drained = true
    })
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(drained).toBe(false)
    go.resolve()
    await draining
    expect(await raw.closed).toMatch(/data: 2\n\nevent: end/)
  })

  it('when its time is up, then what is left is told, cancelled and closed', async () => {
    let signal: AbortSignal | undefined
    const s = await serving(async function* (_, ctx) {
      signal = ctx.signal
      yield* endless()
    })
    const raw = ask(s, '/v1/plain')
    await raw.until(/"n":1/)
    await s.drain({ signal: AbortSignal.timeout(30) })
    expect(await raw.closed).toMatch(/event: failure\nid: :end\ndata: .*"code":"unavailable"/)
    expect(signal?.reason).toMatchObject({ message: 'the server is stopping' })
    expect(s.inFlight).toBe(0)
  })

  it('when a stream opens in the middle of it, then it is 503 where another server may be asked', async () => {
    const opening = held()
    const watch = endpoint(() => opening.promise.then(() => ok(stream(upTo(1)))), Feed.methods.watch) as never
    const s = await http.serve(implement(Feed, { watch, plain: watch }), { onTelemetry: () => {} })
    const [one, other] = [fetch(`${s.url}/v1/a/events`), fetch(`${s.url}/v1/plain`)]
    await expect.poll(() => s.inFlight).toBe(2)
    const draining = s.drain()
    opening.resolve()
    expect((await one).status).toBe(503)
    expect(await (await other).text()).toContain('event: end')
    await draining
  })
})
