// Paths and queries.
import { answered, type Expected, type Family, get, post, shot } from '../harness/attack.ts'

const one = (name: string, sends: string, path: string, expected: Expected, bound: string) =>
  shot(name, get(path), expected, { sends, bound })
const bad = (says: RegExp): Expected => answered(400, says)
const noRoute = answered(404, /"tag":"NoRoute"/)

export const paths: Family = {
  title: 'Paths and queries',
  about:
    'A path is not tidied: dots and double slashes are what they are. Escapes are UTF-8 or an error, in a path and in a query.',
  attacks: [
    one('NUL', '`%00` in a path', '/v1/items/a%00b', answered(200, /\\u0000/), 'a character; the codec may refuse it'),
    one(
      'dots',
      '`%2e%2e` as a segment',
      '/v1/items/%2e%2e',
      bad(/InvalidArgument/),
      'no field of a path is `.` or `..`',
    ),
    one('bare dots', '`..` as a segment', '/v1/items/..', bad(/InvalidArgument/), 'no field of a path is `.` or `..`'),
    one('traversal', '`/v1/items/../../etc/passwd`', '/v1/items/../../etc/passwd', noRoute, 'routes'),
    one('double slash', '`//v1/items/1`', '//v1/items/1', noRoute, 'routes'),
    one(
      'escaped slash',
      '`%2f` in a segment',
      '/v1/items/a%2fb',
      answered(200, /"a\/b"/),
      'a slash in the value, no new segment',
    ),
    one('twice escaped', '`%252f`', '/v1/items/%252f', answered(200, /"%2f"/), 'decoded once'),
    one('backslash', '`%5c..%5c`', '/v1/items/%5c..%5c', answered(200), 'a character'),
    one('no escape', '`%zz`', '/v1/items/%zz', bad(/no UTF-8/), 'strict escapes'),
    one('cut escape', '`%`', '/v1/items/%', bad(/no UTF-8/), 'strict escapes'),
    one('overlong', '`%c0%af`', '/v1/items/%c0%af', bad(/no UTF-8/), 'strict UTF-8'),
    one('surrogate', '`%ed%a0%80`', '/v1/items/%ed%a0%80', bad(/no UTF-8/), 'strict UTF-8'),
    one('query no escape', '`?q=%zz`', '/v1/items/1?q=%zz', bad(/escapes are UTF-8/), 'strict escapes'),
    one('query overlong', '`?q=%c0%af`', '/v1/items/1?q=%c0%af', bad(/escapes are UTF-8/), 'strict UTF-8'),
    one('query __proto__', '`?__proto__=1`', '/v1/items/1?__proto__=1', bad(/__proto__/), 'no such field'),
    one(
      'query __proto__[a]',
      '`?__proto__[a]=1&constructor[prototype][b]=2`',
      '/v1/items/1?__proto__[a]=1&constructor[prototype][b]=2',
      bad(/no such field/),
      'brackets mean nothing',
    ),
    one('path __proto__', '`/v1/items/__proto__`', '/v1/items/__proto__', answered(200, /"__proto__"/), 'a value'),
    one('path constructor', '`/v1/constructor`', '/v1/constructor', noRoute, 'routes'),
    one('two values', 'one key twice', '/v1/items/1?q=a&q=b', bad(/q/), 'one value where one is meant'),
    one('many values', 'one key 4,000 times', `/v1/items/1?${'tags=&'.repeat(2_600)}`, answered(200), '`headerBytes`'),
    one(
      'many keys',
      '2,000 keys that nobody knows',
      `/v1/items/1?${Array.from({ length: 2_000 }, (_, i) => `k${i}`).join('&')}`,
      bad(/20 or more/),
      '`headerBytes`, 20 mistakes',
    ),
    one(
      'colliding keys',
      '2,000 keys that are numbers',
      `/v1/items/1?${Array.from({ length: 2_000 }, (_, i) => i * 1_024).join('&')}`,
      bad(/20 or more/),
      '`headerBytes`',
    ),
    one('ampersands', '15,000 ampersands', `/v1/items/1?${'&'.repeat(15_000)}`, answered(200), '`headerBytes`'),
    one('huge number', '`?n=1e999`', '/v1/items/1?n=1e999', bad(/n/), 'numbers that there are'),
    one('long number', '`?n=` with 15,000 digits', `/v1/items/1?n=${'9'.repeat(15_000)}`, bad(/n/), 'one pass'),
    one('many segments', '7,000 segments', '/a'.repeat(7_000), noRoute, '`headerBytes`'),
    shot('suffixes', post(`/v1/items/${':cancel'.repeat(2_000)}`, '', ''), answered(200), {
      sends: '2,000 times the end of a route that ends with `:cancel` (ReDoS)',
      bound: 'one pass',
    }),
    shot('nearly suffixes', post(`/v1/items/${':cance'.repeat(2_000)}`, '', ''), answered(405), {
      sends: '2,000 times nearly that end (ReDoS)',
      bound: 'one pass',
    }),
    one('escapes', '5,000 escapes', `/v1/items/${'%41'.repeat(5_000)}`, answered(200), '`headerBytes`'),
  ],
}
