// Effect 4: the body with `Effect.fnUntraced`, the wrappers as its further arguments, the user as a service, run by
// `Effect.runPromise`, all as its documentation has it.
import { Context, Data, Effect, Exit } from 'effect'
import type { Subject } from '../harness/suite.ts'
import {
  type Answer,
  affordable,
  authenticated,
  authorized,
  checkTenSteps,
  ended,
  inSeason,
  inStock,
  type Order,
  order,
  place,
  type Receipt,
  started,
  type User,
} from './work.ts'

class Caller extends Context.Service<Caller, User>()('bench/Caller') {}
class Refused extends Data.TaggedError('Refused')<{ readonly code: string }> {}

const refused = Effect.suspend(() => Effect.fail(new Refused({ code: 'permission_denied' })))

const watched = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    started()
    return Effect.onExit(self, (exit) => Effect.sync(() => ended(Exit.isSuccess(exit))))
  })

const withCaller = <A, E, R>(self: Effect.Effect<A, E, R>, order: Order) =>
  Effect.suspend((): Effect.Effect<A, E | Refused, Exclude<R, Caller>> => {
    const user = authenticated(order)
    return user === undefined ? refused : Effect.provideService(self, Caller, user)
  })

const withPermission = <A, E, R>(self: Effect.Effect<A, E, R>, order: Order) =>
  Effect.flatMap(Caller, (user): Effect.Effect<A, E | Refused, R> => (authorized(user, order) ? self : refused))

const where =
  (holds: (order: Order) => boolean) =>
  <A, E, R>(self: Effect.Effect<A, E, R>, order: Order): Effect.Effect<A, E | Refused, R> =>
    Effect.suspend((): Effect.Effect<A, E | Refused, R> => (holds(order) ? self : refused))

/** Innermost first, as `pipe` has it. */
const promising = Effect.fnUntraced(
  function* (order: Order) {
    const user = yield* Caller
    return yield* Effect.promise(async () => place(order, user))
  },
  where(inStock),
  watched,
  where(affordable),
  watched,
  where(inSeason),
  watched,
  withPermission,
  watched,
  withCaller,
  watched,
)

const synchronous = Effect.fnUntraced(
  function* (order: Order) {
    return place(order, yield* Caller)
  },
  where(inStock),
  watched,
  where(affordable),
  watched,
  where(inSeason),
  watched,
  withPermission,
  watched,
  withCaller,
  watched,
)

const subject = (run: (order: Order) => Effect.Effect<Receipt, Refused>): Subject => ({
  call: () => Effect.runPromise(run(order)),
  check: () =>
    checkTenSteps(async (order): Promise<Answer> => {
      try {
        return await Effect.runPromise(run(order))
      } catch (cause) {
        return cause instanceof Refused ? 'refused' : 'defect'
      }
    }),
})

export const effect: Subject = subject(promising)
export const effectSync: Subject = subject(synchronous)
