// A proxy byte by byte: raw clients before it, raw targets behind it, and every trap of HTTP/1.1 between them.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Telemetry } from '@tenon/endpoint'
import { afterEach, describe, expect, it } from 'vitest'
import { dial, type Listening, listening, type Peer } from '../../test/peer.ts'
import type { Running } from '../running.ts'
import { type ServeOptions, serve } from '../serve.ts'
import { type ProxyOptions, proxy, type ReverseProxy } from './proxy.ts'

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

interface Bench {
  readonly front: Running
  readonly back: Listening
  readonly events: Telemetry[]
}

/** A target that is served by `target`, a proxy before it, a server before that. */
async function bench(
  target: (peer: Peer, number: number) => unknown,
  options: Partial<ProxyOptions> = {},
  serving: ServeOptions = {},
): Promise<Bench> {
  const events: Telemetry[] = []
  const onTelemetry = (event: Telemetry): unknown => events.push(event)
  const back = await listening(target)
  const through = proxy({ url: back.url, via: 'edge', onTelemetry, ...options } as ProxyOptions)
  const front = await serve([], { routes: { '* /*': through }, grace: 0, onTelemetry, ...serving })
  opened.push(back, through, front)
  return { front, back, events }
}

/** A target that waits for a whole head and answers with this. */
const answering =
  (text: string, close = true) =>
  async (peer: Peer): Promise<void> => {
    await peer.until(/\r\n\r\n/)
    await peer.write(text)
    if (close) peer.socket.end()
  }
const fine = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const get = 'GET /x HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n\r\n'
const problem = (text: string): { status: number; code: string; tag: string; detail: string } =>
  JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4))

/** What the client of one request gets, all of it. */
async function exchange(front: Running, text: string): Promise<string> {
  const client = dial(front.url)
  await client.write(text)
  return client.closed()
}

describe('given a request that must not pass', () => {
  it.each([
    ['two hosts', 'GET / HTTP/1.1\r\nhost: a\r\nHost: b\r\n\r\n', 400],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1',
      400,
    ],
    ['two lengths', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n1', 400],
    ['chunks in HTTP/1.0', 'POST / HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['a coding before chunks', 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n', 501],
    ['chunked twice', 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n', 400],
    ['an upgrade', 'GET / HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n', 501],
    ['CONNECT', 'CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n', 501],
    ['TRACE', 'TRACE / HTTP/1.1\r\nhost: a\r\ncookie: secret\r\n\r\n', 405],
    ['a fragment', 'GET /a#b HTTP/1.1\r\nhost: a\r\n\r\n', 400],
    ['a host that is none in its target', 'GET http://a"b/c HTTP/1.1\r\nhost: a\r\n\r\n', 400],
    ['dots', 'GET /a/../b HTTP/1.1\r\nhost: a\r\n\r\n', 400],
    ['dots that are escaped', 'GET /a/%2e%2E/b HTTP/1.1\r\nhost: a\r\n\r\n', 400],
    ['dots between escaped slashes', 'GET /a%2f..%2fb HTTP/1.1\r\nhost: a\r\n\r\n', 400],
    ['dots before a parameter', 'GET /a/..;x=1/b HTTP/1.1\r\nhost: a\r\n\r\n', 400],
    ['max-forwards that is no number', 'OPTIONS / HTTP/1.1\r\nhost: a\r\nmax-forwards: -1\r\n\r\n', 400],
    ['a request that was here', 'GET / HTTP/1.1\r\nhost: a\r\nvia: 1.1 other, 1.0 EDGE (x)\r\n\r\n', 508],
    ['a time that is no number', 'GET / HTTP/1.1\r\nhost: a\r\nrequest-timeout-ms: soon\r\n\r\n', 400],
  ])('when %s comes, then it is refused, and the target hears nothing', async (_, text, status) => {
    const { front, back, events } = await bench(answering(fine))
    const client = dial(front.url)
    await client.write(text)
    const answer = await client.until(/\}$/)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(problem(answer).status).toBe(status)
    expect(answer).not.toContain('secret')
    expect(back.connections).toHaveLength(0)
    expect(events.some(({ kind }) => kind === 'server.rejected')).toBe(true)
    client.socket.destroy()
  })

  it('when it has too many header lines, then 431', async () => {
    const { front, back } = await bench(answering(fine), { limits: { headers: 10 } })
    expect(await exchange(front, get.replace('\r\n\r\n', `\r\n${'x: 1\r\n'.repeat(9)}\r\n`))).toMatch(/^HTTP\/1.1 431 /)
    expect(back.connections).toHaveLength(0)
  })

  it('when OPTIONS may go no further, then it is answered here', async () => {
    const { front, back } = await bench(answering(fine))
    const text = await exchange(front, 'OPTIONS /x HTTP/1.1\r\nhost: a\r\nmax-forwards: 0\r\nconnection: close\r\n\r\n')
    expect(text).toMatch(/^HTTP\/1.1 204 /)
    expect(text.toLowerCase()).toContain('\r\nallow: get, head, ')
    expect(back.connections).toHaveLength(0)
  })
})

describe('given a request that passes', () => {
  it('when it has headers of its hop, then they end here, and ours are added', async () => {
    const { front, back } = await bench(answering(fine))
    const text = await exchange(
      front,
      [
        'GET /a%2Fb?x=%zz&&y HTTP/1.1',
        'X-Case: One',
        'Host: shop.test:81',
        'Connection: close, X-Mine, Keep-Alive',
        'X-Mine: secret',
        'Keep-Alive: timeout=5',
        'Proxy-Authorization: Basic x',
        'Proxy-Connection: keep-alive',
        'Proxy: http://evil.test',
        'TE: gzip, trailers',
        'Upgrade: h2c',
        'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA',
        'Transfer_Encoding: chunked',
        'X_Forwarded_For: 1.1.1.1',
        'X-Forwarded-For: 1.2.3.4',
        'X-Forwarded-Port: 99',
        'Forwarded: for=1.2.3.4',
        'X-Real-IP: 1.2.3.4',
        'Via: 1.0 first',
        'x-case: Two',
        'Cookie: a=1',
        'Cookie: b=2',
        '__proto__: x',
        '',
        '',
      ].join('\r\n'),
    )
    expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    const sent = (await back.connections[0]?.closed()) ?? ''
    expect(sent.split('\r\n')).toEqual([
      'GET /a%2Fb?x=%zz&&y HTTP/1.1',
      'Host: shop.test:81',
      'X-Case: One',
      'X-Case: Two',
      'Via: 1.0 first, 1.1 edge',
      'Cookie: a=1',
      'Cookie: b=2',
      '__proto__: x',
      'x-forwarded-for: 127.0.0.1',
      'x-forwarded-host: shop.test:81',
      'x-forwarded-proto: http',
      'TE: trailers',
      'Connection: keep-alive, te',
      '',
      '',
    ])
  })

  it('when its target is absolute, then its host counts, and not the header', async () => {
    const { front, back } = await bench(answering(fine))
    await exchange(front, 'GET http://real.test/p?q HTTP/1.1\r\nhost: other.test\r\nconnection: close\r\n\r\n')
    const sent = (await back.connections[0]?.closed()) ?? ''
    expect(sent).toMatch(/^GET \/p\?q HTTP\/1.1\r\nHost: real.test\r\n/)
    expect(sent).toContain('x-forwarded-host: real.test\r\n')
  })

  it('when OPTIONS may go on, then one hop less', async () => {
    const { front, back } = await bench(answering(fine))
    await exchange(front, 'OPTIONS /x HTTP/1.1\r\nhost: a\r\nMax-Forwards: 3\r\nconnection: close\r\n\r\n')
    expect(await back.connections[0]?.closed()).toContain('Max-Forwards: 2\r\n')
  })

  it('when it comes from HTTP/1.0, then it goes on as 1.1 and its answer ends with the connection', async () => {
    const { front, back } = await bench(
      answering('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'),
    )
    const text = await exchange(front, 'GET /x HTTP/1.0\r\n\r\n')
    expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    expect(text.toLowerCase()).not.toContain('transfer-encoding')
    expect(text).toMatch(/\r\n\r\nok$/)
    const { port } = new URL(back.url)
    expect(await back.connections[0]?.closed()).toMatch(new RegExp(`^GET /x HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`))
  })

  it.each([
    ['POST', 'Content-Length: 0\r\n'],
    ['GET', ''],
    ['DELETE', ''],
  ])('when %s has no body, then it goes on without chunks', async (verb, length) => {
    const { front, back } = await bench(answering(fine))
    await exchange(front, `${verb} /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
    const sent = (await back.connections[0]?.closed()) ?? ''
    expect(sent.toLowerCase()).not.toContain('transfer-encoding')
    expect(/content-length.*\r\n/i.exec(sent)?.[0] ?? '').toBe(length)
  })

  it('when GET has a body in chunks, then it goes on in chunks, and its trailers with it', async () => {
    const { front, back } = await bench(async (peer) => {
      await peer.until(/0\r\n.*\r\n\r\n$/s)
      await peer.write(fine)
      peer.socket.end()
    })
    await exchange(
      front,
      'GET /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\nconnection: close\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 6\r\nAuthorization: no\r\nX-Forwarded-For: no\r\n\r\n',
    )
    const sent = (await back.connections[0]?.closed()) ?? ''
    expect(sent).toContain('\r\nTrailer: x-sum\r\nTransfer-Encoding: chunked\r\n')
    expect(sent).toMatch(/\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n$/)
  })

  it('when headers hold bytes that are no ASCII, then they stay as they are', async () => {
    const utf8 = Buffer.from('naïve – 日本').toString('latin1')
    const { front, back } = await bench(
      answering(
        `HTTP/1.1 200 ${utf8}\r\ncontent-length: 0\r\ncontent-disposition: attachment; filename="${utf8}"\r\nx-text: ${utf8}\r\n\r\n`,
      ),
    )
    const text = await exchange(front, get.replace('\r\n\r\n', `\r\nX-Text: ${utf8}\r\n\r\n`))
    expect(text).toMatch(new RegExp(`^HTTP/1.1 200 ${utf8}\r\n`))
    expect(text).toContain(`content-disposition: attachment; filename="${utf8}"\r\n`)
    expect(text).toContain(`x-text: ${utf8}\r\n`)
    expect(await back.connections[0]?.closed()).toContain(`X-Text: ${utf8}\r\n`)
  })

  it('when such a request waits for 100 Continue, then its headers stay as well', async () => {
    const utf8 = Buffer.from('ü').toString('latin1')
    const { front, back } = await bench(async (peer) => {
      await peer.until(/\r\n\r\nabc$/)
      await peer.write(fine)
      peer.socket.end()
    })
    const client = dial(front.url)
    await client.write(
      `POST /x HTTP/1.1\r\nhost: a\r\nx-text: ${utf8}\r\nexpect: 100-continue\r\ncontent-length: 3\r\nconnection: close\r\n\r\n`,
    )
    await client.until(/^HTTP\/1.1 100 Continue\r\n\r\n/)
    await client.write('abc')
    expect(await client.closed()).toMatch(/\r\n\r\nok$/)
    expect(await back.connections[0]?.closed()).toContain(`x-text: ${utf8}\r\n`)
  })

  it('when requests are pipelined, then answers come in order, whatever the targets take', async () => {
    const { front } = await bench(async (peer) => {
      const [, wait = '0'] = /GET \/(\d+)/.exec(await peer.until(/\r\n\r\n/)) ?? []
      await new Promise((resolve) => setTimeout(resolve, Number(wait)))
      await peer.write(`HTTP/1.1 200 OK\r\ncontent-length: ${wait.length}\r\n\r\n${wait}`)
      peer.socket.end()
    })
    const one = (ms: number, last = ''): string => `GET /${ms} HTTP/1.1\r\nhost: a\r\n${last}\r\n`
    const text = await exchange(front, one(120) + one(60) + one(10, 'connection: close\r\n'))
    expect(text.match(/\r\n\r\n\d+/g)?.map((found) => found.trim())).toEqual(['120', '60', '10'])
  })
})

describe('given an answer that must not pass', () => {
  const bad = { code: 'internal', tag: 'BadAnswer', status: 502 }
  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', bad],
    ['a folded header', 'HTTP/1.1 200 OK\r\nx-a: 1\r\n 2\r\ncontent-length: 2\r\n\r\nok', bad],
    ['a header with a control character', 'HTTP/1.1 200 OK\r\nx-a: a\x01b\r\ncontent-length: 2\r\n\r\nok', bad],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nx-a : 1\r\ncontent-length: 2\r\n\r\nok', bad],
    ['bare line feeds', 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok', bad],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
      bad,
    ],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok', bad],
    ['a length with a sign', 'HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nok', bad],
    ['an unknown coding', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', bad],
    ['an unknown coding at the end', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nok', bad],
    ['a reason that is no text', 'HTTP/1.1 200 a\x01b\r\ncontent-length: 2\r\n\r\nok', bad],
    ['a status below 100', 'HTTP/1.1 099 Low\r\ncontent-length: 0\r\n\r\n', bad],
    ['an upgrade that nobody asked for', 'HTTP/1.1 101 Go\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n', bad],
    ['more interim answers than any need', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(101) + fine, bad],
    ['headers without an end', `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(70_000)}`, bad],
    ['too many header lines', `HTTP/1.1 200 OK\r\n${'x: 1\r\n'.repeat(101)}\r\n`, bad],
    ['nothing', '', { code: 'unavailable', tag: 'Unavailable', status: 502 }],
    ['half a head', 'HTTP/1.1 200 OK\r\nx-a: 1', { code: 'unavailable', tag: 'Unavailable', status: 502 }],
  ])('when %s comes, then 502', async (_, text, expected) => {
    const { front } = await bench(answering(text))
    const answer = (await exchange(front, get)).replace(/^(?:HTTP\/1.1 102 .*?\r\n\r\n)*/s, '')
    expect(answer).toMatch(/^HTTP\/1.1 502 /)
    expect(problem(answer)).toMatchObject(expected)
  })

  it.each([
    ['its length', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'],
    ['its last chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
    ['a chunk that is none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\nZZ\r\n'],
  ])('when it ends before %s, then so does the connection of the client, without an end', async (_, text) => {
    const heard: unknown[] = []
    const finalized: unknown[] = []
    const { front } = await bench(answering(text), {
      onError: ({ code }, __, where) => heard.push([code, where]),
      finalize: (__, { status, bytes, aborted }) => finalized.push([status, bytes, aborted]),
    })
    const answer = await exchange(front, get.replace('connection: close\r\n', ''))
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    expect(answer).toContain('half')
    expect(answer).not.toMatch(/0\r\n\r\n$/)
    expect(heard).toEqual([['unavailable', 'endpoint']])
    await expect.poll(() => finalized).toEqual([[200, 4, true]])
  })

  it('when it breaks off before a client of HTTP/1.0, whose answers end with the connection, then that is reset', async () => {
    const { front } = await bench(answering('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'))
    const client = dial(front.url)
    const reset = new Promise((resolve) => client.socket.once('error', resolve))
    await client.write('GET /x HTTP/1.0\r\n\r\n')
    expect(await reset).toMatchObject({ code: 'ECONNRESET' })
  })

  it('when more comes than it announced, then the client gets what was announced, and the connection is not used again', async () => {
    const { front, back } = await bench(answering(`${fine}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nEVIL`, false))
    const client = dial(front.url)
    const one = get.replace('connection: close\r\n', '')
    await client.write(one)
    await client.until(/\r\n\r\nok$/)
    await client.write(get)
    const text = await client.closed()
    expect(text).not.toContain('EVIL')
    expect(text.match(/\r\n\r\nok/g)).toHaveLength(2)
    expect(back.connections).toHaveLength(2)
  })
})

describe('given an answer that passes', () => {
  it('when it has headers of its hop, then they end here; what is repeated stays so', async () => {
    const { front } = await bench(
      answering(
        [
          'HTTP/1.1 299 Fine By Me',
          'Set-Cookie: a=1',
          'X-Powered-By: us',
          'Connection: X-Mine, close',
          'X-Mine: secret',
          'Keep-Alive: timeout=5',
          'Proxy-Authenticate: Basic',
          'Upgrade: h2c',
          'set-cookie: b=2',
          'Content-Encoding: gzip',
          'Date: Tue, 01 Apr 2025 00:00:00 GMT',
          'Content-Length: 2',
          '',
          'ok',
        ].join('\r\n'),
      ),
    )
    expect((await exchange(front, get)).split('\r\n')).toEqual([
      'HTTP/1.1 299 Fine By Me',
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
      'X-Powered-By: us',
      'Content-Encoding: gzip',
      'Date: Tue, 01 Apr 2025 00:00:00 GMT',
      'Content-Length: 2',
      'Connection: close',
      '',
      'ok',
    ])
  })

  it.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\ncontent-length: 200\r\n\r\n', 'Content-Length: 200'],
    ['HEAD', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', ''],
    ['GET', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 200\r\netag: "x"\r\n\r\n', 'Content-Length: 200'],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n', ''],
    ['GET', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', 'Content-Length: 0'],
  ])(
    'when the answer to %s has no body, then so has ours, and the connection stays: %j',
    async (verb, text, length) => {
      const { front } = await bench(async (peer) => {
        for (let n = 1; ; n++) {
          await peer.until(new RegExp(`(?:.*?\r\n\r\n){${n}}`, 's'))
          await peer.write(text)
        }
      })
      const client = dial(front.url)
      for (let n = 1; n <= 2; n++) {
        await client.write(`${verb} /x HTTP/1.1\r\nhost: a\r\n\r\n`)
        const got = await client.until(new RegExp(`(?:HTTP/1.1 .*?\r\n\r\n){${n}}`, 's'))
        expect(got).toMatch(/\r\n\r\n$/)
        expect(/content-length: \d+/i.exec(got)?.[0] ?? '').toBe(length)
        expect(got.toLowerCase()).not.toContain('transfer-encoding')
      }
      client.socket.destroy()
    },
  )

  it('when 204 announces a length, then ours does not', async () => {
    const { front } = await bench(answering('HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n'))
    expect((await exchange(front, get)).toLowerCase()).not.toContain('content-length')
  })

  it('when it ends with its connection, then ours ends in chunks', async () => {
    const { front } = await bench(answering('HTTP/1.0 200 OK\r\n\r\nold'))
    expect(await exchange(front, get)).toMatch(/transfer-encoding: chunked\r\n.*\r\n3\r\nold\r\n0\r\n\r\n$/is)
  })

  it('when it has trailers, then they go on, but for those that frame, route or authorize', async () => {
    const { front } = await bench(
      answering(
        'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\nSet-Cookie: a=1\r\nHost: b\r\n\r\n',
      ),
    )
    const text = await exchange(front, get)
    expect(text).toContain('\r\nTrailer: X-Sum\r\n')
    expect(text).toMatch(/\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n$/)
  })

  it('when interim answers come before, then they go on, without the headers of their hop', async () => {
    const { front } = await bench(
      answering(
        `HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nConnection: x-mine\r\nX-Mine: 1\r\n\r\nHTTP/1.1 104 Upload\r\n\r\n${fine}`,
      ),
    )
    const text = await exchange(front, get)
    expect(text).toMatch(/^HTTP\/1.1 103 \r\nLink: <\/a.css>\r\n\r\nHTTP\/1.1 104 \r\n\r\nHTTP\/1.1 200 OK\r\n/)
    expect(await exchange(front, 'GET /x HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 200 OK\r\n/)
  })
})

describe('given a body', () => {
  it('when the client waits for 100 Continue, then it is the target that says so', async () => {
    const { front, back } = await bench(async (peer) => {
      await peer.until(/\r\n\r\n/)
      await new Promise((resolve) => setTimeout(resolve, 60))
      await peer.write('HTTP/1.1 100 Continue\r\n\r\n')
      await peer.until(/\r\n\r\nabc$/)
      await peer.write(fine)
      peer.socket.end()
    })
    const client = dial(front.url)
    await client.write(
      'POST /x HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 3\r\nconnection: close\r\n\r\n',
    )
    await expect.poll(() => back.connections.length).toBe(1)
    expect(await back.connections[0]?.until(/\r\n\r\n/)).toContain('Expect: 100-continue\r\n')
    await client.until(/^HTTP\/1.1 100 Continue\r\n\r\n$/)
    await client.write('abc')
    expect(await client.closed()).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK\r\n.*\r\n\r\nok$/s)
  })

  it('when the target refuses it unseen, then the client hears that instead, and the connection closes', async () => {
    const { front, back } = await bench(answering('HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno', false))
    const client = dial(front.url)
    await client.write('POST /x HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n')
    expect(await client.closed()).toMatch(/^HTTP\/1.1 413 Too Large\r\n.*connection: close\r\n.*\r\nno$/is)
    // What was not sent cannot be followed by another request either.
    await back.connections[0]?.closed()
  })

  it('when the target answers while it comes, then the client gets the answer whole', async () => {
    const { front } = await bench(answering('HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno', false))
    const client = dial(front.url)
    await client.write('POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 50000000\r\n\r\nabc')
    const chunk = Buffer.alloc(65_536)
    const send = (): void => {
      while (client.socket.writable && client.socket.write(chunk));
    }
    client.socket.on('drain', send)
    send()
    expect(await client.closed()).toMatch(/^HTTP\/1.1 413 Too Large\r\n.*connection: close\r\n.*\r\nno$/is)
    client.socket.destroy()
  })

  it('when it is longer than allowed, then 413: before it is sent where that is announced', async () => {
    const { front, back } = await bench(() => {}, { limits: { body: 5 } })
    expect(
      await exchange(front, 'POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\nconnection: close\r\n\r\nabcdef'),
    ).toMatch(/^HTTP\/1.1 413 /)
    expect(back.connections).toHaveLength(0)
    const chunks = 'POST /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n'
    const text = await exchange(front, chunks)
    expect(text).toMatch(/^HTTP\/1.1 413 /)
    expect(problem(text).tag).toBe('BodyTooLarge')
    expect(await back.connections[0]?.closed()).not.toContain('def')
  })

  it('when the client leaves in the middle, then the target sees that it is not whole', async () => {
    const { front, back } = await bench(() => {})
    const client = dial(front.url)
    await client.write('POST /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n')
    await expect.poll(() => back.connections.length).toBe(1)
    await back.connections[0]?.until(/abc/)
    client.socket.destroy()
    expect(await back.connections[0]?.closed()).not.toMatch(/0\r\n\r\n$/)
    await expect.poll(() => front.inFlight).toBe(0)
  })

  it('when it turns to rubbish in the middle, then 400, and the target sees that it is not whole', async () => {
    const { front, back } = await bench(() => {})
    const client = dial(front.url)
    await client.write('POST /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n')
    await expect.poll(() => back.connections.length).toBe(1)
    await back.connections[0]?.until(/abc/)
    await client.write('rubbish\r\n')
    expect(await client.closed()).toMatch(/^HTTP\/1.1 400 /)
    expect(await back.connections[0]?.closed()).not.toMatch(/0\r\n\r\n$/)
  })
})

describe('given a client that leaves', () => {
  it.each([
    ['before the head', ''],
    ['in the middle of the answer', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'],
  ])('when it leaves %s, then the target is left as well', async (_, text) => {
    const finalized: unknown[] = []
    const { front, back } = await bench(answering(text, false), {
      finalize: (__, { status, aborted, outcome }) => finalized.push([status, aborted, outcome._tag]),
    })
    const client = dial(front.url)
    await client.write(get)
    await expect.poll(() => back.connections.length).toBe(1)
    await back.connections[0]?.until(/\r\n\r\n/)
    if (text !== '') await client.until(/half/)
    client.socket.destroy()
    await back.connections[0]?.closed()
    await expect.poll(() => finalized).toEqual([[text === '' ? 499 : 200, true, 'Left']])
    expect(front.inFlight).toBe(0)
  })
})

describe('given kept connections', () => {
  const counting = async (peer: Peer): Promise<void> => {
    for (let n = 1; ; n++) {
      await peer.until(new RegExp(`(?:.*?\r\n\r\n){${n}}`, 's'))
      await peer.write(fine)
    }
  }
  const verb = (name: string): string => `${name} /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`

  it('when requests follow one another, then they share one', async () => {
    const { front, back } = await bench(counting)
    for (let n = 0; n < 5; n++) expect(await exchange(front, get)).toMatch(/\r\n\r\nok$/)
    expect(back.connections).toHaveLength(1)
  })

  it.each(['GET', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'])(
    'when the target closes one under %s, then it is sent once more, on a fresh one',
    async (name) => {
      const { front, back } = await bench(async (peer, number) => {
        await peer.until(/\r\n\r\n/)
        await peer.write(number === 1 || name !== 'HEAD' ? fine : fine.slice(0, -2))
        if (number > 1) return
        await peer.until(/\r\n\r\n.*\r\n\r\n/s)
        peer.socket.destroy()
      })
      await exchange(front, get)
      expect(await exchange(front, verb(name))).toMatch(/^HTTP\/1.1 200 OK\r\n/)
      expect(back.connections).toHaveLength(2)
    },
  )

  it('when the target has closed all of them, then the first one to notice is enough', async () => {
    const { front, back } = await bench(async (peer, number) => {
      await peer.until(/\r\n\r\n/)
      // All come before the first is answered, so that each has a connection.
      await expect.poll(() => number > 6 || back.connections.length >= 6).toBe(true)
      await peer.write(fine)
      if (number > 6) return
      await peer.until(/\r\n\r\n.*\r\n\r\n/s)
      peer.socket.destroy()
    })
    await Promise.all(Array.from({ length: 6 }, () => exchange(front, get)))
    expect(back.connections).toHaveLength(6)
    expect(await exchange(front, get)).toMatch(/\r\n\r\nok$/)
    expect(back.connections).toHaveLength(7)
  })

  it('when the target closes one under POST, then 502: it may have been done', async () => {
    const { front, back } = await bench(async (peer) => {
      await peer.until(/\r\n\r\n/)
      await peer.write(fine)
      await peer.until(/\r\n\r\n.*\r\n\r\n/s)
      peer.socket.destroy()
    })
    await exchange(front, get)
    const text = await exchange(front, verb('POST'))
    expect(problem(text)).toMatchObject({ status: 502, code: 'unavailable', tag: 'Unavailable' })
    expect(back.connections).toHaveLength(1)
  })

  it('when the target closes a fresh one, then nothing is repeated', async () => {
    const { front, back } = await bench(async (peer) => {
      await peer.until(/\r\n\r\n/)
      peer.socket.destroy()
    })
    expect(await exchange(front, get)).toMatch(/^HTTP\/1.1 502 /)
    expect(back.connections).toHaveLength(1)
  })
})

describe('given a listener of a plain Node server', () => {
  it('when the client waits for 100 Continue, then Node says so, and the body passes', async () => {
    const back = await listening(async (peer) => {
      await peer.until(/\r\n\r\nabc$/)
      await peer.write(fine)
      peer.socket.end()
    })
    const through: ReverseProxy = proxy({ url: back.url })
    const server: Server = createServer(through)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    opened.push(back, through, { [Symbol.asyncDispose]: async () => void server.close() })
    const client = dial(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    await client.write(
      'POST /x HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 3\r\nconnection: close\r\n\r\n',
    )
    await client.until(/100 Continue/)
    await client.write('abc')
    expect(await client.closed()).toMatch(/\r\n\r\nok$/)
    expect(await back.connections[0]?.closed()).not.toContain('100-continue')
  })
})
