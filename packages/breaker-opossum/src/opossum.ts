// opossum's circuit breaker with the middleware type, the classification, the telemetry and the failures of ours.
import {
  type BreakerOptions,
  type CircuitOpen,
  type CircuitState,
  circuitOpen,
  classifier,
  labelOf,
} from '@tenon/breaker'
import {
  admit,
  type BreakerState,
  type Context,
  knownOptions,
  type Middleware,
  type OptionNames,
  type Outcome,
  ok,
  refuse,
  report,
} from '@tenon/endpoint'
import { functionOption, keyed, numberOption } from '@tenon/policy'
import { type Settings, Trial } from './trial.ts'

/** opossum's options that are of use here, and of ours those that concern the calls. */
export interface OpossumOptions<A = unknown>
  extends Pick<BreakerOptions<A>, 'by' | 'classify' | 'name' | 'onTelemetry' | 'maxKeys' | 'idle'> {
  /** It opens above this share of failures, in per cent: 0 or more, below 100 (at 100 it would never open). Default 50. */
  readonly errorThresholdPercentage?: number
  /** It opens on no fewer calls in the window than this: 0 or more. Default 20; opossum's own is 0: the first failure opens. */
  readonly volumeThreshold?: number
  /** Milliseconds that it is open: above 0. Default 30,000. */
  readonly resetTimeout?: number
  /** The window, in milliseconds: 10 or more. Default 10,000. */
  readonly rollingCountTimeout?: number
  /** Its buckets: 1..1000. Default 10. */
  readonly rollingCountBuckets?: number
  /** Does it stay closed for the first window? Default false. */
  readonly allowWarmUp?: boolean
  /** Milliseconds after which a probe that has not ended gives its place to another: above 0. Default 10,000. */
  readonly probeTimeout?: number
}

/** A breaker by opossum. It holds timers: dispose it. A call after that starts a circuit afresh. */
export interface Opossum<A = unknown> extends Middleware<CircuitOpen, unknown, unknown, A>, Disposable {
  /** The state of this key's circuit, of the only one without a key. A key not known is `closed`. Changes nothing. */
  state(key?: string): BreakerState
  /** The states of all circuits that are remembered. Changes nothing. */
  states(): readonly CircuitState[]
}

const named: OptionNames<OpossumOptions> = {
  by: true,
  classify: true,
  name: true,
  onTelemetry: true,
  maxKeys: true,
  idle: true,
  errorThresholdPercentage: true,
  volumeThreshold: true,
  resetTimeout: true,
  rollingCountTimeout: true,
  rollingCountBuckets: true,
  allowWarmUp: true,
  probeTimeout: true,
}

/**
 * opossum's breaker as a middleware: opossum decides when to open and when to try again, all else is as with `breaker`.
 * Its traps are disarmed; the README lists them. Every circuit has a timer of opossum's, which keeps no process alive;
 * dispose the breaker when it is no longer used.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function opossum<A = unknown>(options: OpossumOptions<A> = {}): Opossum<A> {
  knownOptions('opossum', options, named)
  const { by, classify, onTelemetry, maxKeys = 1_000, idle = 600_000 } = options
  if (by !== undefined) functionOption('opossum', 'by', by)
  numberOption('opossum', 'maxKeys', maxKeys, { min: 1, max: 16_000_000, whole: true })
  numberOption('opossum', 'idle', idle, { above: 0, max: Number.POSITIVE_INFINITY, unit: 'milliseconds' })
  const settings = settingsOf(options)
  const judge = classifier(classify)
  const label = labelOf(options.name)
  const make = (key: string): Trial =>
    new Trial({
      ...settings,
      tell: (from, to) => report(onTelemetry, { kind: 'breaker.transition', breaker: label.name(), key, from, to }),
    })
  const trials = keyed<Trial>({
    make,
    max: maxKeys,
    idle: by === undefined ? Number.POSITIVE_INFINITY : idle,
    // opossum knows no clock but the system's.
    clock: { now: () => performance.now() },
    keep: ({ state }) => state === 'open',
    onEvict: (_, trial) => trial.retire(),
  })

  const step = admit<CircuitOpen, unknown, A>((ctx: Context, input: A) => {
    const now = performance.now()
    const trial = trials.get(by === undefined ? '' : checkedKey(by(ctx, input)), now)
    const leave = trial.admit(now)
    if (leave === undefined) return refuse(circuitOpen(trial.retryAfter(now)))
    return ok((outcome: Outcome) => {
      // A classifier that throws is a Defect of the call and no evidence; the probe's place is free all the same.
      let failed: boolean | undefined
      try {
        const verdict = judge(outcome, ctx)
        failed = verdict === 'ignored' ? undefined : verdict === 'failure'
      } finally {
        trial.record(leave, failed)
      }
    })
  })
  const wrap = ((next: Parameters<typeof step>[0]) => {
    label.add(next.method)
    return step(next)
  }) as Middleware<CircuitOpen, unknown, unknown, A>

  return Object.assign(wrap, {
    state: (key = '') => trials.peek(key)?.state ?? 'closed',
    states: () => {
      const now = performance.now()
      return [...trials].map(([key, trial]) => ({ key, state: trial.state, retryAfter: trial.retryAfter(now) }))
    },
    [Symbol.dispose]: () => {
      for (const [, trial] of trials) trial.shutdown()
      trials.clear()
    },
  })
}

function settingsOf<A>(options: OpossumOptions<A>): Omit<Settings, 'tell'> {
  const { errorThresholdPercentage = 50, volumeThreshold = 20, resetTimeout = 30_000, allowWarmUp = false } = options
  const { rollingCountTimeout = 10_000, rollingCountBuckets = 10, probeTimeout = 10_000 } = options
  numberOption('opossum', 'errorThresholdPercentage', errorThresholdPercentage, { min: 0, unit: 'per cent' })
  if (errorThresholdPercentage >= 100)
    throw new RangeError('opossum: "errorThresholdPercentage" must be below 100, else it never opens')
  numberOption('opossum', 'volumeThreshold', volumeThreshold, { min: 0, whole: true, unit: 'calls' })
  numberOption('opossum', 'resetTimeout', resetTimeout, { above: 0, max: 2 ** 31 - 1, unit: 'milliseconds' })
  numberOption('opossum', 'rollingCountTimeout', rollingCountTimeout, { min: 10, unit: 'milliseconds' })
  numberOption('opossum', 'rollingCountBuckets', rollingCountBuckets, { min: 1, max: 1_000, whole: true })
  if (typeof allowWarmUp !== 'boolean') throw new TypeError('opossum: "allowWarmUp" must be true or false')
  numberOption('opossum', 'probeTimeout', probeTimeout, { above: 0, unit: 'milliseconds' })
  return {
    errorThresholdPercentage,
    volumeThreshold,
    resetTimeout,
    rollingCountTimeout,
    rollingCountBuckets,
    allowWarmUp,
    probeTimeout,
  }
}

function checkedKey(key: unknown): string {
  if (typeof key === 'string') return key
  throw new TypeError(`opossum: "by" must answer a string, but answered ${typeof key}`)
}
