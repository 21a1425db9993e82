// No limit while the process has time to spare; when it has none, as many calls as it has shown it can do at once.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { functionOption, numberOption } from '@tenon/policy'
import type { Adaptive, Estimate } from './adaptive.ts'
import { eventLoopLoad } from './event-loop.ts'
import type { Sign } from './sign.ts'

export interface BbrOptions {
  /** From this load on there is a limit: above 0, at most 1. Default 0.8. */
  readonly threshold?: number
  /** How busy the process is, 0..1. Called once a call, so it must be quick. Default {@link eventLoopLoad}. */
  readonly load?: () => number
  /** How far back it looks for the best it can do, in milliseconds. Default 10,000. */
  readonly window?: number
  /** The window is cut into this many parts: a whole number, 2..1,000. Default 100. */
  readonly buckets?: number
  /** Milliseconds that the limit stays after a refusal although the load has fallen: 0 or more. Default 1,000. */
  readonly cooldown?: number
}

const named: OptionNames<BbrOptions> = { threshold: true, load: true, window: true, buckets: true, cooldown: true }

/**
 * The limiter of Kratos' aegis, after the idea of TCP BBR: by Little's law, what a service can do at once is the most calls
 * that it has done in a part of the window, per millisecond, times the least time that calls took in one. Asked only while
 * `load` is at or above `threshold`, and for `cooldown` after a refusal. Take it on a server, around all its methods, to
 * shed what it cannot do.
 *
 * As there: the part under way is not looked at, the least time is rounded up to whole milliseconds, two calls can always
 * be under way. Otherwise than there: the load is that of the event loop and not of a CPU; calls that ended out of time,
 * refused or unreachable count for nothing, since failing quickly made the limit small; the cooldown counts from the last
 * refusal under load and not from the first.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function bbr(options: BbrOptions = {}): Adaptive {
  knownOptions('bbr', options, named)
  const { threshold = 0.8, load = eventLoopLoad, window = 10_000, buckets = 100, cooldown = 1_000 } = options
  numberOption('bbr', 'threshold', threshold, { above: 0, max: 1 })
  functionOption('bbr', 'load', load)
  numberOption('bbr', 'window', window, { min: 1, unit: 'milliseconds' })
  numberOption('bbr', 'buckets', buckets, { min: 2, max: 1_000, whole: true })
  numberOption('bbr', 'cooldown', cooldown, { min: 0, unit: 'milliseconds' })
  return { name: 'bbr', start: () => new Bbr(threshold, load, window / buckets, buckets, cooldown) }
}

class Bbr implements Estimate {
  readonly #threshold: number
  readonly #load: () => number
  readonly #width: number
  readonly #cooldown: number
  /** For each part: the calls that ended in it, and what they took together. A ring. */
  readonly #passes: number[]
  readonly #took: number[]
  /** The number of the part under way, from the clock's zero. */
  #slot: number = Number.NEGATIVE_INFINITY
  /** What the whole parts say; looked up once a part. */
  #able = 0
  #refused: number = Number.NEGATIVE_INFINITY

  constructor(threshold: number, load: () => number, width: number, buckets: number, cooldown: number) {
    this.#threshold = threshold
    this.#load = load
    this.#width = width
    this.#cooldown = cooldown
    this.#passes = new Array<number>(buckets).fill(0)
    this.#took = new Array<number>(buckets).fill(0)
  }

  limit(now: number): number {
    if (!this.#loaded() && !this.#cooling(now)) return Number.POSITIVE_INFINITY
    this.#turn(now)
    return Math.max(1, this.#able) + 1
  }

  refused(now: number): void {
    if (this.#loaded()) this.#refused = now
  }

  record(now: number, began: number, _beside: number, sign: Sign): void {
    if (sign !== 'served') return
    this.#turn(now)
    const at = this.#place(this.#slot)
    this.#passes[at] = (this.#passes[at] as number) + 1
    this.#took[at] = (this.#took[at] as number) + Math.max(0, now - began)
  }

  #place(slot: number): number {
    const { length } = this.#passes
    return ((slot % length) + length) % length
  }

  #loaded(): boolean {
    return this.#load() >= this.#threshold
  }

  #cooling(now: number): boolean {
    const since = now - this.#refused
    return since >= 0 && since <= this.#cooldown
  }

  #turn(now: number): void {
    const slot = Math.floor(now / this.#width)
    if (slot === this.#slot) return
    const { length } = this.#passes
    const steps = slot - this.#slot
    // A clock that jumped far, or back, left nothing that is of now.
    if (steps >= length || steps < 0) {
      this.#passes.fill(0)
      this.#took.fill(0)
    } else
      for (let step = 1; step <= steps; step++) {
        const at = this.#place(this.#slot + step)
        this.#passes[at] = 0
        this.#took[at] = 0
      }
    this.#slot = slot
    this.#able = this.#look()
  }

  #look(): number {
    let most = 1
    let least = Number.POSITIVE_INFINITY
    for (const [at, passes] of this.#passes.entries()) {
      if (passes === 0) continue
      most = Math.max(most, passes)
      least = Math.min(least, (this.#took[at] as number) / passes)
    }
    const quickest = least === Number.POSITIVE_INFINITY ? 1 : Math.max(1, Math.ceil(least))
    return Math.floor((most * quickest) / this.#width)
  }
}
