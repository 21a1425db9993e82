// Connections in great numbers, such that come and go, and those that speak TLS, or do not.
import { constants } from 'node:http2'
import { connect } from 'node:tls'
import { type Attack, type Family, soon } from '../../harness/attack.ts'
import { endHeaders, frame, headers, openRaw, preface, type Raw, settings } from '../../harness/frames.ts'
import { framed, head, paths, session, text } from '../../harness/grpc.ts'
import { hastyGrpc } from '../../harness/hasty.ts'
import { shaken, tlsPort } from '../../harness/shaking.ts'
import { many, pass } from '../../harness/wire.ts'

const hello = framed(text('hello'))

const idle = (name: string, sends: string, first: Uint8Array): Attack => ({
  name,
  sends,
  bound: '`connections`, `idle`',
  peak: 400,
  async run({ port, ask, by }) {
    const before = (await ask('memory')) as number
    const count = by(200, 5_000)
    const all = await many(count, 100, async () => {
      const to = await openRaw(port)
      if (first.length > 0) await to.send(first)
      return to
    })
    await pass(by(100, 3_000))
    const held = ((await ask('memory')) as number) - before
    const left = all.filter((to) => to.came().end === 'open').length
    for (const to of all) to.destroy()
    if (left !== count) throw new Error(`of ${count} idle connections ${left} were kept`)
    return `kept, × ${count}; ${(held / count / 1_024).toFixed(1)} KiB of heap each`
  },
})

/** Connects, does something, and is gone, so many times. */
const churn = (
  name: string,
  sends: string,
  counts: readonly [number, number],
  each: (to: Raw) => Promise<void>,
): Attack => ({
  name,
  sends,
  bound: 'nothing is kept of them',
  peak: { quick: 128, full: 300 },
  async run({ port, by }) {
    const count = by(...counts)
    const start = performance.now()
    await many(count, 50, async () => {
      const to = await openRaw(port)
      await each(to)
      to.socket.resetAndDestroy()
    })
    return `${Math.round(count / ((performance.now() - start) / 1_000))} a second, × ${count}`
  },
})

const begun = (path: string): Buffer =>
  Buffer.concat([
    preface,
    settings(),
    frame('headers', endHeaders, 1, headers(path)),
    frame('data', 0, 1, hello.subarray(0, 7)),
  ])

export const connections: Family = {
  title: 'gRPC: connections',
  against: 'grpc',
  about:
    'Idle ones cost memory and nothing else, until `idle` is over. Beyond `connections` they are closed as they come, and others cannot connect either.',
  attacks: [
    idle('idle, fresh', '5,000 connections that say nothing', Buffer.alloc(0)),
    idle(
      'idle, greeted',
      '5,000 connections that send their preface and settings',
      Buffer.concat([preface, settings()]),
    ),
    {
      name: 'too many',
      alone: true,
      sends: '1,500 connections where 1,000 may be',
      bound: '`connections`',
      limits: (scale) => ({ connections: scale === 'quick' ? 50 : 1_000 }),
      others: { may: /^closed$|^reset/, why: 'no connection is left for them' },
      async run({ port, by }) {
        const all = await many(by(80, 1_500), 50, () => openRaw(port))
        await pass(500)
        const closed = all.filter((to) => to.came().end !== 'open').length
        for (const to of all) to.destroy()
        if (closed < by(30, 500)) throw new Error(`only ${closed} were closed`)
        return { gets: `${closed} closed as they come`, told: { 'too-many-connections': closed } }
      },
    },
    churn('connects', 'connects and resets', [300, 20_000], async () => {}),
    churn('half a preface', 'resets in the middle of its preface', [100, 10_000], async (to) =>
      to.send(preface.subarray(0, 10)),
    ),
    churn('resets in a message', 'resets the connection in the middle of a message', [100, 10_000], async (to) =>
      to.send(begun(paths.slow)),
    ),
    churn(
      'resets in a stream',
      'resets the connection in the middle of a stream of its own',
      [100, 10_000],
      async (to) => {
        await to.send(begun(paths.take))
        await pass(1)
      },
    ),
    churn(
      'resets in an answer',
      'resets the connection while it is sent a stream without an end',
      [50, 2_000],
      async (to) => {
        const ask = framed(Buffer.from([8, 64]))
        await to.send(
          preface,
          settings(),
          frame('headers', endHeaders, 1, headers(paths.flood)),
          frame('data', 1, 1, ask),
        )
        await to.until(({ frames }) => (frames.data ?? 0) > 0, soon)
      },
    ),
    {
      name: 'resets of calls',
      sends: 'calls and streams that are reset half-way, 50 on a connection',
      bound: 'handlers read `Cancelled` and no end',
      async run({ port, by }) {
        const count = by(2, 100)
        // Fifty on a connection: of more, nghttp2 ends it.
        await many(count, 10, async () => {
          const own = session(port)
          await many(50, 10, async (n) => {
            const stream = own.request(head(n % 2 ? paths.slow : paths.take) as never).on('error', () => {})
            stream.write(n % 2 ? Buffer.from([0, 0]) : hello)
            await pass(n % 3)
            const closed = new Promise((resolve) => stream.once('close', resolve))
            stream.close(constants.NGHTTP2_CANCEL)
            await closed
          })
          own.destroy()
        })
        return `× ${count * 50}`
      },
    },
    {
      name: 'many streams',
      alone: true,
      others: { may: /^UNAVAILABLE$/, why: 'no place is left for them' },
      sends: '5,000 calls at once on one connection, where 1,000 may be',
      bound: '`concurrent`',
      async run({ port, by }) {
        const to = await openRaw(port)
        const count = by(1_200, 5_000)
        await to.send(preface, settings())
        const opened = Array.from({ length: count }, (_, i) =>
          frame('headers', endHeaders, 1 + 2 * i, headers(paths.take)),
        )
        await to.send(...opened)
        const came = await to.until(({ resets }) => (resets.REFUSED_STREAM ?? 0) >= count - 1_000, soon)
        to.destroy()
        const refused = came.resets.REFUSED_STREAM ?? 0
        if (came.end === 'open' && refused < count - 1_000)
          throw new Error(`must refuse those beyond; got ${JSON.stringify(came)}`)
        return came.end === 'closed'
          ? `\`${came.goaway ?? 'closed'}\`, closed`
          : `${refused} × \`reset REFUSED_STREAM\``
      },
    },
  ],
}

const helloTls = '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'

const shaking = (name: string, sends: string, first: string, piece: string, tells: string, bound: string): Attack => ({
  name,
  sends,
  bound,
  limits: hastyGrpc,
  peak: 200,
  async run(target) {
    const { gets, count } = await shaken(target, first, piece)
    return { gets, told: { [tells]: count } }
  },
})

export const grpcTls: Family = {
  title: 'gRPC: TLS',
  against: 'grpc',
  about: 'A second port of the same process, with a certificate. The others ask on the plain port.',
  attacks: [
    shaking('silent', 'nothing, on 1,000 connections', '', '', 'slow-handshake', '`handshake`'),
    shaking('half a hello', 'half a hello, on 1,000 connections', helloTls, '', 'slow-handshake', '`handshake`'),
    shaking(
      'drips a hello',
      'a byte of a hello a second, on 1,000 connections',
      helloTls,
      '\x01',
      'slow-handshake',
      '`handshake`',
    ),
    shaking(
      'plain',
      'HTTP/2 in the clear, on 1,000 connections',
      preface.toString('latin1'),
      '',
      'handshake',
      'OpenSSL',
    ),
    shaking(
      'rubbish',
      'rubbish, on 1,000 connections',
      '\x16\x03\x01\x00\x05rubbish rubbish',
      '',
      'handshake',
      'OpenSSL',
    ),
    {
      name: 'HTTP/1.1',
      sends: 'a handshake for HTTP/1.1, and a request',
      bound: 'ALPN: h2',
      async run(target) {
        const port = await tlsPort(target)
        const count = target.by(5, 200)
        const ends = await many(count, 5, async () => {
          const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
          const end = Promise.withResolvers<string>()
          socket.on('error', (cause: NodeJS.ErrnoException) => end.resolve(cause.code ?? cause.message))
          socket.on('close', () => end.resolve('closed'))
          socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
          void pass(soon).then(() => end.resolve('open'))
          const what = await end.promise
          socket.destroy()
          return what
        })
        if (ends.includes('open')) throw new Error('must close it')
        return {
          gets: `${[...new Set(ends)].map((end) => `\`${end}\``).join(', ')}, closed, × ${count}`,
          told: { handshake: count },
        }
      },
    },
    {
      name: 'handshakes',
      sends: 'handshakes at full speed on 10 connections at once, each without a session, and resets',
      bound: 'nothing but the processor: some hundred microseconds each',
      peak: 200,
      async run(target) {
        const port = await tlsPort(target)
        const count = target.by(30, 3_000)
        const start = performance.now()
        await many(count, 10, async () => {
          const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] })
          socket.on('error', () => {})
          await new Promise((resolve) => {
            socket.once('secureConnect', resolve)
            socket.once('close', resolve)
          })
          socket.destroy()
        })
        return `${Math.round(count / ((performance.now() - start) / 1_000))} a second, × ${count}`
      },
    },
  ],
}
