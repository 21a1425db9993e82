// Recovery by probes: after a wait a few calls are let through, and what becomes of them decides.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { type Backoff, constant, numberOption } from '@tenon/policy'
import type { Recovery, Trial, TrialVerdict } from './recovery.ts'

export interface ProbesOptions {
  /** Successes that close the circuit: 1 or more. The first failure opens it again. Default 1. */
  readonly count?: number
  /**
   * How long an open circuit waits, in milliseconds (0 or more), or a backoff whose steps are the openings in a row:
   * `list([30_000, 60_000, 120_000])`. Closing starts the steps afresh. Default 5,000.
   */
  readonly wait?: number | Backoff
  /** How many probes may be under way at a time: 1 or more. Never more than successes are still needed. Default `count`. */
  readonly concurrent?: number
  /** Milliseconds between the starts of two probes at least: 0 or more. Default 0. */
  readonly every?: number
  /**
   * Milliseconds after which a probe that has not ended gives its place to another: above 0. It is not judged by that:
   * its outcome still counts when it comes in the same half-open phase. Default 10,000.
   */
  readonly timeout?: number
}

const named: OptionNames<ProbesOptions> = { count: true, wait: true, concurrent: true, every: true, timeout: true }

/**
 * Waits, then admits up to `count` calls as probes: `count` successes close the circuit, one failure opens it again. An
 * ignored outcome (a cancelled probe) gives its place back and decides nothing.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function probes(options: ProbesOptions = {}): Recovery {
  knownOptions('probes', options, named)
  const { count = 1, wait = 5_000, concurrent = count, every = 0, timeout = 10_000 } = options
  numberOption('probes', 'count', count, { min: 1, whole: true })
  numberOption('probes', 'concurrent', concurrent, { min: 1, whole: true })
  numberOption('probes', 'every', every, { min: 0, unit: 'milliseconds' })
  numberOption('probes', 'timeout', timeout, { above: 0, unit: 'milliseconds' })
  return { name: 'probes', wait: backoffOf(wait), concurrent, every, timeout, trial: () => new Successes(count) }
}

function backoffOf(wait: number | Backoff): Backoff {
  if (typeof wait === 'object' && wait !== null && typeof wait.next === 'function') return wait
  return constant(numberOption('probes', 'wait', wait, { min: 0, unit: 'milliseconds, or a backoff' }))
}

class Successes implements Trial {
  wants: number
  constructor(count: number) {
    this.wants = count
  }
  record(failed: boolean): TrialVerdict | undefined {
    if (failed) return 'open'
    this.wants--
    return this.wants === 0 ? 'close' : undefined
  }
}
