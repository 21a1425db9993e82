// Opens when too large a share of the recent calls was bad: what `ratio` and `slowCalls` have in common.
import type { OptionNames } from '@tenon/endpoint'
import { choiceOption, numberOption, type TimeWindow, timeWindow } from '@tenon/policy'
import type { Detection, Evidence } from './detector.ts'
import { LastCalls } from './last-calls.ts'
import { pour } from './window.ts'

export interface ShareOptions {
  /** How far back it looks, in milliseconds: 1 or more. Default 10,000; with `calls` 60,000, and may be `Infinity`. */
  readonly window?: number
  /** Looks at so many calls at most, the last ones of the window: 1..100,000. Default: at all of the window. */
  readonly calls?: number
  /** The share of bad calls that opens it: above 0, at most 1. Default 0.5. */
  readonly threshold?: number
  /** No verdict on fewer calls than this: 1 or more. Default 20, or `calls` where that is less. */
  readonly minimum?: number
  /** The window moves on in this many steps: 1..1000, each 1 ms or longer. Not with `calls`. Default 10. */
  readonly buckets?: number
  /** Does it open at the threshold, or only above it? Default `'>='`; opossum and cockatiel use `'>'`. */
  readonly comparison?: '>=' | '>'
  /**
   * After which calls it looks at the share. Default `'failures'`, as in Kitex, gobreaker and Polly: a good call never
   * opens a circuit. With `'all'` (resilience4j) one may, where it completes the minimum, or where good calls older
   * than it have just left the window.
   */
  readonly evaluate?: 'failures' | 'all'
}

export const shareNames: OptionNames<ShareOptions> = {
  window: true,
  calls: true,
  threshold: true,
  minimum: true,
  buckets: true,
  comparison: true,
  evaluate: true,
}

/** What starts the state of a circuit. With `slow`, bad is what took longer than so many milliseconds, not what failed. */
export function shareOf(name: string, options: ShareOptions, slow?: number): () => Detection {
  const { calls, threshold = 0.5, comparison = '>=', evaluate = 'failures', buckets = 10 } = options
  const { window = calls === undefined ? 10_000 : 60_000, minimum = Math.min(20, calls ?? 20) } = options
  const unit = slow === undefined ? 'failures per call' : 'slow calls per call'
  numberOption(name, 'threshold', threshold, { above: 0, max: 1, unit })
  choiceOption(name, 'comparison', comparison, ['>=', '>'])
  choiceOption(name, 'evaluate', evaluate, ['failures', 'all'])
  if (comparison === '>' && threshold === 1)
    throw new RangeError(`${name}: "threshold" must be below 1 where "comparison" is ">", else it never opens`)
  const rule: Rule = { name, minimum, threshold, inclusive: comparison === '>=', always: evaluate === 'all', slow }
  if (calls === undefined) {
    numberOption(name, 'minimum', minimum, { min: 1, whole: true, unit: 'calls' })
    // Its checks of the window are ours as well.
    timeWindow({ window, buckets })
    return () => new TimeShare(rule, timeWindow({ window, buckets }))
  }
  numberOption(name, 'calls', calls, { min: 1, max: 100_000, whole: true })
  numberOption(name, 'minimum', minimum, { min: 1, max: calls, whole: true, unit: 'calls' })
  numberOption(name, 'window', window, { min: 1, max: Number.POSITIVE_INFINITY, unit: 'milliseconds' })
  if (options.buckets !== undefined) throw new TypeError(`${name}: "buckets" are of no use with "calls"`)
  return () => new CountShare(rule, new LastCalls(calls, window))
}

interface Rule {
  readonly name: string
  readonly minimum: number
  readonly threshold: number
  readonly inclusive: boolean
  readonly always: boolean
  readonly slow: number | undefined
}

const isBad = ({ slow }: Rule, failed: boolean, duration: number): boolean =>
  slow === undefined ? failed : duration > slow

function opens({ minimum, threshold, inclusive }: Rule, bad: number, calls: number): boolean {
  if (calls < minimum) return false
  // A quotient is rounded as the threshold's literal was, so that 29 of 100 do reach 0.29.
  const share = bad / calls
  return share > threshold || (inclusive && share === threshold)
}

const good = 0
const bad = 1

// Classes, since there may be one for each key of many.
class TimeShare implements Detection {
  readonly #rule: Rule
  readonly #window: TimeWindow

  constructor(rule: Rule, window: TimeWindow) {
    this.#rule = rule
    this.#window = window
  }

  timed(): boolean {
    return true
  }

  record(failed: boolean, now: number, duration: number): boolean {
    const window = this.#window
    const hit = isBad(this.#rule, failed, duration)
    window.add(hit ? bad : good, 1, now)
    if (!hit && !this.#rule.always) return false
    const hits = window.total(bad, now)
    return opens(this.#rule, hits, hits + window.total(good, now))
  }

  clear(): void {
    this.#window.clear()
  }

  evidence(now: number): Evidence {
    return this.#window.buckets(now)
  }

  restore(evidence: Evidence, now: number): void {
    pour(this.#rule.name, this.#window, evidence, now)
  }
}

class CountShare implements Detection {
  readonly #rule: Rule
  readonly #calls: LastCalls

  constructor(rule: Rule, calls: LastCalls) {
    this.#rule = rule
    this.#calls = calls
  }

  timed(): boolean {
    return this.#calls.timed
  }

  record(failed: boolean, now: number, duration: number): boolean {
    const hit = isBad(this.#rule, failed, duration)
    this.#calls.add(hit, now)
    return (hit || this.#rule.always) && opens(this.#rule, this.#calls.hits, this.#calls.count)
  }

  clear(): void {
    this.#calls.clear()
  }

  evidence(now: number): Evidence {
    return this.#calls.evidence(now)
  }

  restore(evidence: Evidence, now: number): void {
    this.#calls.restore(this.#rule.name, evidence, now)
  }
}
