// What simulations draw: from seeded generators, one for each purpose, so that what one subject draws moves nothing for another.
import type { Random } from '@tenon/endpoint'
import { seeded } from '@tenon/endpoint/testing'

/** An exponential draw of this mean: the time until the next of events that know nothing of each other. */
export const exponential = (random: Random, mean: number): number => -Math.log(1 - random()) * mean

/** A generator for one purpose of one run: the same for the same seed and name, unlike all others. */
export function stream(seed: number, name: string): Random {
  let mixed = seed | 0
  for (const char of name) mixed = Math.imul(mixed ^ (char.codePointAt(0) as number), 0x01000193)
  return seeded(mixed)
}
