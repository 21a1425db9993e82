// HTTP/2 under gRPC: what is none, frames that break its rules, floods of frames that are allowed.
import { type Attack, type Family, size } from '../../harness/attack.ts'
import {
  type Came,
  endHeaders,
  endStream,
  flood,
  frame,
  header,
  headers,
  integer,
  openRaw,
  preface,
  type Raw,
  settings,
  word,
} from '../../harness/frames.ts'
import { framed, paths, text } from '../../harness/grpc.ts'
import { many } from '../../harness/wire.ts'

const soon = 15_000
const hello = framed(text('hello'))
const opening = Buffer.concat([preface, settings()])
const call = (stream: number, path: string = paths.nothing): Buffer =>
  Buffer.concat([
    frame('headers', endHeaders, stream, headers(path)),
    frame('data', endStream, stream, framed(Buffer.alloc(0))),
  ])
const join = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts)

interface Expected {
  /** `closed`, or the error of the GOAWAY before; `open` where the connection goes on. Several: any of them. */
  readonly end: string | readonly string[]
  /** What a stream is reset with. */
  readonly resets?: string
  readonly tells?: string
  readonly full?: number
}

const endOf = ({ end, goaway }: Came): string => (end === 'open' ? 'open' : (goaway ?? 'closed'))

/** Sends bytes on many connections; afterwards they are closed, or a call on them is answered. */
function once(name: string, sends: string, bytes: Uint8Array, expected: Expected, bound: string): Attack {
  const { end, resets, tells, full = 500 } = expected
  const ends = [end].flat()
  return {
    name,
    sends,
    bound,
    async run({ port, by }) {
      const times = by(2, full)
      const found = new Set<string>()
      await many(times, by(2, 20), async () => {
        const to = await openRaw(port)
        await to.send(bytes)
        if (ends.includes('open')) {
          if (resets !== undefined) await to.until((came) => came.resets[resets] !== undefined, soon)
          await to.send(frame('ping', 0, 0, Buffer.alloc(8)), call(101))
          await to.until(({ frames }) => (frames.headers ?? 0) > 0 && (frames.ping ?? 0) > 0, soon)
        } else await to.closed(soon)
        const came = to.came()
        to.destroy()
        if (!ends.includes(endOf(came))) throw new Error(`must get ${ends.join(' or ')}; got ${endOf(came)}`)
        if (resets !== undefined && came.resets[resets] === undefined)
          throw new Error(`must reset the stream with ${resets}; got ${JSON.stringify(came)}`)
        found.add(endOf(came))
      })
      const what = [...found].map((each) => (/^[a-z]/.test(each) ? each : `\`${each}\`, closed`)).join(' or ')
      return {
        gets: `${resets === undefined ? '' : `the stream \`${resets}\`; `}${what}`,
        told: tells === undefined ? {} : { [tells]: times },
      }
    },
  }
}

const strict = { end: 'PROTOCOL_ERROR', tells: 'malformed' }
const nghttp2 = 'nghttp2'

const noHttp2 = [
  once(
    'HTTP/1.1',
    'a request of HTTP/1.1',
    Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n'),
    { ...strict, end: ['PROTOCOL_ERROR', 'INTERNAL_ERROR', 'closed'] },
    nghttp2,
  ),
  once(
    'TLS',
    'the beginning of TLS',
    Buffer.from(`\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${'x'.repeat(64)}`, 'latin1'),
    { ...strict, end: ['PROTOCOL_ERROR', 'INTERNAL_ERROR', 'closed'] },
    nghttp2,
  ),
  once(
    'rubbish',
    '4 KiB of all bytes there are',
    Buffer.from(Array.from({ length: 4_096 }, (_, i) => (i * 167) % 256)),
    { ...strict, end: ['PROTOCOL_ERROR', 'INTERNAL_ERROR', 'closed'] },
    nghttp2,
  ),
  once(
    'rubbish after',
    'a preface, then rubbish',
    join(preface, Buffer.alloc(4_096, 'rubbish ')),
    { ...strict, end: ['PROTOCOL_ERROR', 'FRAME_SIZE_ERROR', 'INTERNAL_ERROR', 'closed'] },
    nghttp2,
  ),
  once(
    'no settings',
    'a preface, and a call before any settings',
    join(preface, call(1)),
    { ...strict, end: ['PROTOCOL_ERROR', 'INTERNAL_ERROR', 'closed'] },
    nghttp2,
  ),
]

const rules = [
  once(
    'long frame',
    'a frame of 16 MB',
    join(opening, frame('data', 0, 1, Buffer.alloc(64), 16_777_215)),
    { end: 'FRAME_SIZE_ERROR', tells: 'malformed' },
    'frames of 16,384 bytes',
  ),
  once(
    'headers on 0',
    'headers on stream 0',
    join(opening, frame('headers', endHeaders, 0, headers(paths.nothing))),
    strict,
    nghttp2,
  ),
  once('data on 0', 'data on stream 0', join(opening, frame('data', 0, 0, hello)), strict, nghttp2),
  once('even stream', 'a stream with an even number', join(opening, call(2)), strict, nghttp2),
  once(
    'data before headers',
    'data on a stream that was never opened',
    join(opening, frame('data', 0, 5, hello)),
    strict,
    nghttp2,
  ),
  once(
    'reset before headers',
    'a reset of a stream that was never opened',
    join(opening, frame('reset', 0, 5, word(8))),
    strict,
    nghttp2,
  ),
  once(
    'push',
    'a push promise, as if it were a server',
    join(opening, frame('push', endHeaders, 1, join(word(2), headers(paths.nothing)))),
    strict,
    nghttp2,
  ),
  once(
    'short settings',
    'settings of 5 bytes',
    join(preface, frame('settings', 0, 0, Buffer.alloc(5))),
    { end: 'FRAME_SIZE_ERROR', tells: 'malformed' },
    nghttp2,
  ),
  once(
    'window of settings',
    'a window of 2^31 in its settings',
    join(preface, settings({ 4: 2 ** 31 })),
    { end: 'FLOW_CONTROL_ERROR', tells: 'malformed' },
    nghttp2,
  ),
  once('window of nothing', 'a window that grows by 0', join(opening, frame('window', 0, 0, word(0))), strict, nghttp2),
  once(
    'window overflow',
    'a window that grows beyond 2^31',
    join(opening, frame('window', 0, 0, word(2 ** 31 - 1)), frame('window', 0, 0, word(2 ** 31 - 1))),
    { end: 'FLOW_CONTROL_ERROR', tells: 'malformed' },
    nghttp2,
  ),
  once(
    'unknown frames',
    'frames of a kind that nobody knows',
    join(opening, frame(0xee, 255, 1, Buffer.alloc(100))),
    { end: 'open' },
    'skipped, as HTTP/2 says',
  ),
  once(
    'goaway',
    'goodbye, and then a call',
    join(opening, frame('goaway', 0, 0, join(word(0), word(0)))),
    { end: ['open', 'closed', 'NO_ERROR'] },
    nghttp2,
  ),
  once(
    'bad padding',
    'data with more padding than it has',
    join(opening, frame('headers', endHeaders, 1, headers(paths.nothing)), frame('data', 8, 1, Buffer.from([255, 0]))),
    strict,
    nghttp2,
  ),
  once(
    'bad index',
    'a header that is not in any table',
    join(opening, frame('headers', endHeaders, 1, Buffer.from([0xff, 0xff, 0x0f]))),
    { end: 'COMPRESSION_ERROR', tells: 'malformed' },
    'HPACK',
  ),
  once(
    'long number',
    'a number of HPACK without an end',
    join(opening, frame('headers', endHeaders, 1, Buffer.alloc(100, 255))),
    { end: 'COMPRESSION_ERROR', tells: 'malformed' },
    'HPACK',
  ),
  once(
    'large table',
    'a table of 4 GB for headers',
    join(opening, frame('headers', endHeaders, 1, integer(5, 0x20, 2 ** 32 - 1))),
    { end: 'COMPRESSION_ERROR', tells: 'malformed' },
    '4,096 bytes of table',
  ),
  once(
    'capital letters',
    'a name in capital letters',
    join(opening, frame('headers', endHeaders | endStream, 1, join(headers(paths.nothing), header('X', 'y')))),
    { end: 'open', resets: 'PROTOCOL_ERROR' },
    nghttp2,
  ),
  once(
    'line feed',
    'a line feed in a value',
    join(
      opening,
      frame('headers', endHeaders, 1, join(headers(paths.nothing), header('x', 'a\r\nb: c'))),
      frame('data', endStream, 1, framed(Buffer.alloc(0))),
    ),
    { end: 'open' },
    'nghttp2 leaves it out',
  ),
  once(
    'two paths',
    'two paths',
    join(opening, frame('headers', endHeaders | endStream, 1, join(headers(paths.nothing), header(':path', '/x/y')))),
    { end: 'open', resets: 'PROTOCOL_ERROR' },
    nghttp2,
  ),
  once(
    'connection',
    '`connection` and `transfer-encoding`',
    join(
      opening,
      frame(
        'headers',
        endHeaders | endStream,
        1,
        join(headers(paths.nothing), header('connection', 'close'), header('transfer-encoding', 'chunked')),
      ),
    ),
    { end: 'open', resets: 'PROTOCOL_ERROR' },
    nghttp2,
  ),
  once(
    'wrong length',
    '`content-length` that is not that of its data',
    join(
      opening,
      frame('headers', endHeaders, 1, headers(paths.nothing, [['content-length', '7']])),
      frame('data', endStream, 1, framed(Buffer.alloc(0))),
    ),
    { end: 'open', resets: 'PROTOCOL_ERROR' },
    nghttp2,
  ),
]

interface Flooding extends Omit<Attack, 'name' | 'sends' | 'run' | 'bound'> {
  /** How it must end: `open` where all of it is taken. */
  readonly end: string | readonly string[]
  readonly tells?: string
  readonly reads?: boolean
  /** What goes before. */
  readonly first?: Uint8Array
  /** How often at most. */
  readonly most?: readonly [number, number]
}

/** Sends the same again and again, at full speed, for so long or until it is stopped. */
function floods(name: string, sends: string, piece: (n: number) => Uint8Array, bound: string, more: Flooding): Attack {
  const {
    end,
    tells,
    reads = true,
    first,
    most = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ...attack
  } = more
  const ends = [end].flat()
  return {
    name,
    sends,
    bound,
    ...attack,
    async run({ port, by }) {
      const to: Raw = await openRaw(port, { reads })
      await to.send(opening, ...(first === undefined ? [] : [first]))
      const start = performance.now()
      const times = await flood(to, piece, by(500, 10_000), by(...most))
      const ms = performance.now() - start
      if (!reads) to.socket.resume()
      const came = ends.includes('open') ? to.came() : await to.closed(soon)
      to.destroy()
      if (!ends.includes(endOf(came)))
        throw new Error(`must get ${ends.join(' or ')}; got ${endOf(came)} after ${times} (${JSON.stringify(came)})`)
      const bytes = times * piece(0).length
      const gets =
        endOf(came) === 'open'
          ? 'all of it is taken'
          : /^[a-z]/.test(endOf(came))
            ? endOf(came)
            : `\`${endOf(came)}\`, closed`
      return {
        gets: `${gets}, ${size(bytes)} in ${Math.round(ms)} ms`,
        told: tells === undefined ? {} : { [tells]: 1 },
      }
    },
  }
}

const batch = (n: number, each: (i: number) => Uint8Array): Buffer =>
  Buffer.concat(Array.from({ length: n }, (_, i) => each(i)))
const ids = (n: number, i: number, size: number): number => 1 + 2 * (n * size + i)

const flooding = [
  floods(
    'continuations',
    'headers without an end, in CONTINUATION frames',
    () => frame('continuation', 0, 1, header('x', 'y'.repeat(8_000))),
    'nghttp2: 8 of them',
    {
      first: frame('headers', 0, 1, headers(paths.nothing)),
      end: ['ENHANCE_YOUR_CALM', 'PROTOCOL_ERROR', 'INTERNAL_ERROR', 'COMPRESSION_ERROR', 'closed'],
      tells: 'malformed',
    },
  ),
  floods(
    'empty continuations',
    'CONTINUATION frames without a byte',
    () => batch(1_000, () => frame('continuation', 0, 1)),
    'nghttp2: 8 of them',
    {
      first: frame('headers', 0, 1, headers(paths.nothing)),
      end: ['ENHANCE_YOUR_CALM', 'PROTOCOL_ERROR', 'INTERNAL_ERROR', 'closed'],
      tells: 'malformed',
    },
  ),
  floods(
    'header bomb',
    '4 KB of headers that unpack to 16 MB (HPACK), again and again',
    (n) => {
      const long = n === 0 ? header('x', 'y'.repeat(3_900), true) : Buffer.alloc(0)
      return frame(
        'headers',
        endHeaders | endStream,
        ids(n, 0, 1),
        join(long, headers(paths.nothing), Buffer.alloc(4_000, 0xbe)),
      )
    },
    'nghttp2: 64 KB of headers',
    { end: ['open', 'ENHANCE_YOUR_CALM', 'closed', 'COMPRESSION_ERROR', 'INTERNAL_ERROR'] },
  ),
  floods(
    'rapid resets',
    'calls that are reset at once',
    (n) =>
      batch(50, (i) =>
        join(
          frame('headers', endHeaders, ids(n, i, 50), headers(paths.slow)),
          frame('reset', 0, ids(n, i, 50), word(8)),
        ),
      ),
    'nghttp2: 1,000 at once, then 33 a second',
    {
      end: ['ENHANCE_YOUR_CALM', 'INTERNAL_ERROR', 'closed'],
      tells: 'malformed',
    },
  ),
  floods(
    'made to reset',
    'calls that the server must reset, by a window of 0 each',
    (n) => batch(50, (i) => join(call(ids(n, i, 50), paths.slow), frame('window', 0, ids(n, i, 50), word(0)))),
    'nghttp2: resets of the server count, too',
    {
      end: ['ENHANCE_YOUR_CALM', 'PROTOCOL_ERROR', 'INTERNAL_ERROR', 'closed'],
      tells: 'malformed',
    },
  ),
  floods(
    'settings',
    'settings, and reads no acknowledgement',
    () => batch(100, () => settings({ 4: 65_535 })),
    'nghttp2: 1,000 answers unread',
    {
      reads: false,
      end: ['ENHANCE_YOUR_CALM', 'INTERNAL_ERROR', 'closed'],
      tells: 'malformed',
    },
  ),
  floods(
    'pings',
    'pings, and reads no answer',
    () => batch(100, () => frame('ping', 0, 0, Buffer.alloc(8))),
    'nghttp2: 1,000 answers unread',
    {
      reads: false,
      end: ['ENHANCE_YOUR_CALM', 'INTERNAL_ERROR', 'closed'],
      tells: 'malformed',
    },
  ),
  floods(
    'pings, read',
    'pings, and reads the answers',
    () => batch(100, () => frame('ping', 0, 0, Buffer.alloc(8))),
    'nghttp2: 1,000 answers unread',
    {
      end: ['ENHANCE_YOUR_CALM', 'INTERNAL_ERROR', 'closed'],
      tells: 'malformed',
    },
  ),
  floods(
    'empty data',
    'data frames without a byte, on one call',
    () => batch(200, () => frame('data', 0, 1)),
    'Node: 1,000 of them',
    {
      first: frame('headers', endHeaders, 1, headers(paths.nothing)),
      end: ['ENHANCE_YOUR_CALM', 'closed', 'STREAM_CLOSED', 'INTERNAL_ERROR'],
      tells: 'malformed',
    },
  ),
  floods('windows', 'windows that grow by 1', () => batch(200, () => frame('window', 0, 0, word(1))), 'the processor', {
    end: 'open',
  }),
  floods(
    'priorities',
    'priorities of streams that there are not',
    (n) => batch(200, (i) => frame('priority', 0, ids(n, i, 200) % 2 ** 30, Buffer.alloc(5))),
    'Node: so many frames that do nothing',
    {
      end: ['ENHANCE_YOUR_CALM', 'PROTOCOL_ERROR', 'INTERNAL_ERROR', 'closed'],
      tells: 'malformed',
    },
  ),
  floods(
    'many unknown frames',
    'frames of 16 KB of a kind that nobody knows',
    () => frame(0xee, 0, 0, Buffer.alloc(16_384)),
    'the processor',
    { end: ['open', 'ENHANCE_YOUR_CALM'] },
  ),
]

export const frames: Family = {
  title: 'gRPC: HTTP/2',
  against: 'grpc',
  about:
    'Frames by hand. Node reads them with nghttp2, which ends a connection that breaks its rules; what it ends, a line tells of. Others ask on connections of their own.',
  attacks: [...noHttp2, ...rules, ...flooding],
}
