// A detector whose parameters are read again and again: from a configuration, or from what metrics say.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { functionOption, numberOption } from '@tenon/policy'
import type { Detection, Detector, Evidence } from './detector.ts'

export interface DynamicOptions {
  /** Milliseconds between two readings, at least: above 0. Default 10,000. */
  readonly every?: number
}

const named: OptionNames<DynamicOptions> = { every: true }

/**
 * The detector that the function answers, asked again at the first call after `every`, once for all circuits. When it
 * answers another value, circuits go on with it: with their evidence where it is of the same kind, else afresh. When it
 * throws, or answers no detector, the last one stays.
 *
 * `dynamic(() => ratio({ threshold: config.threshold, minimum: Math.max(20, rate() / 10) }), { every: 10_000 })`
 *
 * @throws TypeError or RangeError on a bad option, and whatever the function throws when it is asked first.
 */
export function dynamic(make: () => Detector, options: DynamicOptions = {}): Detector {
  knownOptions('dynamic', options, named)
  const { every = 10_000 } = options
  functionOption('dynamic', 'make', make)
  numberOption('dynamic', 'every', every, { above: 0, unit: 'milliseconds' })
  const first = make()
  if (typeof first?.start !== 'function') throw new TypeError('dynamic: the function must answer a detector')
  let current = first
  let read = Number.NaN

  /** A detector that measures durations stays one: the clock is read for it where calls start. */
  const fits = (next: Detector): boolean =>
    typeof next?.start === 'function' && next.durations === first.durations && next.sheds === first.sheds
  const latest = (now: number): Detector => {
    if (now - read < every && now >= read) return current
    // At the first call it was only just made.
    const fresh = Number.isNaN(read)
    read = now
    if (fresh) return current
    try {
      const next = make()
      if (fits(next)) current = next
    } catch {
      // The call is not to blame.
    }
    return current
  }
  return {
    name: `dynamic(${first.name})`,
    ...(first.durations === undefined ? {} : { durations: first.durations }),
    ...(first.sheds === undefined ? {} : { sheds: first.sheds }),
    start: () => new Adjusting(current, latest),
  }
}

class Adjusting implements Detection {
  readonly #latest: (now: number) => Detector
  #detector: Detector
  #inner: Detection

  constructor(detector: Detector, latest: (now: number) => Detector) {
    this.#latest = latest
    this.#detector = detector
    this.#inner = detector.start()
  }

  timed(): boolean {
    return true
  }

  record(failed: boolean, now: number, duration: number): boolean {
    const latest = this.#latest(now)
    if (latest !== this.#detector) {
      const evidence = latest.name === this.#detector.name ? this.#inner.evidence?.(now) : undefined
      this.#detector = latest
      this.#inner = latest.start()
      if (evidence !== undefined) this.#inner.restore?.(evidence, now)
    }
    return this.#inner.record(failed, now, duration)
  }

  clear(): void {
    this.#inner.clear()
  }

  share(now: number): number {
    return this.#inner.share?.(now) ?? 0
  }

  refused(now: number): void {
    this.#inner.refused?.(now)
  }

  evidence(now: number): Evidence {
    return this.#inner.evidence?.(now) ?? 0
  }

  restore(evidence: Evidence, now: number): void {
    if (this.#inner.evidence !== undefined) this.#inner.restore?.(evidence, now)
  }
}
