// The reverse proxy between an attacker and an honest target, and between an honest client and a hostile target.
import { answered, type Family, get, must, poured, refused, shot } from '../harness/attack.ts'
import { hasty } from '../harness/hasty.ts'
import { many, open, pass } from '../harness/wire.ts'

const json = 'content-type: application/json\r\n'
const hidden = get('/v1/items/smuggled')
const chunked = (rest: string): string =>
  `POST /far/v1/orders HTTP/1.1\r\nhost: x\r\n${json}transfer-encoding: chunked\r\n\r\n${rest}`
const head = (headers: string): string => `POST /far/v1/orders HTTP/1.1\r\nhost: x\r\n${json}${headers}\r\n`
const malformed = refused(400, /"tag":"BadRequest"/)

export const proxying: Family = {
  title: 'Reverse proxy, hostile client',
  about:
    'What is doubtful is refused before anything of it goes on. Nothing of a body is kept: a client is read as fast as the target reads.',
  attacks: [
    shot('CL and TE', `${head('content-length: 6\r\ntransfer-encoding: chunked\r\n')}0\r\n\r\n${hidden}`, malformed, {
      sends: 'a length and chunks',
      bound: "Node's parser",
    }),
    shot('two lengths', `${head('content-length: 2\r\ncontent-length: 60\r\n')}{}${hidden}`, malformed, {
      sends: 'two lengths',
      bound: "Node's parser",
    }),
    shot('xchunked', `${head('transfer-encoding: xchunked\r\n')}0\r\n\r\n${hidden}`, refused(501), {
      sends: '`transfer-encoding: xchunked`',
      bound: 'chunked only',
      full: 20,
    }),
    shot('two hosts', `GET /far/v1/items/1 HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n`, malformed, {
      sends: 'two hosts',
      bound: 'the host',
    }),
    shot(
      'connection names',
      get('/far/v1/items/1', 'connection: host, x-forwarded-for, authorization\r\nauthorization: a\r\n'),
      answered(200),
      { sends: '`connection` names host and authorization', bound: 'headers of a hop end; the host stays' },
    ),
    shot('underscore', get('/far/v1/items/1', 'transfer_encoding: chunked\r\ncontent_length: 5\r\n'), answered(200), {
      sends: '`transfer_encoding`, `content_length`',
      bound: 'they do not go on',
    }),
    shot('upgrade', get('/far/v1/items/1', 'connection: upgrade\r\nupgrade: websocket\r\n'), answered(501), {
      sends: 'an upgrade',
      bound: 'no tunnels',
    }),
    shot('dots', get('/far/../v1/items/1'), answered(400), { sends: '`/far/../v1/items/1`', bound: 'routes' }),
    shot('dots inside', get('/far/v1/../../secret'), answered(400), {
      sends: '`/far/v1/../../secret`',
      bound: 'segments of dots are refused',
    }),
    shot('escaped dots', get('/far/v1/%2e%2e/%2e%2e/secret'), answered(400), {
      sends: 'the same, escaped',
      bound: 'segments of dots are refused',
    }),
    shot('absolute form', get('http://other.example/far/v1/items/1'), answered(200), {
      sends: 'an absolute target',
      bound: 'its path goes on',
    }),
    shot('circles', get('/circle/x'), answered(508), { sends: 'a route that leads back here', bound: '`via`' }),
    shot('gone target', get('/gone/x'), answered(502), {
      sends: 'for a target that is not there',
      bound: '`connectTimeout`',
    }),
    shot(
      'truncated',
      `${head('content-length: 100\r\n')}x`,
      { statuses: [], end: 'closed' },
      {
        sends: 'a byte of 100, then the end',
        bound: 'the target’s request ends, too',
        after: (to) => to.socket.end(),
        full: 200,
      },
    ),
    poured('endless upload', [chunked(''), `10000\r\n${'x'.repeat(65_536)}\r\n`], refused(413), {
      sends: 'chunks without an end, for a target that takes 1 MiB',
      bound: 'the target’s `body`',
      peak: 100,
    }),
    {
      name: 'slow upload',
      sends: 'a byte of a body a second, on 500 connections',
      bound: '`idle`; the target’s `bodyTimeout`',
      limits: hasty,
      peak: 200,
      async run({ port, by }) {
        const count = by(10, 500)
        const heard = await many(count, count, async (i) => {
          await pass(i)
          const to = await open(port)
          await to.write(head('content-length: 1000\r\n'))
          for (let n = 0; to.heard().end === 'open' && n < 60; n++) {
            await to.closed(by(100, 1_000))
            if (to.heard().end === 'open') await to.write(' ')
          }
          to.destroy()
          must({ statuses: [408], end: 'closed' }, to.heard())
          return to.heard().ms
        })
        return `408, closed after ${(Math.max(...heard) / 1_000).toFixed(1)} s at most, × ${count}`
      },
    },
    {
      name: 'unread',
      alone: true,
      sends: 'asks for 8 MiB through the proxy on 100 connections and reads nothing',
      bound: 'the target is read no faster; its `allAnswers`',
      peak: 700,
      limits: hasty,
      async run({ port, by }) {
        const all = await many(by(10, 100), 50, async () => {
          const to = await open(port, { reads: false })
          await to.write(get('/far/v1/big/8192'))
          return to
        })
        await pass(by(500, 3_000))
        for (const to of all) to.destroy()
        return `what it reads, × ${all.length}`
      },
    },
  ],
}
