// The laws on random codecs and values, as often as one likes.
import fc from 'fast-check'
import { anyCodec, type Case } from './any-codec.ts'
import { anyValue, hidingValue, type Supply } from './any-value.ts'
import { compiledIsSame, contractIsSame, hiddenIsSame } from './laws.ts'

function each(
  runs: number,
  values: (good: fc.Arbitrary<unknown>) => fc.Arbitrary<Supply>,
  check: (of: Case, supply: Supply) => void,
): void {
  const both = anyCodec.chain((of) =>
    fc.tuple(fc.constant(of), fc.array(values(of.values), { minLength: 3, maxLength: 5 })),
  )
  const law = fc.property(both, ([of, supplies]) => {
    for (const supply of supplies) check(of, supply)
  })
  fc.assert(law, { numRuns: runs })
}

export const compiledRandomly = (runs: number): void =>
  each(runs, anyValue, ({ codec, kinds }, { make, shy }) => compiledIsSame(codec, make(), shy || kinds.has('union')))

export const hiddenRandomly = (runs: number): void =>
  each(runs, hidingValue, ({ codec }, { make }) => hiddenIsSame(codec, make()))

/** Answers with how many values were taken, and how many of these by generated code. */
export function contractRandomly(runs: number, unknownKeys: 'refuse' | 'strip'): { taken: number; quick: number } {
  const counts = { taken: 0, quick: 0 }
  each(runs, anyValue, ({ codec }, { make, bare }) => {
    const { taken, quick } = contractIsSame(codec, unknownKeys, make(), bare)
    counts.taken += Number(taken)
    counts.quick += Number(quick)
  })
  return counts
}
