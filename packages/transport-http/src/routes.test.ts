// Which route takes a request, in any order of adding.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRoute, type Routes, routes } from './routes.ts'

const table = (...all: string[]): Routes<string> => {
  const made = routes<string>()
  for (const route of all) {
    const { verb, parts } = parseRoute('x', route)
    made.add(verb, parts, `the route ${route}`, route)
  }
  return made
}
const found = (routed: Routes<string>, verb: string, url: string): string | undefined => routed.find(verb, url)?.target

describe('given routes that take the same path', () => {
  const all = ['* /*', 'GET /*', '* /api/*', 'GET /api/{id}', '* /api/{id}', 'GET /api/health', 'DELETE /api/{id}/x']
  it.each([
    ['GET', '/api/health', 'GET /api/health'],
    ['HEAD', '/api/health', 'GET /api/health'],
    ['PUT', '/api/health', '* /api/{id}'],
    ['GET', '/api/7', 'GET /api/{id}'],
    ['PUT', '/api/7', '* /api/{id}'],
    ['GET', '/api/7/x', '* /api/*'],
    ['DELETE', '/api/7/x', 'DELETE /api/{id}/x'],
    ['GET', '/api/', 'GET /api/{id}'],
    ['GET', '/other', 'GET /*'],
    ['HEAD', '/other', 'GET /*'],
    ['PUT', '/other', '* /*'],
    ['GET', '/', 'GET /*'],
    ['PROPFIND', '/', '* /*'],
  ])('%s %s goes to %s, whatever was added first', (verb, url, expected) => {
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (order) => {
        expect(found(table(...order), verb, url)).toBe(expected)
      }),
      { numRuns: 30 },
    )
  })

  it('what the last part leaves open is its parameter, decoded', () => {
    expect(table('* /files/*').find('GET', '/files/a/b%20c?x')?.params['*']).toBe('a/b c')
    expect(found(table('* /files/*'), 'GET', '/files')).toBe(undefined)
    expect(found(table('* /files/*'), 'GET', '/files/')).toBe('* /files/*')
  })

  it('an absolute url is found by its path', () => {
    expect(found(table('GET /a'), 'GET', 'http://h/a')).toBe('GET /a')
  })
})

describe('given a path that some verbs take', () => {
  it.each([
    [['GET /a'], 'GET, HEAD, OPTIONS'],
    [['GET /*', 'PUT /a'], 'GET, PUT, HEAD, OPTIONS'],
    [['POST /b'], ''],
  ])('%j allow %j', (all, allowed) => {
    expect(table(...all).allowed('/a')).toBe(allowed)
  })

  it('where any verb is taken, nothing is missing, and * tells the usual ones', () => {
    const any = table('* /*')
    for (const verb of ['GET', 'HEAD', 'POST', 'OPTIONS', 'TRACE', 'M-SEARCH'])
      expect(found(any, verb, '/a')).toBe('* /*')
    expect(any.allowed('*')).toBe('GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS')
  })
})

describe('given routes that clash', () => {
  it.each([
    [['GET /a', 'GET /a'], 'GET /a'],
    [['* /a', '* /a'], '* /a'],
    [['GET /{a}', 'GET /{b}'], 'GET /{}'],
    [['HEAD /a', 'HEAD /a'], 'HEAD /a'],
    [['* /a/*', '* /a/*'], '* /a/*'],
  ])('%j is a TypeError that names both', (all, pattern) => {
    expect(() => table(...all)).toThrow(TypeError)
    expect(() => table(...all)).toThrow(`have the same route, ${pattern}`)
  })

  it.each([
    [['GET /a', 'HEAD /a']],
    [['HEAD /a', 'GET /a']],
    [['* /a', 'GET /a']],
    [['GET /a/*', '* /a/*', 'HEAD /a/*']],
  ])('%j do not', (all) => {
    const made = table(...all)
    for (const route of all) {
      const [verb = '', path = ''] = route.split(' ')
      expect(found(made, verb === '*' ? 'PUT' : verb, path.replace('*', 'x'))).toBe(route)
    }
  })

  it.each(['/a', 'get /a', 'CONNECT /a', 'FOO /a', 'GET a', 'GET /*/a', 'GET /a*', 'GET /a?b', '** /a'])(
    '%j is no route',
    (route) => {
      expect(() => table(route)).toThrow(TypeError)
    },
  )
})
