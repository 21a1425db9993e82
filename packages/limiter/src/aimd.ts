// A limit that grows by one while all is well, and shrinks by a share when it is not: how TCP finds its window.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'
import type { Adaptive, Estimate } from './adaptive.ts'
import { type BoundOptions, type Bounds, boundsOf, within } from './bounds.ts'
import type { Sign } from './sign.ts'

export interface AimdOptions extends BoundOptions {
  /** A call that takes longer than this many milliseconds says that there are too many. Above 0, `Infinity` too. Default 1,000. */
  readonly slow?: number
  /** What the limit is multiplied by then: above 0, below 1. Default 0.9. */
  readonly backoff?: number
}

const named: OptionNames<AimdOptions> = { initial: true, min: true, max: true, slow: true, backoff: true }

/**
 * Additive increase, multiplicative decrease (Chiu and Jain 1989). While at least half of the limit is in use, each call
 * that was served adds `1 / limit`, so that a round of calls adds one; one that was `slow`, or ended out of time,
 * unreachable or refused for lack of room, takes a tenth. Of those that were under way together only the first does: they
 * all speak of the same moment. (Netflix's `AIMDLimit` adds one and takes a tenth for every call.)
 *
 * Take it where there is a clear sign of too much: timeouts, refusals, a longest time that may be.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function aimd(options: AimdOptions = {}): Adaptive {
  knownOptions('aimd', options, named)
  const { slow = 1_000, backoff = 0.9 } = options
  const bounds = boundsOf('aimd', options)
  numberOption('aimd', 'slow', slow, { above: 0, max: Number.POSITIVE_INFINITY, unit: 'milliseconds' })
  numberOption('aimd', 'backoff', backoff, { above: 0, max: 1 })
  if (backoff === 1) throw new RangeError('aimd: "backoff" must be below 1, else the limit never shrinks')
  return { name: 'aimd', start: (from = bounds.initial) => new Aimd(bounds, slow, backoff, within(bounds, from)) }
}

class Aimd implements Estimate {
  readonly #bounds: Bounds
  readonly #slow: number
  readonly #backoff: number
  #limit: number
  #cut: number = Number.NEGATIVE_INFINITY

  constructor(bounds: Bounds, slow: number, backoff: number, limit: number) {
    this.#bounds = bounds
    this.#slow = slow
    this.#backoff = backoff
    this.#limit = limit
  }

  limit(): number {
    return Math.floor(this.#limit)
  }

  record(now: number, began: number, beside: number, sign: Sign): void {
    if (sign === 'nothing') return
    if (sign === 'overloaded' || now - began > this.#slow) {
      // Clocks do not go back. Should one do so all the same, the last cut is forgotten.
      if (began < this.#cut && now >= this.#cut) return
      this.#cut = now
      this.#limit = within(this.#bounds, this.#limit * this.#backoff)
    } else if (beside * 2 >= this.#limit) this.#limit = within(this.#bounds, this.#limit + 1 / this.#limit)
  }
}
