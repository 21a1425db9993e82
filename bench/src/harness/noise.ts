// How small a difference this machine can still show. An A/A pair is one subject measured as if it were two; whatever
// differs between them is noise.
import type { Row, SelfCheck } from './report.ts'
import { median, quantile } from './statistics.ts'

/** Nothing below this is called a difference, however quiet the machine was. */
const least = 0.01
const flips = 500

/** How far a ratio is from 1, as a share: both 1.05 and 1 / 1.05 are five per cent. */
export const off = (ratio: number): number => Math.max(ratio, 1 / ratio) - 1

/**
 * The noise floor of one pair, from the ratio between the two in each round. The names of twins may be swapped at will,
 * so: what the median stays below in 95 of 100 runs with twins swapped at random, and at least what was seen. One pair
 * may agree by luck; its permutations rarely do.
 */
export function noiseFloor(ratios: readonly number[], random: () => number): number {
  const medians = Array.from({ length: flips }, () =>
    off(median(ratios.map((ratio) => (random() < 0.5 ? ratio : 1 / ratio)))),
  )
  return Math.max(least, off(median(ratios)), quantile(medians, 0.95))
}

/** Twins that were measured, and how many times the one is the other, round by round. */
export interface Pair {
  /** Of the one that is repeated. */
  readonly name: string
  readonly ratios: readonly number[]
}

/** The noise floor as a row of the report. */
export function floorRow(pairs: readonly Pair[], random: () => number): Row[] {
  if (pairs.length === 0) return []
  const floors = pairs.map(({ ratios }) => noiseFloor(ratios, random))
  return [
    {
      case: 'noise floor',
      subject: 'A/A pairs',
      metric: 'difference',
      unit: 'share',
      value: Math.max(...floors),
      low: Math.min(...floors),
      high: Math.max(...floors),
      n: floors.length,
      params: { statistic: 'the largest over the pairs of the 95th percentile over random swaps of the twins' },
    },
  ]
}

/** How far the two of a pair may be apart, on a machine that has other things to do, before the instrument is broken. */
const mayDiffer = 0.2

export const pairCheck = ({ name, ratios }: Pair): SelfCheck => ({
  name: `A/A: "${name}" and its twin differ by at most ${mayDiffer * 100} %`,
  passed: off(median(ratios)) <= mayDiffer,
})
