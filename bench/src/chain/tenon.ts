// The same ten steps in Tenon: five observers and five guards, the first of which extends the context, fused; and what
// the parts of it cost (the way in, the extension, the general form of a middleware).
import {
  background,
  type Context,
  call,
  chain,
  type Defect,
  type Endpoint,
  endpoint,
  type Failure,
  guard,
  type Middleware,
  middleware,
  observe,
  ok,
  pass,
  refuse,
} from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import type { Subject } from '../harness/suite.ts'
import {
  type Answer,
  affordable,
  authenticated,
  authorized,
  checkHandler,
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

type Signed = { readonly user: User }
type Denied = Failure<'Denied', 'permission_denied'>

const denied = (): Denied => ({ _tag: 'Denied', code: 'permission_denied', message: 'not so' })

// Ten functions and not one shared by all: in a service every step is its own.
const signedSteps = chain(
  observe(() => {
    started()
    return (outcome) => ended(outcome._tag === 'Right')
  }),
  guard((_ctx, order: Order) => {
    const user = authenticated(order)
    return user === undefined ? refuse(denied()) : pass({ user })
  }),
  observe(() => {
    started()
    return (outcome) => ended(outcome._tag === 'Right')
  }),
  guard((ctx: Context & Signed, order: Order) => (authorized(ctx.user, order) ? pass() : refuse(denied()))),
  observe(() => {
    started()
    return (outcome) => ended(outcome._tag === 'Right')
  }),
  guard((_ctx, order: Order) => (inSeason(order) ? pass() : refuse(denied()))),
  observe(() => {
    started()
    return (outcome) => ended(outcome._tag === 'Right')
  }),
  guard((_ctx, order: Order) => (affordable(order) ? pass() : refuse(denied()))),
  observe(() => {
    started()
    return (outcome) => ended(outcome._tag === 'Right')
  }),
  guard((_ctx, order: Order) => (inStock(order) ? pass() : refuse(denied()))),
)

const ann: User = { name: 'ann' }

const plainSteps = chain(
  observe(() => {
    started()
    return (outcome) => ended(outcome._tag === 'Right')
  }),
  guard((_ctx, order: Order) => (authenticated(order) === undefined ? refuse(denied()) : pass())),
  observe(() => {
    started()
    return (outcome) => ended(outcome._tag === 'Right')
  }),
  guard((_ctx, order: Order) => (authorized(ann, order) ? pass() : refuse(denied()))),
  observe(() => {
    started()
    return (outcome) => ended(outcome._tag === 'Right')
  }),
  guard((_ctx, order: Order) => (inSeason(order) ? pass() : refuse(denied()))),
  observe(() => {
    started()
    return (outcome) => ended(outcome._tag === 'Right')
  }),
  guard((_ctx, order: Order) => (affordable(order) ? pass() : refuse(denied()))),
  observe(() => {
    started()
    return (outcome) => ended(outcome._tag === 'Right')
  }),
  guard((_ctx, order: Order) => (inStock(order) ? pass() : refuse(denied()))),
)

/** The general form, which cannot fuse. */
const watched = (): Middleware =>
  middleware((next) => async (input, ctx) => {
    started()
    const outcome = await next(input, ctx)
    ended(outcome._tag === 'Right')
    return outcome
  })
const where = (holds: (order: Order) => boolean): Middleware<Denied, unknown, unknown, Order> =>
  middleware<Denied, unknown, unknown, Order>(
    (next) => async (input, ctx) => (holds(input) ? await next(input, ctx) : refuse(denied())),
  )
const generalSteps = chain(
  watched(),
  where((order) => authenticated(order) !== undefined),
  watched(),
  where((order) => authorized(ann, order)),
  watched(),
  where(inSeason),
  watched(),
  where(affordable),
  watched(),
  where(inStock),
)

const signedHandler = endpoint(async (order: Order, ctx: Context & Signed) => ok(place(order, ctx.user)))
const syncHandler = endpoint((order: Order, ctx: Context & Signed) => ok(place(order, ctx.user)))
const handler = endpoint(async (order: Order) => ok(place(order, ann)))

export const answerOf = (result: Either<Failure | Defect, Receipt>): Answer =>
  result._tag === 'Right' ? result.right : result.left._tag === 'Defect' ? 'defect' : 'refused'

type Served = Endpoint<Order, Receipt, Denied>

const called = (served: Served, check: typeof checkTenSteps = checkTenSteps): Subject => ({
  call: () => call(served, order),
  check: () => check(async (order) => answerOf(await call(served, order))),
})

const served: Served = signedSteps(signedHandler)
const ctx = background()

export const tenon: Subject = called(served)
/** As a server runs it, which has made the context already. */
export const tenonTask: Subject = {
  call: () => served(order)(ctx)(),
  check: () => checkTenSteps(async (order) => answerOf(await served(order)(ctx)())),
}
export const tenonPlain: Subject = called(plainSteps(handler))
export const tenonSync: Subject = called(signedSteps(syncHandler))
export const tenonGeneral: Subject = called(generalSteps(handler))
export const tenonAlone: Subject = called(handler, checkHandler)
