// Headers: bombs, riddles and bytes that have no business there.
import { answered, type Expected, type Family, get, poured, refused, shot } from '../harness/attack.ts'
import { hasty } from '../harness/hasty.ts'

const parser = "Node's parser"
const malformed = refused(400, /"tag":"BadRequest"/)
const tooLarge = refused(431, /"tag":"HeadersTooLarge"/)
const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('')
const of = (headers: string, expected: Expected, name: string, sends: string, bound = parser) =>
  shot(name, get('/v1/items/1', headers), expected, { sends, bound })
const request = (headers: string): string => `GET /v1/items/1 HTTP/1.1\r\n${headers}\r\n`

export const headers: Family = {
  title: 'Headers',
  about:
    'Lines are counted and bytes are counted. What Node would settle silently, the first of two hosts or of two content types, is refused: others take the last.',
  attacks: [
    of(`x-long: ${'x'.repeat(16_000)}\r\n`, answered(200), 'long line', 'one line of 16,000 bytes', '`headerBytes`'),
    of(`x-long: ${'x'.repeat(17_000)}\r\n`, tooLarge, 'longer line', 'one line of 17,000 bytes', '`headerBytes`'),
    of(`${'n'.repeat(17_000)}: x\r\n`, tooLarge, 'long name', 'a name of 17,000 bytes', '`headerBytes`'),
    of(
      lines(99, (i) => `x${i}:\r\n`),
      answered(200),
      '100 lines',
      '100 lines',
      '`headers`',
    ),
    of(
      lines(100, (i) => `x${i}:\r\n`),
      answered(431, /"tag":"HeadersTooLarge"/),
      '101 lines',
      '101 lines',
      '`headers`',
    ),
    of(
      lines(5_000, () => 'a:\r\n'),
      tooLarge,
      '5,000 lines',
      '5,000 lines of 2 bytes',
      '`headerBytes`',
    ),
    of(
      lines(90, () => 'a: b\r\n'),
      answered(200),
      'one name',
      'one name 90 times',
      'Node joins their values',
    ),
    poured('endless line', ['GET / HTTP/1.1\r\nhost: x\r\nx: ', 'x'], tooLarge, {
      sends: 'one line without an end, at full speed',
      bound: '`headerBytes`',
    }),
    poured('endless lines', ['GET / HTTP/1.1\r\nhost: x\r\n', 'x: y\r\n'], tooLarge, {
      sends: 'lines without an end, at full speed',
      bound: '`headerBytes`',
    }),
    poured('endless blanks', ['GET / HTTP/1.1\r\nhost: x\r\nx:', ' '], refused(408, /"tag":"SlowRequest"/), {
      sends: 'blanks before a value without an end',
      bound: '`headersTimeout`: the parser drops them uncounted',
      limits: hasty,
      ms: 20_000,
    }),
    shot('no host', request(''), malformed, { sends: 'no host', bound: 'the host' }),
    shot('two hosts', request('host: a\r\nhost: b\r\n'), malformed, { sends: 'two hosts', bound: 'the host' }),
    shot('two equal hosts', request('host: a\r\nHost: a\r\n'), malformed, {
      sends: 'one host twice',
      bound: 'the host',
    }),
    shot('no name', request('host: a b@c/d\r\n'), malformed, { sends: 'a host that is no name', bound: 'the host' }),
    shot('long host', request(`host: ${'a-'.repeat(7_000)}!\r\n`), answered(200), {
      sends: 'a host of 14,000 bytes',
      bound: '`headerBytes`; its form is checked in one pass',
    }),
    of('x: 1\r\n  2\r\n', malformed, 'folded', 'a folded line'),
    of('bad name: x\r\n', malformed, 'blank in name', 'a blank in a name'),
    of('x-a : x\r\n', malformed, 'blank before colon', 'a blank before the colon'),
    of(': x\r\n', malformed, 'no header name', 'a line without a name'),
    of('x\r\n', malformed, 'no colon', 'a line without a colon'),
    of('x-a: a\0b\r\n', malformed, 'NUL', 'a NUL in a value'),
    of('x-a: a\rb\r\n', malformed, 'bare CR', 'a carriage return in a value'),
    of('x-a: a\nb: c\r\n', malformed, 'bare LF', 'a line feed in a value'),
    of('x-a: \x01\x7f\r\n', malformed, 'controls', 'control characters in a value'),
    of(
      'x-a: \xff\xfe\r\n',
      answered(200),
      'high bytes',
      'bytes above 127 in a value',
      'they are Latin-1, and never passed on',
    ),
    of(
      '__proto__: x\r\nconstructor: y\r\n',
      answered(200),
      '__proto__ header',
      '`__proto__` and `constructor` as names',
      'own properties only are read',
    ),
    of('authorization: a\r\nauthorization: b\r\n', malformed, 'two authorizations', 'two authorizations', 'once'),
    shot(
      'two content types',
      `POST /v1/orders HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\n{}`,
      malformed,
      { sends: 'two content types', bound: 'once' },
    ),
    of(
      'connection: close, te, host, authorization\r\n',
      { statuses: [200], end: 'closed' },
      'connection names',
      '`connection` names host and authorization',
      'nothing is passed on',
    ),
    of(
      'cookie: a=b; '.repeat(1).concat('x='.repeat(7_000), '\r\n'),
      answered(200),
      'cookies',
      'cookies of 14,000 bytes',
      '`headerBytes`; cookies are not read',
    ),
  ],
}
