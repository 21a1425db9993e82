// The same ten steps as wrappers written by hand, one function around the next: as `async` functions, as
// ReaderTaskEithers that await, and as direct `then` chains. A throw of the handler becomes a value at the innermost.
import { type Either, left, right } from 'fp-ts/lib/Either.js'
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js'
import type { Subject } from '../harness/suite.ts'
import { answerOf } from './naive.ts'
import {
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
  readonly user?: User
}
interface Refused {
  readonly _tag: 'Refused' | 'Defect'
}
type Result = Either<Refused, Receipt>
const refused: Result = left({ _tag: 'Refused' })
const userOf = (env: Env): User => env.user as User

/** One way to write the wrappers: N is what is wrapped. */
interface Way<N> {
  readonly handler: N
  readonly watched: (next: N) => N
  readonly signed: (next: N) => N
  readonly where: (holds: (order: Order, env: Env) => boolean) => (next: N) => N
}

function tenOf<N>({ handler, watched, signed, where }: Way<N>): N {
  const inner = watched(
    where((order, env) => authorized(userOf(env), order))(
      watched(where(inSeason)(watched(where(affordable)(watched(where(inStock)(handler)))))),
    ),
  )
  return watched(signed(inner))
}

type Direct = (order: Order, env: Env) => Promise<Result>

const awaited = tenOf<Direct>({
  handler: async (order, env) => {
    try {
      return right(place(order, userOf(env)))
    } catch {
      return left({ _tag: 'Defect' })
    }
  },
  watched: (next) => async (order, env) => {
    started()
    const result = await next(order, env)
    ended(result._tag === 'Right')
    return result
  },
  signed: (next) => async (order, env) => {
    const user = authenticated(order)
    return user === undefined ? refused : await next(order, { ...env, user })
  },
  where: (holds) => (next) => async (order, env) => (holds(order, env) ? await next(order, env) : refused),
})

type Reader = (order: Order) => ReaderTaskEither<Env, Refused, Receipt>

const readers = tenOf<Reader>({
  handler: (order) => (env) => async () => {
    try {
      return right(place(order, userOf(env)))
    } catch {
      return left({ _tag: 'Defect' })
    }
  },
  watched: (next) => (order) => (env) => async () => {
    started()
    const result = await next(order)(env)()
    ended(result._tag === 'Right')
    return result
  },
  signed: (next) => (order) => (env) => async () => {
    const user = authenticated(order)
    return user === undefined ? refused : await next(order)({ ...env, user })()
  },
  where: (holds) => (next) => (order) => (env) => async () => (holds(order, env) ? await next(order)(env)() : refused),
})

const refusedLater: Promise<Result> = Promise.resolve(refused)

const thens = tenOf<Direct>({
  handler: (order, env) =>
    new Promise<Receipt>((resolve) => resolve(place(order, userOf(env)))).then(
      (receipt) => right(receipt),
      () => left({ _tag: 'Defect' }),
    ),
  watched: (next) => (order, env) => {
    started()
    return next(order, env).then((result) => {
      ended(result._tag === 'Right')
      return result
    })
  },
  signed: (next) => (order, env) => {
    const user = authenticated(order)
    return user === undefined ? refusedLater : next(order, { ...env, user })
  },
  where: (holds) => (next) => (order, env) => (holds(order, env) ? next(order, env) : refusedLater),
})

const env: Env = {}

export const asyncLayers: Subject = {
  call: () => awaited(order, env),
  check: () => checkTenSteps(async (order) => answerOf(await awaited(order, env))),
}
export const readerLayers: Subject = {
  call: () => readers(order)(env)(),
  check: () => checkTenSteps(async (order) => answerOf(await readers(order)(env)())),
}
export const thenLayers: Subject = {
  call: () => thens(order, env),
  check: () => checkTenSteps(async (order) => answerOf(await thens(order, env))),
}
