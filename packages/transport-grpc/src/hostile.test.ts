// What grpc-js does with hostile input and is kept from; all of it, with what it costs: test/hostile.
import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connect2,
  constants,
  createServer,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setLogger } from '@grpc/grpc-js'
import { clientStream, contract, handler, implement, serverStream, unary } from '@tenon/contract'
import {
  background,
  type Clock,
  call,
  type Outcome,
  ok,
  run,
  systemClock,
  type Telemetry,
  withTimeout,
} from '@tenon/endpoint'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { grpc, type ServeOptions } from './index.ts'

const Echo = contract('a.v1.Echo', {
  say: unary({ input: t.strict({ s: t.string }), output: t.strict({ s: t.string }) }),
  take: clientStream({ input: t.string, output: t.Int }),
  flood: serverStream({ input: t.void, output: t.string }),
})

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function victim(options: ServeOptions = {}) {
  const seen = { calls: 0, made: 0, items: [] as Outcome[] }
  const told: Telemetry[] = []
  const impl = implement(Echo, {
    say: handler(Echo.methods.say, async ({ s }) => {
      seen.calls++
      return ok({ s })
    }),
    take: handler(Echo.methods.take, async (items) => {
      for await (const item of items) seen.items.push(item)
      return ok(seen.items.length as t.Int)
    }),
    flood: handler(Echo.methods.flood, async function* () {
      for (;;) {
        seen.made++
        yield ok('x'.repeat(65_536))
      }
    }),
  })
  const server = await grpc.serve(impl, { grace: 0, onTelemetry: (each) => void told.push(each), ...options })
  const client = grpc.client(Echo, { address: server.address })
  return {
    server,
    seen,
    told,
    /** Somebody else is answered, now. */
    async others() {
      expect(await call(client.say, { s: 'me' }, { timeout: 5_000 })).toEqual(ok({ s: 'me' }))
    },
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const session = (port: number): ClientHttp2Session => connect2(`http://127.0.0.1:${port}`).on('error', () => {})
const head = (path: string, more: object = {}): object => ({
  ':method': 'POST',
  ':path': path,
  'content-type': 'application/grpc',
  te: 'trailers',
  ...more,
})
const framed = (body: Buffer, flag = 0, length = body.length): Buffer => {
  const prefix = Buffer.alloc(5)
  prefix[0] = flag
  prefix.writeUInt32BE(length >>> 0, 1)
  return Buffer.concat([prefix, body])
}
const say = '/a.v1.Echo/Say'
const text = (value: string): Buffer => Buffer.concat([Buffer.from([10, value.length]), Buffer.from(value)])

/** What the server says of a call: its status, or that it was reset. */
function said(stream: ClientHttp2Stream): Promise<string> {
  return new Promise((resolve) => {
    let status: unknown
    const look = (headers: object): void => {
      status ??= (headers as Record<string, unknown>)['grpc-status'] ?? undefined
    }
    let http: unknown
    stream.on('response', (headers) => {
      http = headers[':status']
      look(headers)
    })
    stream.on('trailers', look)
    stream.on('error', () => {})
    stream.on('close', () =>
      resolve(
        status !== undefined ? `status ${status}` : http === 200 || http === undefined ? 'reset' : `http ${http}`,
      ),
    )
    stream.resume()
  })
}

async function sent(port: number, path: string, bytes: Buffer, headers: object = {}): Promise<string> {
  const own = session(port)
  const stream = own.request(head(path, headers) as never)
  const answer = said(stream)
  stream.end(bytes)
  const result = await answer
  own.destroy()
  return result
}

describe('what grpc-js would do', () => {
  it.each([
    ['a name that it does not take', { 'x!': 'y' }],
    ['a value that it does not take', { x: '\u00ff' }],
  ])(
    'given %s, when it comes as metadata, then it is left out, and no line is written to stderr',
    async (_, headers) => {
      await using it = await victim()
      const lines: unknown[] = []
      setLogger({ ...console, error: (line: unknown) => void lines.push(line) })
      expect(await sent(it.server.port, say, framed(text('a')), headers)).toBe('status 0')
      setLogger(console)
      expect(lines).toEqual([])
    },
  )

  it.each(['597H', '99999999H', '9999999S'])(
    'given a timeout of %s, more than a timer takes, then it has not passed',
    async (timeout) => {
      await using it = await victim()
      expect(await sent(it.server.port, say, framed(text('a')), { 'grpc-timeout': timeout })).toBe('status 0')
    },
  )

  it('given a whole message without its end, when its time is up, then no handler runs', async () => {
    await using it = await victim({ limits: { arrival: 100 } })
    const own = session(it.server.port)
    const stream = own.request(head(say) as never)
    const answer = said(stream)
    stream.write(framed(text('a')))
    expect(await answer).toBe('status 4')
    await it.others()
    expect(it.seen.calls).toBe(1)
    expect(it.told).toMatchObject([{ kind: 'server.rejected', reason: 'slow-message' }])
    own.destroy()
  })

  it('given resets in the middle of messages and streams, when they come, then handlers hear it, and nothing is left', async () => {
    await using it = await victim()
    const own = session(it.server.port)
    for (let n = 0; n < 50; n++) {
      const stream = own.request(head(n % 2 ? say : '/a.v1.Echo/Take') as never).on('error', () => {})
      stream.write(n % 2 ? Buffer.from([0, 0]) : framed(text('a')))
      if (n % 2 === 0) await later(1)
      stream.close(constants.NGHTTP2_CANCEL)
    }
    await expect.poll(() => it.server.inFlight).toBe(0)
    expect(it.seen.items.filter(({ _tag }) => _tag === 'Right').length).toBeGreaterThan(0)
    await it.others()
    own.destroy()
  })

  it('given a reader that stops, when the server makes 64 KB at a time without end, then it is held back, and its end frees all', async () => {
    await using it = await victim()
    const own = session(it.server.port)
    const stream = own.request(head('/a.v1.Echo/Flood') as never).on('error', () => {})
    stream.end(framed(Buffer.alloc(0)))
    await expect.poll(() => it.seen.made).toBeGreaterThan(3)
    await later(200)
    expect(it.seen.made).toBeLessThan(16)
    await it.others()
    own.destroy()
    await expect.poll(() => it.server.inFlight).toBe(0)
  })
})

describe('given a peer that resets a call', () => {
  it.each([
    ['when the call has time left, then it is Cancelled', 1, 'Cancelled'],
    ['when its time is over and no timer here has told so yet, then it is DeadlineExceeded', 2_000, 'DeadlineExceeded'],
  ])('%s', async (_, later, tag) => {
    const peer = createServer().listen(0, '127.0.0.1')
    let now = 1_000
    // A thread that was busy elsewhere: its timers are late.
    const clock: Clock = { ...systemClock, now: () => now, at: () => ({ cancel() {} }) }
    peer.on('stream', (stream) => {
      stream.on('error', () => {})
      now += later
      stream.close(constants.NGHTTP2_CANCEL)
    })
    try {
      await once(peer, 'listening')
      await using client = grpc.client(Echo, { address: `127.0.0.1:${(peer.address() as AddressInfo).port}` })
      const outcome = await run(client.say, { s: 'x' }, withTimeout(background({ clock }), 2_000).ctx)
      expect(outcome).toMatchObject({ _tag: 'Left', left: { _tag: tag } })
    } finally {
      peer.close()
    }
  })
})
