// Each numbered line must not compile, and its message must name the culprit. Checked by test/promised-types.test.ts; the messages
// stand in mistakes.txt.
import { type Endpoint, endpoint, type Middleware, ok } from '@tenon/endpoint'
import { aimd, concurrency, leaky, limit, type RateLimited, shed, slidingWindow, tokenBucket } from '../src/index.ts'

const size = endpoint(async ({ s }: { s: string }) => ok(s.length))
const bucket = tokenBucket({ perSecond: 1 })
/*1*/ limit()
/*2*/ limit({ perSecond: 1 })
/*3*/ tokenBucket({ burst: 1 })
/*4*/ slidingWindow({ limit: 1, window: '1s' })
/*5*/ limit(bucket, { key: () => '' })
/*6*/ limit(bucket, { by: () => 7 })
/*7*/ limit(bucket, { by: (_, order: { account: string }) => order.account })(size)
/*8*/ export const a: Middleware = limit(bucket)
/*9*/ export const b: Endpoint<{ s: string }, number> = limit(bucket)(size)
/*10*/ export const c: Middleware<RateLimited> = limit(leaky({ perSecond: 1 }))
/*11*/ limit(bucket).set(leaky({ perSecond: 1 }))
/*12*/ limit(bucket, { priority: () => 'urgent' })
/*13*/ concurrency({ limit: 1, order: 'random' })
/*14*/ export const d: Middleware<RateLimited> = limit(concurrency({ limit: 1, queue: 1 }))
/*15*/ concurrency({ limit: 1, shares: { urgent: 1 } })
/*16*/ concurrency({ limit: aimd })
/*17*/ limit(aimd())
/*18*/ shed({ load: 0.8 })
