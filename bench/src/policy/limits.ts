// Limiters of Tenon around the suite's handlers.
import { type Context, call, type Endpoint, endpoint, type Failure, ok } from '@tenon/endpoint'
import {
  adaptiveRate,
  aimd,
  bbr,
  concurrency,
  type Limiter,
  type LimitOptions,
  limit,
  shed,
  slidingWindow,
  tokenBucket,
} from '@tenon/limiter'
import type { Subject } from '../harness/suite.ts'
import { crowd, crowding, going, handler, hopping, type Limited, refusing } from './work.ts'

const bare = endpoint(async (n: number) => ok(await handler(n)))
/** Nobody ever comes near it. */
const plenty = { perSecond: 1e9, burst: 1e9 }

const answerOf =
  (limited: Endpoint<number, number, Failure>): Limited =>
  async (n) => {
    const answer = await call(limited, n)
    if (answer._tag === 'Right') return answer.right
    if (answer.left._tag === 'RateLimited') return 'refused'
    throw new Error(answer.left.message)
  }

const made = (limiter: Limiter<Failure>, options: LimitOptions<number> = {}): Endpoint<number, number, Failure> =>
  limit<Failure, number>(limiter, options)(bare)

const goes = (limited: Endpoint<number, number, Failure>): Subject => going(() => call(limited, 1), answerOf(limited))

/** Ten thousand keys in turn, so that not one entry stays in the processor's cache. */
const keys = Array.from({ length: 10_000 }, (_, n) => `account ${n}`)
let turn = 0
const byKey = (_: Context, n: number): string => keys[(turn++ + n) % keys.length] as string

export const alone = (): Subject => goes(bare)
export const bucket = (): Subject => goes(made(tokenBucket(plenty)))
export const keyedBucket = (): Subject => goes(made(tokenBucket(plenty), { by: byKey }))
export const windowed = (): Subject => goes(made(slidingWindow({ limit: 1_000_000, window: 1, buckets: 10 })))
export const logged = (): Subject => goes(made(slidingWindow({ limit: 100_000, window: 0.001 })))
export const rate = (): Subject => goes(made(adaptiveRate({ perSecond: 1e9 })))
export const shedding = (): Subject => goes(made(shed({ load: () => 0.1 })))
export const places = (): Subject => goes(made(concurrency({ limit: 10 })))
export const queued = (): Subject => goes(made(concurrency({ limit: 10, queue: 100 })))
export const adaptive = (): Subject => goes(made(concurrency({ limit: aimd() })))
export const littles = (): Subject => goes(made(concurrency({ limit: bbr() })))

const refuses = (limited: Endpoint<number, number, Failure>): Subject =>
  refusing(() => call(limited, 1), answerOf(limited))

/** One token in a year, and that is gone. */
export async function spent(): Promise<Subject> {
  const limited = made(tokenBucket({ perSecond: 1 / 31_536_000, burst: 1 }))
  await call(limited, 1)
  return refuses(limited)
}

/** One place, and somebody stays in it. */
export function full(): Subject {
  const held = limit(concurrency({ limit: 1 }))
  void call(held(endpoint(() => new Promise<never>(() => {}))), undefined)
  return refuses(held(bare))
}

export function waiting(): Subject {
  const limited = limit(concurrency({ limit: crowd.places, queue: crowd.calls }))(
    endpoint(async (n: number) => ok(await hopping(n))),
  )
  return crowding((n) => call(limited, n), answerOf(limited))
}
