// What a client makes of a stream: items, every way that it can end, and what it never holds more of than it should.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { type CallFailed, contract, failure, handler, implement, serverStream } from '@tenon/contract'
import {
  background,
  call,
  type Endpoint,
  type Failure,
  fail,
  ok,
  run,
  type Stream,
  timeout,
  withCancel,
  withTimeout,
} from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { all, far, head, opened } from '../../test/streams.ts'
import { type ClientExchange, type ContractClientOptions, http } from '../index.ts'
import { Inbox, type Step } from './inbox.ts'

const Refused = failure('Refused', 'failed_precondition', t.strict({ at: t.number }))
const Feed = contract('shop.feed.v1.Feed', {
  watch: serverStream({
    input: t.strict({}),
    output: t.strict({ n: t.number }),
    failures: [Refused],
    http: 'GET /watch',
  }),
})
/** A date in the program, a text on the wire. */
const Day = new t.Type<Date, string, unknown>(
  'Day',
  (u): u is Date => u instanceof Date,
  (u, c) => (typeof u === 'string' && !Number.isNaN(Date.parse(u)) ? t.success(new Date(u)) : t.failure(u, c)),
  (day) => day.toISOString(),
)
type Item = { readonly n: number }
type Watching = Stream<Item, CallFailed | ReturnType<typeof Refused>>

const sending =
  (text: string, headers: Record<string, string> = {}): RequestListener =>
  (_, res) =>
    void res.writeHead(200, { ...head, ...headers }).end(text)
const end = 'event: end\ndata: {}\n\n'
const item = (n: number): string => `data: {"n":${n}}\n\n`

/** All that a client reads of what this server answers. */
async function reading(listener: RequestListener, options: Partial<ContractClientOptions> = {}): Promise<unknown[]> {
  await using s = await far(listener)
  await using c = http.client(Feed, { url: s.url, ...options })
  return await all(await opened(call(c.watch, {})))
}
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

describe('given a stream', () => {
  it('when it is read to its end, then its items are decoded, and its connection is used again', async () => {
    const Days = contract('a.Days', {
      days: serverStream({
        input: t.strict({ from: Day }),
        output: Day,
        http: 'GET /days',
      }),
    })
    const days = handler(Days.methods.days, async function* ({ from }) {
      for (let i = 0; i < 3; i++) yield ok(new Date(from.getTime() + i * 86_400_000))
    })
    const sockets = new Set<unknown>()
    const finalize = (_: unknown, { request }: { request: { raw: IncomingMessage } }) =>
      void sockets.add(request.raw.socket)
    await using s = await http.serve(implement(Days, { days }), { finalize })
    await using c = http.client(Days, { url: s.url })
    const from = new Date('2026-01-01T00:00:00.000Z')
    for (let i = 0; i < 3; i++) {
      expect(await all(await opened(call(c.days, { from })))).toEqual(
        [1, 2, 3].map((day) => new Date(`2026-01-0${day}T00:00:00.000Z`)),
      )
      await settle()
    }
    expect(sockets.size).toBe(1)
  })

  it('when it is written otherwise, with CRLF, a BOM, comments, unknown events and fields, then its items are the same', async () => {
    const odd = `\ufeff: hello\r\nevent: news\r\ndata: x\r\n\r\nid: 1\r\nfoo: bar\r\ndata: {\r\ndata: "n":1}\r\n\r\n:\r\n\r\ndata:{"n":2}\r\r${end}`
    expect(await reading(sending(odd))).toEqual([{ n: 1 }, { n: 2 }])
    expect(await reading(sending(end, { 'content-type': 'Text/Event-Stream; charset=utf-8' }))).toEqual([])
  })

  it('when it comes in any pieces, then its items are the same', async () => {
    const text = Buffer.from(`${item(1)}: é日🌲\n\n${item(2)}${end}`)
    await using s = await far(async (req, res) => {
      res.writeHead(200, head)
      const size = Number(new URL(req.url ?? '', 'http://x').pathname.slice(1).split('/')[0])
      for (let at = 0; at < text.length; at += size) {
        res.write(text.subarray(at, at + size))
        await new Promise(setImmediate)
      }
      res.end()
    })
    for (const size of [1, 2, 3, 7, 30]) {
      await using c = http.client(Feed, { url: `${s.url}/${size}` })
      expect(await all(await opened(call(c.watch, {})))).toEqual([{ n: 1 }, { n: 2 }])
    }
  })

  it('when its reader stops, or never begins, then its connection is closed', async () => {
    await using s = await far((_, res) => void res.writeHead(200, head).write(item(1) + item(2)))
    await using c = http.client(Feed, { url: s.url })
    for await (const _ of await opened(call(c.watch, {}))) break
    await expect.poll(() => s.sockets.size).toBe(0)
    const unread = await opened(call(c.watch, {}))
    expect(s.sockets.size).toBe(1)
    await unread[Symbol.asyncIterator]().return?.()
    await expect.poll(() => s.sockets.size).toBe(0)
  })

  it('when several items are asked for at once, then each is answered, in order, and then all hear the end', async () => {
    await using s = await far(async (_, res) => {
      res.writeHead(200, head).flushHeaders()
      await settle()
      res.end(item(1) + item(2) + end)
    })
    await using c = http.client(Feed, { url: s.url })
    const items = (await opened(call(c.watch, {})))[Symbol.asyncIterator]()
    const steps = await Promise.all(Array.from({ length: 4 }, () => items.next()))
    expect(steps.map(({ done, value }) => (done ? 'done' : value))).toEqual([
      ok({ n: 1 }),
      ok({ n: 2 }),
      'done',
      'done',
    ])
  })

  it('when it is asked for, then it says what it takes, and hooks run: before, after at the head, finalize at the end', async () => {
    const log: unknown[] = []
    const exchanges: ClientExchange[] = []
    await using s = await far(sending(item(1) + end, { 'x-a': '1' }))
    await using c = http.client(Feed, {
      url: s.url,
      before: (_, { headers }) => void log.push(headers.accept),
      after: (_, { status, headers, body }) => void log.push([status, headers['x-a'], body.length]),
      finalize: (_, exchange) => void exchanges.push(exchange),
    })
    const items = await opened(call(c.watch, {}))
    expect(log).toEqual(['text/event-stream', [200, '1', 0]])
    await all(items)
    expect(exchanges).toMatchObject([
      { outcome: ok(undefined), request: { path: '/watch' }, response: { status: 200 } },
    ])
    expect(s.requests[0]?.headers).toMatchObject({ accept: 'text/event-stream' })
    expect(s.requests[0]?.headers).not.toHaveProperty('request-timeout-ms')
  })

  it('when an after hook throws, then the call is a Defect, and its connection is closed', async () => {
    await using s = await far((_, res) => void res.writeHead(200, head).write(item(1)))
    await using c = http.client(Feed, {
      url: s.url,
      after: () => {
        throw new Error('secret')
      },
    })
    expect(await call(c.watch, {})).toMatchObject({ left: { _tag: 'Defect' } })
    await expect.poll(() => s.sockets.size).toBe(0)
  })

  it('when its last event has come and its body does not end, then its connection is closed after a second', async () => {
    const clock = virtualClock()
    await using s = await far((_, res) => void res.writeHead(200, head).write(item(1) + end))
    await using c = http.client(Feed, { url: s.url })
    expect(await all(await opened(run(c.watch, {}, background({ clock }))))).toEqual([{ n: 1 }])
    expect(s.sockets.size).toBe(1)
    await clock.advance(1_000)
    await expect.poll(() => s.sockets.size).toBe(0)
    expect(clock.pending).toBe(0)
  })
})

describe('given an answer that is no stream', () => {
  it.each<[string, RequestListener, object]>([
    [
      'a declared failure',
      (_, res) => problem(res, 400, { code: 'failed_precondition', tag: 'Refused', details: { at: 3 } }),
      Refused({ at: 3, message: 'no' }),
    ],
    [
      'another failure',
      (_, res) => problem(res, 503, { code: 'unavailable', tag: 'TooBusy' }),
      { _tag: 'Remote', code: 'unavailable', tag: 'TooBusy' },
    ],
    ['a page of a proxy', (_, res) => void res.writeHead(502).end('<html>'), { _tag: 'Unavailable' }],
    [
      'JSON',
      (_, res) => void res.writeHead(200, { 'content-type': 'application/json' }).end('[1]'),
      { _tag: 'Remote', tag: 'InvalidOutput', message: 'the answer (200) is application/json and no stream' },
    ],
    [
      'nothing',
      (_, res) => void res.writeHead(204).end(),
      { _tag: 'Remote', tag: 'InvalidOutput', message: 'the answer (204) is of no content type and no stream' },
    ],
    [
      'a stream with another status',
      (_, res) => void res.writeHead(202, head).end(end),
      { _tag: 'Remote', tag: 'InvalidOutput' },
    ],
  ])('when it is %s, then the call fails so', async (_, listener, expected) => {
    await using s = await far(listener)
    await using c = http.client(Feed, { url: s.url })
    expect(await call(c.watch, {})).toMatchObject({ left: expected })
  })
})

describe('given a stream that does not end as it should', () => {
  it('when it fails, then the failure is the last item, typed; what says no failure is told so', async () => {
    const failing = (data: string): Promise<unknown[]> =>
      reading(sending(`${item(1)}event: failure\ndata: ${data}\n\n${item(2)}`))
    expect(await failing('{"code":"failed_precondition","tag":"Refused","detail":"no","details":{"at":2}}')).toEqual([
      { n: 1 },
      Refused({ at: 2, message: 'no' }),
    ])
    expect(await failing('{"code":"unavailable","detail":"gone"}')).toMatchObject([
      { n: 1 },
      { _tag: 'Unavailable', message: 'gone' },
    ])
    for (const data of ['', 'x', '{}', '{"code":"teapot"}', 'null', '[]', '{"__proto__":1}'])
      expect(await failing(data)).toMatchObject([{ n: 1 }, { _tag: 'Remote', code: 'internal', tag: 'InvalidOutput' }])
  })

  it('when it breaks off, is cut, or ends without a last event, then what came is read, and then it is Unavailable', async () => {
    const cut: RequestListener = (_, res) => {
      res.writeHead(200, head).write(`${item(1)}data: {"n":2}`)
      setTimeout(() => res.destroy(), 20)
    }
    expect(await reading(cut)).toMatchObject([{ n: 1 }, { _tag: 'Unavailable' }])
    expect(await reading(sending(`${item(1)}${item(2)}data: {"n":3}\n`))).toMatchObject([
      { n: 1 },
      { n: 2 },
      { _tag: 'Unavailable', message: expect.stringContaining('broke off before its end') },
    ])
  })

  it('when an item does not fit, or is no JSON, then that is its end, and its connection is closed', async () => {
    for (const [data, message] of [
      ['{"n":"one"}', 'the answer does not fit: n: expected number, got string'],
      ['{"n":1', 'the JSON of an item breaks off'],
      ['', 'the answer does not fit'],
      ['{"__proto__":1,"n":1}', 'a key of an item is "__proto__"'],
      [`${'['.repeat(100_000)}`, 'an item'],
    ] as const) {
      await using s = await far(
        (_, res) => void res.writeHead(200, head).write(`${item(1)}data: ${data}\n\n${item(2)}`),
      )
      await using c = http.client(Feed, { url: s.url })
      expect(await all(await opened(call(c.watch, {})))).toMatchObject([
        { n: 1 },
        { _tag: 'Remote', code: 'internal', tag: 'InvalidOutput', message: expect.stringContaining(message) },
      ])
      await expect.poll(() => s.sockets.size).toBe(0)
    }
  })

  it('when an event is larger than allowed, then AnswerTooLarge, after what came before it', async () => {
    await using s = await far((_, res) => {
      res.writeHead(200, head).write(`${item(1)}data: `)
      for (let i = 0; i < 100; i++) res.write('x'.repeat(1_000))
    })
    await using c = http.client(Feed, { url: s.url, limits: { response: 10_000 } })
    expect(await all(await opened(call(c.watch, {})))).toMatchObject([
      { n: 1 },
      { _tag: 'Remote', tag: 'AnswerTooLarge', message: 'an event may have 10000 bytes' },
    ])
    await expect.poll(() => s.sockets.size).toBe(0)
  })
})

describe('given a time', () => {
  const endless: RequestListener = (_, res) => void res.writeHead(200, head).write(item(1))

  it('when the caller gives up or its deadline passes, then that is the next item, whatever has come, and the connection is closed', async () => {
    for (const how of ['cancelled', 'deadline_exceeded'] as const) {
      const clock = virtualClock()
      await using s = await far((_, res) => void res.writeHead(200, head).write(item(1) + item(2) + item(3)))
      await using c = http.client(Feed, { url: s.url })
      using scope = how === 'cancelled' ? withCancel(background({ clock })) : withTimeout(background({ clock }), 100)
      const items = (await opened(run(c.watch, {}, scope.ctx)))[Symbol.asyncIterator]()
      expect((await items.next()).value).toEqual(ok({ n: 1 }))
      if (how === 'cancelled') scope.cancel()
      else await clock.advance(100)
      expect((await items.next()).value).toMatchObject({ left: { code: how } })
      expect((await items.next()).done).toBe(true)
      await expect.poll(() => s.sockets.size).toBe(0)
      expect(clock.pending).toBe(0)
    }
  })

  it('when the context has a deadline, then the server is told; what a timeout allows for the opening is not told', async () => {
    const clock = virtualClock()
    await using s = await far(endless)
    await using c = http.client(Feed, { url: s.url })
    const asked = async (endpoint: Endpoint<object, Watching, Failure>, deadline?: number): Promise<unknown> => {
      const items = await opened(run(endpoint, {}, background({ clock, deadline })))
      await items[Symbol.asyncIterator]().return?.()
      return s.requests.at(-1)?.headers['request-timeout-ms']
    }
    expect(await asked(c.watch as never, 700)).toBe('700')
    expect(await asked(timeout(50)(c.watch) as never, 700)).toBe('700')
    expect(await asked(timeout(50)(c.watch) as never)).toBeUndefined()
  })

  it('given a timeout around it, when it has opened in time, then its items may take longer', async () => {
    const clock = virtualClock()
    const go = Promise.withResolvers<void>()
    await using s = await far((_, res) => {
      res.writeHead(200, head).write(item(1))
      void go.promise.then(() => res.end(item(2) + end))
    })
    await using c = http.client(Feed, { url: s.url })
    const read = all(await opened(run(timeout(50)(c.watch), {}, background({ clock }))))
    await clock.advance(60_000)
    go.resolve()
    expect(await read).toEqual([{ n: 1 }, { n: 2 }])
  })

  it('given no deadline, when it does not open within 5 s, then DeadlineExceeded; once open it may last', async () => {
    const clock = virtualClock()
    await using silent = await far(() => {})
    await using c = http.client(Feed, { url: silent.url })
    const late = run(c.watch, {}, background({ clock }))
    await expect.poll(() => silent.requests.length).toBe(1)
    await clock.advance(5_000)
    expect(await late).toMatchObject({ left: { _tag: 'DeadlineExceeded', message: 'no answer within 5000 ms' } })
    await expect.poll(() => silent.sockets.size).toBe(0)
    await using s = await far(endless)
    await using other = http.client(Feed, { url: s.url })
    const items = (await opened(run(other.watch, {}, background({ clock }))))[Symbol.asyncIterator]()
    await items.next()
    await clock.advance(60_000)
    expect(s.sockets.size).toBe(1)
    await items.return?.()
    expect(clock.pending).toBe(0)
  })

  it('given a server that promises a heartbeat, when three are missed, then its connection is dead; each byte is a sign of life', async () => {
    const clock = virtualClock()
    let res: ServerResponse | undefined
    await using s = await far((_, given) => {
      res = given
      given.writeHead(200, { ...head, 'heartbeat-ms': '1000' }).write(item(1))
    })
    await using c = http.client(Feed, { url: s.url })
    const items = (await opened(run(c.watch, {}, background({ clock }))))[Symbol.asyncIterator]()
    expect((await items.next()).value).toEqual(ok({ n: 1 }))
    for (let beat = 0; beat < 5; beat++) {
      await clock.advance(2_900)
      res?.write(':\n\n')
      await settle()
    }
    await clock.advance(2_999)
    expect(s.sockets.size).toBe(1)
    const next = items.next()
    await clock.advance(5)
    expect((await next).value).toMatchObject({
      left: { _tag: 'Unavailable', message: expect.stringContaining('for 3000 ms') },
    })
    await expect.poll(() => s.sockets.size).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('given silence as an option, then that counts, whatever is promised', async () => {
    for (const [silence, promised, expected] of [
      [500, {}, 1],
      [500, { 'heartbeat-ms': '10000' }, 1],
      ['unbounded', { 'heartbeat-ms': '10' }, 0],
      [undefined, { 'heartbeat-ms': 'soon' }, 0],
    ] as const) {
      const clock = virtualClock()
      await using s = await far((_, res) => void res.writeHead(200, { ...head, ...promised }).write(item(1)))
      await using c = http.client(Feed, { url: s.url, ...(silence && { silence }) })
      const items = (await opened(run(c.watch, {}, background({ clock }))))[Symbol.asyncIterator]()
      await items.next()
      expect(clock.pending).toBe(expected)
      await items.return?.()
      expect(clock.pending).toBe(0)
    }
  })

  it('given an option that is none, then a TypeError names it', () => {
    const made = (options: object) => () => http.client(Feed, { url: 'http://127.0.0.1:1', ...options })
    expect(made({ silence: 0 })).toThrow('http.client of shop.feed.v1.Feed: silence: whole milliseconds from 1 on')
    expect(made({ resume: { attempts: -1 } })).toThrow('resume.attempts: whole connections from 0 on')
    expect(made({ resume: { backoff: 5 } })).toThrow('resume.backoff is a backoff, such as exponential({ from: 20 })')
  })
})

describe('given a reader that does not read', () => {
  it('when the server has ever more, then the client takes some, and no more, and goes on when it is read', async () => {
    let sent = 0
    await using s = await far(async (req, res) => {
      res.writeHead(200, head)
      req.socket.on('error', () => {})
      const pad = 'x'.repeat(1_000)
      for (let n = 1; !res.destroyed; n++) {
        sent = n
        if (!res.write(`data: {"n":${n},"pad":"${pad}"}\n\n`))
          await new Promise((resolve) => res.once('drain', resolve))
      }
    })
    await using c = http.client(Feed, { url: s.url })
    const items = (await opened(call(c.watch, {})))[Symbol.asyncIterator]()
    let before = -1
    await expect
      .poll(
        () => {
          const still = sent === before
          before = sent
          return still
        },
        { interval: 50 },
      )
      .toBe(true)
    // The kernel's buffers and the server's: some megabytes. What the client itself holds is in the next test.
    expect(sent).toBeLessThan(20_000)
    for (let n = 1; n <= sent + 1_000 && n <= 30_000; n++) expect((await items.next()).value).toEqual(ok({ n }))
    await items.return?.()
  })

  it('given any order of pieces, reads and pauses, then all is read in order, and what waits is bounded', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant('read' as const)), { maxLength: 60 }),
        async (steps) => {
          let paused = false
          let next = 0
          const tap = {
            pause: () => {
              paused = true
            },
            resume: () => {
              paused = false
            },
            close: () => {},
            settle: () => {},
          }
          const failure = () => expect.unreachable()
          const how = { clock: virtualClock(), peer: '', limit: 10_000, silence: Number.POSITIVE_INFINITY, failure }
          const inbox = new Inbox(tap, how)
          const reads: Promise<Step>[] = []
          let waiting = 0
          for (const step of steps) {
            if (step === 'read') {
              reads.push(inbox.next())
              waiting--
            } else if (!paused) {
              for (let i = 0; i < step; i++) inbox.push(Buffer.from(`data: ${next++} ${'x'.repeat(5_000)}\n\n`))
              waiting += step
            }
            if (paused) expect(waiting).toBeGreaterThan(0)
          }
          while (reads.length < next) reads.push(inbox.next())
          const items = await Promise.all(reads.slice(0, next))
          expect(items.map((item) => (item.kind === 'item' ? Number.parseInt(item.data, 10) : item))).toEqual(
            Array.from({ length: next }, (_, i) => i),
          )
          expect(paused).toBe(false)
        },
      ),
    )
  })
})

describe('given a gateway', () => {
  it('when a stream goes through it, then items and failures pass, and a reader that stops closes the source behind it', async () => {
    const log: string[] = []
    const watch = handler(Feed.methods.watch, async function* (_, ctx) {
      try {
        yield ok({ n: 1 })
        yield ok({ n: 2 })
        if (ctx.metadata.get('x-request-id') === 'fails') yield fail(Refused({ at: 2 }))
        await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
      } finally {
        log.push('closed')
      }
    })
    await using back = await http.serve(implement(Feed, { watch }))
    await using inner = http.client(Feed, { url: back.url })
    await using front = await http.serve(implement(Feed, inner))
    await using c = http.client(Feed, { url: front.url })
    const metadata = { 'x-request-id': 'fails' }
    expect(await all(await opened(call(c.watch, {}, { metadata })))).toEqual([{ n: 1 }, { n: 2 }, Refused({ at: 2 })])
    for await (const step of await opened(call(c.watch, {}))) if (step._tag === 'Right' && step.right.n === 2) break
    await expect.poll(() => log).toEqual(['closed', 'closed'])
    await expect.poll(() => front.inFlight + back.inFlight).toBe(0)
  })
})

function problem(res: ServerResponse, status: number, document: object): void {
  res
    .writeHead(status, { 'content-type': 'application/problem+json' })
    .end(JSON.stringify({ detail: 'no', ...document }))
}
