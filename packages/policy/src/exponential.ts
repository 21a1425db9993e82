// Waits that grow up to a cap, spread out by jitter so that callers who failed together do not come back together.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import type { Backoff } from './backoff.ts'
import { choiceOption, numberOption } from './option.ts'

/**
 * How a wait is spread, after Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015). With
 * `step = min(to, from * factor^(attempt - 1))`:
 * - `none`: `step`
 * - `full`: anywhere from 0 up to `step`. The least load on what recovers; sometimes nearly no wait.
 * - `equal`: half of `step`, and anywhere from 0 up to the other half. Never less than half.
 * - `decorrelated`: `min(to, anywhere from "from" up to 3 * previous)`. Never less than `from`. It grows by what it
 *   drew before, and takes no notice of `factor` and the attempt.
 */
export type Jitter = 'none' | 'full' | 'equal' | 'decorrelated'

export interface ExponentialOptions {
  /** The first step, in milliseconds. Above 0. */
  readonly from: number
  /** What each step is multiplied by: 1 or more. Default 2. */
  readonly factor?: number
  /** The cap, in milliseconds: `from` or more. Default 30,000. */
  readonly to?: number
  /** Default `'full'`. */
  readonly jitter?: Jitter
}

const jitters: readonly Jitter[] = ['none', 'full', 'equal', 'decorrelated']

const named: OptionNames<ExponentialOptions> = { from: true, factor: true, to: true, jitter: true }

/**
 * Exponential backoff with a cap and jitter.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function exponential(options: ExponentialOptions): Backoff {
  knownOptions('exponential', options, named)
  const { from, factor = 2, to = 30_000, jitter = 'full' } = options
  numberOption('exponential', 'from', from, { above: 0, unit: 'milliseconds' })
  numberOption('exponential', 'factor', factor, { min: 1 })
  numberOption('exponential', 'to', to, { min: from, unit: 'milliseconds' })
  choiceOption('exponential', 'jitter', jitter, jitters)
  // The power overflows to Infinity at high attempts, and the cap takes that as well as any other number.
  const step = (attempt: number): number => (attempt > 1 ? Math.min(to, from * factor ** (attempt - 1)) : from)
  // The first wait has none before it and takes `from` in its place, as the article does.
  const before = (previous: number): number => (previous > from ? Math.min(previous, to) : from)
  const next: Record<Jitter, Backoff['next']> = {
    none: step,
    full: (attempt, _, random) => random() * step(attempt),
    equal: (attempt, _, random) => (step(attempt) / 2) * (1 + random()),
    decorrelated: (_, previous, random) => Math.min(to, from + random() * (3 * before(previous) - from)),
  }
  return { next: next[jitter] }
}
