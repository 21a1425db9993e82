// Instrumenting: what @tenon/metrics counts of every call, and one metric of our own in the same registry.
import { mapMethod, mapMethods, tap } from '@tenon/endpoint'
import type { Metrics } from '@tenon/metrics'
import { Histogram } from 'prom-client'
import type { StringEndpoints } from './contract.ts'

/** Calls by method and code, how long they took, how many are under way; and what `count` answered. */
export function instrumented(endpoints: StringEndpoints, measured: Metrics) {
  const counted = new Histogram({
    name: 'stringsvc_count_result',
    help: 'What count answered, in bytes.',
    buckets: [0, 1, 10, 100, 1_000, 10_000],
    registers: [measured.registry],
  })
  const observed = mapMethod(
    endpoints,
    'count',
    tap(({ v }) => counted.observe(v)),
  )
  return mapMethods(observed, measured.red({ side: 'server' }))
}
