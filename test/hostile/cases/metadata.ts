// What callers may say of a call: its deadline, its trace, and what passes on.
import { answered, type Expected, type Family, get, refused, shot } from '../harness/attack.ts'

const one = (name: string, sends: string, headers: string, expected: Expected, bound: string) =>
  shot(name, get('/v1/items/1', headers), expected, { sends, bound })
const bad = answered(400, /request-timeout-ms/)

export const metadata: Family = {
  title: 'Metadata and expectations',
  about:
    'A deadline is a whole number of milliseconds or an error; it can shorten the time of a call and never lengthen it.',
  attacks: [
    one('negative', '`request-timeout-ms: -1`', 'request-timeout-ms: -1\r\n', bad, 'whole numbers'),
    one('no number', '`request-timeout-ms: soon`', 'request-timeout-ms: soon\r\n', bad, 'whole numbers'),
    one('exponent', '`request-timeout-ms: 1e3`', 'request-timeout-ms: 1e3\r\n', bad, 'whole numbers'),
    one('empty', '`request-timeout-ms:`', 'request-timeout-ms:\r\n', bad, 'whole numbers'),
    one('two', 'two deadlines', 'request-timeout-ms: 5\r\nrequest-timeout-ms: 6\r\n', bad, 'one of them'),
    one(
      '15,000 digits',
      'a deadline of 15,000 digits',
      `request-timeout-ms: ${'9'.repeat(15_000)}\r\n`,
      bad,
      '12 digits',
    ),
    one(
      '12 digits',
      '`request-timeout-ms: 999999999999`',
      'request-timeout-ms: 999999999999\r\n',
      answered(200),
      '`request`',
    ),
    shot('one millisecond', get('/v1/slow/5000', 'request-timeout-ms: 1\r\n'), answered(504, /deadline_exceeded/), {
      sends: '1 ms for a call of 5 s',
      bound: 'the call is cancelled',
    }),
    one(
      'traceparent',
      'rubbish as `traceparent`',
      `traceparent: ${'\xff'.repeat(1_000)}\r\n`,
      answered(200),
      'metadata are not parsed',
    ),
    one(
      'metadata bomb',
      '90 metadata of 150 bytes',
      Array.from({ length: 90 }, (_, i) => `x-${i}: ${'m'.repeat(150)}\r\n`).join(''),
      answered(200),
      '`headers`, `headerBytes`',
    ),
    shot(
      'unknown expectation',
      'POST /v1/orders HTTP/1.1\r\nhost: x\r\nexpect: 200-ok\r\ncontent-length: 2\r\n\r\n',
      refused(417),
      { sends: '`expect: 200-ok`', bound: '100-continue only' },
    ),
    shot('expects, without a body', get('/v1/items/1', 'expect: 100-continue\r\n'), answered(200), {
      sends: '`expect: 100-continue` without a body',
      bound: 'nothing to wait for',
    }),
    shot(
      'expects, unknown route',
      'POST /nowhere HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 1000000000\r\n\r\n',
      refused(404),
      { sends: 'waits for `100 Continue` with a gigabyte, for no route', bound: 'refused before it is sent', full: 20 },
    ),
  ],
}
