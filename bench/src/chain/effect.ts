// Effect 4: each wrapper a combinator around the effect, the user a service, run by `Effect.runPromise`. Without
// `Effect.gen`, which would cost it two microseconds more.
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

const withCaller =
  (order: Order) =>
  <A, E, R>(self: Effect.Effect<A, E, R>) =>
    Effect.suspend((): Effect.Effect<A, E | Refused, Exclude<R, Caller>> => {
      const user = authenticated(order)
      return user === undefined ? refused : Effect.provideService(self, Caller, user)
    })

const withPermission =
  (order: Order) =>
  <A, E, R>(self: Effect.Effect<A, E, R>) =>
    Effect.flatMap(Caller, (user): Effect.Effect<A, E | Refused, R> => (authorized(user, order) ? self : refused))

const where =
  (order: Order, holds: (order: Order) => boolean) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | Refused, R> =>
    Effect.suspend((): Effect.Effect<A, E | Refused, R> => (holds(order) ? self : refused))

/** Around a handler, innermost first, as `pipe` has it. */
const tenSteps =
  (handler: (order: Order) => Effect.Effect<Receipt, never, Caller>) =>
  (order: Order): Effect.Effect<Receipt, Refused> =>
    handler(order).pipe(
      where(order, inStock),
      watched,
      where(order, affordable),
      watched,
      where(order, inSeason),
      watched,
      withPermission(order),
      watched,
      withCaller(order),
      watched,
    )

const promising = tenSteps((order) => Effect.flatMap(Caller, (user) => Effect.promise(async () => place(order, user))))
const synchronous = tenSteps((order) => Effect.map(Caller, (user) => place(order, user)))

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
