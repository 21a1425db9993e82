// Bodies: too short, too long, of another kind, compressed, in no UTF-8.
import { gzipSync } from 'node:zlib'
import { type Attack, answered, type Family, must, post, poured, refused, shot, size, soon } from '../harness/attack.ts'
import { hasty } from '../harness/hasty.ts'
import { many, open, pass, pour } from '../harness/wire.ts'

const order = '{"customer":{"id":"c","name":"n"},"lines":[]}'
const json = 'content-type: application/json\r\n'
const head = (headers: string): string => `POST /v1/orders HTTP/1.1\r\nhost: x\r\n${json}${headers}\r\n`
const mega = 1_048_576
const type = (contentType: string): string =>
  post('/v1/orders', order, contentType === '' ? '' : `content-type: ${contentType}\r\n`)
const unsupported = answered(415, /"tag":"UnsupportedMediaType"/)
const invalid = (says: RegExp) => answered(400, says)
const noUtf8 = invalid(/the body is not UTF-8/)

/** Connects, sends, and is gone, again and again; the next one finds a server that holds nothing of it. */
const leaving = (name: string, sends: string, bytes: string, how: 'FIN' | 'RST', bound: string): Attack => ({
  name,
  sends,
  bound,
  async run({ port, by }) {
    await many(by(20, 2_000), by(5, 50), async () => {
      const to = await open(port)
      await to.write(bytes)
      if (how === 'FIN') {
        to.socket.end()
        must({ statuses: [], end: 'closed' }, await to.closed(soon))
      } else to.socket.resetAndDestroy()
    })
    return how === 'FIN' ? 'nothing, closed' : 'nothing: it is gone'
  },
})

export const bodies: Family = {
  title: 'Bodies',
  about:
    'A body is JSON in UTF-8, whole, and no longer than it may be; whatever else comes is refused before it is read where that can be known.',
  attacks: [
    leaving(
      'truncated, FIN',
      '50 of 100 bytes, then the end',
      head('content-length: 100\r\n') + 'x'.repeat(50),
      'FIN',
      'the end of the connection',
    ),
    leaving(
      'truncated, RST',
      '50 of 100 bytes, then a reset',
      head('content-length: 100\r\n') + 'x'.repeat(50),
      'RST',
      'the end of the connection',
    ),
    leaving(
      'truncated chunks',
      'half a chunk, then the end',
      `${head('transfer-encoding: chunked\r\n')}64\r\nxxxx`,
      'FIN',
      'the end of the connection',
    ),
    leaving(
      'truncated head',
      'half a head, then a reset',
      'POST /v1/orders HTTP/1.1\r\nhos',
      'RST',
      'the end of the connection',
    ),
    shot('announced too long', head(`content-length: ${mega + 1}\r\n`), refused(413, /"tag":"BodyTooLarge"/), {
      sends: '1 MiB and a byte, announced and not sent',
      bound: '`body`, before it is sent',
      full: 20,
    }),
    shot('announced a terabyte', `${head('content-length: 1099511627776\r\nexpect: 100-continue\r\n')}`, refused(413), {
      sends: 'a terabyte, announced, waiting for `100 Continue`',
      bound: '`body`, before it is sent',
      full: 20,
    }),
    {
      name: 'too long all the same',
      sends: '20 MiB, announced, whatever is answered',
      bound: '`body`; it may send for 1 s more',
      async run({ port }) {
        const to = await open(port)
        await to.write(head(`content-length: ${20 * mega}\r\n`))
        const bytes = await pour(to, 'x'.repeat(65_536), 5_000, () => to.heard().end !== 'open')
        const heard = await to.closed(soon)
        to.destroy()
        must({ statuses: [413], end: 'closed' }, heard)
        return `413, closed, after ${size(bytes)}`
      },
    },
    poured(
      'endless chunks',
      [head('transfer-encoding: chunked\r\n'), `10000\r\n${'x'.repeat(65_536)}\r\n`],
      refused(413, /"tag":"BodyTooLarge"/),
      { sends: 'chunks of 64 KiB without an end', bound: '`body`; it may send for 1 s more' },
    ),
    poured('endless tiny chunks', [head('transfer-encoding: chunked\r\n'), '1\r\nx\r\n'], refused(413), {
      sends: 'chunks of one byte without an end, at full speed',
      bound: '`body`; it may send for 1 s more',
      limits: hasty,
      ms: 60_000,
    }),
    shot('length 0', `${head('content-length: 0\r\n')}`, answered(400), {
      sends: 'a length of 0',
      bound: 'no bytes are no body',
    }),
    shot('no content type', type(''), unsupported, { sends: 'no content type', bound: 'application/json' }),
    shot('a form', type('application/x-www-form-urlencoded'), unsupported, {
      sends: 'a form (what a page of another site may send)',
      bound: 'application/json',
    }),
    shot('text', type('text/plain'), unsupported, { sends: '`text/plain` (the same)', bound: 'application/json' }),
    shot('multipart', type(`multipart/form-data; boundary=${'-'.repeat(5_000)}`), unsupported, {
      sends: 'a multipart body with a boundary of 5,000 bytes',
      bound: 'application/json',
    }),
    shot('UTF-16', type('application/json; charset=utf-16'), unsupported, {
      sends: '`charset=utf-16`',
      bound: 'UTF-8',
    }),
    shot('UTF-7', type('application/json; charset="utf-7"'), unsupported, {
      sends: '`charset="utf-7"`',
      bound: 'UTF-8',
    }),
    shot('two charsets', type('application/json; charset=utf-16; charset=utf-8'), unsupported, {
      sends: '`charset=utf-16; charset=utf-8`',
      bound: 'the first counts',
    }),
    shot('blanks', type(`application/json;a=b${' '.repeat(15_000)}x`), unsupported, {
      sends: 'a content type with 15,000 blanks in it (ReDoS)',
      bound: 'one pass',
    }),
    shot('parameters', type(`application/json${';a="b"'.repeat(2_500)};x`), unsupported, {
      sends: 'a content type of 2,500 parameters (ReDoS)',
      bound: 'one pass',
    }),
    shot(
      'gzip bomb',
      () => {
        const bomb = gzipSync(Buffer.alloc(100 * mega, ' '))
        return Buffer.concat([Buffer.from(head(`content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n`)), bomb])
      },
      unsupported,
      { sends: '100 MiB of blanks as 100 KiB of gzip', bound: 'compressed bodies are not taken', full: 100 },
    ),
    shot('brotli', `${head('content-encoding: br\r\ncontent-length: 2\r\n')}{}`, unsupported, {
      sends: '`content-encoding: br`',
      bound: 'compressed bodies are not taken',
    }),
    shot('identity', `${head('content-encoding: identity, gzip\r\ncontent-length: 2\r\n')}{}`, unsupported, {
      sends: '`content-encoding: identity, gzip`',
      bound: 'compressed bodies are not taken',
    }),
    shot('byte 255', post('/v1/anything', '{"v":"\xff"}'), noUtf8, {
      sends: 'a byte 255 in a text',
      bound: 'strict UTF-8',
    }),
    shot('overlong', post('/v1/anything', '{"v":"\xc0\xaf"}'), noUtf8, {
      sends: 'a slash in overlong UTF-8',
      bound: 'strict UTF-8',
    }),
    shot('surrogates', post('/v1/anything', '{"v":"\xed\xa0\x80"}'), noUtf8, {
      sends: 'a surrogate as UTF-8',
      bound: 'strict UTF-8',
    }),
    shot('cut character', post('/v1/anything', '{"v":"\xe2\x82"}'), noUtf8, {
      sends: 'two thirds of a character',
      bound: 'strict UTF-8',
    }),
    shot('beyond Unicode', post('/v1/anything', '{"v":"\xf5\x80\x80\x80"}'), noUtf8, {
      sends: 'a character beyond Unicode',
      bound: 'strict UTF-8',
    }),
    shot('BOM', post('/v1/anything', '\xef\xbb\xbf{"v":1}'), invalid(/not JSON from position 0/), {
      sends: 'a byte order mark',
      bound: 'JSON has none',
    }),
    shot('UTF-16 bytes', post('/v1/anything', '{\0"\0v\0"\0:\x001\0}\0'), invalid(/not JSON from position 1/), {
      sends: 'JSON in UTF-16',
      bound: 'UTF-8',
    }),
    shot('UTF-16 and BOM', post('/v1/anything', '\xff\xfe{\0}\0'), noUtf8, {
      sends: 'JSON in UTF-16 with a mark',
      bound: 'UTF-8',
    }),
    {
      name: 'unfinished bodies',
      alone: true,
      sends: 'bodies of 1 MiB less a byte, on 300 connections at once, and no more of them',
      bound: '`allBodies`, then `bodyTimeout`',
      limits: hasty,
      others: { may: /^503$/, why: 'while others fill `allBodies`, a body is refused' },
      peak: 400,
      async run({ port, by }) {
        const count = by(10, 300)
        const bytes = by(60_000, mega)
        const statuses = await many(count, count, async () => {
          const to = await open(port)
          await to.write(head(`content-length: ${bytes}\r\n`) + ' '.repeat(bytes - 1))
          const heard = await to.closed(soon)
          to.destroy()
          return heard.statuses.join()
        })
        const of = (status: string): number => statuses.filter((found) => found === status).length
        if (of('408') + of('503') !== count || of('503') === 0) throw new Error(`got ${statuses.join(' ')}`)
        await pass(0)
        return `${of('503')} × 503, ${of('408')} × 408, closed`
      },
    },
  ],
}
