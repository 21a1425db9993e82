// Hostile input on raw HTTP/2: for each a clear status for the sender, a line for the operator, and nothing lost for others.
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connect2, constants } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { clientStream, contract, handler, implement, serverStream, unary } from '@tenon/contract'
import { call, type Outcome, ok, type Telemetry } from '@tenon/endpoint'
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

describe('one message', () => {
  it.each([
    ['a frame that is cut off', say, framed(Buffer.from('abc'), 0, 100), {}, 'status 12'],
    ['no frame at all', say, Buffer.alloc(0), {}, 'status 12'],
    ['two messages where one goes', say, Buffer.concat([framed(text('a')), framed(text('b'))]), {}, 'status 12'],
    ['a frame that says it has 4 GB', say, framed(Buffer.from('abc'), 0, 0xffffffff), {}, 'status 8'],
    ['5 MB', say, framed(Buffer.alloc(5_000_000)), {}, 'status 8'],
    ['bytes that are no message', say, framed(Buffer.from([255, 255, 255])), {}, 'status 3'],
    ['a text that is no UTF-8', say, framed(Buffer.from([10, 2, 0xc3, 0x28])), {}, 'status 3'],
    ['a text that is cut off', say, framed(Buffer.from([10, 9, 97])), {}, 'status 3'],
    [
      'fields that nobody knows',
      say,
      framed(Buffer.concat([text('a'), Buffer.from([0xfa, 1, 1, 98])])),
      {},
      'status 0',
    ],
    ['an unknown method', '/a.v1.Echo/Nope', framed(text('a')), {}, 'status 12'],
    ['an unknown service', '/x/y', framed(text('a')), {}, 'status 12'],
    ['a path of every object', '/__proto__/constructor', framed(text('a')), {}, 'status 12'],
    ['an unknown compression', say, framed(text('a'), 1), { 'grpc-encoding': 'brotli' }, 'status 12'],
    ['compression that is none', say, framed(text('a'), 1), { 'grpc-encoding': 'gzip' }, 'status 13'],
    [
      'a bomb of 40 MB in 40 KB',
      say,
      framed(gzipSync(Buffer.alloc(40_000_000)), 1),
      { 'grpc-encoding': 'gzip' },
      'status 8',
    ],
    ['another content type', say, framed(text('a')), { 'content-type': 'text/html' }, 'http 415'],
    ['a timeout that is none', say, framed(text('a')), { 'grpc-timeout': 'soon' }, 'status 13'],
    ['a timeout of zero', say, framed(text('a')), { 'grpc-timeout': '0m' }, 'status 4'],
    ['20 KB of metadata', say, framed(text('a')), { a: 'x'.repeat(20_000) }, 'status 8'],
    [
      '1,000 names of metadata, of which Node takes 128',
      say,
      framed(text('a')),
      Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`name-${n}`, 'x'.repeat(20)])),
      'reset',
    ],
  ])(
    'given %s, when it is sent, then the sender is told, no handler runs on nonsense, and others are answered',
    async (_, path, bytes, headers, answer) => {
      await using it = await victim()
      expect(await sent(it.server.port, path, bytes, headers)).toBe(answer)
      expect(it.seen.calls).toBe(answer === 'status 0' ? 1 : 0)
      await it.others()
      expect(it.server.inFlight).toBe(0)
    },
  )

  it('given 200 KB of metadata, when it is sent, then it is refused by Node, and others are answered', async () => {
    await using it = await victim()
    const answer = await sent(it.server.port, say, framed(text('a')), {
      a: 'x'.repeat(60_000),
      b: 'x'.repeat(60_000),
      c: 'x'.repeat(60_000),
    })
    expect(answer).toMatch(/^(?:http 431|reset)$/)
    expect(it.seen.calls).toBe(0)
    await it.others()
  })
})

describe('a message that comes slowly', () => {
  it('given one byte at a time, when it takes longer than it may, then it is told deadline_exceeded, and the operator hears it', async () => {
    await using it = await victim({ limits: { arrival: 200 } })
    const own = session(it.server.port)
    const stream = own.request(head(say) as never)
    const answer = said(stream)
    for (const byte of framed(text('abc')).subarray(0, 6)) {
      stream.write(Buffer.from([byte]))
      await later(50)
      await it.others()
    }
    expect(await answer).toBe('status 4')
    expect(it.told).toMatchObject([{ kind: 'server.rejected', reason: 'slow-message' }])
    own.destroy()
  })

  it('given more of them than may be, when one more comes, then it is told unavailable, and a drain ends', async () => {
    await using it = await victim({ limits: { arrival: 600, concurrent: 20 } })
    const own = session(it.server.port)
    const answers = Array.from({ length: 30 }, () => {
      const stream = own.request(head(say) as never)
      stream.write(Buffer.from([0]))
      return said(stream)
    })
    const all = await Promise.all(answers)
    expect(all.filter((each) => each === 'status 14')).toHaveLength(10)
    expect(all.filter((each) => each === 'status 4')).toHaveLength(20)
    await it.others()
    own.destroy()
  })
})

describe('an answer that nobody reads', () => {
  it('given one of 1 MB, when it has waited too long, then its call is reset, and others are answered', async () => {
    await using it = await victim({ limits: { unread: 200 } })
    const own = session(it.server.port)
    const stream = own.request(head(say) as never).on('error', () => {})
    const closed = new Promise((resolve) => stream.once('close', resolve))
    const body = Buffer.alloc(1_000_000, 'x')
    stream.end(framed(Buffer.concat([Buffer.from([10, 0xc0, 0x84, 0x3d]), body])))
    await expect.poll(() => it.seen.calls).toBe(1)
    await it.others()
    await later(500)
    let bytes = 0
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    await closed
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL)
    expect(bytes).toBeLessThan(1_000_000)
    own.destroy()
  })
})

describe('connections', () => {
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

  it('given 5,000 calls that are opened and reset at once, when others call, then they are answered, and nothing is left', async () => {
    await using it = await victim()
    const own = session(it.server.port)
    for (let n = 0; n < 5_000 && !own.destroyed; n++) {
      own
        .request(head(say) as never)
        .on('error', () => {})
        .close(constants.NGHTTP2_CANCEL)
      if (n % 500 === 0) await later(1)
    }
    await it.others()
    await expect.poll(() => it.server.inFlight).toBe(0)
    expect(it.seen.calls).toBe(1)
    own.destroy()
  })

  it('given bytes that are no HTTP/2, when they are sent, then the connection is closed', async () => {
    await using it = await victim()
    const socket = connect(it.server.port, '127.0.0.1').on('error', () => {})
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.resume()
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await closed
    await it.others()
  })

  it('given 1,000 connections that say nothing, when others call, then they are answered; beyond the limit they are closed; a drain ends', async () => {
    await using it = await victim({ limits: { connections: 500 } })
    await it.others()
    let closed = 0
    const sockets: Socket[] = []
    for (let n = 0; n < 1_000; n++) {
      const socket = connect(it.server.port, '127.0.0.1').on('error', () => {})
      socket.once('close', () => closed++)
      socket.resume()
      sockets.push(socket)
      if (n % 100 === 0) await later(1)
    }
    await expect.poll(() => closed, { timeout: 10_000 }).toBe(501)
    await it.others()
    const start = performance.now()
    await it.server[Symbol.asyncDispose]()
    expect(performance.now() - start).toBeLessThan(5_000)
    for (const socket of sockets) socket.destroy()
  })

  it('given a reader that stops, when the server makes 64 KB at a time without end, then it is held back, and its end frees all', async () => {
    await using it = await victim()
    const own = session(it.server.port)
    const stream = own.request(head('/a.v1.Echo/Flood') as never).on('error', () => {})
    stream.end(framed(Buffer.alloc(0)))
    await expect.poll(() => it.seen.made).toBeGreaterThan(10)
    await later(200)
    expect(it.seen.made).toBeLessThan(48)
    await it.others()
    own.destroy()
    await expect.poll(() => it.server.inFlight).toBe(0)
  })
})
