// Go kit's acceptance list for HTTP clients (HC-*). What does not apply:
// - HC-4 (the body is closed): bodies are whole before decode; that the connection is free again is tested instead.
// - HC-5, HC-17, HC-18 (BufferedStream): bodies are never handed out open.
// - HC-19 (XML): there is no XML codec; a content type of one's own is in HC-9.
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createTcp, type Socket } from 'node:net'
import { type CallFailed, invalidArgument } from '@tenon/contract'
import {
  background,
  type Context,
  call,
  type Endpoint,
  extend,
  type Failure,
  fail,
  metadata,
  type Outcome,
  ok,
  run,
  type Telemetry,
  withMetadata,
} from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import { Agent, MockAgent } from 'undici'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { client, type RemoteOptions } from './client.ts'
import { readJson } from './codec.ts'
import { type ClientExchange, setRequestHeader } from './hooks.ts'
import type { ClientResponse } from './message.ts'

interface Far extends AsyncDisposable {
  readonly url: string
  readonly sockets: Set<Socket>
  /** How many connections there have been. */
  connections: number
}

async function far(listener: RequestListener): Promise<Far> {
  const http = createServer(listener)
  const held: Far = {
    url: '',
    sockets: new Set(),
    connections: 0,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
  http.on('connection', (socket: Socket) => {
    held.connections++
    held.sockets.add(socket)
    socket.once('close', () => held.sockets.delete(socket))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return Object.assign(held, { url: `http://127.0.0.1:${(http.address() as { port: number }).port}` })
}

const bodyOf = async (req: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
const answering =
  (
    body: string,
    status = 200,
    headers: Record<string, string> = { 'content-type': 'application/json' },
  ): RequestListener =>
  (_, res) =>
    void res.writeHead(status, headers).end(body)
const mirror: RequestListener = async (req, res) => {
  const body = await bodyOf(req)
  res.writeHead(200, { 'content-type': 'application/json' })
  res.end(JSON.stringify({ method: req.method, url: req.url, headers: req.headers, body }))
}
const asText = ({ body }: ClientResponse) => ok(body.toString())
interface Mirrored {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string
}
const mirrored = (answer: Outcome): Mirrored => {
  if (answer._tag === 'Left') throw new Error(JSON.stringify(answer.left))
  return answer.right as Mirrored
}
const throwing = (): never => {
  throw new Error('secret cause')
}

type Remote = Endpoint<unknown, unknown, Failure> & AsyncDisposable
const remote = (options: Partial<RemoteOptions<unknown, unknown, Failure>> & { url: string }): Remote =>
  client<unknown, unknown, Failure>({ decode: readJson, ...options }) as Remote

describe('given a call', () => {
  it('HC-1, HC-3 when a before hook sets a header, then the server receives it, and the decoded value is what comes back', async () => {
    await using s = await far(mirror)
    await using c = remote({ url: `${s.url}/base/`, before: setRequestHeader('X-Who', 'me') })
    const got = mirrored(await call(c, { n: 1 }))
    expect(got).toMatchObject({ method: 'POST', url: '/base', body: '{"n":1}' })
    expect(got.headers).toMatchObject({ 'x-who': 'me', 'content-type': 'application/json', 'content-length': '7' })
  })

  it('HC-2, HC-6, HC-7 when it was answered, then after hooks and finalizers see the headers and the length', async () => {
    await using s = await far(
      answering('"x"', 200, { 'content-type': 'application/json', 'x-h': '1', 'content-length': '3' }),
    )
    const seen: unknown[] = []
    await using c = remote({
      url: s.url,
      after: (_, { headers }) => void seen.push(headers['x-h']),
      finalize: (_, { response, outcome }) =>
        void seen.push(response?.headers['content-length'], response?.status, outcome),
    })
    await call(c, undefined)
    expect(seen).toEqual(['1', '3', 200, ok('x')])
  })

  it('HC-4 when it has ended, then its connection is free for the next one', async () => {
    await using s = await far(answering('"x"'))
    await using c = remote({ url: s.url })
    for (let i = 0; i < 5; i++) expect(await call(c, i)).toEqual(ok('x'))
    // undici looks at a connection for one turn of the loop before it is used again; a call in that turn takes a second one.
    expect(s.connections).toBeLessThan(3)
  })

  it.each([[null], [12], [1.2], [true], ['test'], [{ a: [1] }]])(
    'HC-8 when the input is %j, then the body is its JSON',
    async (value) => {
      await using s = await far(mirror)
      await using c = remote({ url: s.url })
      expect(mirrored(await call(c, value)).body).toBe(JSON.stringify(value))
    },
  )

  it('HC-9, HC-11 when encode makes the whole request, then verb, path, headers and length are as it says', async () => {
    await using s = await far(mirror)
    await using c = remote({
      url: s.url,
      method: 'PUT',
      encode(input, request) {
        request.method = 'PATCH'
        request.path = '/other?q=1'
        request.headers['content-type'] = 'text/xml'
        request.headers['x-two'] = ['a', 'b']
        request.body = Buffer.from(String(input))
      },
    })
    const got = mirrored(await call(c, 'hello world'))
    expect(got).toMatchObject({ method: 'PATCH', url: '/other?q=1', body: 'hello world' })
    expect(got.headers).toMatchObject({ 'content-length': '11', 'content-type': 'text/xml', 'x-two': 'a, b' })
  })

  it('HC-10 when a dispatcher is given, then it is used, and disposing the client leaves it open', async () => {
    const agent = new MockAgent()
    agent.disableNetConnect()
    agent
      .get('http://far.test')
      .intercept({ path: '/', method: 'POST' })
      .reply(200, '"mocked"', { headers: { 'content-type': 'application/json' } })
    const c = remote({ url: 'http://far.test', dispatcher: agent })
    expect(await call(c, 1)).toEqual(ok('mocked'))
    await c[Symbol.asyncDispose]()
    await agent.close()

    await using s = await far(answering('"x"'))
    const shared = new Agent()
    const first = remote({ url: s.url, dispatcher: shared })
    await first[Symbol.asyncDispose]()
    expect(await call(remote({ url: s.url, dispatcher: shared }), 1)).toEqual(ok('x'))
    await shared.close()
  })

  it('when a dispatcher throws, then it is a Defect, and the call no longer counts as on its way', async () => {
    const agent = new MockAgent()
    agent.dispatch = throwing
    const c = remote({ url: 'http://far.test', dispatcher: agent, connections: 1, queue: 0 })
    for (let i = 0; i < 3; i++) expect(await call(c, 1)).toMatchObject({ left: { _tag: 'Defect' } })
    await agent.close()
  })

  it('HC-12 when the answer is 500, then that is no failure of its own: the decoder decides', async () => {
    await using s = await far(answering('broken', 500, {}))
    await using c = remote({ url: s.url, decode: ({ status, body }) => ok(`${status} ${body}`) })
    expect(await call(c, 1)).toEqual(ok('500 broken'))
  })

  it('X1, HC-20 when called, then encode -> before -> send -> after -> decode; each before hook sees the encoded request and threads the context', async () => {
    const order: string[] = []
    await using s = await far((req, res) => {
      order.push('send')
      answering('"x"')(req, res)
    })
    await using c = remote({
      url: s.url,
      encode: (_, request) => {
        order.push('encode')
        request.body = '1'
      },
      before: [
        (ctx, { body }) => {
          order.push(`b1 ${body}`)
          return extend(ctx, { one: 1 })
        },
        (ctx, { body }) => {
          order.push(`b2 ${body} ${(ctx as Context & { one: number }).one}`)
        },
      ],
      after: (ctx) => {
        order.push('after')
        return extend(ctx, { two: 2 })
      },
      decode: (_, ctx) => {
        order.push(`decode ${Object.keys(ctx)}`)
        return ok('y')
      },
    })
    expect(await call(c, 1)).toEqual(ok('y'))
    expect(order).toEqual(['encode', 'b1 1', 'b2 1 1', 'send', 'after', 'decode one,two'])
  })

  it('the failures of a low-level client are those of its codecs and CallFailed', () => {
    interface Odd extends Failure<'Odd', 'aborted'> {}
    const typed = (): unknown => {
      const c = client({
        url: 'http://x',
        decode: (): { _tag: 'Left'; left: Odd } | { _tag: 'Right'; right: number } => ok(1),
      })
      expectTypeOf(c).toExtend<Endpoint<unknown, number, Odd | CallFailed>>()
      return c
    }
    expect(typed).toBeTypeOf('function')
  })
})

describe('given a failing step', () => {
  const finalized = async (options: Partial<RemoteOptions<unknown, unknown, Failure>> & { url: string }) => {
    const seen: ClientExchange[] = []
    const order: string[] = []
    await using c = remote({
      before: () => void order.push('before'),
      after: () => void order.push('after'),
      finalize: (_, exchange) => void seen.push(exchange),
      ...options,
    })
    const outcome = await call(c, 1)
    expect(seen).toHaveLength(1)
    expect(seen[0]?.outcome).toEqual(outcome)
    return { outcome, exchange: seen[0] as ClientExchange, order }
  }

  it('HC-13 when the connection is refused, then after and decode do not run, and finalizers get the failure', async () => {
    const s = await far(mirror)
    await s[Symbol.asyncDispose]()
    const { outcome, exchange, order } = await finalized({ url: s.url, decode: throwing })
    expect(outcome).toMatchObject({ left: { _tag: 'Unavailable', code: 'unavailable' } })
    expect(JSON.stringify(outcome)).toContain('ECONNREFUSED')
    expect(order).toEqual(['before'])
    expect(exchange.response).toBeUndefined()
    expect(exchange.request).toBeDefined()
  })

  it('HC-14 when encode fails or throws, then nothing is sent, before hooks do not run, and finalizers get the failure without request and response', async () => {
    await using s = await far(mirror)
    const failure = invalidArgument([{ path: 'n', expected: 'number', actual: 'string' }])
    for (const encode of [() => fail(failure), async () => fail(failure)]) {
      const { outcome, exchange, order } = await finalized({ url: s.url, encode })
      expect(outcome).toEqual(fail(failure))
      expect(order).toEqual([])
      expect(exchange).toEqual({ outcome })
    }
    for (const encode of [throwing, () => Promise.reject(new Error('x'))])
      expect((await finalized({ url: s.url, encode })).outcome).toMatchObject({ left: { _tag: 'Defect' } })
    expect(s.connections).toBe(0)
  })

  it('HC-15 when decode fails or throws, then finalizers get that failure and the response', async () => {
    await using s = await far(answering('"x"'))
    for (const decode of [
      () => fail({ _tag: 'Odd', code: 'aborted', message: 'odd' } as const),
      throwing,
      () => Promise.reject(new Error('x')),
    ]) {
      const { outcome, exchange, order } = await finalized({ url: s.url, decode })
      expect(outcome._tag).toBe('Left')
      expect(order).toEqual(['before', 'after'])
      expect(exchange.response?.status).toBe(200)
    }
  })

  it('when a hook throws, then it is a Defect, and a finalizer that throws changes nothing', async () => {
    await using s = await far(answering('"x"'))
    expect((await finalized({ url: s.url, before: throwing })).outcome).toMatchObject({ left: { _tag: 'Defect' } })
    await using c = remote({ url: s.url, finalize: throwing })
    expect(await call(c, 1)).toEqual(ok('x'))
  })
})

describe('given a caller that gives up', () => {
  it('HC-16 when it cancels, then the call fails with Cancelled at once and the server sees the connection close', async () => {
    const arrived = Promise.withResolvers<Socket>()
    await using s = await far((req) => arrived.resolve(req.socket))
    await using c = remote({ url: s.url })
    const abort = new AbortController()
    const answer = call(c, 1, { signal: abort.signal })
    const socket = await arrived.promise
    const closed = new Promise((resolve) => socket.once('close', resolve))
    abort.abort()
    expect(await answer).toMatchObject({ left: { _tag: 'Cancelled' } })
    await closed
  })

  it('when its time is up, then DeadlineExceeded at once, though the answer has begun, and the connection closes', async () => {
    const clock = virtualClock()
    const arrived = Promise.withResolvers<Socket>()
    await using s = await far((req, res) => {
      res.writeHead(200, { 'content-type': 'application/json' })
      res.write('"half')
      arrived.resolve(req.socket)
    })
    await using c = remote({ url: s.url })
    const answer = run(c, 1, background({ clock, deadline: 100 }))
    const socket = await arrived.promise
    const closed = new Promise((resolve) => socket.once('close', resolve))
    await clock.advance(100)
    expect(await answer).toMatchObject({ left: { _tag: 'DeadlineExceeded' } })
    await closed
    expect(clock.pending).toBe(0)
  })

  it.each([
    [99, 'Unavailable'],
    [99.2, 'DeadlineExceeded'],
  ])('given 100 ms, when the other side, which was told whole ones, closes after %s, then %s', async (at, tag) => {
    const clock = virtualClock()
    const arrived = Promise.withResolvers<Socket>()
    await using s = await far((req) => arrived.resolve(req.socket))
    await using c = remote({ url: s.url })
    const answer = run(c, 1, background({ clock, deadline: 100 }))
    const socket = await arrived.promise
    await clock.advance(at)
    socket.destroy()
    expect(await answer).toMatchObject({ left: { _tag: tag } })
  })

  it('when it had ended before, then nothing is sent', async () => {
    await using s = await far(mirror)
    await using c = remote({ url: s.url })
    expect(await call(c, 1, { signal: AbortSignal.abort() })).toMatchObject({ left: { _tag: 'Cancelled' } })
    expect(await call(c, 1, { timeout: 0 })).toMatchObject({ left: { _tag: 'DeadlineExceeded' } })
    expect(s.connections).toBe(0)
  })

  it('X9 when calls have ended, however they ended, then no timer and no listener is left on their parent', async () => {
    const clock = virtualClock()
    await using s = await far(answering('"x"'))
    await using c = remote({ url: s.url })
    const abort = new AbortController()
    const parent = background({ clock, deadline: 1_000, signal: abort.signal })
    let added = 0
    for (const method of ['addEventListener', 'removeEventListener'] as const) {
      const original = abort.signal[method].bind(abort.signal)
      abort.signal[method] = (...args: never[]) => {
        added += method === 'addEventListener' ? 1 : -1
        return (original as (...all: never[]) => void)(...args)
      }
    }
    await Promise.all(Array.from({ length: 20 }, (_, i) => run(c, i, parent)))
    expect(added).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('the time left is sent along, less than the deadline, never more; without a deadline it is the client’s timeout', async () => {
    const clock = virtualClock()
    await using s = await far(mirror)
    await using c = remote({ url: s.url })
    await using unbounded = remote({ url: s.url, timeout: 'unbounded' })
    await using short = remote({ url: s.url, timeout: 70 })
    const sent = async (which: Remote, deadline?: number): Promise<string | undefined> =>
      mirrored(await run(which, 1, background({ clock, ...(deadline !== undefined && { deadline }) }))).headers[
        'request-timeout-ms'
      ]
    expect(await sent(c, 250.9)).toBe('250')
    expect(await sent(c)).toBe('5000')
    expect(await sent(short)).toBe('70')
    expect(await sent(short, 9_000)).toBe('9000')
    expect(await sent(unbounded)).toBeUndefined()
    expect(clock.pending).toBe(0)
  })

  it('when there is no deadline and the server hangs, then the client’s timeout ends the call', async () => {
    const clock = virtualClock()
    const arrived = Promise.withResolvers<void>()
    await using s = await far(() => arrived.resolve())
    await using c = remote({ url: s.url })
    const answer = run(c, 1, background({ clock }))
    await arrived.promise
    await clock.advance(4_999)
    expect(clock.pending).toBe(1)
    await clock.advance(1)
    expect(await answer).toMatchObject({ left: { _tag: 'DeadlineExceeded' } })
  })
})

describe('given a server that misbehaves', () => {
  const tcp = async (serve: (socket: Socket) => void): Promise<Far> => {
    const sockets = new Set<Socket>()
    const server = createTcp((socket) => {
      held.connections++
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('data', () => serve(socket))
    })
    const held: Far = {
      url: '',
      sockets,
      connections: 0,
      async [Symbol.asyncDispose]() {
        for (const socket of sockets) socket.destroy()
        await new Promise((resolve) => server.close(resolve))
      },
    }
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return Object.assign(held, { url: `http://127.0.0.1:${(server.address() as { port: number }).port}` })
  }
  const outcome = async (s: Far, options: Partial<RemoteOptions<unknown, unknown, Failure>> = {}): Promise<Outcome> => {
    await using held = s
    await using c = remote({ url: held.url, ...options })
    return await call(c, 1)
  }

  it.each<[string, (socket: Socket) => void, object]>([
    ['resets', (socket) => socket.resetAndDestroy(), { _tag: 'Unavailable' }],
    ['closes without a word', (socket) => socket.end(), { _tag: 'Unavailable' }],
    [
      'speaks no HTTP',
      (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
      { _tag: 'Remote', code: 'internal', tag: 'InvalidOutput' },
    ],
    [
      'gives two lengths',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n"a"'),
      { _tag: 'Remote', code: 'internal', tag: 'InvalidOutput' },
    ],
    [
      'gives a length and chunks',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
      { _tag: 'Remote', code: 'internal', tag: 'InvalidOutput' },
    ],
    ['breaks off its head', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le'), { code: 'unavailable' }],
    [
      'breaks off its body',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n"half'),
      { _tag: 'Unavailable' },
    ],
    [
      'breaks off its chunks',
      (socket) =>
        socket.end(
          'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n"half\r\n',
        ),
      { _tag: 'Unavailable' },
    ],
    [
      'sends endless headers',
      (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}`),
      { code: 'internal' },
    ],
  ])('when it %s, then a failure of the way', async (_, act, expected) => {
    expect(await outcome(await tcp(act))).toMatchObject({ _tag: 'Left', left: expected })
  })

  it('when it informs with 103 first, then the final answer counts', async () => {
    const s = await tcp((socket) =>
      socket.end(
        'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1\r\n\r\n7',
      ),
    )
    expect(await outcome(s)).toEqual(ok(7))
  })

  it('when its answer is larger than allowed, announced or not, then the call fails and the connection is closed', async () => {
    for (const head of [
      'content-length: 11\r\n\r\n12345678901',
      'transfer-encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n',
    ]) {
      const s = await tcp((socket) => void socket.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${head}`))
      expect(await outcome(s, { limits: { response: 10 } })).toMatchObject({
        left: { _tag: 'Remote', code: 'internal', tag: 'AnswerTooLarge' },
      })
    }
  })

  it('when the name does not resolve, then Unavailable', async () => {
    await using c = remote({ url: 'http://nowhere.invalid' })
    expect(await call(c, 1)).toMatchObject({ left: { _tag: 'Unavailable' } })
  })

  it('when it does not speak TLS, then Unavailable', async () => {
    await using s = await far(mirror)
    await using c = remote({ url: s.url.replace('http:', 'https:') })
    expect(await call(c, 1)).toMatchObject({ left: { _tag: 'Unavailable' } })
  })

  it('when it cannot be reached and comes back, then telemetry says lost once and connected once', async () => {
    const events: Telemetry[] = []
    const gone = await far(mirror)
    const { port } = new URL(gone.url)
    await gone[Symbol.asyncDispose]()
    await using c = remote({ url: gone.url, onTelemetry: (event) => events.push(event) })
    await call(c, 1)
    await call(c, 1)
    const back = createServer(mirror)
    await new Promise<void>((resolve) => back.listen(Number(port), '127.0.0.1', resolve))
    mirrored(await call(c, 1))
    expect(events.map((event) => (event as { state?: string }).state)).toEqual(['lost', 'connected'])
    back.closeAllConnections()
    await new Promise((resolve) => back.close(resolve))
  })

  it('when a kept connection was closed by the server, then the next call takes another one', async () => {
    await using s = await far(answering('"x"'))
    await using c = remote({ url: s.url })
    expect(await call(c, 1)).toEqual(ok('x'))
    for (const socket of s.sockets) socket.destroy()
    expect(await call(c, 2)).toEqual(ok('x'))
    expect(s.connections).toBe(2)
  })

  it.each([
    ['GET', 2, 'Right'],
    ['POST', 1, 'Left'],
  ])('when a kept connection closes under a %s, then it is sent %i time(s)', async (method, times, tag) => {
    let sent = 0
    const first = new Set<Socket>()
    await using s = await far((req, res) => {
      if (req.url === '/warm') {
        first.add(req.socket)
        answering('"warm"')(req, res)
      } else {
        sent++
        if (first.has(req.socket)) req.socket.end()
        else answering('"x"')(req, res)
      }
    })
    await using c = remote({
      url: s.url,
      method,
      connections: 1,
      encode(input, request) {
        request.path = String(input)
      },
    })
    expect(await call(c, '/warm')).toEqual(ok('warm'))
    expect((await call(c, '/call'))._tag).toBe(tag)
    expect(sent).toBe(times)
  })
})

describe('given metadata', () => {
  it('when called, then what was set for this hop is sent, and of what came in only the allowed part', async () => {
    await using s = await far(mirror)
    await using c = remote({ url: s.url })
    await using tenant = remote({ url: s.url, allow: ['x-tenant'] })
    const came = metadata([
      ['authorization', 'secret'],
      ['traceparent', '00-1'],
      ['x-tenant', 'a'],
    ])
    const ctx = withMetadata(background({ metadata: came }), { 'X-Mine': 'b' })
    const { headers } = mirrored(await run(c, 1, ctx))
    expect(headers).toMatchObject({ traceparent: '00-1', 'x-mine': 'b' })
    expect(headers).not.toHaveProperty('authorization')
    expect(headers).not.toHaveProperty('x-tenant')
    const other = mirrored(await run(tenant, 1, ctx)).headers
    expect(other).toMatchObject({ 'x-tenant': 'a', 'x-mine': 'b' })
    expect(other).not.toHaveProperty('traceparent')
  })

  it('when it is more than 8 KB, or cannot travel, then InvalidArgument and nothing is sent', async () => {
    await using s = await far(mirror)
    await using c = remote({ url: s.url })
    const bad: Record<string, string>[] = [
      { 'x-long': 'x'.repeat(8_200) },
      { 'x-break': 'a\r\nx-injected: 1' },
      { 'x-unicode': 'é' },
      { 'bad name': 'x' },
      { 'content-length': '3' },
      { 'transfer-encoding': 'chunked' },
      { host: 'evil' },
      { 'request-timeout-ms': '99999' },
    ]
    for (const more of bad)
      expect(await call(c, 1, { metadata: more }), JSON.stringify(more).slice(0, 40)).toMatchObject({
        left: { _tag: 'InvalidArgument' },
      })
    expect(s.connections).toBe(0)
    expect(mirrored(await call(c, 1, { metadata: { 'x-long': 'x'.repeat(8_100) } })).headers['x-long']).toHaveLength(
      8_100,
    )
  })

  it('when a hook sets what undici cannot send, then InvalidArgument', async () => {
    await using s = await far(mirror)
    await using c = remote({ url: s.url, before: setRequestHeader('x-bad', 'a\nb') })
    expect(await call(c, 1)).toMatchObject({ left: { _tag: 'InvalidArgument' } })
    expect(await call(c, 1)).toMatchObject({ left: { _tag: 'InvalidArgument' } })
  })
})

describe('given a client’s connections', () => {
  it('when all are busy and the queue is full, then Unavailable at once', async () => {
    const waiting: (() => void)[] = []
    await using s = await far((req, res) => void waiting.push(() => answering('"x"')(req, res)))
    await using c = remote({ url: s.url, connections: 1, queue: 1 })
    const calls = [call(c, 1), call(c, 2)]
    expect(await call(c, 3)).toMatchObject({ left: { _tag: 'Unavailable' } })
    await expect.poll(() => waiting.length).toBe(1)
    waiting.shift()?.()
    await expect.poll(() => waiting.length).toBe(1)
    waiting.shift()?.()
    expect(await Promise.all(calls)).toEqual([ok('x'), ok('x')])
    const after = call(c, 4)
    await expect.poll(() => waiting.length).toBe(1)
    waiting.shift()?.()
    expect(await after).toEqual(ok('x'))
  })

  it('when it is disposed, then calls in flight end first, later ones are Unavailable, and disposing again is harmless', async () => {
    const arrived = Promise.withResolvers<() => void>()
    await using s = await far((req, res) => arrived.resolve(() => answering('"x"')(req, res)))
    const c = remote({ url: s.url })
    const running = call(c, 1)
    const release = await arrived.promise
    const disposing = c[Symbol.asyncDispose]()
    expect(await call(c, 2)).toMatchObject({ left: { _tag: 'Unavailable' } })
    release()
    expect(await running).toEqual(ok('x'))
    await disposing
    await c[Symbol.asyncDispose]()
    await expect.poll(() => s.sockets.size).toBe(0)
  })

  it('a bad option is a TypeError that names it', () => {
    const decode = asText
    expect(() => client({ url: 'ftp://x', decode })).toThrow('http.client: url is http(s)://host:port')
    expect(() => client({ url: 'http://u:p@x', decode })).toThrow('no user and password')
    expect(() => client({ decode } as never)).toThrow('http.client: url is missing; it is http(s)://host:port')
    expect(() => client({ url: 'http://x', decode, timeout: 0 })).toThrow(
      "http.client: timeout: whole milliseconds from 1 on, or 'unbounded', and not 0",
    )
    expect(() => client({ url: 'http://x', decode, connections: 0.5 })).toThrow('http.client: connections')
    expect(() => client({ url: 'http://x', decode, allow: ['X-A'] })).toThrow('lower-case')
    expect(() => client({ url: 'http://x', decode, method: 'get me' })).toThrow('method is a verb')
    expect(() => client({ url: 'http://x', decode: 1 as never })).toThrow('decode is a function')
  })
})
