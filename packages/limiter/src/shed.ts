// Sheds load: while the process is too busy, calls are refused, and those that matter least go first.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { functionOption, numberOption } from '@tenon/policy'
import { eventLoopLoad } from './event-loop.ts'
import type { Level } from './level.ts'
import type { Rank } from './priority.ts'
import type { Rate, RateLimiter } from './rate.ts'

export interface ShedOptions {
  /** The load that it keeps the process at: above 0, below 1. Default 0.8. */
  readonly threshold?: number
  /** How busy the process is, 0..1. Asked once every step. Default {@link eventLoopLoad}. */
  readonly load?: () => number
  /** Milliseconds from one step to the next: above 0. Default 500. */
  readonly every?: number
}

const named: OptionNames<ShedOptions> = { threshold: true, load: true, every: true }

/**
 * Load shedding by priority. Each step it looks at the load: what calls let in made 100 % of it busy may be let in to 80 %
 * only, so the share of calls that go ahead is multiplied by `threshold / load`, down to a hundredth, and up by a tenth a
 * step at most. What is to be refused is taken from the calls of the last step, `low` ones first, all of them before the
 * first `normal` one, and `critical` ones last of all; of the priority that is refused in part, evenly.
 *
 * Take it on a server around everything. It needs no end of calls and costs a few nanoseconds; `concurrency({ limit: bbr()
 * })` refuses by number instead, and both go together. `level()` tells the share that is refused, of 1.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function shed(options: ShedOptions = {}): RateLimiter {
  knownOptions('shed', options, named)
  const { threshold = 0.8, load = eventLoopLoad, every = 500 } = options
  numberOption('shed', 'threshold', threshold, { above: 0, max: 1 })
  if (threshold === 1) throw new RangeError('shed: "threshold" must be below 1: no load is above it')
  functionOption('shed', 'load', load)
  numberOption('shed', 'every', every, { above: 0, unit: 'milliseconds' })
  const rule: Rule = { threshold, load, every }
  return {
    kind: 'rate',
    name: 'shed',
    maxWait: 0,
    why: 'overload',
    ranks: true,
    measures: false,
    start: () => new Shedding(rule),
    adopt(state) {
      if (!(state instanceof Shedding)) return false
      state.follow(rule)
      return true
    },
  }
}

type Rule = Required<ShedOptions>

/** However busy it is, this share goes ahead: else nobody would see that it is no longer. */
const least = 0.01
/** How much more may go ahead in one step than in that before. */
const growth = 1.1

class Shedding implements Rate {
  #rule: Rule
  /** The share of calls that goes ahead. */
  #share = 1
  /** By rank, the calls of this step, those refused too. */
  readonly #counts = [0, 0, 0, 0]
  /** By rank, the share that is refused. */
  readonly #refused = [0, 0, 0, 0]
  /** By rank, what is refused in part adds up here: at 1 a call is refused. */
  readonly #due = [0, 0, 0, 0]
  #ends: number = Number.NEGATIVE_INFINITY

  constructor(rule: Rule) {
    this.#rule = rule
  }

  take(now: number, _patience: number, rank: Rank): number {
    // Clocks do not go back. Should one do so all the same, the step ends here.
    if (now >= this.#ends || now < this.#ends - this.#rule.every) this.#step(now)
    this.#counts[rank] = (this.#counts[rank] as number) + 1
    const refused = this.#refused[rank] as number
    if (refused === 0) return 0
    const due = (this.#due[rank] as number) + refused
    // Sums of fractions are not exact, and ten times a tenth is one.
    const goes = due < 1 - 1e-9
    this.#due[rank] = goes ? due : due - 1
    return goes ? 0 : this.#ends - now
  }

  fresh(): boolean {
    return this.#share === 1
  }

  level(): Level {
    return { limit: 1, used: 1 - this.#share, waiting: 0 }
  }

  follow(rule: Rule): void {
    this.#rule = rule
  }

  #step(now: number): void {
    const { threshold, load, every } = this.#rule
    const first = this.#ends === Number.NEGATIVE_INFINITY
    this.#ends = now + every
    // Nothing is known yet of who calls.
    if (first) return
    const busy = load()
    // A load that is no number is none: it must not shut the door for good.
    const wanted = busy > 0 ? threshold / busy : growth
    this.#share = Math.min(1, Math.max(least, this.#share * Math.min(growth, wanted)))
    this.#spread()
    this.#counts.fill(0)
  }

  /** Takes what is to be refused from what matters least. */
  #spread(): void {
    const all = this.#counts.reduce((sum, count) => sum + count, 0)
    let toRefuse = (1 - this.#share) * all
    for (let rank = 3; rank >= 0; rank--) {
      const count = this.#counts[rank] as number
      const refused = toRefuse <= 0 ? 0 : count === 0 ? 1 : Math.min(1, toRefuse / count)
      this.#refused[rank] = refused
      toRefuse -= count * refused
      if (refused === 0) this.#due[rank] = 0
    }
  }
}
