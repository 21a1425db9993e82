// A limit steered by how much slower calls are now than they used to be.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'
import type { Adaptive, Estimate } from './adaptive.ts'
import { type BoundOptions, type Bounds, boundsOf, within } from './bounds.ts'
import { Rounds } from './rounds.ts'
import type { Sign } from './sign.ts'

export interface GradientOptions extends BoundOptions {
  /** How much slower than usual calls may be: 1 or more. Default 1.5. */
  readonly tolerance?: number
  /** Milliseconds over which "usual" is learnt: above 0. Default 60,000. */
  readonly memory?: number
  /** Calls more than the gradient allows, which try out whether there is room: 1 or more. Default 4. */
  readonly headroom?: number
  /** What part of the way the limit goes at each step: above 0, at most 1. Default 0.2. */
  readonly smoothing?: number
  /** Milliseconds from one step to the next, at least; ten calls at least. Above 0. Default 500. */
  readonly every?: number
}

const named: OptionNames<GradientOptions> = {
  initial: true,
  min: true,
  max: true,
  tolerance: true,
  memory: true,
  headroom: true,
  smoothing: true,
  every: true,
}

/**
 * The scheme of Netflix's `Gradient2Limit`: `gradient = tolerance * usual / now`, between 0.5 and 1, `limit = limit *
 * gradient + headroom`, smoothed. `usual` is a slow average of how long calls take, and falls quicker where calls are twice
 * as quick as it. Ours steps once every round of calls instead of at each, and takes a round in which a tenth ended out of
 * time, unreachable or refused for a gradient of 0.5. It does not grow where less than half of it is in use.
 *
 * Take it where services behind it change and no time is known to be too long. Its weakness is that of all that learn what
 * is usual: load that rises slowly, and stays, becomes usual, and the limit creeps up. Set `max`.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function gradient(options: GradientOptions = {}): Adaptive {
  knownOptions('gradient', options, named)
  const { tolerance = 1.5, memory = 60_000, headroom = 4, smoothing = 0.2, every = 500 } = options
  const bounds = boundsOf('gradient', options)
  numberOption('gradient', 'tolerance', tolerance, { min: 1 })
  numberOption('gradient', 'memory', memory, { above: 0, unit: 'milliseconds' })
  numberOption('gradient', 'headroom', headroom, { min: 1, unit: 'calls' })
  numberOption('gradient', 'smoothing', smoothing, { above: 0, max: 1 })
  numberOption('gradient', 'every', every, { above: 0, unit: 'milliseconds' })
  const rule: Rule = { ...bounds, tolerance, memory, headroom, smoothing, every }
  return { name: 'gradient', start: (from = bounds.initial) => new Gradient(rule, within(bounds, from)) }
}

interface Rule extends Bounds {
  readonly tolerance: number
  readonly memory: number
  readonly headroom: number
  readonly smoothing: number
  readonly every: number
}

class Gradient implements Estimate {
  readonly #rule: Rule
  readonly #rounds: Rounds
  #limit: number
  #usual: number | undefined
  #at = 0

  constructor(rule: Rule, limit: number) {
    this.#rule = rule
    this.#rounds = new Rounds(rule.every)
    this.#limit = limit
  }

  limit(): number {
    return Math.floor(this.#limit)
  }

  record(now: number, began: number, beside: number, sign: Sign): void {
    const round = this.#rounds.add(now, began, beside, sign)
    if (round === undefined) return
    const { tolerance, headroom, smoothing } = this.#rule
    const usual = this.#learn(round.took, round.at)
    const slope = round.overloaded > 0.1 ? 0.5 : within(slopes, round.took === 0 ? 1 : (tolerance * usual) / round.took)
    const next = this.#limit * slope + (round.overloaded > 0.1 ? 0 : headroom)
    // Where few places are taken, quick calls do not say that there is room for more.
    if (next > this.#limit && round.beside * 2 < this.#limit) return
    this.#limit = within(this.#rule, this.#limit + (next - this.#limit) * smoothing)
  }

  #learn(took: number, now: number): number {
    if (this.#usual === undefined) this.#usual = took
    else {
      this.#usual += (took - this.#usual) * -Math.expm1(Math.min(0, this.#at - now) / this.#rule.memory)
      if (this.#usual > 2 * took) this.#usual *= 0.95
    }
    this.#at = now
    return this.#usual
  }
}

const slopes = { min: 0.5, max: 1 }
