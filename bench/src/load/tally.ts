// What a process that sends requests writes down: how many were answered while it counts, and after how long.
import { quantile } from '../harness/statistics.ts'

/** What one turn of load came to. */
export interface Driven {
  /** All that were answered, before and after the counted time too. */
  readonly answers: number
  /** In the counted time. */
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** CPU of this process in the counted time, as a share of a core. */
  readonly share: number
  /** Microseconds of CPU of this process per answer in the counted time. */
  readonly cpu: number
}

export class Tally {
  answers = 0
  readonly #times: number[] = []
  #since = Number.POSITIVE_INFINITY
  #until = Number.POSITIVE_INFINITY
  #cpu: NodeJS.CpuUsage | undefined
  #spent = 0

  /** Counts for `time` milliseconds, `ramp` milliseconds from now, or longer where nothing is answered; then calls `done`. */
  count(ramp: number, time: number, done: () => void): void {
    setTimeout(() => {
      this.#since = performance.now()
      this.#cpu = process.cpuUsage()
    }, ramp)
    const stop = (): void => {
      if (this.#times.length === 0) setTimeout(stop, time)
      else {
        this.#until = performance.now()
        const { user, system } = process.cpuUsage(this.#cpu)
        this.#spent = user + system
        done()
      }
    }
    setTimeout(stop, ramp + time)
  }

  /** One was answered that was sent then; answers what time it is. */
  add(sent: number): number {
    const now = performance.now()
    this.answers++
    if (now >= this.#since && now < this.#until) this.#times.push(now - sent)
    return now
  }

  result(): Driven {
    const ms = this.#until - this.#since
    const counted = this.#times.length
    return {
      answers: this.answers,
      perSecond: (counted / ms) * 1_000,
      p50: quantile(this.#times, 0.5),
      p99: quantile(this.#times, 0.99),
      share: this.#spent / 1_000 / ms,
      cpu: this.#spent / counted,
    }
  }
}
