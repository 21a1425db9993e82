// A bank of CUSUMs: each is quick at another size of fault, and together they alarm falsely no oftener than was asked.
import { RunLength, type Walk } from './run-length.ts'

export interface Bank {
  readonly walks: readonly Walk[]
  /** Alarm levels, one a walk, so that the whole bank runs `calls` calls or more between false alarms in the mean. */
  levels(calls: number): readonly number[]
}

/**
 * No two neighbours differ by more than this in strength. Measured (`sequential.slow.test.ts`): a fault between them is
 * found at most 1.15 times as late as by a test made for it. Closer ones gain little, and alarm so much together that the
 * split of the false alarms among them gives more away.
 */
const spread = 2.3
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
    .map((one, index) => ({ index, step: step(one), runs: new RunLength(one, healthy) }))
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
      const found = new Array<number>(walks.length).fill(0)
      inOrder.forEach(({ index, runs }, place) => {
        const level = runs.level((inOrder.length - place) / budget)
        budget -= 1 / runs.mean(level)
        found[index] = level
      })
      levels.set(rounded, found)
      return found
    },
  }
}

/** The failure rates that the walks look for, from `least` on, evenly spread in the logarithm of their strength. */
function alternatives(healthy: number, least: number): readonly number[] {
  const strength = (rate: number): number => Math.sqrt(divergence(rate, healthy))
  const most = 1 - (1 - least) * remains
  const weakest = strength(least)
  const ratio = strength(most) / weakest
  const steps = Math.max(1, Math.ceil(Math.log(ratio) / Math.log(spread)))
  return Array.from({ length: steps + 1 }, (_, index) => {
    const wanted = weakest * ratio ** (index / steps)
    let low = least
    let high = most
    for (let halvings = 0; halvings < 50; halvings++) {
      const middle = (low + high) / 2
      if (strength(middle) < wanted) low = middle
      else high = middle
    }
    return (low + high) / 2
  })
}

/** Kullback-Leibler divergence of two Bernoulli distributions: what one call tells, in the mean, in favour of `a`. */
const divergence = (a: number, b: number): number => a * Math.log(a / b) + (1 - a) * Math.log((1 - a) / (1 - b))

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
