// Notes how somebody who is no attacker is answered.

/** What somebody felt. */
export interface Felt {
  readonly asked: number
  /** How often by kind: a status, a tag, or the code of an error. */
  readonly failed: Readonly<Record<string, number>>
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Milliseconds between two requests of one worker. */
const pause = 4

/** Asks all the time, with so many workers, as long as it is told to. */
export class Bystanding {
  #times: number[] = []
  #failed: Record<string, number> = {}
  #asking = false

  /** `ask` answers `undefined` where all is well, else what is not. */
  async work(ask: () => Promise<string | undefined>): Promise<never> {
    for (;;) {
      if (this.#asking) {
        const start = performance.now()
        const failure = await ask()
        this.#times.push(performance.now() - start)
        if (failure !== undefined) this.#failed[failure] = (this.#failed[failure] ?? 0) + 1
      }
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }

  readonly answers = {
    ask: (): void => {
      this.#asking = true
    },
    rest: (): void => {
      this.#asking = false
    },
    /** What was felt since the last time this was asked. */
    felt: (): Felt => {
      const sorted = this.#times.toSorted((a, b) => a - b)
      const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
      const felt = { asked: sorted.length, failed: this.#failed, p50: at(0.5), p99: at(0.99), max: at(1) }
      this.#times = []
      this.#failed = {}
      return felt
    },
  }
}
