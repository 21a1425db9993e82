// Limits by how many calls are under way: an admission that takes a place, waits for one, or is refused.
import { admit, type Context, endedBy, type Failure, type Outcome, ok, onEnding, refuse } from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import type { ConcurrencyLimiter } from './concurrent.ts'
import type { Level } from './level.ts'
import { Places } from './places.ts'
import { type Rank, rankOf, usual } from './priority.ts'
import { scope } from './scope.ts'
import { type Limiting, replaceable, type Setting, telling, timeLeft } from './setting.ts'
import { signOf } from './sign.ts'
import type { Waiter } from './waiters.ts'

type End = (outcome: Outcome) => void
type Decision = Either<Failure, End>

/** One key's places, and what is the same for all calls that take one. A class, since there may be many keys. */
class Held {
  readonly places: Places
  /** Ends a call that nobody timed. */
  readonly untimed: Decision
  /** Calls let in, to time every sixteenth. */
  count = 0
  /** The limit as it was last told. */
  told: number | undefined

  constructor(places: Places, now: () => number) {
    this.places = places
    this.untimed = ok(() => places.leave(now))
  }

  fresh(): boolean {
    return this.places.underWay === 0
  }

  level(now: number): Level {
    return this.places.level(now)
  }
}

export function limitConcurrency<A>(
  limiter: ConcurrencyLimiter<Failure>,
  setting: Setting<A>,
): Limiting<A, Held, ConcurrencyLimiter<Failure>> {
  const { clock, priority } = setting
  let { rule } = limiter
  const { refused, waited, moved } = telling(setting)
  const now = (): number => clock.now()

  const states = scope<Held, A>(setting.scope, () => new Held(new Places(rule), now), clock)
  const timesAll = (): boolean => rule.queue > 0 || typeof rule.limit !== 'number'

  /** The call has its place, and gives it back when it ends. */
  const placed = (key: string, held: Held, at: number): Decision => {
    // Where nobody waits and the limit stands, time is wanted for `retryAfter` alone, and two readings of the clock would
    // cost more than all the rest: every sixteenth call tells enough.
    if (!timesAll() && held.places.measured && (held.count++ & 15) !== 0) return held.untimed
    const { places } = held
    const began = Number.isNaN(at) ? now() : at
    const beside = places.underWay
    if (typeof rule.limit !== 'number') held.told ??= places.limit(began)
    return ok((outcome) => {
      const ended = now()
      places.record(ended, began, beside, signOf(outcome))
      if (typeof rule.limit !== 'number') tell(key, held, ended)
    })
  }
  const tell = (key: string, held: Held, at: number): void => {
    const limit = held.places.limit(at)
    const { told = limit } = held
    // Infinity less Infinity is no number.
    if (limit === told || Math.abs(limit - told) < Math.max(1, told / 10)) return
    held.told = limit
    moved(key, told, limit)
  }

  const enter = (ctx: Context, input: A): Decision | Promise<Decision> => {
    const at = states.keyed || timesAll() ? now() : Number.NaN
    const key = states.key(ctx, input)
    const held = states.get(key, at)
    const rank = rule.ranks ? rankOf(priority(ctx, input)) : usual
    if (held.places.enter(rank, at)) return placed(key, held, at)
    if (rule.queue === 0) return refused(key, 'full', held.places.retryAfter(at))
    return wait(ctx, key, held, rank, at)
  }

  const wait = (ctx: Context, key: string, held: Held, rank: Rank, since: number): Decision | Promise<Decision> => {
    const { places } = held
    const ended = endedBy(ctx)
    if (ended?._tag === 'Cancelled') return refuse(ended)
    const deadline = since + timeLeft(ctx)
    const patient = since + rule.maxWait
    const latest = Math.min(patient, deadline - places.expected)
    if (latest <= since || ended !== undefined) return refused(key, 'deadline', places.retryAfter(since))
    return new Promise((resolve) => {
      const settle = (decision: Decision): void => {
        timer.cancel()
        listening[Symbol.dispose]()
        resolve(decision)
      }
      const waiter: Waiter = {
        rank,
        deadline,
        newer: undefined,
        older: undefined,
        goesAhead(at) {
          waited(key, at - since)
          settle(placed(key, held, at))
        },
        isRefused: (why, at) => settle(refused(key, why, places.retryAfter(at))),
      }
      if (!places.offer(waiter, since)) {
        resolve(refused(key, 'full', places.retryAfter(since)))
        return
      }
      // A timer of the shared wheel for each that waits: deadlines differ, and most are called off.
      const timer = clock.at(latest, () => {
        places.withdraw(waiter)
        waiter.isRefused(latest < patient ? 'deadline' : 'waited', now())
      })
      const listening = onEnding(ctx, (why) => {
        places.withdraw(waiter)
        if (why._tag === 'Cancelled') settle(refuse(why))
        else waiter.isRefused('deadline', now())
      })
    })
  }

  return {
    step: admit<Failure, unknown, A>(enter),
    states,
    set(next) {
      replaceable(limiter, next, next.kind === 'concurrency')
      rule = next.rule
      const at = now()
      for (const [, { places }] of states.all()) places.follow(rule, at)
    },
  }
}
