// The breaker as a middleware: asks a circuit before each call and tells it what came of it.

import {
  admit,
  type BreakerState,
  type Clock,
  type Context,
  knownOptions,
  type MethodInfo,
  type Middleware,
  type OptionNames,
  type Outcome,
  ok,
  type Random,
  refuse,
  report,
  type TelemetryListener,
} from '@tenon/endpoint'
import { functionOption, type Keyed, keyed, numberOption } from '@tenon/policy'
import type { Either } from 'fp-ts/lib/Either.js'
import { blueprint } from './blueprint.ts'
import { type Circuit, Machine, type Permit } from './circuit.ts'
import { type Classes, type Classify, classifier, type Verdict } from './classify.ts'
import type { Detector } from './detector.ts'
import { type CircuitOpen, circuitOpen } from './failure.ts'
import type { Recovery } from './recovery.ts'

export interface BreakerOptions<A = unknown> {
  /** When to open. Default `ratio()`: half of at least 20 calls within 10 s. */
  readonly detector?: Detector
  /** When and how to try again. Default `probes()`: one probe after 5 s. */
  readonly recovery?: Recovery
  /**
   * A circuit for each key, each with its own state: `(ctx, order: PlaceOrder) => order.region`. Default: one circuit for
   * everything that this breaker wraps. When it throws, the call ends in a `Defect` and is not made.
   */
  readonly by?: (ctx: Context, input: A) => string
  /** What counts as a failure: a table, or a function that may leave a case to the table. Default {@link classes}. */
  readonly classify?: Classify | Classes
  /** For telemetry. Default: what it wraps, `<contract>/<method>`, or the contract where it wraps several. */
  readonly name?: string
  /** Default `systemClock`. */
  readonly clock?: Pick<Clock, 'now'>
  /** For waits with jitter. Default `systemRandom`. */
  readonly random?: Random
  /**
   * Hears each transition (`breaker.transition`), once. A key that is forgotten while it is not closed goes to `closed`,
   * as the next call will find it. Default: the diagnostics channel.
   */
  readonly onTelemetry?: TelemetryListener
  /** With `by`: how many keys are remembered, 1..16,000,000. Default 10,000. */
  readonly maxKeys?: number
  /**
   * With `by`: milliseconds until a key that is not used is forgotten; one that is open, this long after its wait is
   * over. `Infinity`: never. Default 600,000 (10 min).
   */
  readonly idle?: number
}

/** The state of one circuit, to show. */
export interface CircuitState {
  /** Its key, `''` where the breaker has no `by`. */
  readonly key: string
  readonly state: BreakerState
  /** Milliseconds until the next probe may be admitted; 0 while it is closed. */
  readonly retryAfter: number
}

/** A breaker: a middleware whose circuits can be looked at. */
export interface Breaker<A = unknown> extends Middleware<CircuitOpen, unknown, unknown, A> {
  /** The state of this key's circuit, of the only one without a key. A key not known is `closed`. Changes nothing. */
  state(key?: string): BreakerState
  /** The states of all circuits that are remembered. Changes nothing. */
  states(): readonly CircuitState[]
}

const named: OptionNames<BreakerOptions> = {
  detector: true,
  recovery: true,
  by: true,
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
  const { by, name, onTelemetry } = options
  const judge = classifier(options.classify)
  const wrapped = wraps(name)
  const shared = blueprint(options, (key, from, to) =>
    report(onTelemetry, { kind: 'breaker.transition', breaker: wrapped.name(), key, from, to }),
  )
  const { clock } = shared
  const only = new Machine(shared, '')
  const circuits = by && keyedCircuits(options, clock, (key) => new Machine(shared, key))

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
  const alike = typeof options.classify !== 'function'
  const single = (ctx: Context): Either<CircuitOpen, End> => {
    const now = only.free ? undefined : clock.now()
    const permit = only.admit(now)
    if (permit === undefined) return refused(only, now)
    if (permit !== given || !alike) {
      answer = admitted(only, permit, ctx)
      given = permit
    }
    return answer
  }
  const perKey = (ctx: Context, machines: Keyed<Machine>, key: string): Either<CircuitOpen, End> => {
    const now = clock.now()
    const machine = machines.get(key, now)
    const permit = machine.admit(now)
    return permit === undefined ? refused(machine, now) : admitted(machine, permit, ctx)
  }
  const step =
    by === undefined || circuits === undefined
      ? admit<CircuitOpen, unknown, A>(single)
      : admit<CircuitOpen, unknown, A>((ctx, input) => perKey(ctx, circuits, checkedKey(by(ctx, input))))
  const wrap = ((next: Parameters<typeof step>[0]) => {
    wrapped.add(next.method)
    return step(next)
  }) as Middleware<CircuitOpen, unknown, unknown, A>

  return Object.assign(wrap, {
    state: (key = '') => (circuits === undefined ? only : circuits.peek(key))?.state() ?? 'closed',
    states: () => [...(circuits ?? [['', only] as const])].map(([key, machine]) => shown(key, machine, clock.now())),
  })
}

type End = (outcome: Outcome) => void
type Admitted = Either<never, End>

const shown = (key: string, machine: Circuit, now: number): CircuitState => ({
  key,
  state: machine.state(now),
  retryAfter: machine.retryAfter(now),
})

function keyedCircuits<A>(
  { by, maxKeys = 10_000, idle = 600_000 }: BreakerOptions<A>,
  clock: Pick<Clock, 'now'>,
  make: (key: string) => Machine,
): Keyed<Machine> {
  if (by !== undefined) functionOption('breaker', 'by', by)
  numberOption('breaker', 'maxKeys', maxKeys, { min: 1, max: 16_000_000, whole: true })
  numberOption('breaker', 'idle', idle, { above: 0, max: Number.POSITIVE_INFINITY, unit: 'milliseconds' })
  // An open circuit is the one worth remembering, but not for ever: instances that died open do not come back.
  const keep = ({ due }: Machine): boolean => due !== undefined && clock.now() < due + idle
  return keyed<Machine>({ make, max: maxKeys, idle, clock, keep, onEvict: (_, machine) => machine.retire() })
}

function checkedKey(key: unknown): string {
  if (typeof key === 'string') return key
  throw new TypeError(`breaker: "by" must answer a string, but answered ${typeof key}`)
}

/** What a breaker is called: by its option, else by what it wraps. */
function wraps(name: string | undefined): { name(): string; add(method: MethodInfo | undefined): void } {
  const methods = new Set<string>()
  const contracts = new Set<string>()
  return {
    name() {
      const [one, ...others] = methods.size === 1 ? methods : contracts
      return name ?? (one !== undefined && others.length === 0 ? one : 'breaker')
    },
    add(method) {
      if (method === undefined) return
      contracts.add(method.contract)
      methods.add(`${method.contract}/${method.name}`)
    },
  }
}
