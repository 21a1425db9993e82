// The limiter as a middleware: asks the state of the call's key before each call.
import {
  type Clock,
  type Context,
  type Failure,
  knownOptions,
  type Middleware,
  type OptionNames,
  systemClock,
  type TelemetryListener,
} from '@tenon/endpoint'
import { functionOption, naming } from '@tenon/policy'
import type { RateLimited } from './failure.ts'
import type { Level } from './level.ts'
import { limitConcurrency } from './limit-concurrency.ts'
import { limitRate } from './limit-rate.ts'
import type { Limiter } from './limiter.ts'
import { type Priority, priorityOf } from './priority.ts'
import type { RateLimiter } from './rate.ts'
import type { ScopeOptions } from './scope.ts'
import type { Limiting, Setting } from './setting.ts'

export interface LimitOptions<A = unknown> extends ScopeOptions<A> {
  /**
   * How much a call matters, for limiters that ask: `shed`, and `concurrency` with a queue or shares. Default
   * {@link priorityOf}: what the metadata `x-priority` says.
   */
  readonly priority?: (ctx: Context, input: A) => Priority
  /** For telemetry. Default: what it wraps, `<contract>/<method>`, or the contract where it wraps several. */
  readonly name?: string
  /** Default `systemClock`. Deadlines are measured on the call's own. */
  readonly clock?: Clock
  /** Hears of refusals, waits and changes of an adaptive limit (`limiter.*`). Default: the diagnostics channels. */
  readonly onTelemetry?: TelemetryListener
}

/** How full the limiter of one key is. */
export interface KeyLevel extends Level {
  /** `''` where the limit has no `by`. */
  readonly key: string
}

/** A limit: a middleware whose states can be looked at, and whose limiter can be replaced. */
export interface Limit<F extends Failure = RateLimited, A = unknown> extends Middleware<F, unknown, unknown, A> {
  /** How full it is for this key, for all where it has no keys; `undefined` for a key not known. Changes nothing. */
  level(key?: string): Level | undefined
  /** The same for each key that is remembered. Changes nothing. */
  levels(): readonly KeyLevel[]
  /**
   * Replaces the parameters: every state keeps what it has counted and follows the new limiter from now on. O(keys).
   *
   * @throws TypeError where the new limiter counts otherwise than the old one. Nothing has changed then.
   */
  set(limiter: Limiter<F>): void
}

const named: OptionNames<LimitOptions> = {
  by: true,
  maxKeys: true,
  idle: true,
  priority: true,
  name: true,
  clock: true,
  onTelemetry: true,
}

/**
 * Limits the calls of what it wraps: those that the limiter does not let through end in {@link RateLimited} and are not
 * made. All that one limit wraps shares its states: `mapMethods(client, limit(...))` has one for the whole client,
 * `byMethod(() => limit(...))` one for each method, `by` one for each key. Nothing has to be closed.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function limit<F extends Failure = RateLimited, A = unknown>(
  limiter: Limiter<F>,
  options: LimitOptions<A> = {},
): Limit<F, A> {
  knownOptions('limit', options, named)
  const { priority = priorityOf, clock = systemClock, onTelemetry } = options
  checkedLimiter(limiter)
  functionOption('limit', 'priority', priority)
  const wrapped = naming(options.name, 'limit')
  const setting: Setting<A> = { scope: options, priority, clock, onTelemetry, wrapped }
  const { step, states, set } = limiting(limiter, setting)
  const wrap = ((next: Parameters<typeof step>[0]) => {
    wrapped.add(next.method)
    return step(next)
  }) as Middleware<F, unknown, unknown, A>
  return Object.assign(wrap, {
    level: (key = '') => states.peek(key)?.level(clock.now()),
    levels: () => Array.from(states.all(), ([key, state]) => ({ key, ...state.level(clock.now()) })),
    set: (next: Limiter<F>) => set(checkedLimiter(next)),
  })
}

/** By rate, or by what is under way. A limiter of the other kind is refused by `set` itself. */
function limiting<A>(
  limiter: Limiter<Failure>,
  setting: Setting<A>,
): Limiting<A, { level(now: number): Level }, Limiter<Failure>> {
  const made = limiter.kind === 'rate' ? limitRate(limiter, setting) : limitConcurrency(limiter, setting)
  return made as Limiting<A, { level(now: number): Level }, Limiter<Failure>>
}

function checkedLimiter<F extends Failure>(limiter: Limiter<F>): Limiter<F> {
  const { kind, start, adopt, rule } = (limiter ?? {}) as Partial<RateLimiter<Failure>> & { readonly rule?: unknown }
  if (kind === 'rate' && typeof start === 'function' && typeof adopt === 'function') return limiter
  if ((kind as unknown) === 'concurrency' && typeof rule === 'object') return limiter
  throw new TypeError('limit: the first argument must be a limiter, such as tokenBucket({ perSecond: 100 })')
}
