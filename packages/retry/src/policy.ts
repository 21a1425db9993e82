// What may be set about a retry, checked and filled in.
import {
  type Clock,
  type Code,
  type Context,
  type Failure,
  knownOptions,
  type MethodInfo,
  type OptionNames,
  type Random,
  type RetryExhausted,
  systemClock,
  systemRandom,
  type TelemetryListener,
} from '@tenon/endpoint'
import { type Backoff, type Budget, budget, exponential, functionOption, numberOption } from '@tenon/policy'
import { type FailedAttempt, ruleOf, type When } from './rule.ts'

export interface RetryOptions {
  /** Attempts in all, the first one too: 1 or more, `Infinity` too. Default 3. */
  readonly attempts?: number
  /**
   * The waits between attempts. Default `exponential({ from: 20, to: 1_000 })` with full jitter: anywhere from 0 up to
   * 20 ms, then 40, 80 and so on.
   */
  readonly backoff?: Backoff
  /**
   * What repetitions are paid from; one value may be shared by several retries. Default: a `budget({ clock })` of its
   * own, which allows one for five calls and ten a second.
   */
  readonly budget?: Budget
  /** Milliseconds from the first attempt within which another may start: above 0, `Infinity` too. Default 5,000. */
  readonly within?: number
  /** Failures worth another attempt: codes, or a function. Default `['unavailable']`. Never asked about a `Defect`. */
  readonly when?: readonly Code[] | When
  /** May it be repeated without harm? Default: what its contract says of the method; without a contract, no. */
  readonly idempotent?: boolean
  /**
   * Does this failure say that nothing was sent? Then the attempt is made again although it is not idempotent. Default:
   * no failure does. `nothingSent` serves where what is wrapped is one client and nothing else.
   */
  readonly unsent?: (failure: Failure) => boolean
  /** For `within` and the default budget. Deadlines and waits run on the call's own clock. Default `systemClock`. */
  readonly clock?: Pick<Clock, 'now'>
  /** For the jitter. Default `systemRandom`. */
  readonly random?: Random
  /** Hears of repetitions (`retry.attempt`) and of giving up (`retry.exhausted`). Default: the diagnostics channels. */
  readonly onTelemetry?: TelemetryListener
  /** Told of each call that was given up. What it throws is reported as a defect and changes nothing. */
  readonly onGiveUp?: (gaveUp: GaveUp, ctx: Context) => void
}

/** A call that ended in a failure although it was repeated, or could have been. */
export interface GaveUp {
  readonly method: MethodInfo | undefined
  /** What the attempts failed with, in order; of more than 100, the last 100. The last is the call's own. */
  readonly failures: readonly Failure[]
  /** Why there was no further attempt. `failure`: the last failure was not worth one. */
  readonly why: RetryExhausted['why'] | 'failure'
}

/** Options, checked and filled in. */
export interface Policy {
  readonly attempts: number
  readonly backoff: Backoff
  readonly budget: Budget
  readonly within: number
  readonly clock: Pick<Clock, 'now'>
  readonly random: Random
  readonly idempotent: boolean | undefined
  readonly worth: (failure: Failure, failed: FailedAttempt) => boolean
  readonly unsent: (failure: Failure) => boolean
  readonly onTelemetry: TelemetryListener | undefined
  readonly onGiveUp: RetryOptions['onGiveUp']
  /** A call begins: pays into the budget, and answers the moment. */
  readonly begin: () => number
}

const named: OptionNames<RetryOptions> = {
  attempts: true,
  backoff: true,
  budget: true,
  within: true,
  when: true,
  idempotent: true,
  unsent: true,
  clock: true,
  random: true,
  onTelemetry: true,
  onGiveUp: true,
}

export function policyOf(options: RetryOptions): Policy {
  knownOptions('retry', options, named)
  const { attempts = 3, within = 5_000, idempotent, onTelemetry, onGiveUp } = options
  const { backoff = exponential({ from: 20, to: 1_000 }), unsent = () => false } = options
  const { clock = systemClock, random = systemRandom } = options
  numberOption('retry', 'attempts', attempts, { min: 1, max: Number.POSITIVE_INFINITY, whole: true })
  numberOption('retry', 'within', within, { above: 0, max: Number.POSITIVE_INFINITY, unit: 'milliseconds' })
  if (typeof backoff?.next !== 'function')
    throw new TypeError('retry: "backoff" must be a backoff, such as exponential({ from: 20 })')
  if (options.budget !== undefined && typeof options.budget.withdraw !== 'function')
    throw new TypeError('retry: "budget" must be a budget, such as budget({ share: 0.2 })')
  if (idempotent !== undefined && typeof idempotent !== 'boolean')
    throw new TypeError(`retry: "idempotent" must be true or false, but was ${String(idempotent)}`)
  functionOption('retry', 'unsent', unsent)
  if (onGiveUp !== undefined) functionOption('retry', 'onGiveUp', onGiveUp)
  const paid = options.budget ?? budget({ clock })
  return {
    attempts,
    backoff,
    budget: paid,
    within,
    clock,
    random,
    idempotent,
    worth: ruleOf(options.when),
    unsent,
    onTelemetry,
    onGiveUp,
    begin: options.budget === undefined ? () => own(paid, clock.now()) : () => shared(paid, clock),
  }
}

/** Its own budget runs on the same clock: one reading serves both. */
function own(paid: Budget, now: number): number {
  paid.deposit(now)
  return now
}

/** One that was given may run on any. */
function shared(paid: Budget, clock: Pick<Clock, 'now'>): number {
  paid.deposit()
  return clock.now()
}
