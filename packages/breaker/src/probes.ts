// Recovery by counted probes: after a wait a few calls are let through, and so many good or bad ones decide.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'
import {
  type Recovery,
  type RecoveryOptions,
  recoveryNames,
  recoveryOf,
  type Trial,
  type TrialVerdict,
} from './recovery.ts'

export interface ProbesOptions extends RecoveryOptions {
  /** Successes that close the circuit: 1 or more. Default 1. */
  readonly count?: number
  /**
   * Among so many probes: `count` or more. Once `count` successes are out of reach it opens again. Default `count`: the
   * first failure does.
   */
  readonly of?: number
  /** How many probes may be under way at a time: 1 or more. Never more than could still matter. Default `of`. */
  readonly concurrent?: number
}

const named: OptionNames<ProbesOptions> = { ...recoveryNames, count: true, of: true }

/**
 * Waits, then admits up to `of` calls as probes: `count` successes close the circuit, `of - count + 1` failures open it
 * again. An ignored outcome (a cancelled probe) gives its place back and decides nothing.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function probes(options: ProbesOptions = {}): Recovery {
  knownOptions('probes', options, named)
  const { count = 1, of = count } = options
  numberOption('probes', 'count', count, { min: 1, whole: true })
  numberOption('probes', 'of', of, { min: count, whole: true })
  return recoveryOf('probes', options, of, () => new Counted(count, of - count))
}

class Counted implements Trial {
  /** Successes that are missing, and failures that may still be. */
  #missing: number
  #spare: number
  constructor(count: number, spare: number) {
    this.#missing = count
    this.#spare = spare
  }
  get wants(): number {
    return this.#missing + this.#spare
  }
  record(failed: boolean): TrialVerdict | undefined {
    if (failed) return this.#spare-- === 0 ? 'open' : undefined
    this.#missing--
    return this.#missing === 0 ? 'close' : undefined
  }
}
