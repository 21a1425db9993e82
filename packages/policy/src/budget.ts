// A retry budget: how many retries a client may add to what it sends anyway, so that retries cannot become the outage.
import { type Clock, knownOptions, type OptionNames, systemClock } from '@tenon/endpoint'
import { numberOption } from './option.ts'
import { timeWindow } from './time-window.ts'

export interface BudgetOptions {
  /** Retries allowed for each call: 0.2 allows one retry for five calls. 0..1000. Default 0.2. */
  readonly share?: number
  /** Retries allowed each second whatever the calls, for clients with little traffic. 0 or more. Default 10. */
  readonly perSecond?: number
  /** How long calls and retries count, in milliseconds: 1,000..60,000. Default 10,000. */
  readonly window?: number
  /** Default `systemClock`. It is read only where `now` is not passed. */
  readonly clock?: Pick<Clock, 'now'>
}

/** A budget has state: make one, and pass the same value to those who shall share it. */
export interface Budget {
  /** Tells of a call. Only of its first attempt: retries earn no retries. */
  deposit(now?: number): void
  /** Asks for one retry, and spends it when the answer is true. */
  withdraw(now?: number): boolean
  /** How many retries it would allow at this moment, 0 or more. For metrics. */
  balance(now?: number): number
}

const named: OptionNames<BudgetOptions> = { share: true, perSecond: true, window: true, clock: true }

/**
 * A retry is allowed while the retries of the window stay within `share` of its calls plus `perSecond` of its seconds.
 * The second part is given for the whole window at once: a fresh budget with the defaults allows a burst of 100
 * retries, and then what the calls earn until the window moves on. With 0 and 0 nothing is ever allowed.
 *
 * Scheme and defaults are those of finagle's `RetryBudget` (20 %, 10 a second, 10 s, expiring in tenths). Envoy's
 * budget limits retries *in flight* by a share of the calls in flight; this one limits their rate and need not know
 * when they end. O(1) amortised, some 700 bytes, no timers.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function budget(options: BudgetOptions = {}): Budget {
  knownOptions('budget', options, named)
  const { share = 0.2, perSecond = 10, window = 10_000, clock = systemClock } = options
  numberOption('budget', 'share', share, { min: 0, max: 1000, unit: 'retries a call' })
  numberOption('budget', 'perSecond', perSecond, { min: 0, unit: 'retries a second' })
  numberOption('budget', 'window', window, { min: 1_000, max: 60_000, unit: 'milliseconds' })
  const seen = timeWindow({ window, clock })
  const reserve = (perSecond * window) / 1000
  // 0.29 of 100 calls is 28.999999999999996 in floating point, and means 29.
  const allowed = (now: number): number =>
    Math.floor(reserve + share * seen.total(calls, now) + 1e-9) - seen.total(retries, now)

  return {
    deposit: (now = clock.now()) => seen.add(calls, 1, now),
    withdraw(now = clock.now()) {
      if (allowed(now) < 1) return false
      seen.add(retries, 1, now)
      return true
    },
    // Calls may leave the window before the retries they paid for.
    balance: (now = clock.now()) => Math.max(0, allowed(now)),
  }
}

const calls = 0
const retries = 1
