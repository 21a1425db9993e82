// A limit steered by how many calls must be waiting somewhere behind it.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'
import type { Adaptive, Estimate } from './adaptive.ts'
import { type BoundOptions, type Bounds, boundsOf, within } from './bounds.ts'
import { Rounds } from './rounds.ts'
import type { Sign } from './sign.ts'

export interface VegasOptions extends BoundOptions {
  /** Milliseconds from one step to the next, at least; ten calls at least. Above 0. Default 250. */
  readonly every?: number
  /** Steps after which it forgets how quick calls can be: a whole number, 2 or more. Default 120 (30 s and more). */
  readonly forget?: number
}

const named: OptionNames<VegasOptions> = { initial: true, min: true, max: true, every: true, forget: true }

/**
 * The scheme of TCP Vegas (Brakmo and Peterson 1994), with the steps of Netflix's `VegasLimit`. Calls can be as quick as in
 * the quickest round of calls; where they take longer now, `limit * (1 - quickest / now)` of them wait somewhere. With `L =
 * max(1, log10(limit))`: up to `L` waiting the limit grows by `6 L`, below `3 L` by `L`; above `6 L` it shrinks by `L`. It
 * shrinks too where a tenth of a round ended out of time, unreachable or refused, and does not grow where less than half of
 * it is in use.
 *
 * Take it in front of something whose calls take about the same time each. It keeps the queue behind it short, so it
 * reacts sooner than `gradient`, and it forgets now and then how quick calls can be, as the service may have changed:
 * under steady load it then takes what it sees for that, and the limit moves up a step.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function vegas(options: VegasOptions = {}): Adaptive {
  knownOptions('vegas', options, named)
  const { every = 250, forget = 120 } = options
  const bounds = boundsOf('vegas', options)
  numberOption('vegas', 'every', every, { above: 0, unit: 'milliseconds' })
  numberOption('vegas', 'forget', forget, { min: 2, whole: true, unit: 'steps' })
  return { name: 'vegas', start: (from = bounds.initial) => new Vegas(bounds, every, forget, within(bounds, from)) }
}

class Vegas implements Estimate {
  readonly #bounds: Bounds
  readonly #rounds: Rounds
  readonly #forget: number
  #limit: number
  #quickest: number = Number.POSITIVE_INFINITY
  #steps = 0

  constructor(bounds: Bounds, every: number, forget: number, limit: number) {
    this.#bounds = bounds
    this.#rounds = new Rounds(every)
    this.#forget = forget
    this.#limit = limit
  }

  limit(): number {
    return Math.floor(this.#limit)
  }

  record(now: number, began: number, beside: number, sign: Sign): void {
    const round = this.#rounds.add(now, began, beside, sign)
    if (round === undefined) return
    const step = Math.max(1, Math.log10(this.#limit))
    if (round.overloaded > 0.1) {
      this.#limit = within(this.#bounds, this.#limit - step)
      return
    }
    this.#steps++
    this.#quickest = this.#steps % this.#forget === 0 ? round.took : Math.min(this.#quickest, round.took)
    const waiting = round.took === 0 ? 0 : Math.ceil(this.#limit * (1 - this.#quickest / round.took))
    const move = waiting <= step ? 6 * step : waiting < 3 * step ? step : waiting > 6 * step ? -step : 0
    if (move > 0 && round.beside * 2 < this.#limit) return
    this.#limit = within(this.#bounds, this.#limit + move)
  }
}
