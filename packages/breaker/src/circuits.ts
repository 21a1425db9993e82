// The circuits of a breaker: one for everything, or one for each key, bounded.
import type { BreakerState, Clock, Context } from '@tenon/endpoint'
import { functionOption, type Keyed, keyed, numberOption } from '@tenon/policy'
import { type Blueprint, blueprint, type CircuitOptions } from './blueprint.ts'
import { Machine } from './machine.ts'
import { type BreakerSnapshot, type CircuitSnapshot, circuitsOf } from './snapshot.ts'

/** What a key's circuit has of its own; what is absent is the breaker's. */
export type Rule = Pick<CircuitOptions, 'detector' | 'recovery'>

export interface KeyOptions<A = unknown> {
  /**
   * A circuit for each key, each with its own state: `(ctx, order: PlaceOrder) => order.region`. Default: one circuit for
   * everything that this breaker wraps. When it throws, the call ends in a `Defect` and is not made.
   */
  readonly by?: (ctx: Context, input: A) => string
  /**
   * With `by`: detector and recovery of a key, `undefined` for the breaker's own; asked when the key's circuit is made.
   * `ruleTable` makes one of a table.
   */
  readonly rules?: (key: string) => Rule | undefined
  /** With `by`: how many keys are remembered, 1..16,000,000. Default 10,000. */
  readonly maxKeys?: number
  /**
   * With `by`: milliseconds until a key that is not used is forgotten; one that is open, this long after its wait is
   * over. `Infinity`: never. Default 600,000 (10 min).
   */
  readonly idle?: number
}

/** Whatever concerns circuits as such, and not the calls. */
export interface Circuits {
  /** The circuit of everything, or `undefined` where there are keys. */
  readonly only: Machine | undefined
  of(key: string, now: number): Machine
  peek(key: string): Machine | undefined
  all(): readonly (readonly [key: string, circuit: Machine])[]
  hold(state: 'open' | 'closed' | undefined, key: string | undefined): void
  snapshot(): BreakerSnapshot
  restore(snapshot: unknown): void
}

export function circuitsFor<A>(shared: Blueprint, options: KeyOptions<A>): Circuits {
  const { clock } = shared
  const only = options.by === undefined ? new Machine(shared, '') : undefined
  /** What all keys are held in, also those that are still to come. */
  let held: 'open' | 'closed' | undefined
  const blueprintOf = ruled(shared, options)
  const make = (key: string): Machine => {
    const machine = new Machine(blueprintOf(key), key)
    if (held !== undefined) machine.hold(held)
    return machine
  }
  const byKey = only === undefined ? keyedCircuits(options, clock, make) : undefined
  const holdOne = (state: typeof held, circuit: Machine): void =>
    state === undefined ? circuit.release() : circuit.hold(state)

  const circuits: Circuits = {
    only,
    of: (key, now) => only ?? (byKey as Keyed<Machine>).get(key, now),
    peek: (key) => only ?? byKey?.peek(key),
    all: () => [...(byKey ?? [['', only as Machine] as const])],
    hold(state, key) {
      if (key !== undefined) return holdOne(state, circuits.of(key, clock.now()))
      held = state
      for (const [, circuit] of circuits.all()) holdOne(state, circuit)
    },
    snapshot() {
      const now = clock.now()
      return { version: 1, circuits: circuits.all().map(([, circuit]) => circuit.snapshot(now)) }
    },
    restore(snapshot) {
      const now = clock.now()
      const all = fitting(circuitsOf(snapshot), only !== undefined)
      for (const restored of all.map((one) => circuits.of(one.key, now).restore(one, now))) restored()
    },
  }
  return circuits
}

/** Which are meant for a breaker without keys, or with them. */
const fitting = (all: readonly CircuitSnapshot[], single: boolean): readonly CircuitSnapshot[] =>
  single ? all.filter(({ key }) => key === '') : all

function ruled<A>(shared: Blueprint, { by, rules }: KeyOptions<A>): (key: string) => Blueprint {
  if (rules === undefined) return () => shared
  functionOption('breaker', 'rules', rules)
  if (by === undefined) throw new TypeError('breaker: "rules" needs "by"')
  const known = new WeakMap<Rule, Blueprint>()
  return (key) => {
    const rule = rules(key)
    if (rule === undefined) return shared
    const made = known.get(rule) ?? blueprint({ ...shared, ...rule }, shared.tell)
    known.set(rule, made)
    return made
  }
}

function keyedCircuits<A>(
  { by, maxKeys = 10_000, idle = 600_000 }: KeyOptions<A>,
  clock: Pick<Clock, 'now'>,
  make: (key: string) => Machine,
): Keyed<Machine> {
  functionOption('breaker', 'by', by as NonNullable<typeof by>)
  numberOption('breaker', 'maxKeys', maxKeys, { min: 1, max: 16_000_000, whole: true })
  numberOption('breaker', 'idle', idle, { above: 0, max: Number.POSITIVE_INFINITY, unit: 'milliseconds' })
  // An open circuit is the one worth remembering, but not for ever: instances that died open do not come back.
  const keep = ({ due }: Machine): boolean => due !== undefined && clock.now() < due + idle
  return keyed<Machine>({ make, max: maxKeys, idle, clock, keep, onEvict: (_, machine) => machine.retire() })
}

/** The state of one circuit, to show. */
export interface CircuitState {
  /** Its key, `''` where the breaker has no `by`. */
  readonly key: string
  readonly state: BreakerState
  /** Milliseconds until the next probe may be admitted; 0 while it is closed. */
  readonly retryAfter: number
}

export const shown = (key: string, machine: Machine, now: number): CircuitState => ({
  key,
  state: machine.state(now),
  retryAfter: machine.retryAfter(now),
})
