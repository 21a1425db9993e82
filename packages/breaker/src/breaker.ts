// The breaker as a middleware: asks a circuit before each call and tells it what came of it.

import {
  admit,
  type BreakerState,
  type Clock,
  type Context,
  knownOptions,
  type Middleware,
  type OptionNames,
  type Outcome,
  ok,
  type Random,
  refuse,
  report,
  type TelemetryListener,
} from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { blueprint, exchange } from './blueprint.ts'
import type { Permit } from './circuit.ts'
import { type CircuitState, circuitsFor, type KeyOptions, type Rule, shown } from './circuits.ts'
import { type Classes, type Classify, classifier, type Verdict } from './classify.ts'
import type { Detector } from './detector.ts'
import { type CircuitOpen, circuitOpen } from './failure.ts'
import { labelOf } from './label.ts'
import type { Machine } from './machine.ts'
import type { Recovery } from './recovery.ts'
import type { BreakerSnapshot } from './snapshot.ts'

export interface BreakerOptions<A = unknown> extends KeyOptions<A> {
  /** When to open. Default `sequential()`: when the failure rate is above 0.5, beyond doubt. */
  readonly detector?: Detector
  /** When and how to try again. Default `sequentialProbes()`: after 5 s, as many probes as it takes. */
  readonly recovery?: Recovery
  /** What counts as a failure: a table, or a function that may leave a case to the table. Default {@link classes}. */
  readonly classify?: Classify | Classes
  /** For telemetry. Default: what it wraps, `<contract>/<method>`, or the contract where it wraps several. */
  readonly name?: string
  /** Default `systemClock`. */
  readonly clock?: Pick<Clock, 'now'>
  /** For waits with jitter, and for detectors that refuse a share of the calls. Default `systemRandom`. */
  readonly random?: Random
  /**
   * Hears each transition (`breaker.transition`), once. A key that is forgotten while it is not closed goes to `closed`,
   * as the next call will find it. Default: the diagnostics channel.
   */
  readonly onTelemetry?: TelemetryListener
}

/** A breaker: a middleware whose circuits can be looked at, and taken in hand. */
export interface Breaker<A = unknown> extends Middleware<CircuitOpen, unknown, unknown, A> {
  /** The state of this key's circuit, of the only one without a key. A key not known is `closed`. Changes nothing. */
  state(key?: string): BreakerState
  /** The states of all circuits that are remembered. Changes nothing. */
  states(): readonly CircuitState[]
  /**
   * Holds a key's circuit in this state until it is released, whatever calls come to: open it makes none, closed it makes
   * all and counts none. Without a key it holds all circuits, and those of keys that are still to come.
   */
  hold(state: 'open' | 'closed', key?: string): void
  /** Lets go of what is held: it is closed, and starts afresh. What is not held does not change. */
  release(key?: string): void
  /**
   * Exchanges parts while calls go on. States and waits under way stay; evidence stays where the new detector is of the
   * same kind. Keys with a rule of their own keep it.
   *
   * @throws TypeError on a bad part, and then nothing is exchanged.
   */
  swap(parts: Rule & { readonly classify?: Classify | Classes }): void
  /** All circuits as plain data, ready for JSON. */
  snapshot(): BreakerSnapshot
  /**
   * Takes up what `snapshot` answered, in another process or here: waits go on with what was left of them. Circuits that
   * it does not name stay as they are. Reports nothing.
   *
   * @throws TypeError or RangeError where this is no snapshot. Evidence that does not fit is refused before any circuit changes its state.
   */
  restore(snapshot: BreakerSnapshot): void
}

const named: OptionNames<BreakerOptions> = {
  detector: true,
  recovery: true,
  by: true,
  rules: true,
  classify: true,
  name: true,
  clock: true,
  random: true,
  onTelemetry: true,
  maxKeys: true,
  idle: true,
}

/**
 * A circuit breaker: answers {@link CircuitOpen} at once instead of making calls that are bound to fail. Closed, it lets
 * everything through and gives the outcomes to its detector; opened, it refuses until the recovery's wait is over; then
 * half-open, it admits a few probes, and refuses the others without making them wait.
 *
 * All that one breaker wraps shares its circuits: `mapMethods(client, breaker())` has one for the whole client,
 * `byMethod(() => breaker())` one for each method. It has no timers and nothing to close.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function breaker<A = unknown>(options: BreakerOptions<A> = {}): Breaker<A> {
  knownOptions('breaker', options, named)
  const { by, onTelemetry } = options
  let judge = classifier(options.classify)
  let alike = typeof options.classify !== 'function'
  const label = labelOf(options.name)
  const shared = blueprint(options, (key, from, to) =>
    report(onTelemetry, { kind: 'breaker.transition', breaker: label.name(), key, from, to }),
  )
  const { clock } = shared
  const circuits = circuitsFor(shared, options)

  const admitted = (machine: Machine, permit: Permit, ctx: Context): Admitted =>
    ok((outcome) => {
      // A classifier that throws is a Defect of the call and no evidence; the probe's place is free all the same.
      let verdict: Verdict = 'ignored'
      try {
        verdict = judge(outcome, ctx)
      } finally {
        machine.record(permit, verdict)
      }
    })
  const refused = (machine: Machine, now: number | undefined): Either<CircuitOpen, never> =>
    refuse(circuitOpen(machine.retryAfter(now)))

  // A closed circuit gives the same permit to every call: where nothing else of the call matters, so is the answer the
  // same, and a call allocates nothing here (half of what a breaker costs).
  let given: Permit | undefined
  let answer: Admitted
  const single = (only: Machine, ctx: Context): Either<CircuitOpen, End> => {
    const now = only.free ? undefined : clock.now()
    const permit = only.admit(now)
    if (permit === undefined) return refused(only, now)
    if (permit !== given || !alike) {
      answer = admitted(only, permit, ctx)
      given = permit
    }
    return answer
  }
  const perKey = (ctx: Context, key: string): Either<CircuitOpen, End> => {
    const now = clock.now()
    const machine = circuits.of(key, now)
    const permit = machine.admit(now)
    return permit === undefined ? refused(machine, now) : admitted(machine, permit, ctx)
  }
  const { only } = circuits
  const step =
    by === undefined || only !== undefined
      ? admit<CircuitOpen, unknown, A>((ctx) => single(only as Machine, ctx))
      : admit<CircuitOpen, unknown, A>((ctx, input) => perKey(ctx, checkedKey(by(ctx, input))))
  const wrap = ((next: Parameters<typeof step>[0]) => {
    label.add(next.method)
    return step(next)
  }) as Middleware<CircuitOpen, unknown, unknown, A>

  return Object.assign(wrap, {
    state: (key = '') => circuits.peek(key)?.state() ?? 'closed',
    states: () => circuits.all().map(([key, machine]) => shown(key, machine, clock.now())),
    hold: (state: 'open' | 'closed', key?: string) => circuits.hold(held(state), key),
    release: (key?: string) => circuits.hold(undefined, key),
    swap: (parts: Rule & Pick<BreakerOptions, 'classify'>) => {
      knownOptions('breaker.swap', parts, { detector: true, recovery: true, classify: true })
      const next = parts.classify === undefined ? judge : classifier(parts.classify)
      exchange(shared, parts)
      judge = next
      if (parts.classify !== undefined) alike = typeof parts.classify !== 'function'
    },
    snapshot: () => circuits.snapshot(),
    restore: (snapshot: BreakerSnapshot) => circuits.restore(snapshot),
  })
}

type End = (outcome: Outcome) => void
type Admitted = Either<never, End>

function held(state: unknown): 'open' | 'closed' {
  if (state === 'open' || state === 'closed') return state
  throw new TypeError(`breaker.hold: the state must be "open" or "closed", but was ${JSON.stringify(state)}`)
}

function checkedKey(key: unknown): string {
  if (typeof key === 'string') return key
  throw new TypeError(`breaker: "by" must answer a string, but answered ${typeof key}`)
}
