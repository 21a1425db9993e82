import { describe, it } from 'vitest'
import { compiledRandomly, contractRandomly, hiddenRandomly } from './random.ts'

const minutes = (n: number): number => n * 60_000

describe('compiled codecs, at length', () => {
  it('given any codec and any value, then compiled code answers as io-ts', () => compiledRandomly(5_000), minutes(10))

  it(
    'given a value that hides keys, then only a strict codec does not see them',
    () => hiddenRandomly(2_000),
    minutes(10),
  )

  it.each(['refuse', 'strip'] as const)(
    'given any codec of a contract, when unknown keys are to %s, then generated code answers as io-ts and its guards',
    (unknownKeys) => {
      contractRandomly(3_000, unknownKeys)
    },
    minutes(10),
  )
})
