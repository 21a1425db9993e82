// What must compile, with exactly these types. Checked by test/promised-types.test.ts.
import { type Cancelled, type Context, chain, type Endpoint, endpoint, type Middleware, ok } from '@tenon/endpoint'
import {
  type Adaptive,
  adaptiveRate,
  aimd,
  bbr,
  concurrency,
  gradient,
  type Limit,
  type Limiter,
  leaky,
  limit,
  type Rate,
  type RateLimited,
  type RateLimiter,
  shed,
  slidingWindow,
  tokenBucket,
  vegas,
} from '../src/index.ts'

/** Are two types the same, as the compiler sees them? */
type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false
const same = <A, B>(_: Same<A, B>): void => undefined

interface PlaceOrder {
  readonly account: string
}
const place = endpoint(async ({ account }: PlaceOrder) => ok(account))

// What is refused is in E; where calls wait, their callers may leave.
const bucket = limit(tokenBucket({ perSecond: 1 }))
same<typeof bucket, Limit>(true)
const refusing = bucket(place)
same<typeof refusing, Endpoint<PlaceOrder, string, RateLimited>>(true)
const slow = limit(leaky({ perSecond: 1 }))(place)
same<typeof slow, Endpoint<PlaceOrder, string, RateLimited | Cancelled>>(true)
export const annotated: Middleware<RateLimited> = limit(slidingWindow({ limit: 1 }))

// Whoever waits for a place may leave; where nobody waits, nobody does.
const bulkhead = limit(concurrency({ limit: 10 }))
same<typeof bulkhead, Limit>(true)
const pool = limit(concurrency({ limit: 10, queue: 10, order: 'lifo', shares: { low: 0.5 } }))(place)
same<typeof pool, Endpoint<PlaceOrder, string, RateLimited | Cancelled>>(true)

const adapting = limit(concurrency({ limit: chosen() }))(place)
same<typeof adapting, Endpoint<PlaceOrder, string, RateLimited>>(true)
const shedding = chain(limit(shed()), limit(adaptiveRate({ perSecond: 100 })))(place)
same<typeof shedding, Endpoint<PlaceOrder, string, RateLimited>>(true)
const constant: Adaptive = { name: 'constant', start: () => ({ limit: () => 7, record: () => {} }) }
function chosen(): Adaptive {
  return [aimd(), gradient(), vegas(), bbr()][Math.floor(Math.random() * 5)] ?? constant
}

// The input that the key is read from is the endpoint's.
const byAccount = limit(tokenBucket({ perSecond: 1 }), { by: (_, order: PlaceOrder) => order.account })
same<typeof byAccount, Limit<RateLimited, PlaceOrder>>(true)
const chained = chain(byAccount, limit(leaky({ perSecond: 1 })))(place)
same<typeof chained, Endpoint<PlaceOrder, string, RateLimited | Cancelled>>(true)

// A limiter of one's own, and one that takes another's place.
declare const own: RateLimiter
same<ReturnType<typeof own.start>['take'], (now: number, patience: number, rank: 0 | 1 | 2 | 3) => number>(true)
const mine: Limiter = own
limit(mine).set(tokenBucket({ perSecond: 1 }))
export const state: Rate = tokenBucket({ perSecond: 1 }).start()
limit(leaky({ perSecond: 1 })).set(tokenBucket({ perSecond: 1 }))

export const byCaller: (ctx: Context, input: PlaceOrder) => string = (ctx, { account }) =>
  `${ctx.metadata.get('user')} ${account}`
limit(tokenBucket({ perSecond: 1 }), { by: byCaller })(place)
