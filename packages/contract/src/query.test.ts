import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
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
