// Each numbered line must not compile, and its message must name the culprit. Checked by test/promised-types.test.ts; the messages
// stand in mistakes.txt.
import { pipe } from 'fp-ts/lib/function.js'
import type { Defect, Endpoint, Failure, Middleware } from '../src/index.ts'
import { call, chain, guard, mapMethod, mapMethods, matchFailure, middleware, ok } from '../src/index.ts'

interface Authenticated {
  readonly claims: { readonly sub: string }
}
interface Unauthenticated extends Failure<'Unauthenticated', 'unauthenticated'> {}
interface Denied extends Failure<'Denied', 'permission_denied'> {}
interface Open extends Failure<'CircuitOpen', 'unavailable'> {}
interface Limited extends Failure<'RateLimited', 'resource_exhausted'> {}
interface Order {
  readonly sku: string
}
declare const authenticate: Middleware<Unauthenticated, Authenticated>
declare const authorize: Middleware<Denied, unknown, Authenticated>
declare const breaker: Middleware<Open>
declare const keyed: Middleware<Open, unknown, unknown, Order>
declare const place: Endpoint<Order, number, never, Authenticated>
declare const other: Endpoint<{ readonly id: string }, number>
declare function serve<I, O, E extends Failure>(e: Endpoint<I, O, E>): void
/*1*/ serve(chain(authorize, authenticate)(place))
/*2*/ export const a: Middleware<Denied> = authorize
/*3*/ export const b: Middleware = breaker
/*4*/ export const c: Middleware<Limited> = breaker
/*5*/ export const d: Middleware<Open, Authenticated> = breaker
/*6*/ export const e: Middleware<Open> = keyed
/*7*/ pipe(other, keyed)
/*8*/ chain(breaker, keyed)(other)
/*9*/ serve(place)
/*10*/ serve(pipe(place, authenticate, authorize))
/*11*/ export const f: Endpoint<Order, number, Open> = breaker(authenticate(place))
/*12*/ export const g: Middleware<Denied | Unauthenticated> = chain(authorize, authenticate)
declare const toText: <I, E extends Failure, R>(next: Endpoint<I, number, E, R>) => Endpoint<I, string, E, R>
/*13*/ chain(breaker, toText)
/*14*/ call(other, { id: 'a' }, { deadline: 500 })
/*15*/ mapMethods({ place, other }, keyed)
/*16*/ mapMethod({ place, other }, 'other', keyed)
/*17*/ matchFailure({} as Open | Defect, { CircuitOpen: () => 1 })
/*18*/ guard(() => true)
/*19*/ export const h: Middleware = middleware(() => async () => ok(5))
/*20*/ call(place, { sku: 'a' })
