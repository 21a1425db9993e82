// What a proxy does to headers, paths and addresses, for any of them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isClaim, plainAddress, trustOf } from './forwarded.ts'
import { endsHere, isFraming, mayTrail } from './hop.ts'
import { members, readLines, writeLines } from './lines.ts'
import { climbs, joinPath, originForm, parseTarget } from './target.ts'

const hop = [
  'Connection',
  'Keep-Alive',
  'Proxy-Authorization',
  'TE',
  'Trailer',
  'transfer-encoding',
  'UPGRADE',
  'Content_Length',
]
const name = fc.oneof(
  fc.constantFrom('Cookie', 'set-cookie', 'X-A', 'x-a', 'X-b', 'Accept', '__proto__', 'constructor', 'toString'),
  fc.constantFrom(...hop),
  fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/),
)
const value = fc.oneof(
  fc.stringMatching(/^[\x21-\x7e\x80-\xff]{0,12}$/),
  fc.constantFrom('close', 'x-a, keep-alive', 'X-B , cookie'),
)
const lines = fc.array(fc.tuple(name, value), { maxLength: 20 })
const lower = (text: string): string => text.toLowerCase()

describe('given any header lines', () => {
  it('what is of the hop ends, all else goes on: each line as it was, those of one name in their order', () => {
    fc.assert(
      fc.property(lines, (pairs) => {
        const raw = pairs.flat()
        const named = new Set(members(raw, 'connection'))
        const out = writeLines(readLines(raw, endsHere(raw)), isFraming)
        const kept: [string, string][] = []
        for (let at = 0; at < out.length; at += 2) kept.push([out[at] as string, out[at + 1] as string])
        const plain = (text: string): string => lower(text).replaceAll('_', '-')
        const expected = pairs.filter(
          ([written]) =>
            !hop.some((one) => plain(one) === plain(written)) &&
            !named.has(lower(written)) &&
            !named.has(plain(written)) &&
            !/^(?:proxy|proxy-authenticate|proxy-authentication-info|proxy-connection|http2-settings)$/.test(
              plain(written),
            ),
        )
        const names = [...new Set(expected.map(([written]) => lower(written)))]
        expect([...new Set(kept.map(([written]) => lower(written)))].sort()).toEqual([...names].sort())
        for (const one of names) {
          const of = (all: [string, string][]): string[] =>
            all.filter(([n]) => lower(n) === one).map(([, text]) => text)
          expect(of(kept)).toEqual(of(expected))
          expect(kept.find(([n]) => lower(n) === one)?.[0]).toBe(expected.find(([n]) => lower(n) === one)?.[0])
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('what went through one proxy goes through the next one unchanged', () => {
    fc.assert(
      fc.property(lines, (pairs) => {
        const once = writeLines(readLines(pairs.flat(), endsHere(pairs.flat())), isFraming)
        expect(writeLines(readLines(once, endsHere(once)), isFraming)).toEqual(once)
      }),
    )
  })
})

describe('given trailers', () => {
  it.each(['X-Sum', 'grpc-status', 'Server-Timing', 'ETag'])('%s may go on', (one) => {
    expect(mayTrail(lower(one))).toBe(true)
  })
  it.each([
    'content-length',
    'transfer_encoding',
    'host',
    'authorization',
    'set-cookie',
    'if-match',
    'x-forwarded-for',
  ])('%s may not', (one) => {
    expect(mayTrail(one)).toBe(false)
  })
})

describe('given paths', () => {
  const part = fc.constantFrom(
    'a',
    '.',
    '..',
    '...',
    '%2e',
    '%2E.',
    '.%2e',
    '%2e%2e',
    '.a',
    'a.',
    ';',
    '..;x',
    '%2f',
    '\\',
    '',
    'é',
  )
  it('one that is let through is the same once a browser, or a server of its kind, has resolved its dots', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.constantFrom('', '?..', '?/../'), (parts, query) => {
        const path = `/${parts.join('/')}`
        if (climbs(path + query)) return
        const { pathname } = new URL(`http://a.test${path.replaceAll('\\', '/')}${query}`)
        expect(decodeURI(pathname)).toBe(decodeURI(path.replaceAll('\\', '/')))
      }),
      { numRuns: 2_000 },
    )
  })

  it.each(['/a/..', '/./a', '/%2E%2e/a', '/a%2F..%2Fb', '/a\\..\\b', '/a/..;x/b', '/..', '/.'])(
    '%s is refused',
    (path) => {
      expect(climbs(path)).toBe(true)
    },
  )
  it.each(['/', '/a.b', '/...', '/..a', '/a..', '/.well-known/x', '/a?../..', '*'])('%s is let through', (path) => {
    expect(climbs(path)).toBe(false)
  })

  it('a base comes before, with one slash between', () => {
    expect(joinPath('/b', '/a?x')).toBe('/b/a?x')
    expect(joinPath('', '/a')).toBe('/a')
    expect(joinPath('/b', 'a')).toBe('/b/a')
    expect(joinPath('/b', '*')).toBe('*')
  })

  it.each([
    ['/a?b', { path: '/a?b' }],
    ['*', { path: '*' }],
    ['http://h:1/a', { path: '/a', authority: 'h:1' }],
    ['HTTPS://h', { path: '/', authority: 'h' }],
    ['http://h?q', { path: '/?q', authority: 'h' }],
    ['http://u@h/', undefined],
    ['http:///a', undefined],
    ['ftp://h/a', undefined],
    ['/a#b', undefined],
    ['http://h/#b', undefined],
    ['a', undefined],
  ])('the target %s is %j', (target, form) => {
    expect(originForm(target)).toEqual(form)
  })

  it.each([
    ['http://[::1]:81/b/', { hostname: '::1', port: 81, host: '[::1]:81', servername: '', base: '/b', secure: false }],
    ['https://A.test', { hostname: 'a.test', port: 443, host: 'a.test', servername: 'a.test', base: '', secure: true }],
  ])('the url %s is read', (url, target) => {
    expect(parseTarget('x', url)).toMatchObject(target)
  })
})

describe('given addresses', () => {
  it.each([
    [['10.0.0.0/8'], '10.1.2.3', true],
    [['10.0.0.0/8'], '11.1.2.3', false],
    [['10.0.0.0/8'], '::ffff:10.1.2.3', true],
    [['::1'], '::1', true],
    [['fd00::/8'], 'fd12::1', true],
    [['0.0.0.0/0'], '::1', false],
    [['0.0.0.0/0'], '', false],
    [[], '127.0.0.1', false],
    ['all' as const, '', true],
  ])('of %j, %s is trusted: %s', (trust, address, yes) => {
    expect(trustOf('x', trust)(plainAddress(address))).toBe(yes)
  })

  it.each(['x-forwarded-for', 'x_forwarded_for', 'x-forwarded', 'forwarded', 'x_real_ip', 'x-forwarded-anything'])(
    '%s is a claim',
    (one) => {
      expect(isClaim(one)).toBe(true)
    },
  )
  it.each(['x-forward', 'x-request-id', 'via'])('%s is none', (one) => {
    expect(isClaim(one)).toBe(false)
  })
})
