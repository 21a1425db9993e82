// A bank of CUSUMs: each is quick at another size of fault, and together they alarm falsely no oftener than was asked.
import { RunLength, type Walk } from './run-length.ts'

export interface Bank {
  readonly walks: readonly Walk[]
  /** Alarm levels, one a walk, so that the whole bank runs `calls` calls or more between false alarms in the mean. */
  levels(calls: number): readonly number[]
}

/**
 * No two neighbours differ by more than this in strength. Measured (`sequential.slow.test.ts`): a fault between them is
 * found at most 1.2 times as late as by a test made for it, and from .75 on 1.08 times.
 */
const spread = 1.75
/**
 * Of the false alarms each walk may give a part by its strength to this power: those for small faults have much less to
 * go by, and at equal parts would alarm too often a little below the threshold.
 */
const favour = 3
/** The last walk looks for a fault in which so small a part of what should succeed, one in 45, still does. */
const remains = 1 / 45

const memory = new Map<string, Bank>()

/**
 * The bank that tells failure rates of `threshold - margin` and less from `threshold + margin` and more. Banks are kept,
 * up to a hundred: solving one takes milliseconds.
 */
export function bank(threshold: number, margin: number): Bank {
  const key = `${threshold} ${margin}`
  const known = memory.get(key)
  if (known !== undefined) return known
  if (memory.size >= 100) memory.clear()
  const made = solved(threshold, margin)
  memory.set(key, made)
  return made
}

function solved(threshold: number, margin: number): Bank {
  const healthy = threshold - margin
  const walks = alternatives(healthy, threshold + margin).map((rate) => ({ rate, ...walk(healthy, rate) }))
  // One step up of a walk makes its false alarms rarer by this exponent: who takes the longest steps chooses first, and
  // what its rounding up leaves unused goes to the others.
  const step = ({ rate, up }: { rate: number; up: number }): number => Math.log(rate / healthy) / up
  const inOrder = walks
    .map((one, index) => ({
      index,
      step: step(one),
      weight: strength(one.rate, healthy) ** favour,
      runs: new RunLength(one, healthy),
    }))
    .sort((a, b) => b.step - a.step)
  const levels = new Map<number, readonly number[]>()

  return {
    walks,
    levels(calls) {
      // In steps of 5 %, always up, so that circuits of about the same traffic share one array.
      const rounded = Math.ceil(Math.log(calls) / Math.log(1.05))
      const known = levels.get(rounded)
      if (known !== undefined) return known
      let budget = 1.05 ** -rounded
      let weights = inOrder.reduce((sum, { weight }) => sum + weight, 0)
      const found = new Array<number>(walks.length).fill(0)
      for (const { index, weight, runs } of inOrder) {
        const level = runs.level(weights / (weight * budget))
        budget -= 1 / runs.mean(level)
        weights -= weight
        found[index] = level
      }
      levels.set(rounded, found)
      return found
    },
  }
}

/** The failure rates that the walks look for, from `least` on, evenly spread in the logarithm of their strength. */
function alternatives(healthy: number, least: number): readonly number[] {
  const most = 1 - (1 - least) * remains
  const weakest = strength(least, healthy)
  const ratio = strength(most, healthy) / weakest
  const steps = Math.max(1, Math.ceil(Math.log(ratio) / Math.log(spread)))
  return Array.from({ length: steps + 1 }, (_, index) => {
    const wanted = weakest * ratio ** (index / steps)
    let low = least
    let high = most
    for (let halvings = 0; halvings < 50; halvings++) {
      const middle = (low + high) / 2
      if (strength(middle, healthy) < wanted) low = middle
      else high = middle
    }
    return (low + high) / 2
  })
}

/**
 * How strongly a failure rate shows against the healthy one: the root of the Kullback-Leibler divergence, which is what
 * one call tells of it in the mean.
 */
const strength = (a: number, b: number): number =>
  Math.sqrt(a * Math.log(a / b) + (1 - a) * Math.log((1 - a) / (1 - b)))

/**
 * The CUSUM of the log likelihood ratio of `rate` against `healthy`, in whole steps: the smallest pair of them whose zero
 * drift lies within a twentieth of the two rates' distance from the real one's. Its level is solved for these very steps,
 * so rounding costs a little speed and no false alarms.
 */
function walk(healthy: number, rate: number): Walk {
  const up = Math.log(rate / healthy)
  const down = Math.log((1 - healthy) / (1 - rate))
  const balance = down / (up + down)
  for (let sum = 2; ; sum++) {
    const part = Math.min(sum - 1, Math.max(1, Math.round(balance * sum)))
    if (Math.abs(part / sum - balance) <= (rate - healthy) / 20) return { up: sum - part, down: part }
  }
}
