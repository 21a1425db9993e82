// Limits by rate: a guard that asks, and, where the limiter adapts to how calls go, is told how they ended.
import {
  admit,
  type Context,
  cancelled,
  endedBy,
  type Failure,
  guard,
  type Outcome,
  ok,
  pass,
  pause,
  refuse,
} from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { rankOf, usual } from './priority.ts'
import type { Rate, RateLimiter } from './rate.ts'
import { scope } from './scope.ts'
import { type Limiting, replaceable, type Setting, telling, timeLeft } from './setting.ts'
import { signOf } from './sign.ts'

type End = (outcome: Outcome) => void
type Decision = Either<Failure, unknown>

export function limitRate<A>(
  limiter: RateLimiter<Failure>,
  setting: Setting<A>,
): Limiting<A, Rate, RateLimiter<Failure>> {
  const { clock, priority } = setting
  let rule = limiter
  const states = scope<Rate, A>(setting.scope, () => rule.start(), clock)
  const { refused, waited, moved } = telling(setting)

  /** Goes ahead, waits for its turn, or is refused. */
  const enter = (ctx: Context, input: A): Decision | Promise<Decision> => {
    const now = clock.now()
    const key = states.key(ctx, input)
    const state = states.get(key, now)
    const { maxWait, ranks } = rule
    const patience = maxWait === 0 ? 0 : Math.min(maxWait, Math.max(0, timeLeft(ctx)))
    const wait = state.take(now, patience, ranks ? rankOf(priority(ctx, input)) : usual)
    if (wait === 0) return rule.measures ? told(key, state, now) : pass()
    if (wait > patience) return refused(key, wait > maxWait ? rule.why : 'deadline', wait - patience)
    const ticket = state.ticket ?? 0
    return pause(ctx, wait).then((goesAhead) => {
      if (goesAhead) {
        waited(key, wait)
        return rule.measures ? told(key, state, clock.now()) : pass()
      }
      state.giveBack?.(ticket)
      const why = endedBy(ctx) ?? cancelled()
      return why._tag === 'Cancelled' ? refuse(why) : refused(key, 'deadline', wait)
    })
  }
  const told = (key: string, state: Rate, began: number): Either<never, End> =>
    ok((outcome) => {
      const now = clock.now()
      const from = state.record?.(now, began, signOf(outcome))
      if (from !== undefined) moved(key, from, state.level(now).limit)
    })

  return {
    step: limiter.measures ? admit<Failure, unknown, A>(enter as never) : guard<Failure, unknown, unknown, A>(enter),
    states,
    set(next) {
      const now = clock.now()
      replaceable(rule, next, next.kind === rule.kind && next.adopt(rule.start(), now))
      for (const [, state] of states.all()) next.adopt(state, now)
      rule = next
    },
  }
}
