// What must compile, with exactly these types. Checked by test/promised-types.test.ts.
import * as E from 'fp-ts/lib/Either.js'
import { flow, pipe } from 'fp-ts/lib/function.js'
import * as RTE from 'fp-ts/lib/ReaderTaskEither.js'
import {
  admit,
  byMethod,
  type Context,
  call,
  chain,
  type DeadlineExceeded,
  type Defect,
  type Endpoint,
  endpoint,
  type Failure,
  fail,
  guard,
  type Middleware,
  mapMethod,
  mapMethods,
  mapOutput,
  middleware,
  observe,
  ok,
  pass,
  refuse,
  type Stream,
  stream,
  timeout,
} from '../src/index.ts'

type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const is = <A, B>(_: Eq<A, B>): void => {}

interface Claims {
  readonly sub: string
}
interface Authenticated {
  readonly claims: Claims
}
interface Wide {
  readonly claims: { readonly sub: string; readonly roles: readonly string[] }
}
interface Unauthenticated extends Failure<'Unauthenticated', 'unauthenticated'> {}
interface Denied extends Failure<'Denied', 'permission_denied'> {}
interface Open extends Failure<'CircuitOpen', 'unavailable'> {}
interface Limited extends Failure<'RateLimited', 'resource_exhausted'> {}
interface OutOfStock extends Failure<'OutOfStock', 'failed_precondition'> {
  readonly sku: string
}
interface Order {
  readonly sku: string
  readonly qty: number
}

declare const unauthenticated: Unauthenticated
declare const authenticate: Middleware<Unauthenticated, Authenticated>
declare const authenticateWide: Middleware<Unauthenticated, Wide>
declare const authorize: Middleware<Denied, unknown, Authenticated>
declare const breaker: Middleware<Open>
declare const keyed: <A>(o: { by: (ctx: Context, input: A) => string }) => Middleware<Open, unknown, unknown, A>
declare const place: Endpoint<Order, number, OutOfStock, Authenticated>
declare const log: (fields: object) => void
declare const verify: (token: string | undefined) => Promise<Claims | undefined>
declare function serve<I, O, E extends Failure>(e: Endpoint<I, O, E>): void

// The right order, by application and by chain.
const applied = pipe(place, authorize, authenticate)
is<typeof applied, Endpoint<Order, number, OutOfStock | Unauthenticated | Denied>>(true)
const chained = chain(authenticate, authorize, breaker, keyed({ by: (_, order: Order) => order.sku }))
is<typeof chained, Middleware<Unauthenticated | Denied | Open, Authenticated, unknown, Order>>(true)
export const both: Endpoint<Order, number, OutOfStock | Unauthenticated | Denied | Open> = chained(place)
serve(chained(place))
const flown = pipe(place, flow(authorize, authenticate))
is<typeof flown, Endpoint<Order, number, OutOfStock | Unauthenticated | Denied>>(true)
const same = chain()(place)
is<typeof same, Endpoint<Order, number, OutOfStock, Authenticated>>(true)
const between = chain(breaker, authenticate, authorize)
is<typeof between, Middleware<Unauthenticated | Denied | Open, Authenticated>>(true)

// Needs as an interface or flat; a provider may give more than is asked for.
interface Env extends Context, Authenticated {
  readonly db: string
}
declare const withEnv: Endpoint<Order, number, never, Env>
export const left: Endpoint<Order, number, Unauthenticated, { readonly db: string }> = authenticate(withEnv)
export const wide: Endpoint<Order, number, OutOfStock | Unauthenticated> = authenticateWide(place)
export const wideChain: Middleware<Unauthenticated | Denied, Wide> = chain(authenticateWide, authorize)

// fp-ts on both sides.
export const raw: Endpoint<Order, number, OutOfStock> = (order: Order) =>
  pipe(
    RTE.right<Context, OutOfStock, number>(order.qty),
    RTE.map((n) => n + 1),
  )
export const mapped: Endpoint<Order, string, OutOfStock, Authenticated> = flow(
  place,
  RTE.map((n) => String(n)),
)

// The way in for newcomers.
const plain = endpoint(async (order: Order, ctx) => {
  if (order.qty > 3 || ctx.signal.aborted)
    return fail({ _tag: 'OutOfStock', code: 'failed_precondition', message: '', sku: order.sku } as OutOfStock)
  return ok(order.qty)
})
is<typeof plain, Endpoint<Order, number, OutOfStock>>(true)
const needy = endpoint((_: undefined, ctx: Context & Authenticated) => ok(ctx.claims.sub))
is<typeof needy, Endpoint<undefined, string, never, Authenticated>>(true)
export const answer: Promise<E.Either<OutOfStock | Defect, number>> = call(plain, { sku: 'a', qty: 1 })
const forwards = endpoint(async (order: Order, ctx) => {
  const n = await call(plain, order, { parent: ctx, timeout: 300 })
  return n._tag === 'Left' ? n : ok(n.right + 1)
})
is<typeof forwards, Endpoint<Order, number, OutOfStock>>(true)
const watch = endpoint((order: Order) =>
  ok(
    stream(
      (async function* () {
        yield ok(order.qty)
        yield fail(unauthenticated)
      })(),
    ),
  ),
)
is<typeof watch, Endpoint<Order, Stream<number, Unauthenticated>>>(true)

// Constructors.
const limits = guard(() => refuse({} as Limited))
is<typeof limits, Middleware<Limited>>(true)
const businessHours = guard(() => (Math.random() > 0.5 ? pass() : refuse({} as Limited)))
is<typeof businessHours, Middleware<Limited>>(true)
const claims = guard((ctx) =>
  ctx.metadata.has('authorization') ? pass({ claims: { sub: 'a' } as Claims }) : refuse(unauthenticated),
)
is<typeof claims, Middleware<Unauthenticated, { claims: Claims }>>(true)
const jwt = guard(async (ctx) => {
  const verified = await verify(ctx.metadata.get('authorization'))
  return verified ? pass({ claims: verified }) : refuse(unauthenticated)
})
is<typeof jwt, Middleware<Unauthenticated, { claims: Claims }>>(true)
export const either = guard(
  (): E.Either<Unauthenticated, Authenticated> => E.left(unauthenticated),
) satisfies Middleware<Unauthenticated, Authenticated>
export const admits: Middleware<Open> = admit(() => E.right((outcome) => void outcome))
const watches = observe(() => (outcome) => log({ ok: outcome._tag === 'Right' }))
is<typeof watches, Middleware>(true)
const labelled = byMethod((m) => observe(() => () => log({ method: m?.name })))
is<typeof labelled, Middleware>(true)
const timed = chain(timeout(1_000), breaker, limits)(plain)
is<typeof timed, Endpoint<Order, number, OutOfStock | DeadlineExceeded | Open | Limited>>(true)
export const polymorphic = <F extends Failure>(f: F): Middleware<F | Open> =>
  chain(
    guard(() => refuse(f)),
    breaker,
  )

// A middleware as a plain generic function, and the general form.
export const generic = <I, O, F extends Failure, R>(next: Endpoint<I, O, F, R>): Endpoint<I, O, F | Limited, R> => next
export const annotated: Middleware<Limited> = generic
export const used: Endpoint<Order, number, OutOfStock | Open | Limited, Authenticated> = chain(
  annotated,
  breaker,
)(place)
export const twice: Middleware = middleware((next) => async (input, ctx) => {
  const first = await next(input, ctx)
  return first._tag === 'Right' ? first : next(input, ctx)
})
export const refusing: Middleware<Limited, unknown, Authenticated, Order> = middleware(
  (next) => async (order, ctx) => (ctx.claims.sub === order.sku ? next(order, ctx) : fail({} as Limited)),
)

// Records.
const record = { plain, count: endpoint(({ sku }: Order) => ok(sku.length)), [Symbol.asyncDispose]: async () => {} }
const guarded = mapMethods(record, chain(breaker, limits))
is<typeof guarded.count, Endpoint<Order, number, Open | Limited>>(true)
export const disposable: AsyncDisposable = guarded
const one = mapMethod(
  record,
  'count',
  mapOutput((n) => String(n)),
)
is<typeof one.count, Endpoint<Order, string>>(true)
is<typeof one.plain, typeof plain>(true)
