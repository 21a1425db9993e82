// What durations are like as a rule: a histogram that forgets slowly.

/** Bins an octave: each is 9 % wider than the one before. */
const perOctave = 8
/** Milliseconds at which the first one ends. */
const least = 0.05
const bins = 24 * perOctave
/** Weights grow with time in place of all others shrinking; from here on they are brought down. */
const heaviest = 1e100

/** Durations from 0.05 ms to 14 minutes, to within 4.5 %. Forward decay: Cormode, Shkapenyuk, Srivastava and Xu (2009). */
export class Baseline {
  readonly #memory: number
  readonly #weights: number[] = new Array<number>(bins).fill(0)
  #total = 0
  /** When a call weighs 1. */
  #from = Number.NaN
  /** Calls that were ever taken in, up to a million. */
  count = 0

  constructor(memory: number) {
    this.#memory = memory
  }

  /** @param part how much of a call this is */
  add(duration: number, now: number, part = 1): void {
    if (Number.isNaN(this.#from)) this.#from = now
    const weight = Math.exp((now - this.#from) / this.#memory)
    // So long after the last call that nothing is left of it; or a clock that went far back.
    if (!(weight > 1e-100 && weight < 1e150)) {
      this.#weights.fill(0)
      this.#total = 0
      this.#from = now
      this.#put(duration, part)
    } else {
      this.#put(duration, weight * part)
      if (weight > heaviest) this.#lighten(weight, now)
    }
    if (this.count < 1_000_000) this.count++
  }

  /** The duration below which this share of the calls is; 0 where there is none. */
  quantile(share: number): number {
    let left = share * this.#total
    for (let bin = 0; bin < bins; bin++) {
      const weight = this.#weights[bin] as number
      // Within a bin, as if its calls were spread evenly over the logarithm.
      if (weight > 0 && left <= weight) return least * 2 ** ((bin - 1 + left / weight) / perOctave)
      left -= weight
    }
    return this.#total > 0 ? least * 2 ** ((bins - 1) / perOctave) : 0
  }

  /** The number of calls, then of each bin in use its number and what it weighs by now. */
  evidence(now: number): readonly number[] {
    const scale = Number.isNaN(this.#from) ? 0 : Math.exp((this.#from - now) / this.#memory)
    const used = this.#weights.flatMap((weight, bin) => (weight > 0 ? [bin, weight * scale] : []))
    return [this.count, ...used]
  }

  restore([count = 0, ...used]: readonly number[], now: number): void {
    this.count = Math.min(1_000_000, Math.max(0, count))
    this.#from = now
    for (let i = 0; i + 1 < used.length; i += 2) {
      const bin = Math.min(bins - 1, Math.max(0, Math.floor(used[i] as number)))
      const weight = Math.max(0, used[i + 1] as number)
      this.#weights[bin] = (this.#weights[bin] as number) + weight
      this.#total += weight
    }
  }

  #put(duration: number, weight: number): void {
    const bin = duration <= least ? 0 : Math.min(bins - 1, Math.ceil(perOctave * Math.log2(duration / least)))
    this.#weights[bin] = (this.#weights[bin] as number) + weight
    this.#total += weight
  }

  #lighten(by: number, now: number): void {
    for (let bin = 0; bin < bins; bin++) this.#weights[bin] = (this.#weights[bin] as number) / by
    this.#total /= by
    this.#from = now
  }
}
