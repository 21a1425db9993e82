import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { bindings, contract, type HttpBinding, unary } from './index.ts'
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
  const { one, many } = contract('a.B', {
    one: unary({ input: t.strict(input), output: t.void, http: 'GET /one/{id}' }),
    many: unary({ input: t.strict(lists), output: t.void, http: 'GET /many/{id}' }),
  }).methods

  it.each([one, many])('given any text, then it reads as the entries of it do', (method) => {
    const [{ decode }] = bindings(method) as readonly [HttpBinding]
    const read = (query: string | Iterable<readonly [string, string]>): unknown =>
      decode({ params: { id: '7' }, query, header: () => undefined, body: undefined })
    const key = fc.constantFrom('a', 'b', 'id', 'toString', '__proto__', 'constructor', 'nobodys')
    const value = fc.constantFrom('1', '-2.5', '1e999', 'true', '', 'x')
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 5 }), (entries) => {
        expect(read(entries.map(([name, text]) => `${name}=${text}`).join('&'))).toEqual(read(entries))
      }),
      { numRuns: 1_000 },
    )
  })
})
