import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyCodec } from './any-codec.ts'
import { compiledRandomly, contractRandomly, hiddenRandomly } from './random.ts'

const kinds = {
  leaves: [
    ...['string', 'number', 'boolean', 'bigint', 'null', 'undefined', 'void', 'unknown', 'any', 'never', 'object'],
    ...['UnknownArray', 'UnknownRecord', 'Function', 'literal', 'literal 0', 'keyof', 'refinement', 'Int', 'brand'],
    ...['DateFromISOString', 'NumberFromString', 'NonEmptyString', 'by hand', 'liar'],
  ],
  containers: [
    ...['type', 'strict', 'partial', 'exact partial', 'exact refinement', 'intersection', 'exact intersection'],
    ...['union', 'tagged union', 'member', 'array', 'readonlyArray', 'tuple', 'recursion', 'record of string'],
    ...['record of keyof', 'record of literal', 'record of literals', 'record of refinement', 'record by hand'],
  ],
  changes: [
    ...['readonly', 'withMessage', 'withFallback', 'withValidate', 'withEncode', 'mapOutput', 'clone', 'other encode'],
    ...['other is', 'annotate', 'secret', 'pipe', 'optionFromNullable', 'compile', 'compile twice'],
  ],
}

describe('compiled codecs', () => {
  it('given the random codecs of these tests, then they are of every kind', () => {
    const found = new Set(fc.sample(anyCodec, { numRuns: 1_000, seed: 1 }).flatMap((each) => [...each.kinds]))
    expect(found).toEqual(new Set(Object.values(kinds).flat()))
  })

  it('given any codec and any value, when it is decoded, checked or encoded, then compiled code answers as io-ts', () => {
    compiledRandomly(300)
  }, 60_000)

  it('given a value that hides keys, when it is decoded, then only a strict codec does not see them', () => {
    hiddenRandomly(100)
  }, 60_000)

  it.each(['refuse', 'strip'] as const)(
    'given any codec of a contract, when unknown keys are to %s, then generated code answers as io-ts and its guards',
    (unknownKeys) => {
      const { taken, quick } = contractRandomly(200, unknownKeys)
      // Else this would be a test of the slow way against itself.
      expect(quick / taken).toBeGreaterThan(0.5)
    },
    60_000,
  )
})
