// What must compile, with exactly these types. Checked by test/promised-types.test.ts.
import {
  type BreakerState,
  type Context,
  chain,
  type Endpoint,
  endpoint,
  type Failure,
  fail,
  type Middleware,
  mapMethods,
  ok,
} from '@tenon/endpoint'
import { exponential, list } from '@tenon/policy'
import {
  adaptiveThrottle,
  all,
  any,
  type Breaker,
  type BreakerSnapshot,
  breaker,
  type CircuitOpen,
  type Detector,
  dynamic,
  errorRate,
  inARow,
  latency,
  presets,
  probes,
  type Recovery,
  ratio,
  ruleTable,
  sequential,
  sequentialProbes,
  slowCalls,
} from '../src/index.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function is<A, B>(equal: Equal<A, B>): void

interface PlaceOrder {
  readonly region: string
}
type OutOfStock = Failure<'OutOfStock', 'failed_precondition'>
const outOfStock: OutOfStock = { _tag: 'OutOfStock', code: 'failed_precondition', message: '' }
const place = endpoint(async ({ region }: PlaceOrder) => (region === '' ? fail(outOfStock) : ok(region.length)))

export const plain: Middleware<CircuitOpen> = breaker()
const guarded = breaker()(place)
is<typeof guarded, Endpoint<PlaceOrder, number, OutOfStock | CircuitOpen>>(true)
const byRegion = breaker({ ...presets.hystrix, by: (_: Context, order: PlaceOrder) => order.region })
is<typeof byRegion, Breaker<PlaceOrder>>(true)
export const both: Middleware<CircuitOpen, unknown, unknown, PlaceOrder> = chain(breaker(), byRegion)
export const client = mapMethods({ place }, byRegion)
is<typeof client.place, Endpoint<PlaceOrder, number, OutOfStock | CircuitOpen>>(true)

export const detectors: readonly Detector[] = [
  sequential({ threshold: 0.3, margin: 0.05, meanTimeBetweenFalseTrips: 3_600_000, minDuration: 2_000 }),
  ratio({ calls: 100, window: 10_000, threshold: 0.6 }),
  errorRate({ perSecond: 5 }),
  any(sequential(), slowCalls({ slow: 800 })),
  inARow(all(latency(), ratio({ threshold: 0.2, evaluate: 'all' })), { times: 3 }),
  dynamic(() => ratio({ minimum: 50 })),
  adaptiveThrottle({ k: 2 }),
]
export const recoveries: readonly Recovery[] = [
  sequentialProbes({ wait: exponential({ from: 1_000, jitter: 'equal' }), ramp: { shares: [0.1, 0.5] } }),
  probes({ count: 6, of: 10, wait: list([30_000, 60_000]) }),
]
export const byTable = breaker(
  ruleTable<PlaceOrder>({
    path: (_, order) => order.region,
    dependency: () => 'mysql',
    rules: [{ dependency: 'mysql', ...presets.byDependency.mysql }],
  }),
)
is<typeof byTable, Breaker<PlaceOrder>>(true)
is<ReturnType<typeof byRegion.state>, BreakerState>(true)
is<ReturnType<typeof byRegion.snapshot>, BreakerSnapshot>(true)
export const classified = breaker({ classify: (outcome) => (outcome._tag === 'Right' ? 'success' : undefined) })
byRegion.swap({ detector: ratio(), classify: { codes: { resource_exhausted: 'failure' } } })
byRegion.hold('open', 'north')
