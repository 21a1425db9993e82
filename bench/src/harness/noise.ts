// How small a difference this machine can still show. An A/A pair is one subject measured as if it were two; whatever
// differs between them is noise.
import { median, quantile, shuffled } from './statistics.ts'

/** Nothing below this is called a difference, however quiet the machine was. */
const least = 0.01
const splits = 500

/** How far apart two medians are, as a share: 0.05 is five per cent, whichever is the larger. */
export const apart = (a: number, b: number): number => Math.max(a, b) / Math.min(a, b) - 1

/**
 * The noise floor of one pair: what 95 of 100 random splits of its pooled rounds into two halves stay below, and at
 * least what was seen between the two. One pair alone may agree by luck; its permutations rarely do.
 */
export function noiseFloor(a: readonly number[], b: readonly number[], random: () => number): number {
  const pool = [...a, ...b]
  const differences = Array.from({ length: splits }, () => {
    const mixed = shuffled(pool, random)
    return apart(median(mixed.slice(0, a.length)), median(mixed.slice(a.length)))
  })
  return Math.max(least, apart(median(a), median(b)), quantile(differences, 0.95))
}
