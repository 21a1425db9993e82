// TLS on both sides: certificates that fit and that do not, clients' own, renewal, and what speaks something else.
import { get } from 'node:https'
import { createServer as createTcp, connect as dialTcp } from 'node:net'
import { connect as dialTls, type TLSSocket } from 'node:tls'
import { contract, handler, implement, unary } from '@tenon/contract'
import { type Context, call, ok, type Telemetry } from '@tenon/endpoint'
import * as t from 'io-ts'
import { afterEach, describe, expect, it } from 'vitest'
import { authority, type Certified } from '../test/certificates.ts'
import { dial, peer } from '../test/peer.ts'
import type { ClientTls } from './client-tls.ts'
import { type Client, http } from './index.ts'
import type { Peer } from './peer-certificate.ts'
import type { Running } from './running.ts'
import type { ServeOptions } from './serve.ts'
import type { ServerTls } from './tls.ts'

const ca = authority()
const stranger = authority('Another Authority')
const site = ca.issue('site')

const Who = contract('who.v1.Who', {
  ami: unary({ input: t.strict({}), output: t.array(t.string), http: 'GET /ami' }),
})

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

interface Bench {
  readonly s: Running
  readonly events: Telemetry[]
}

async function serving(tls: ServerTls, options: ServeOptions = {}): Promise<Bench> {
  const events: Telemetry[] = []
  const who = implement(Who, {
    ami: handler(Who.methods.ami, async (_, ctx) => {
      const { peer } = ctx as Context & { readonly peer?: Peer }
      return ok(peer === undefined ? ['nobody'] : [peer.subject, ...peer.names, ...peer.uris, String(peer.authorized)])
    }),
  })
  const s = await http.serve(who, {
    tls,
    before: http.peerCertificate,
    onTelemetry: (event) => events.push(event),
    grace: 0,
    ...options,
  })
  opened.push(s)
  return { s, events }
}

function calling(s: { readonly url: string }, tls: ClientTls = {}): Client<typeof Who> {
  const client = http.client(Who, { url: s.url, tls: { ca: ca.cert, ...tls } })
  opened.push(client)
  return client
}

const certified = ({ cert, key }: Certified): { cert: string; key: string } => ({ cert, key })
const reasons = (events: readonly Telemetry[]): string[] =>
  events.flatMap((event) => (event.kind === 'server.rejected' ? [event.reason] : []))

describe('given a server with a certificate', () => {
  it('when a client knows its authority, then they speak, by name and by address', async () => {
    const { s } = await serving(certified(site))
    expect(s.url).toBe(`https://127.0.0.1:${s.port}`)
    expect(await call(calling(s).ami, {})).toEqual(ok(['nobody']))
    expect(await call(calling({ url: `https://localhost:${s.port}` }).ami, {})).toEqual(ok(['nobody']))
  })

  it.each<[string, ClientTls, string]>([
    ['does not know its authority', { ca: stranger.cert }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['wants another name', { servername: 'other.test' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['pins another key', { pins: [stranger.pin] }, 'ERR_TLS_PIN'],
  ])('when the client %s, then it is unavailable and says why', async (_, tls, code) => {
    const { s } = await serving(certified(site))
    expect(await call(calling(s, tls).ami, {})).toMatchObject({
      left: {
        _tag: 'Unavailable',
        message: expect.stringContaining(`has a certificate that is not accepted (${code})`),
      },
    })
  })

  it('when the client pins its key, one of several, then they speak', async () => {
    const { s } = await serving(certified(site))
    expect(await call(calling(s, { pins: [stranger.pin, site.pin] }).ami, {})).toEqual(ok(['nobody']))
  })

  it('when its certificate has expired, then it is unavailable and says why', async () => {
    const { s } = await serving(certified(ca.issue('site', ['127.0.0.1'], -1)))
    expect(await call(calling(s).ami, {})).toMatchObject({
      left: { message: expect.stringContaining('(CERT_HAS_EXPIRED)') },
    })
  })

  it('when the client takes anybody, then they speak', async () => {
    const { s } = await serving(certified(stranger.issue('x', ['x.test'])))
    expect(await call(calling(s, { rejectUnauthorized: false }).ami, {})).toEqual(ok(['nobody']))
  })

  it('when the client speaks an older version than it may, then the handshake fails on both sides', async () => {
    const { s, events } = await serving({ ...certified(site), minVersion: 'TLSv1.3' })
    const socket = dialTls({ port: s.port, host: '127.0.0.1', ca: ca.cert, maxVersion: 'TLSv1.2' })
    expect(await new Promise((resolve) => socket.once('error', resolve))).toMatchObject({
      code: expect.stringContaining('PROTOCOL_VERSION'),
    })
    await expect.poll(() => reasons(events)).toEqual(['handshake'])
  })

  it('when requests are refused, then as over plain HTTP', async () => {
    const { s } = await serving(certified(site))
    const answer = await new Promise<number | undefined>((resolve) =>
      get(`${s.url}/nowhere`, { ca: ca.cert, agent: false }, ({ statusCode }) => resolve(statusCode)),
    )
    expect(answer).toBe(404)
    const client = peer(dialTls({ port: s.port, host: '127.0.0.1', ca: ca.cert }))
    await client.write('rubbish\r\n\r\n')
    expect(await client.closed()).toMatch(/^HTTP\/1.1 400 /)
  })
})

describe('given clients that must show who they are', () => {
  const asking = { ...certified(site), ca: ca.cert, requestCert: true }

  it('when one does, then its certificate is in the context', async () => {
    const { s } = await serving(asking)
    const orders = ca.issue('orders', ['orders.test', 'spiffe://shop.test/orders', '10.0.0.7'])
    expect(await call(calling(s, certified(orders)).ami, {})).toEqual(
      ok(['CN=orders', 'orders.test', 'spiffe://shop.test/orders', 'true']),
    )
  })

  it('when a name holds a comma, then it is one name', async () => {
    const { s } = await serving(asking)
    const sly = ca.issue('sly', ['a.test, DNS:admin.test', 'https://a.test/?b, URI:spiffe://admin'])
    expect(await call(calling(s, certified(sly)).ami, {})).toEqual(
      ok(['CN=sly', 'a.test, DNS:admin.test', 'https://a.test/?b, URI:spiffe://admin', 'true']),
    )
  })

  it.each<[string, ClientTls, string]>([
    ['has none', {}, 'it has none'],
    ['has one of another authority', certified(stranger.issue('x')), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['has one that has expired', certified(ca.issue('old', ['old.test'], -1)), 'CERT_HAS_EXPIRED'],
  ])('when one %s, then it is turned away, and telemetry says why', async (_, tls, why) => {
    const { s, events } = await serving(asking)
    expect(await call(calling(s, tls).ami, {})).toMatchObject({ left: { _tag: 'Unavailable' } })
    await expect
      .poll(() => events)
      .toContainEqual(
        expect.objectContaining({
          reason: 'client-certificate',
          failure: expect.objectContaining({ code: 'unauthenticated', message: expect.stringContaining(why) }),
        }),
      )
    expect(s.inFlight).toBe(0)
  })

  it('when they are asked but not held to it, then the context says who is vouched for', async () => {
    const { s } = await serving({ ...asking, rejectUnauthorized: false })
    expect(await call(calling(s).ami, {})).toEqual(ok(['nobody']))
    expect(await call(calling(s, certified(stranger.issue('x', ['x.test']))).ami, {})).toEqual(
      ok(['CN=x', 'x.test', 'false']),
    )
  })

  it('when a proxy stands before them, then it shows its own certificate, and knows the one of its client', async () => {
    const { s } = await serving(asking)
    const seen: unknown[] = []
    const through = http.proxy({
      url: s.url,
      tls: { ca: ca.cert, ...certified(ca.issue('gateway', ['gateway.test'])) },
      before: [
        http.peerCertificate,
        (ctx, { headers }) => {
          seen.push((ctx as Context & { peer?: Peer }).peer?.subject, headers['x-forwarded-proto'])
        },
      ],
    })
    const front = await http.serve([], { tls: asking, routes: { '* /*': through }, grace: 0 })
    opened.push(through, front)
    expect(await call(calling(front, certified(ca.issue('browser'))).ami, {})).toEqual(
      ok(['CN=gateway', 'gateway.test', 'true']),
    )
    expect(seen).toEqual(['CN=browser', 'https'])
  })
})

describe('given a client that resumes its session', () => {
  const tls = {
    port: 0,
    host: '127.0.0.1',
    ca: ca.cert,
    ...certified(ca.issue('orders')),
    maxVersion: 'TLSv1.3',
  } as const
  /** Asks who it is, and keeps the session. */
  async function ask(
    port: number,
    session?: Buffer,
  ): Promise<{ who: string; session: Buffer | undefined; resumed: boolean }> {
    const socket = dialTls({ ...tls, port, ...(session && { session }) })
    let kept: Buffer | undefined
    socket.on('session', (one: Buffer) => {
      kept = one
    })
    const client = peer(socket)
    await client.write('GET /ami HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    const text = await client.closed()
    if (text === '') throw new Error('turned away')
    return { who: text.slice(text.indexOf('\r\n\r\n') + 4), session: kept, resumed: socket.isSessionReused() }
  }

  it('then it is known as before, but not once the authorities have changed', async () => {
    const { s } = await serving({ ...certified(site), ca: ca.cert, requestCert: true })
    const first = await ask(s.port)
    expect(first).toMatchObject({ who: '["CN=orders","localhost","true"]', resumed: false })
    const second = await ask(s.port, first.session)
    expect(second).toMatchObject({ who: first.who, resumed: true })
    s.setTls({ ...certified(site), ca: stranger.cert })
    await expect(ask(s.port, first.session)).rejects.toThrow('turned away')
  })
})

describe('given names', () => {
  it('when a client asks for one, then sni chooses its certificate, read once', async () => {
    const [a, b] = [certified(ca.issue('a', ['a.test'])), certified(ca.issue('b', ['b.test']))]
    const asked: string[] = []
    const { s } = await serving({
      ...certified(site),
      sni: async (name) => {
        asked.push(name)
        return name === 'a.test' ? a : name === 'b.test' ? b : undefined
      },
    })
    for (const servername of ['a.test', 'b.test', 'a.test', 'localhost'])
      expect(await call(calling(s, { servername }).ami, {})).toEqual(ok(['nobody']))
    expect(asked).toEqual(['a.test', 'b.test', 'a.test', 'localhost'])
  })

  it('when sni throws, or answers what is no certificate, then that handshake fails, and no other', async () => {
    const { s, events } = await serving({
      ...certified(site),
      sni: (name) => {
        if (name === 'a.test') throw new Error('no')
        return name === 'b.test' ? ({ cert: 'x', key: 'y' } as never) : undefined
      },
    })
    for (const servername of ['a.test', 'b.test'])
      expect(await call(calling(s, { servername }).ami, {})).toMatchObject({ left: { _tag: 'Unavailable' } })
    expect(await call(calling(s).ami, {})).toEqual(ok(['nobody']))
    expect(events.filter(({ kind }) => kind === 'defect')).toHaveLength(2)
  })

  it('when a proxy keeps the host of its client, then TLS is still about the name of the target', async () => {
    const { s } = await serving(certified(ca.issue('inner', ['localhost'])))
    const through = http.proxy({ url: `https://localhost:${s.port}`, tls: { ca: ca.cert } })
    const front = await http.serve([], { routes: { '* /*': through }, grace: 0 })
    opened.push(through, front)
    const client = dial(front.url)
    await client.write('GET /ami HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n\r\n')
    expect(await client.closed()).toMatch(/^HTTP\/1.1 200 /)
  })
})

describe('given a certificate that is renewed', () => {
  const serial = (socket: TLSSocket): Promise<string> =>
    new Promise((resolve, reject) => {
      socket.once('secureConnect', () => resolve(socket.getPeerX509Certificate()?.serialNumber ?? ''))
      socket.once('error', reject)
    })

  it('when setTls is called, then new connections get it, open ones go on, and nothing restarts', async () => {
    const { s } = await serving(certified(site))
    const old = dialTls({ port: s.port, host: '127.0.0.1', ca: ca.cert })
    expect(await serial(old)).toBe(site.x509.serialNumber)
    const next = ca.issue('site')
    s.setTls(certified(next))
    const fresh = dialTls({ port: s.port, host: '127.0.0.1', ca: ca.cert })
    expect(await serial(fresh)).toBe(next.x509.serialNumber)
    const client = peer(old)
    await client.write('GET /ami HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    expect(await client.closed()).toMatch(/^HTTP\/1.1 200 /)
    fresh.destroy()
  })

  it('when what it is given cannot be used, then a TypeError says why, and the old one stays', async () => {
    const { s } = await serving(certified(site))
    for (const bad of [{ cert: site.cert, key: stranger.key }, { cert: 'x', key: 'y' }, undefined])
      expect(() => s.setTls(bad as never)).toThrow(TypeError)
    expect(await call(calling(s).ami, {})).toEqual(ok(['nobody']))
  })

  it('when the authorities of clients change, then those of the old one are turned away', async () => {
    const { s } = await serving({ ...certified(site), ca: ca.cert, requestCert: true })
    const tls = certified(ca.issue('orders'))
    expect(await call(calling(s, tls).ami, {})).toMatchObject({ _tag: 'Right' })
    s.setTls({ ...certified(site), ca: stranger.cert })
    expect(await call(calling(s, tls).ami, {})).toMatchObject({ left: { _tag: 'Unavailable' } })
    const other = certified(stranger.issue('orders'))
    expect(await call(calling(s, other).ami, {})).toMatchObject({ _tag: 'Right' })
  })

  it('when the server speaks plain HTTP, then setTls is a TypeError', async () => {
    await using s = await http.serve([])
    expect(() => s.setTls(certified(site))).toThrow('speaks no TLS')
  })
})

describe('given somebody who speaks something else', () => {
  it('when plain HTTP comes to a port of TLS, then the connection closes, and telemetry says what it was', async () => {
    const { s, events } = await serving(certified(site))
    const client = dial(s.url)
    await client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await client.closed()
    await expect.poll(() => reasons(events)).toEqual(['plain-http'])
    const plain = http.client(Who, { url: `http://127.0.0.1:${s.port}` })
    opened.push(plain)
    expect(await call(plain.ami, {})).toMatchObject({ left: { _tag: 'Unavailable' } })
  })

  it('when TLS comes to a plain port, then telemetry says so, and the client that it found none', async () => {
    const events: Telemetry[] = []
    await using s = await http.serve([], { onTelemetry: (event) => events.push(event) })
    const client = calling({ url: s.url.replace('http:', 'https:') })
    expect(await call(client.ami, {})).toMatchObject({
      left: { _tag: 'Unavailable', message: expect.stringMatching(/speaks no TLS \(.*WRONG_VERSION_NUMBER\)/) },
    })
    await expect.poll(() => reasons(events)).toEqual(['tls'])
  })

  it('when a handshake does not end, then it is cut off in its time', async () => {
    const { s, events } = await serving({ ...certified(site), handshakeTimeout: 80 })
    const start = performance.now()
    const client = dial(s.url)
    await client.closed()
    expect(performance.now() - start).toBeGreaterThan(70)
    await expect.poll(() => reasons(events)).toEqual(['slow-handshake'])
  })

  it('when a client leaves in its handshake, then nothing is said of it', async () => {
    const { s, events } = await serving(certified(site))
    for (let n = 0; n < 3; n++) {
      const socket = dialTcp({ port: s.port, host: '127.0.0.1' })
      await new Promise((resolve) => socket.once('connect', resolve))
      if (n === 1) socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]))
      if (n === 2) socket.resetAndDestroy()
      else socket.destroy()
    }
    expect(await call(calling(s).ami, {})).toEqual(ok(['nobody']))
    expect(reasons(events)).toEqual([])
  })

  it('when a peer never answers a handshake, then a client gives up in its time', async () => {
    const silent = createTcp(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as { port: number }
    const client = http.client(Who, { url: `https://127.0.0.1:${port}`, connectTimeout: 100 })
    opened.push(client)
    expect(await call(client.ami, {})).toMatchObject({ left: { _tag: 'Unavailable' } })
    silent.close()
  })
})

describe('given a server with TLS that drains', () => {
  it('when a connection is idle for its time, then it is closed, and not before', async () => {
    const { s } = await serving(certified(site), { limits: { keepAlive: 300 } })
    const client = peer(dialTls({ port: s.port, host: '127.0.0.1', ca: ca.cert }))
    await client.write('GET /ami HTTP/1.1\r\nhost: x\r\n\r\n')
    await client.until(/nobody/)
    const began = performance.now()
    await client.closed()
    expect(performance.now() - began).toBeGreaterThan(250)
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  it('when connections are idle, or in their handshake, then they close at once; what runs ends first', async () => {
    let release: () => void = () => {}
    const { s } = await serving(certified(site), {
      routes: {
        'GET /slow': (_, res) => {
          release = () => void res.end('done')
        },
      },
    })
    const shaking = dial(s.url)
    const idle = peer(dialTls({ port: s.port, host: '127.0.0.1', ca: ca.cert }))
    await idle.write('GET /ami HTTP/1.1\r\nhost: x\r\n\r\n')
    await idle.until(/nobody/)
    const running = peer(dialTls({ port: s.port, host: '127.0.0.1', ca: ca.cert }))
    await running.write('GET /slow HTTP/1.1\r\nhost: x\r\n\r\n')
    await expect.poll(() => s.inFlight).toBe(1)
    const draining = s.drain()
    await shaking.closed()
    await idle.closed()
    release()
    expect(await running.closed()).toMatch(/done/)
    await draining
  })

  it('when it gives up waiting, then what is left is destroyed', async () => {
    const { s } = await serving(certified(site), { routes: { 'GET /never': () => {} } })
    const shaking = dial(s.url)
    const running = peer(dialTls({ port: s.port, host: '127.0.0.1', ca: ca.cert }))
    await running.write('GET /never HTTP/1.1\r\nhost: x\r\n\r\n')
    await expect.poll(() => s.inFlight).toBe(1)
    await s.drain({ signal: AbortSignal.abort() })
    await running.closed()
    await shaking.closed()
    expect(s.inFlight).toBe(0)
  })
})

describe('given options that cannot be used', () => {
  it.each<[unknown, string | RegExp]>([
    [7, 'tls is { cert, key }'],
    [{ cert: site.cert }, 'tls: key is a PEM text'],
    [{ key: site.key }, 'tls: cert is a PEM text'],
    [{ cert: './cert.pem', key: site.key }, /tls\.cert is no PEM text: give the file's content, .* not its path/],
    [{ cert: site.cert, key: './key.pem' }, /tls\.key is no PEM text: .* not its path/],
    [{ cert: site.key, key: site.key }, 'tls.cert is no certificate in PEM'],
    [{ cert: site.cert, key: stranger.key }, 'tls: '],
    [{ ...certified(site), ca: 'x' }, 'ca is a certificate'],
    [{ ...certified(site), ca: [ca.cert, 7] }, 'ca is a certificate'],
    [{ ...certified(site), minVersion: 'TLSv9' }, 'tls: '],
    [{ ...certified(site), ciphers: 'NONE' }, 'tls: '],
    [{ ...certified(site), requestCert: 'yes' }, 'requestCert is true or false'],
    [{ ...certified(site), handshakeTimeout: 0 }, 'handshakeTimeout'],
    [{ ...certified(site), sni: 7 }, 'sni is a function'],
  ])('when a server is given what cannot be used (%#), then a TypeError says what is wrong', async (tls, message) => {
    await expect(http.serve([], { tls: tls as never })).rejects.toThrow(TypeError)
    await expect(http.serve([], { tls: tls as never })).rejects.toThrow(message)
  })

  it.each<[unknown, string | RegExp]>([
    [{ cert: site.cert }, 'cert and key belong together'],
    [{ cert: site.cert, key: 7 }, 'key is a PEM text'],
    [{ cert: site.cert, key: './key.pem' }, /tls\.key is no PEM text: .* not its path/],
    [{ cert: './cert.pem', key: site.key }, /tls\.cert is no PEM text: .* not its path/],
    [{ cert: site.cert, key: stranger.key }, 'tls: '],
    [{ ca: 'x' }, 'ca is a certificate'],
    [{ servername: '127.0.0.1' }, 'servername is a name'],
    [{ rejectUnauthorized: 0 }, 'rejectUnauthorized is true or false'],
    [{ pins: [site.pin], rejectUnauthorized: false }, 'pins are looked at only where'],
    [{ pins: [] }, 'pins are SHA-256 sums'],
    [{ pins: ['x'] }, 'pins are SHA-256 sums'],
  ])(
    'when a client or a proxy is given what cannot be used (%#), then a TypeError says what is wrong',
    (tls, message) => {
      expect(() => http.client(Who, { url: 'https://a.test', tls: tls as never })).toThrow(TypeError)
      expect(() => http.client(Who, { url: 'https://a.test', tls: tls as never })).toThrow(message)
      expect(() => http.proxy({ url: 'https://a.test', tls: tls as never })).toThrow(message)
    },
  )
})
