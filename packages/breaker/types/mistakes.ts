// Each numbered line must not compile, and its message must name the culprit. Checked by test/promised-types.test.ts; the messages
// stand in mistakes.txt.
import { chain, type Endpoint, endpoint, type Middleware, ok } from '@tenon/endpoint'
import {
  all,
  any,
  breaker,
  type CircuitOpen,
  consecutive,
  dynamic,
  errorRate,
  inARow,
  probes,
  ratio,
  ruleTable,
  sequential,
  sequentialProbes,
} from '../src/index.ts'

interface PlaceOrder {
  readonly region: string
}
const place = endpoint(async ({ region }: PlaceOrder) => ok(region.length))
const size = endpoint(async ({ s }: { s: string }) => ok(s.length))
const byRegion = breaker({ by: (_, order: PlaceOrder) => order.region })
/*1*/ export const a: Middleware = breaker()
/*2*/ export const b: Endpoint<PlaceOrder, number> = breaker()(place)
/*3*/ byRegion(size)
/*4*/ chain(byRegion, breaker())(size)
/*5*/ breaker({ by: () => 7 })
/*6*/ breaker({ detector: probes() })
/*7*/ breaker({ recovery: ratio() })
/*8*/ breaker({ threshold: 0.5 })
/*9*/ breaker({ classify: { codes: { unavailble: 'failure' } } })
/*10*/ breaker({ classify: () => 'bad' })
/*11*/ ratio({ comparison: '<' })
/*12*/ errorRate()
/*13*/ sequential({ window: 10_000 })
/*14*/ sequentialProbes({ count: 3 })
/*15*/ probes({ ramp: { share: [0.1] } })
/*16*/ any(sequential)
/*17*/ all([ratio(), consecutive()])
/*18*/ inARow({ times: 3 }, ratio())
/*19*/ dynamic(ratio())
/*20*/ breaker().hold('halfOpen')
/*21*/ breaker().swap({ by: () => '' })
/*22*/ breaker().restore({ version: 2, circuits: [] })
/*23*/ ruleTable({ path: () => '/', rules: [] })
/*24*/ export const c: Middleware<CircuitOpen> = byRegion
