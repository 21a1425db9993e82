// Which state a call is counted in: the only one, or that of its key.
import { type Clock, type Context, systemClock } from '@tenon/endpoint'
import { functionOption, type Keyed, keyed, numberOption } from '@tenon/policy'

export interface ScopeOptions<A = unknown> {
  /**
   * A state for each key, each with the whole limit: `(ctx, order: PlaceOrder) => order.account`. Default: one for
   * everything that this limit wraps. When it throws, the call ends in a `Defect` and is not made.
   */
  readonly by?: (ctx: Context, input: A) => string
  /**
   * With `by`: how many keys are remembered, 1..16,000,000. Default 10,000. Where there is no room, the one not used for
   * the longest time goes; of the 16 such, one that is as good as new, if there is one.
   */
  readonly maxKeys?: number
  /**
   * With `by`: milliseconds until a key that is not used is forgotten, once it is as good as new (its bucket full, its
   * window empty, nothing under way). Default 600,000 (10 min).
   */
  readonly idle?: number
}

/** The states of one limit. */
export interface Scope<S, A> {
  readonly keyed: boolean
  /** The key of a call, `''` without `by`. */
  key(ctx: Context, input: A): string
  get(key: string, now: number): S
  peek(key: string): S | undefined
  all(): Iterable<readonly [key: string, state: S]>
}

/** What a state must tell so that it may be forgotten. */
interface Forgettable {
  fresh(now: number): boolean
}

export function scope<S extends Forgettable, A>(
  { by, maxKeys = 10_000, idle = 600_000 }: ScopeOptions<A>,
  make: (key: string) => S,
  clock: Pick<Clock, 'now'> = systemClock,
): Scope<S, A> {
  numberOption('limit', 'maxKeys', maxKeys, { min: 1, max: 16_000_000, whole: true })
  numberOption('limit', 'idle', idle, { above: 0, max: Number.POSITIVE_INFINITY, unit: 'milliseconds' })
  if (by === undefined) {
    const only = make('')
    const entries = [['', only]] as const
    return { keyed: false, key: () => '', get: () => only, peek: () => only, all: () => entries }
  }
  functionOption('limit', 'by', by)
  // A key that is forgotten starts afresh, with all that it may do: so one that has used it up is worth remembering.
  const keep = (state: S): boolean => !state.fresh(clock.now())
  const states: Keyed<S> = keyed<S>({ make, max: maxKeys, idle, clock, keep })
  return {
    keyed: true,
    key: (ctx, input) => checked(by(ctx, input)),
    get: (key, now) => states.get(key, now),
    peek: (key) => states.peek(key),
    all: () => states,
  }
}

function checked(key: unknown): string {
  if (typeof key === 'string') return key
  throw new TypeError(`limit: "by" must answer a string, but answered ${typeof key}`)
}
