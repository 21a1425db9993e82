// Servers that answer what no client should have to read.
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Family } from '../harness/attack.ts'
import { type Trap, trap } from '../harness/trap.ts'

const mega = 1_048_576
const good = '{"id":"c","total":6}'
const head = (headers: string, status = '200 OK'): string =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n${headers}\r\n`
const whole = (body: string, headers = ''): string =>
  `${head(`${headers}content-length: ${Buffer.byteLength(body, 'latin1')}\r\n`)}${body}`
const says =
  (text: string) =>
  (socket: Socket): void =>
    void socket.write(text, 'latin1')

/** Writes a piece again and again, as fast as it is read. */
const pours =
  (first: string, piece: string) =>
  (socket: Socket): void => {
    const chunk = Buffer.from(piece.length > 50_000 ? piece : piece.repeat(Math.ceil(65_536 / piece.length)), 'latin1')
    socket.write(first, 'latin1')
    const more = (): void => {
      if (socket.destroyed) return
      if (socket.write(chunk)) setImmediate(more)
      else socket.once('drain', more)
    }
    more()
  }

/** Writes a piece ten times a second. */
const drips =
  (first: string, piece: string) =>
  (socket: Socket): void => {
    socket.write(first, 'latin1')
    const timer = setInterval(() => socket.write(piece, 'latin1'), 100)
    socket.once('close', () => clearInterval(timer))
  }

const noHttp = 'Remote internal InvalidOutput'
const late = 'DeadlineExceeded deadline_exceeded'
const tooLarge = 'Remote internal AnswerTooLarge'
const unavailable = 'Unavailable unavailable'
const deadline = { end: late, lasts: true, bound: 'the call’s deadline' } as const

const traps: readonly Trap[] = [
  { name: 'honest', sends: 'an honest answer, to compare', answer: says(whole(good)), end: 'answered', bound: '' },
  { name: 'never answers', sends: 'nothing', answer: () => {}, ...deadline },
  {
    name: 'drips a head',
    sends: 'a byte of a header every 0.1 s',
    answer: drips('HTTP/1.1 200 OK\r\nx: ', 'x'),
    ...deadline,
  },
  {
    name: 'drips a body',
    sends: 'a byte of a body every 0.1 s',
    answer: drips(head('content-length: 1000\r\n'), ' '),
    ...deadline,
  },
  {
    name: 'drips chunks',
    sends: 'a chunk every 0.1 s',
    answer: drips(head('transfer-encoding: chunked\r\n'), '1\r\n \r\n'),
    ...deadline,
  },
  {
    name: 'half a body',
    sends: 'half a body, and no more',
    answer: says(head('content-length: 100\r\n') + good),
    ...deadline,
  },
  {
    name: 'no end',
    sends: 'a body of HTTP/1.0 without an end',
    answer: says(`HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n${good}`),
    ...deadline,
  },
  {
    name: 'interim answers',
    sends: '103 Early Hints without an end, at full speed',
    answer: pours('', 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'),
    ...deadline,
    peak: 120,
  },
  {
    name: 'endless reason',
    sends: 'a status line without an end',
    answer: pours('HTTP/1.1 200 ', 'x'),
    ...deadline,
    peak: 120,
  },
  {
    name: 'endless extension',
    sends: 'a chunk extension without an end',
    answer: pours(`${head('transfer-encoding: chunked\r\n')}1;`, 'x'),
    ...deadline,
    peak: 200,
  },
  {
    name: 'endless line',
    sends: 'a header without an end',
    answer: pours('HTTP/1.1 200 OK\r\nx: ', 'x'),
    end: noHttp,
    bound: '16 KiB of headers',
  },
  {
    name: 'endless headers',
    sends: 'headers without an end',
    answer: pours('HTTP/1.1 200 OK\r\n', 'x: y\r\n'),
    end: noHttp,
    bound: '16 KiB of headers',
  },
  {
    name: 'endless trailers',
    sends: 'trailers without an end',
    answer: pours(`${head('transfer-encoding: chunked\r\n')}2\r\n{}\r\n0\r\n`, 'x: y\r\n'),
    end: unavailable,
    bound: '16 KiB of headers',
  },
  {
    name: 'endless body',
    sends: 'a body without an end',
    answer: pours(head(''), ' '),
    end: tooLarge,
    bound: '`limits.response`',
    peak: 250,
    full: 50,
  },
  {
    name: 'endless chunks',
    sends: 'chunks without an end',
    answer: pours(head('transfer-encoding: chunked\r\n'), `10000\r\n${' '.repeat(65_536)}\r\n`),
    end: tooLarge,
    bound: '`limits.response`',
    peak: 250,
    full: 50,
  },
  {
    name: 'announced too long',
    sends: 'a length of a terabyte',
    answer: says(head('content-length: 1099511627776\r\n')),
    end: tooLarge,
    bound: '`limits.response`, before it is read',
  },
  {
    name: 'two lengths',
    sends: 'two lengths',
    answer: says(`${head('content-length: 2\r\ncontent-length: 3\r\n')}{} `),
    end: noHttp,
    bound: 'the parser',
  },
  {
    name: 'CL and TE',
    sends: 'a length and chunks',
    answer: says(`${head('content-length: 2\r\ntransfer-encoding: chunked\r\n')}2\r\n{}\r\n0\r\n\r\n`),
    end: noHttp,
    bound: 'the parser',
  },
  {
    name: 'negative length',
    sends: 'a length of -1',
    answer: says(head('content-length: -1\r\n')),
    end: noHttp,
    bound: 'the parser',
  },
  {
    name: 'bad chunk',
    sends: 'a chunk of size `zz`',
    answer: says(`${head('transfer-encoding: chunked\r\n')}zz\r\n{}\r\n`),
    end: unavailable,
    bound: 'the parser',
  },
  { name: 'rubbish', sends: 'rubbish', answer: says('rubbish\r\n\r\n'), end: noHttp, bound: 'the parser' },
  {
    name: 'TLS',
    sends: 'an alert of TLS',
    answer: says('\x15\x03\x01\0\x02\x02\x46'),
    end: noHttp,
    bound: 'the parser',
  },
  {
    name: 'status 99',
    sends: 'a status of 99',
    answer: says('HTTP/1.1 99 X\r\n\r\n'),
    end: noHttp,
    bound: 'the parser',
  },
  {
    name: 'status 999',
    sends: 'a status of 999',
    answer: says(head('content-length: 0\r\n', '999 X')),
    end: 'Remote unknown unknown',
    bound: 'any other status',
    reusable: true,
  },
  {
    name: 'switches protocols',
    sends: '101 Switching Protocols',
    answer: says('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    end: unavailable,
    bound: 'nothing was asked to switch',
  },
  {
    name: 'redirects',
    sends: 'a redirect to a metadata service',
    answer: says(head('location: http://169.254.169.254/\r\ncontent-length: 0\r\n', '302 Found')),
    end: 'Remote unknown unknown',
    bound: 'redirects are not followed',
    reusable: true,
  },
  { name: 'closes', sends: 'nothing, and closes', answer: (socket) => void socket.end(), end: unavailable, bound: '' },
  { name: 'resets', sends: 'a reset', answer: (socket) => void socket.resetAndDestroy(), end: unavailable, bound: '' },
  {
    name: 'resets in its head',
    sends: 'half a head, then a reset',
    answer: (socket) => socket.write('HTTP/1.1 200 OK\r\ncont', () => socket.resetAndDestroy()),
    end: unavailable,
    bound: '',
  },
  {
    name: 'resets in its body',
    sends: 'half a body, then a reset',
    answer: (socket) => socket.write(`${head('content-length: 100\r\n')}half`, () => socket.resetAndDestroy()),
    end: unavailable,
    bound: '',
  },
  {
    name: 'answers twice',
    sends: 'two answers for one request',
    answer: says(whole(good) + whole('{"id":"evil","total":0}')),
    end: 'answered',
    reusable: false,
    bound: 'more than was asked ends the connection',
  },
  {
    name: 'answers too much',
    sends: 'a byte more than it said',
    answer: says(`${whole(good)}x`),
    end: 'answered',
    reusable: false,
    bound: 'more than was asked ends the connection',
  },
  {
    name: 'gzip bomb',
    sends: '100 MiB of blanks as 100 KiB of gzip',
    answer: (() => {
      const bomb = gzipSync(Buffer.alloc(100 * mega, ' ')).toString('latin1')
      return says(whole(bomb, 'content-encoding: gzip\r\n'))
    })(),
    end: noHttp,
    bound: 'nothing is inflated',
    reusable: true,
  },
  {
    name: 'no JSON',
    sends: 'a page',
    answer: says('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>'),
    end: noHttp,
    bound: 'application/json',
    reusable: true,
  },
  {
    name: 'content type',
    sends: 'a content type with 15,000 blanks in it (ReDoS)',
    answer: says(whole(good).replace('/json', `/json;a=b${' '.repeat(15_000)}x`)),
    end: noHttp,
    bound: 'one pass',
    reusable: true,
  },
  {
    name: 'broken JSON',
    sends: 'a text of 9 MiB that breaks off',
    answer: says(whole(`"${'a'.repeat(9 * mega)}`)),
    end: noHttp,
    bound: '`limits.response`',
    reusable: true,
    peak: 250,
    full: 20,
  },
  {
    name: 'deep JSON',
    sends: '4 million brackets',
    answer: says(whole('['.repeat(2 * mega) + ']'.repeat(2 * mega))),
    end: noHttp,
    bound: '`limits.response`',
    reusable: true,
    peak: 900,
    full: 10,
  },
  {
    name: 'no UTF-8',
    sends: 'a byte 255',
    answer: says(whole('{"id":"\xff","total":6}')),
    end: noHttp,
    bound: 'strict UTF-8',
    reusable: true,
  },
  {
    name: '__proto__',
    sends: '`__proto__` as a key',
    answer: says(whole('{"id":"c","total":6,"__proto__":{"admin":true}}')),
    end: noHttp,
    bound: 'refused',
    reusable: true,
  },
  {
    name: '__proto__ headers',
    sends: '`__proto__` and `constructor` as headers, twice',
    answer: says(whole(good, '__proto__: x\r\n__proto__: y\r\nconstructor: x\r\nconstructor: y\r\n')),
    end: 'answered',
    bound: '',
  },
  {
    name: 'wrong shape',
    sends: 'a megabyte of fields that nobody knows, and none that is',
    answer: says(whole(`{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":1`).join(',')}}`)),
    end: noHttp,
    bound: '20 mistakes',
    reusable: true,
    peak: 900,
    full: 10,
  },
  {
    name: 'problem bomb',
    sends: 'a problem document with 9 MiB of detail',
    answer: says(
      whole(`{"code":"internal","detail":"${'a'.repeat(9 * mega)}"}`)
        .replace('200 OK', '500 X')
        .replace('/json', '/problem+json'),
    ),
    end: 'Remote internal internal',
    bound: '`limits.response`',
    reusable: true,
    peak: 300,
    full: 20,
  },
  {
    name: 'forged failure',
    sends: 'a declared failure with other details',
    answer: says(
      whole('{"code":"failed_precondition","tag":"OutOfStock","detail":"x","details":{"sku":7}}')
        .replace('200 OK', '400 X')
        .replace('/json', '/problem+json'),
    ),
    end: 'Remote failed_precondition OutOfStock',
    bound: 'details that do not fit are nobody’s',
    reusable: true,
  },
  {
    name: 'retry-after',
    sends: '503 and a `retry-after` of 3 million years',
    answer: says(head('retry-after: 99999999999999\r\ncontent-length: 0\r\n', '503 X')),
    end: unavailable,
    bound: '9 digits, or a date',
    reusable: true,
  },
  {
    name: 'endless event line',
    sends: 'a stream whose one line has no end',
    answer: pours('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: ', 'x'),
    method: 'flood',
    end: tooLarge,
    bound: '`limits.response`',
    peak: 400,
    full: 10,
  },
  {
    name: 'endless event',
    sends: 'a stream whose one event has no end',
    answer: pours('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n', 'data: x\n'),
    method: 'flood',
    end: tooLarge,
    bound: '`limits.response`',
    peak: 400,
    full: 10,
  },
  {
    name: 'endless comments',
    sends: 'comments without an end, at full speed',
    answer: pours('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n', ': x\n'),
    method: 'flood',
    ...deadline,
    peak: 200,
  },
  {
    name: 'silent stream',
    sends: 'a stream that says nothing',
    answer: says('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n'),
    method: 'flood',
    ...deadline,
  },
  {
    name: 'broken events',
    sends: 'events that are no JSON',
    answer: says('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: {\n\n'),
    method: 'flood',
    end: noHttp,
    bound: 'the codec',
  },
]

export const answers: Family = {
  title: 'Hostile servers',
  against: 'client',
  about:
    'What a client gets of a server that answers what nobody should have to read. Others are calls of the same process to an honest server. A call ends as a failure, in time; its connection is not used again where anything is doubtful.',
  attacks: traps.map(trap),
}
