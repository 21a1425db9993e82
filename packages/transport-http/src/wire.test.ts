// What arrives at a server byte by byte: raw sockets, against limits, rubbish, pipelining and clients that leave.
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { type Context, endpoint, ok, type Telemetry } from '@tenon/endpoint'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dial as raw } from '../test/peer.ts'
import { decodeJson, noInput } from './codec.ts'
import type { ServerLimits } from './limits.ts'
import type { Running } from './running.ts'
import { type ServeOptions, serve } from './serve.ts'
import { server } from './server.ts'

/** How many bytes come until the connection is closed. */
async function bytesOf(socket: Socket): Promise<number> {
  let bytes = 0
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  socket.resume()
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
  return bytes
}

const tick = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const echo = server(
  endpoint(async (input: unknown) => ok(input ?? null)),
  {
    decode: decodeJson,
    media: ['application/json'],
    onTelemetry: () => {},
  },
)
const serving = (limits: ServerLimits = {}, options: ServeOptions = {}): Promise<Running> =>
  serve([], { limits, onTelemetry: () => {}, routes: { 'POST /echo': echo, 'GET /echo': echo }, ...options })

const post = (body: string, headers = ''): string =>
  `POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`
const chunked = 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n'
const problems = (text: string): { code: string; tag: string; status: number }[] =>
  [...text.matchAll(/\{"type":"about:blank".*?\}(?=HTTP|$)/gs)].map(([json]) => JSON.parse(json) as never)

describe('given one server', () => {
  let s: Running
  beforeAll(async () => {
    s = await serving()
  })
  afterAll(() => s[Symbol.asyncDispose]())

  it('when requests are pipelined, then they are answered in order', async () => {
    const client = raw(s.url)
    await client.write(post('1') + post('2') + post('3', 'connection: close\r\n'))
    const text = await client.closed()
    expect(text.match(/\r\n\r\n(\d)/g)?.map((found) => found.at(-1))).toEqual(['1', '2', '3'])
  })

  it('when a request comes byte by byte, then it is answered as any', async () => {
    const client = raw(s.url)
    for (const byte of post('{"a":"\u00e9"}', 'connection: close\r\n')) await client.write(Buffer.from(byte, 'utf8'))
    expect(Buffer.from(await client.closed(), 'latin1').toString()).toContain('{"a":"\u00e9"}')
  })

  it('when a chunked body comes in tiny pieces, then it is put together', async () => {
    const value = JSON.stringify('x'.repeat(3_000))
    const client = raw(s.url)
    const pieces = [...value].map((byte) => `1\r\n${byte}\r\n`).join('')
    await client.write(
      `POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n${pieces}0\r\n\r\n`,
    )
    expect(await client.closed()).toContain(value)
  })

  it.each([
    ['rubbish', 'rubbish\r\n\r\n'],
    ['two lengths', 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n1'],
    [
      'a length and chunks',
      'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1',
    ],
    ['a length that is no number', 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: one\r\n\r\n'],
    ['a header name with a space', 'GET /echo HTTP/1.1\r\nhost: x\r\nbad name: x\r\n\r\n'],
    ['a folded header', 'GET /echo HTTP/1.1\r\nhost: x\r\nx-a: 1\r\n 2\r\n\r\n'],
    ['an unknown version', 'GET /echo HTTP/9.9\r\nhost: x\r\n\r\n'],
    ['an unknown verb', 'FETCH /echo HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['a request of HTTP/0.9', 'GET /echo\r\n\r\n'],
    ['a request without a host', 'GET /echo HTTP/1.1\r\n\r\n'],
    ['a request with two hosts', 'GET /echo HTTP/1.1\r\nhost: x\r\nHost: x\r\n\r\n'],
    ['a host that is none', 'GET /echo HTTP/1.1\r\nhost: a b@c/\r\n\r\n'],
    ['a host with two ports', 'GET /echo HTTP/1.1\r\nhost: [::1]:8:0\r\n\r\n'],
    ['a target with a fragment', 'GET /echo#a?b=c HTTP/1.1\r\nhost: x\r\n\r\n'],
    [
      'two content types',
      'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nContent-Type: text/plain\r\ncontent-length: 1\r\n\r\n1',
    ],
    ['two authorizations', 'GET /echo HTTP/1.1\r\nhost: x\r\nauthorization: a\r\nauthorization: b\r\n\r\n'],
    [
      'chunks in HTTP/1.0',
      'POST /echo HTTP/1.0\r\nconnection: keep-alive\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n',
    ],
  ])('when %s comes, then 400 as a problem and the connection closes', async (_, text) => {
    const client = raw(s.url)
    await client.write(text)
    const answer = await client.closed()
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer.toLowerCase()).toContain('connection: close')
    expect(problems(answer)).toMatchObject([{ code: 'invalid_argument', status: 400 }])
  })

  it('when megabytes of rubbish come before its answer is read, then it can still be read', async () => {
    for (const [piece, status] of [
      ['rubbish\r\n'.repeat(900_000), 400],
      [`GET /${'x'.repeat(8_000_000)}`, 431],
      [`${chunked}2\r\n{}\r\n0\r\n${'x: y\r\n'.repeat(1_300_000)}`, 431],
      [`${chunked}zz${'rubbish\r\n'.repeat(900_000)}`, 400],
    ] as const) {
      const client = raw(s.url)
      client.socket.pause()
      // A client that is busy sending: a reset would end it before it has looked.
      await client.write(piece)
      client.socket.resume()
      expect(await client.closed()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*\\}$`))
      client.socket.destroy()
    }
  })

  it('when a good request is followed by rubbish, then it is answered and the connection closes', async () => {
    const client = raw(s.url)
    await client.write(`${post('"good"')}rubbish\r\n\r\n`)
    const answer = await client.closed()
    expect(answer.match(/HTTP\/1\.1 \d+/g)?.[0]).toBe('HTTP/1.1 200')
    expect(answer).toContain('"good"')
  })

  it('when rubbish follows answers that are not read yet, then nothing is taken for one of them', async () => {
    const big = server(
      endpoint(async () => ok('x'.repeat(20_000_000))),
      { decode: noInput },
    )
    await using s = await serving({}, { routes: { 'GET /big': big, 'GET /echo': echo } })
    for (const rubbish of ['rubbish\r\n\r\n', 'CONNECT x:1 HTTP/1.1\r\nhost: x:1\r\n\r\n']) {
      const client = raw(s.url)
      client.socket.pause()
      for (const path of ['/big', '/echo']) {
        await client.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`)
        await tick(30)
        await expect.poll(() => s.inFlight).toBe(0)
      }
      await client.write(rubbish)
      await tick(30)
      client.socket.resume()
      const text = await client.closed()
      expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200'])
      expect(text).toMatch(/null$/)
    }
  })

  it('when the rest of a refused body is wrong or never comes, then the refusal stays the one answer', async () => {
    await using s = await serving({ headersTimeout: 50, bodyTimeout: 50 })
    const head = 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\n'
    for (const rest of ['content-length: 10\r\n\r\n1', 'transfer-encoding: chunked\r\n\r\nnonsense\r\n']) {
      const client = raw(s.url)
      await client.write(head + rest)
      expect((await client.closed()).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 415'])
    }
  })

  it('when an offer to upgrade is passed over, then its answer closes the connection: what follows is lost by the parser', async () => {
    const offer = 'connection: upgrade, http2-settings\r\nupgrade: h2c\r\n'
    const client = raw(s.url)
    await client.write(post('"kept"', offer) + post('"lost"'))
    const text = await client.closed()
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200'])
    expect(text.toLowerCase()).toContain('connection: close')
    expect(text).toMatch(/"kept"$/)
  })

  it('when a chunk of a body is malformed, then 400 and the connection closes', async () => {
    const client = raw(s.url)
    await client.write(
      'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    )
    await tick(20)
    await client.write('nonsense\r\n')
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 400 /)
  })

  it.each([
    ['a name', 'x-y_z.example'],
    ['a port', 'localhost:8080'],
    ['an address', '[::1]:80'],
    ['nothing', ''],
  ])('when the host is %s, then it is answered', async (_, host) => {
    const client = raw(s.url)
    await client.write(`GET /echo HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 200 /)
  })

  it.each([
    [
      'a coding that nobody here undoes',
      'transfer-encoding: gzip, chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n',
      501,
      'UnknownCoding',
    ],
    ['an unknown expectation', 'content-length: 1\r\nexpect: 200-ok\r\n\r\n', 417, 'UnknownExpectation'],
  ])('when a request has %s, then it is refused and the connection closes', async (_, rest, status, tag) => {
    const client = raw(s.url)
    await client.write(`POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${rest}`)
    const answer = await client.closed()
    expect(answer.toLowerCase()).toContain('connection: close')
    expect(problems(answer)).toMatchObject([{ status, tag }])
  })

  it('when somebody wants a tunnel, then 501, and what was asked before is answered first', async () => {
    const tunnel = 'CONNECT example.org:80 HTTP/1.1\r\nhost: example.org\r\n\r\n'
    const client = raw(s.url)
    await client.write(tunnel)
    expect(problems(await client.closed())).toMatchObject([{ status: 501, code: 'unimplemented' }])
    const second = raw(s.url)
    await second.write(post('"first"') + tunnel + post('"never"'))
    const text = await second.closed()
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200'])
    expect(text).toMatch(/"first"$/)
    await expect.poll(() => s.inFlight).toBe(0)
  })

  it('when the headers are longer than 16 KiB, then 431 and the connection closes', async () => {
    const client = raw(s.url)
    await client.write(`GET /echo HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(17_000)}\r\n\r\n`)
    const answer = await client.closed()
    expect(answer).toMatch(/^HTTP\/1\.1 431 /)
    expect(problems(answer)).toMatchObject([{ tag: 'HeadersTooLarge' }])
  })

  it('when there are more than 100 header lines, then 431', async () => {
    const client = raw(s.url)
    const many = Array.from({ length: 101 }, (_, i) => `x-${i}: 1\r\n`).join('')
    await client.write(`GET /echo HTTP/1.1\r\nhost: x\r\n${many}\r\n`)
    expect(await client.until(/\r\n\r\n.*\}/)).toMatch(/^HTTP\/1\.1 431 /)
    client.socket.destroy()
  })

  it('when the client waits for 100 Continue, then it gets it and then its answer', async () => {
    const client = raw(s.url)
    await client.write(
      'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 3\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n',
    )
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/)
    await client.write('"a"')
    expect(await client.closed()).toMatch(/200 OK[\s\S]*"a"$/)
  })

  it('when the client closes its side after the request, then that counts as leaving, and nothing breaks', async () => {
    const client = raw(s.url)
    client.socket.end('GET /echo HTTP/1.1\r\nhost: x\r\n\r\n')
    await client.closed()
    expect((await fetch(`${s.url}/echo`)).status).toBe(200)
  })

  it('when the client resets in mid-body, then the server goes on and holds nothing', async () => {
    for (let i = 0; i < 20; i++) {
      const client = raw(s.url)
      await client.write(
        'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n"half',
      )
      client.socket.resetAndDestroy()
    }
    await expect.poll(() => s.inFlight).toBe(0)
    expect((await fetch(`${s.url}/echo`)).status).toBe(200)
  })

  it('whatever bytes come, the server answers the next request', { timeout: 30_000 }, async () => {
    const piece = fc.constantFrom(
      'GET ',
      'POST ',
      '/echo',
      ' HTTP/1.1',
      '\r\n',
      '\n',
      'host: x',
      'content-length: 5',
      'content-length: -1',
      'transfer-encoding: chunked',
      'expect: 100-continue',
      'connection: upgrade',
      'upgrade: h2c',
      '5\r\nhello\r\n',
      '0\r\n\r\n',
      '\0',
      '\u00ff',
      '{}',
      ':',
      ' ',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 20 }), async (pieces) => {
        const client = raw(s.url)
        await client.write(Buffer.from(pieces.join(''), 'latin1'))
        client.socket.end()
        await client.closed()
        client.socket.destroy()
      }),
      { numRuns: 150 },
    )
    expect((await fetch(`${s.url}/echo`)).status).toBe(200)
    await expect.poll(() => s.inFlight).toBe(0)
  })

  it('given any JSON value, when it is echoed through the server, then it comes back equal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const body = JSON.stringify(value)
        const answer = await fetch(`${s.url}/echo`, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json' },
        })
        const text = await answer.text()
        if (body.includes('__proto__')) expect([200, 400]).toContain(answer.status)
        else expect(text).toBe(JSON.stringify(JSON.parse(body)))
      }),
      { numRuns: 100 },
    )
  })
})

describe('given limits', () => {
  it('when a body is announced as too long, then 413 at once, without 100 Continue', async () => {
    const limited = server(
      endpoint(async () => ok(1)),
      { decode: noInput, limits: { body: 10 }, onTelemetry: () => {} },
    )
    await using s = await serving({}, { routes: { 'POST /echo': limited } })
    const client = raw(s.url)
    await client.write('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 11\r\n\r\n')
    const answer = await client.until(/\}$/)
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toContain('connection: close')
    expect(problems(answer)).toMatchObject([{ tag: 'BodyTooLarge', code: 'invalid_argument' }])
    client.socket.destroy()
  })

  it('when a client sends 20 MB against a limit, then it can still read the 413', async () => {
    const limited = server(
      endpoint(async () => ok(1)),
      { decode: noInput, limits: { body: 1_000 }, onTelemetry: () => {} },
    )
    await using s = await serving({}, { routes: { 'POST /echo': limited } })
    for (const head of [`content-length: ${20_000_000}`, 'transfer-encoding: chunked']) {
      const client = raw(s.url)
      await client.write(`POST /echo HTTP/1.1\r\nhost: x\r\n${head}\r\n\r\n`)
      const mega = 'x'.repeat(1_000_000)
      for (let i = 0; i < 20 && client.socket.writable; i++)
        void client.write(head.startsWith('content') ? mega : `${mega.length.toString(16)}\r\n${mega}\r\n`)
      expect(await client.closed()).toMatch(/^HTTP\/1\.1 413 /)
      client.socket.destroy()
    }
  })

  it('when headers come too slowly, then 408 and the connection closes', async () => {
    await using s = await serving({ headersTimeout: 100 })
    const client = raw(s.url)
    await client.write('GET /echo HTTP/1.1\r\nhos')
    const answer = await client.closed()
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(problems(answer)).toMatchObject([{ tag: 'SlowRequest', code: 'deadline_exceeded' }])
  })

  it('when a connection says nothing at all, then it is closed', async () => {
    await using s = await serving({ headersTimeout: 100 })
    expect(await raw(s.url).closed()).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('when a body comes too slowly, then 408 and the connection closes', async () => {
    const heard: Telemetry[] = []
    const slow = server(
      endpoint(async () => ok(1)),
      {
        decode: noInput,
        limits: { bodyTimeout: 60 },
        onTelemetry: (event) => heard.push(event),
      },
    )
    await using s = await serving({}, { routes: { 'POST /echo': slow } })
    const client = raw(s.url)
    await client.write('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n12')
    expect(await client.until(/\}$/)).toMatch(/^HTTP\/1\.1 408 /)
    expect(heard).toMatchObject([{ kind: 'server.rejected', reason: 'slow-body' }])
    client.socket.destroy()
  })

  it('when bodies come slowly, then they take no place of the calls that run', async () => {
    await using s = await serving({ concurrent: 1 })
    const slow = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const client = raw(s.url)
        await client.write(
          'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 3\r\n\r\n"',
        )
        return client
      }),
    )
    await expect.poll(() => s.inFlight).toBe(20)
    for (let i = 0; i < 3; i++) expect((await fetch(`${s.url}/echo`)).status).toBe(200)
    await slow[0]?.write('a"')
    expect(await slow[0]?.until(/"$/)).toMatch(/200 OK[\s\S]*"a"$/)
    for (const { socket } of slow) socket.destroy()
    await expect.poll(() => s.inFlight).toBe(0)
  })

  it('when a body is whole and no place is free, then 503', async () => {
    const held = Promise.withResolvers<void>()
    const hang = server(
      endpoint(async () => {
        await held.promise
        return ok(1)
      }),
      { decode: noInput, limits: { concurrent: 1 }, onTelemetry: () => {} },
    )
    await using s = await serving({}, { routes: { 'POST /hang': hang } })
    const [early, late] = [raw(s.url), raw(s.url)]
    await late.write('POST /hang HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n1')
    await expect.poll(() => s.inFlight).toBe(1)
    await early.write('POST /hang HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\n1')
    await expect.poll(() => s.inFlight).toBe(2)
    await late.write('2')
    expect(problems(await late.until(/\}$/))).toMatchObject([{ status: 503, tag: 'TooBusy' }])
    held.resolve()
    expect(await early.until(/1$/)).toMatch(/200 OK/)
    await late.write('POST /hang HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\nconnection: close\r\n\r\n1')
    expect(await late.closed()).toMatch(/200 OK[\s\S]*1$/)
    early.socket.destroy()
  })

  it('when unfinished bodies fill what all may have, then the next piece is refused with 503 until there is room', async () => {
    await using s = await serving(
      {},
      {
        routes: {
          'POST /echo': server(
            endpoint(async () => ok(1)),
            { decode: noInput, limits: { allBodies: 1_000 }, onTelemetry: () => {} },
          ),
        },
      },
    )
    const part = (bytes: number): string =>
      `POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 900\r\n\r\n${'x'.repeat(bytes)}`
    const [first, second] = [raw(s.url), raw(s.url)]
    await first.write(part(800))
    await expect.poll(() => s.inFlight).toBe(1)
    await second.write(part(300))
    const answer = await second.closed()
    expect(answer).toMatch(/^HTTP\/1\.1 503 [\s\S]*retry-after: 1\r\n/)
    expect(problems(answer)).toMatchObject([{ tag: 'TooBusy', code: 'unavailable' }])
    await first.write('x'.repeat(100))
    expect(await first.until(/1$/)).toMatch(/200 OK/)
    // Whatever became of a body, its room is free again: whole, left alone by its client, too slow.
    for (let i = 0; i < 5; i++) {
      const client = raw(s.url)
      await client.write(part(800))
      await expect.poll(() => s.inFlight).toBe(1)
      client.socket.resetAndDestroy()
      await expect.poll(() => s.inFlight).toBe(0)
    }
    await first.write(part(900))
    expect(await first.until(/200 OK[\s\S]*200 OK[\s\S]*1$/)).toBeDefined()
    first.socket.destroy()
  })

  it('when answers of more bytes wait than may, then those are dropped that have waited longest, and who reads is not', async () => {
    const heard: Telemetry[] = []
    const big = server(
      endpoint(async () => ok('x'.repeat(8_000_000))),
      { decode: noInput, onTelemetry: (event) => heard.push(event) },
    )
    await using s = await serving({ allAnswers: 36_000_000 }, { routes: { 'GET /big': big } })
    const unread: Socket[] = []
    for (let i = 0; i < 8; i++) {
      const socket = connect({ port: s.port, host: '127.0.0.1' }).pause()
      socket.on('error', () => {})
      socket.write('GET /big HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
      await once(socket, 'connect')
      await expect.poll(() => s.inFlight).toBe(0)
      unread.push(socket)
      // Whoever reads gets all of it, however many do not.
      expect((await (await fetch(`${s.url}/big`)).arrayBuffer()).byteLength).toBe(8_000_002)
    }
    // Three that wait and one that is read are less than the limit.
    const dropped = { kind: 'server.rejected', reason: 'unread' }
    await expect.poll(() => heard.length).toBe(5)
    expect(heard).toEqual(Array.from({ length: 5 }, () => expect.objectContaining(dropped)))
    const lengths = await Promise.all(unread.map(bytesOf))
    expect(lengths.map((length) => length > 8_000_000)).toEqual([false, false, false, false, false, true, true, true])
  })

  it('when one connection asks again and again and reads nothing, then it is dropped with what it still waits for', async () => {
    let made = 0
    const go = Promise.withResolvers<void>()
    const big = server(
      endpoint(async () => {
        await go.promise
        return ok('x')
      }),
      {
        decode: noInput,
        encode: (_, reply) => {
          made++
          reply.body = 'x'.repeat(1_000_000)
        },
        onTelemetry: () => {},
      },
    )
    await using s = await serving({ allAnswers: 20_000_000 }, { routes: { 'GET /big': big } })
    const socket = connect({ port: s.port, host: '127.0.0.1' }).pause()
    socket.on('error', () => {})
    socket.write('GET /big HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(100))
    await expect.poll(() => s.inFlight, { interval: 1 }).toBe(100)
    go.resolve()
    await expect.poll(() => s.inFlight).toBe(0)
    expect(await bytesOf(socket)).toBeLessThan(50_000_000)
    expect(made).toBeLessThan(60)
    expect((await fetch(`${s.url}/big`)).status).toBe(200)
  })

  it('when one connection pipelines more calls than it may, then 503 for those, in order, and others are answered', async () => {
    const held = Promise.withResolvers<void>()
    const hang = server(
      endpoint(async () => {
        await held.promise
        return ok(1)
      }),
      { decode: noInput, limits: { pipelined: 3 }, onTelemetry: () => {} },
    )
    await using s = await serving({ concurrent: 5 }, { routes: { 'GET /hang': hang, 'GET /echo': echo } })
    const client = raw(s.url)
    await client.write('GET /hang HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(6))
    await expect.poll(() => s.inFlight).toBe(3)
    expect((await fetch(`${s.url}/echo`)).status).toBe(200)
    held.resolve()
    const text = await client.until(/(HTTP[\s\S]*){6}\}$/)
    expect(text.match(/HTTP\/1\.1 \d+/g)?.map((line) => line.slice(-3))).toEqual([
      '200',
      '200',
      '200',
      '503',
      '503',
      '503',
    ])
    await client.write('GET /hang HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    expect(await client.closed()).toMatch(/200 OK[\s\S]*1$/)
  })

  it('when a body comes so slowly that Node notices first, then it is 408 all the same', async () => {
    const waits = server(
      endpoint(async () => ok(1)),
      { decode: noInput, limits: { bodyTimeout: 60_000 }, onTelemetry: () => {} },
    )
    await using s = await serving({ headersTimeout: 50, bodyTimeout: 50 }, { routes: { 'POST /echo': waits } })
    const client = raw(s.url)
    await client.write('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n12')
    expect(problems(await client.closed())).toMatchObject([{ status: 408, tag: 'SlowRequest' }])
  })

  it('when there are too many connections, then further ones are closed', async () => {
    await using s = await serving({ connections: 1 })
    const first = raw(s.url)
    await first.write('GET /echo HTTP/1.1\r\nhost: x\r\n\r\n')
    await first.until(/null$/)
    expect(await raw(s.url).closed()).toBe('')
    first.socket.destroy()
  })

  it('when a connection has had its number of requests, then its last answer closes it', async () => {
    await using s = await serving({ requestsPerConnection: 2 })
    const client = raw(s.url)
    await client.write(post('1') + post('2') + post('3'))
    const text = await client.closed()
    expect(text.toLowerCase().split('connection: close')).toHaveLength(2)
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(2)
    expect(text).toMatch(/2$/)
  })

  it('when a kept connection is idle for its time, then it is closed, and the client was told', async () => {
    await using s = await serving({ keepAlive: 1_000 })
    const client = raw(s.url)
    const began = performance.now()
    await client.write('GET /echo HTTP/1.1\r\nhost: x\r\n\r\n')
    expect(await client.closed()).toMatch(/^keep-alive: timeout=1\r$/im)
    expect(performance.now() - began).toBeGreaterThan(1_000)
    expect(performance.now() - began).toBeLessThan(3_000)
  })

  it('when a connection that has been idle is used again, then its call may take longer than it may be idle', async () => {
    const slow = server(
      endpoint(async () => {
        await tick(900)
        return ok('slow')
      }),
      { decode: noInput },
    )
    await using s = await serving({ keepAlive: 600 }, { routes: { 'GET /slow': slow } })
    const client = raw(s.url)
    await client.write('GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n')
    await client.until(/NoRoute/)
    // Long enough to be seen idle, not long enough to be closed.
    await tick(450)
    await client.write('GET /slow HTTP/1.1\r\nhost: x\r\n\r\n')
    await client.until(/"slow"$/)
    await client.closed()
  })

  it('when a listener has set a time of its own, then that holds until it has answered, and no longer', async () => {
    const times: (number | undefined)[] = []
    const routes = {
      'GET /patient': async (req: IncomingMessage, res: ServerResponse) => {
        req.socket.setTimeout(0)
        await tick(400)
        times.push(req.socket.timeout)
        res.end('patient')
      },
      'GET /hasty': (req: IncomingMessage, res: ServerResponse) => {
        req.socket.setTimeout(50)
        res.end('hasty')
      },
    }
    await using s = await serving({ keepAlive: 300 }, { routes })
    const client = raw(s.url)
    await client.write('GET /patient HTTP/1.1\r\nhost: x\r\n\r\n')
    await client.until(/patient$/)
    expect(times).toEqual([0])
    const began = performance.now()
    await client.write('GET /hasty HTTP/1.1\r\nhost: x\r\n\r\n')
    expect(await client.closed()).toMatch(/hasty$/)
    expect(performance.now() - began).toBeGreaterThan(300)
  })

  it('when nothing is read of an answer for longer than a connection may be idle, then it is not cut short', async () => {
    const routes = { 'GET /long': (_: IncomingMessage, res: ServerResponse) => void res.end('x'.repeat(30_000_000)) }
    await using s = await serving({ keepAlive: 150 }, { routes })
    const client = raw(s.url)
    client.socket.pause()
    await client.write('GET /long HTTP/1.1\r\nhost: x\r\n\r\n')
    await tick(600)
    client.socket.resume()
    expect((await client.closed()).length).toBeGreaterThan(30_000_000)
  })
})

describe('given a client that leaves', () => {
  it('when it leaves with several pipelined calls open, then all of them are cancelled', async () => {
    const contexts: Context[] = []
    const listener = server(
      endpoint(async (_: undefined, ctx) => {
        contexts.push(ctx)
        return new Promise<never>(() => {})
      }),
      { decode: noInput },
    )
    await using s = await serving({}, { routes: { 'GET /hang': listener } })
    const client = raw(s.url)
    await client.write('GET /hang HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(3))
    await expect.poll(() => contexts.length).toBe(3)
    const reasons = contexts.map(
      ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason))),
    )
    client.socket.destroy()
    for (const reason of await Promise.all(reasons)) expect(reason).toMatchObject({ _tag: 'Cancelled' })
    await expect.poll(() => s.inFlight).toBe(0)
  })
})
