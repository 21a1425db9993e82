// Counts what came of the orders: by outcome, and how long they took, in the last second and altogether.
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import type { Outcome } from '@tenon/endpoint'

/** Milliseconds that this share of the orders stayed under. */
export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export interface Tally {
  /** `took`: milliseconds since the order was due, so that waiting in a queue of ours counts. */
  add(outcome: Outcome, took: number): void
  /** The last whole second. */
  readonly rate: number
  /** Seconds that were counted. Before the first, `rate` and `recent` are 0. */
  readonly ticks: number
  readonly recent: Latency
  readonly total: Latency
  readonly placed: number
  readonly byOutcome: ReadonlyMap<string, number>
  /** Ends the running second. */
  tick(): void
}

// Histograms count whole numbers: microseconds.
const latency = (histogram: RecordableHistogram): Latency => {
  const at = (percent: number): number => (histogram.count === 0 ? 0 : histogram.percentile(percent) / 1_000)
  return { p50: at(50), p99: at(99), max: histogram.count === 0 ? 0 : histogram.max / 1_000 }
}

export function tally(): Tally {
  const whole = createHistogram()
  const second = createHistogram()
  const byOutcome = new Map<string, number>()
  let rate = 0
  let ticks = 0
  let recent = latency(second)
  return {
    add(outcome, took) {
      const name =
        outcome._tag === 'Right'
          ? 'ok'
          : outcome.left._tag === 'Remote'
            ? `Remote ${outcome.left.code}`
            : outcome.left._tag
      byOutcome.set(name, (byOutcome.get(name) ?? 0) + 1)
      const micros = Math.max(1, Math.round(took * 1_000))
      whole.record(micros)
      second.record(micros)
    },
    tick() {
      ticks++
      rate = second.count
      recent = latency(second)
      second.reset()
    },
    get ticks() {
      return ticks
    },
    get rate() {
      return rate
    },
    get recent() {
      return recent
    },
    get total() {
      return latency(whole)
    },
    get placed() {
      return whole.count
    },
    byOutcome,
  }
}
