// Labels in texts: what is a list of them, and what is only a text with "=" in it.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { labels } from './labels.ts'

describe('labels', () => {
  it.each([
    [
      'region=eu;env=prod',
      [
        ['region', 'eu'],
        ['env', 'prod'],
      ],
    ],
    [
      'v=1.2.0;env=prod',
      [
        ['version', '1.2.0'],
        ['env', 'prod'],
      ],
    ],
    [
      ' Region = eu ; ; env=',
      [
        ['region', 'eu'],
        ['env', ''],
      ],
    ],
    ['rule=Host(`a`)=1', [['rule', 'Host(`a`)=1']]],
    ['v2', undefined],
    ['=x', undefined],
    ['a=b;c', undefined],
    ['urlprefix-/a strip=/b', undefined],
  ])('given %j, when it is read, then it is %j', (text, expected) => {
    expect(labels(text)).toEqual(expected)
  })

  it('given any labels, when they are written and read, then they are the same', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9./-]{1,8}$/)
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word), { minLength: 1 }), (list) => {
        expect(labels(list.map((pair) => pair.join('=')).join(';'))).toEqual(list)
      }),
    )
  })
})
