// The onion, from the outside in: metrics, log, rate limit, breaker, and the endpoint in the middle.
//
// Go kit's addsvc has its breaker outside of the limit, so that what the limit refuses counts as failures and a busy
// minute opens the breaker. Here a call that was refused never reaches it. (The other way round it would do no harm
// either: to this breaker, being refused says nothing about the service.)
import { breaker, presets } from '@tenon/breaker'
import { type Clock, chain, mapMethods, systemClock } from '@tenon/endpoint'
import { limit, tokenBucket } from '@tenon/limiter'
import type { Metrics } from '@tenon/metrics'
import type { AddEndpoints } from './contract.ts'
import { counted } from './instrumenting.ts'
import { logging } from './logging.ts'

/** The service as its transports serve it. */
export function layered(endpoints: AddEndpoints, measured: Metrics, options: Layers): AddEndpoints {
  const { perSecond, log, clock = systemClock } = options
  const guarded = (name: string, burst: number) =>
    chain(
      limit(tokenBucket({ perSecond, burst: Math.max(burst, perSecond) }), { name, clock }),
      breaker({ ...presets.gobreaker, name }),
    )
  const { sum, concat } = counted(endpoints, measured)
  // One sum at once and a hundred texts, as in Go kit. What is the same for all goes around them all.
  const all = { sum: guarded('sum', 1)(sum), concat: guarded('concat', 100)(concat) }
  return mapMethods(all, chain(measured.red({ side: 'server' }), logging(log)))
}

interface Layers {
  /** Calls of each method in the long run. Go kit allows one. */
  readonly perSecond: number
  /** Gets a line for each call. */
  readonly log: (line: string) => void
  /** For the limit. A test has one of its own. */
  readonly clock?: Clock
}
