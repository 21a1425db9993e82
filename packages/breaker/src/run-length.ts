// How long a CUSUM over Bernoulli trials runs until its alarm, exactly: what its alarm level is solved from.

/** A CUSUM on a lattice: it goes up by `up` with each failure, down by `down` with each success, and never below 0. */
export interface Walk {
  /** Whole, 1 or more. */
  readonly up: number
  /** Whole, 1 or more. */
  readonly down: number
}

interface Stay {
  readonly time: number
  readonly jumps: readonly number[]
}

/**
 * The mean number of calls until the walk, starting at 0, first stands at a level or above, for every level.
 *
 * It is a Markov chain on 0, 1, 2, ... States are eliminated from below (the censored chain of Grassmann, Taksar and
 * Heyman, 1985): what is left of a state is how long the walk stays at or below it, and where above it turns up then. The
 * way up from 0 passes each state at most once, so the mean time to a level is a sum over the states below it: one pass
 * gives all levels. Nothing is ever subtracted, so each digit holds however rare the alarm.
 */
export class RunLength {
  readonly #failure: number
  readonly #up: number
  readonly #down: number
  /** `means[h]`: mean calls until `h` or above. */
  readonly #means: number[] = [0]
  /** The last `down` states: how long the walk stays at or below each, and by how much above it turns up then. */
  #stays: Stay[] = []
  /** The chance that the way up passes the next state, the one after it and so on. */
  #passes: number[]

  /** @param failure the probability of a failure, above 0, at most 1 */
  constructor({ up, down }: Walk, failure: number) {
    this.#failure = failure
    this.#up = up
    this.#down = down
    this.#passes = [1, ...new Array<number>(up).fill(0)]
  }

  /** The mean number of calls until the walk stands at `level` or above. */
  mean(level: number): number {
    while (this.#means.length <= level) this.#eliminate()
    return this.#means[level] as number
  }

  /** The lowest level that takes `calls` calls or more in the mean. */
  level(calls: number): number {
    while ((this.#means[this.#means.length - 1] as number) < calls) this.#eliminate()
    let below = 0
    let above = this.#means.length - 1
    while (above - below > 1) {
      const middle = (below + above) >>> 1
      if ((this.#means[middle] as number) < calls) below = middle
      else above = middle
    }
    return above
  }

  #eliminate(): void {
    const state = this.#means.length - 1
    const lowest = Math.max(0, state - this.#down)
    const here = state - lowest
    // Where the walk is after one step, from `lowest` on; below `state` it goes on until it stands there or above.
    const at = new Array<number>(here + this.#up + 1).fill(0)
    at[here + this.#up] = this.#failure
    at[0] = (at[0] as number) + 1 - this.#failure
    let time = 1
    for (let from = 0; from < here; from++) {
      const chance = at[from] as number
      const stay = this.#stays[this.#stays.length - here + from] as Stay
      time += chance * stay.time
      for (let jump = 1; jump <= this.#up; jump++)
        at[from + jump] = (at[from + jump] as number) + chance * (stay.jumps[jump] as number)
    }
    let leaves = 0
    for (let jump = 1; jump <= this.#up; jump++) leaves += at[here + jump] as number
    const jumps = [0]
    for (let jump = 1; jump <= this.#up; jump++) jumps.push((at[here + jump] as number) / leaves)
    time /= leaves
    this.#stays.push({ time, jumps })
    if (this.#stays.length > this.#down) this.#stays.shift()

    const [passed = 0, ...ahead] = this.#passes
    this.#passes = [...ahead, 0]
    for (let jump = 1; jump <= this.#up; jump++)
      this.#passes[jump - 1] = (this.#passes[jump - 1] as number) + passed * (jumps[jump] as number)
    this.#means.push((this.#means[state] as number) + passed * time)
  }
}
