import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { bindings, contract, type HttpBinding, type PlacedMethod, unary } from './index.ts'
import { eachPair } from './query.ts'

const pairs = (query: string): [string, string][] => {
  const found: [string, string][] = []
  eachPair(query, (key, value) => found.push([key, value]))
  return found
}

describe('the pairs of a query', () => {
  it('given any text, then they are those that URLSearchParams reads', () => {
    const signs = fc.constantFrom(
      'a',
      'b',
      '0',
      '&',
      '&',
      '=',
      '=',
      '?',
      '%',
      '+',
      '%41',
      '#',
      ' ',
      'ü',
      '\ufeff',
      '\ud800',
    )
    const text = fc.oneof(
      fc.array(signs, { maxLength: 12 }).map((all) => all.join('')),
      fc.array(fc.constantFrom('a', 'b', '&', '=', '?'), { maxLength: 12 }).map((all) => all.join('')),
      fc.string(),
    )
    fc.assert(
      fc.property(text, (query) => {
        expect(pairs(query)).toEqual([...new URLSearchParams(query)])
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('a binding that reads a query', () => {
  const input = { id: t.string, a: t.union([t.number, t.undefined]), toString: t.union([t.boolean, t.undefined]) }
  const lists = { ...input, b: t.union([t.array(t.string), t.undefined]) }
  const few = { id: t.string, a: t.union([t.number, t.undefined]), c: t.union([t.boolean, t.undefined]) }
  const { one, many, plain } = contract('a.B', {
    plain: unary({ input: t.strict(few), output: t.void, http: 'GET /plain/{id}' }),
    one: unary({ input: t.strict(input), output: t.void, http: 'GET /one/{id}' }),
    many: unary({ input: t.strict(lists), output: t.void, http: 'GET /many/{id}' }),
  }).methods

  const reading = (method: PlacedMethod): ((query: string | Iterable<readonly [string, string]>) => unknown) => {
    const [{ decode }] = bindings(method) as readonly [HttpBinding]
    return (query) => decode({ params: { id: '7' }, query, header: () => undefined, body: undefined })
  }

  it.each([one, many, plain])('given any entries, then their text is read as they are', (method) => {
    const read = reading(method)
    const key = fc.constantFrom('a', 'b', 'c', 'id', 'toString', '__proto__', 'constructor', 'nobodys')
    const value = fc.constantFrom('1', '-2.5', '1e999', 'true', '', 'x')
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 5 }), (entries) => {
        expect(read(entries.map(([name, text]) => `${name}=${text}`).join('&'))).toEqual(read(entries))
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([one, many, plain])('given any text, then it is read as URLSearchParams would', (method) => {
    const read = reading(method)
    const piece = fc.constantFrom('a=', 'c=', 'a', 'id=', '1', 'true', '&', '&', '=', '?', '#', '+', '%41', '%61=')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
        const query = pieces.join('')
        expect(read(query)).toEqual(read(new URLSearchParams(query)))
      }),
      { numRuns: 3_000 },
    )
  })

  it('given fields in another order, once each, then they are read; twice, then both are seen', () => {
    const read = reading(plain)
    expect(read('c=true&a=1')).toEqual({ _tag: 'Right', right: { id: '7', a: 1, c: true } })
    expect(read('a=1&c=true&')).toEqual({ _tag: 'Right', right: { id: '7', a: 1, c: true } })
    expect(read('c=true&a=1&c=false')).toEqual({ _tag: 'Right', right: { id: '7', a: 1, c: [true, false] } })
  })

  it('given more fields than a number has bits, or names that a query cannot say plainly, then they are read, too', () => {
    const wide = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`f${at}`, t.number]))
    const odd = { 'a=b': t.union([t.string, t.undefined]), a: t.string }
    const methods = contract('a.C', {
      wide: unary({ input: t.strict(wide), output: t.void, http: 'GET /wide' }),
      odd: unary({ input: t.strict(odd), output: t.void, http: 'GET /odd' }),
    }).methods
    const query = Object.keys(wide).map((field, at) => `${field}=${at}`)
    const row = Object.fromEntries(Object.keys(wide).map((field, at) => [field, at]))
    expect(reading(methods.wide)(query.join('&'))).toMatchObject({ right: row })
    expect(reading(methods.odd)('a=b=c')).toMatchObject({ right: { a: 'b=c' } })
  })
})
