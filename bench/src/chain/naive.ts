// The same ten steps by fp-ts's own combinators, `RTE.ask` and `RTE.chain`: what one writes first.
// With as few combinators as it can be done: each is built anew for each call, and costs a microsecond or more.
import { type Either, isRight } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as RTE from 'fp-ts/lib/ReaderTaskEither.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
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

interface Env {
  readonly trace: string
}
interface Signed extends Env {
  readonly user: User
}
interface Refused {
  readonly _tag: 'Refused' | 'Defect'
}
type Next<R> = (order: Order) => RTE.ReaderTaskEither<R, Refused, Receipt>

const refused: Refused = { _tag: 'Refused' }

const handler: Next<Signed> = (order) =>
  pipe(
    RTE.ask<Signed>(),
    RTE.chain(({ user }) =>
      RTE.fromTaskEither(
        TE.tryCatch(
          async () => place(order, user),
          (): Refused => ({ _tag: 'Defect' }),
        ),
      ),
    ),
  )

const watched =
  <R>(next: Next<R>): Next<R> =>
  (order) =>
    pipe(
      RTE.ask<R, Refused>(),
      RTE.chain(() => {
        started()
        return next(order)
      }),
      RTE.bimap(
        (failure) => {
          ended(false)
          return failure
        },
        (receipt) => {
          ended(true)
          return receipt
        },
      ),
    )

const where =
  <R>(holds: (order: Order, env: R) => boolean) =>
  (next: Next<R>): Next<R> =>
  (order) =>
    pipe(
      RTE.ask<R, Refused>(),
      RTE.chain((env) => (holds(order, env) ? next(order) : RTE.left(refused))),
    )

const signed =
  (next: Next<Signed>): Next<Env> =>
  (order) =>
    pipe(
      RTE.ask<Env, Refused>(),
      RTE.chain((env) => {
        const user = authenticated(order)
        return user === undefined ? RTE.left(refused) : RTE.fromTaskEither(next(order)({ ...env, user }))
      }),
    )

const inner: Next<Signed> = pipe(
  handler,
  where<Signed>(inStock),
  watched,
  where<Signed>(affordable),
  watched,
  where<Signed>(inSeason),
  watched,
  where<Signed>((order, { user }) => authorized(user, order)),
  watched,
)
const run: Next<Env> = watched(signed(inner))

const env: Env = { trace: 'none' }

export const answerOf = (result: Either<{ readonly _tag: string }, Receipt>): Answer =>
  isRight(result) ? result.right : result.left._tag === 'Defect' ? 'defect' : 'refused'

export const naive: Subject = {
  call: () => run(order)(env)(),
  check: () => checkTenSteps(async (order) => answerOf(await run(order)(env)())),
}
