// The inventory as the orders service sees it: three instances found through discovery, each behind its own breaker, and
// a retry around them all that goes to another instance.
import { type Breaker, breaker, probes, ratio } from '@tenon/breaker'
import { discovered, type Instancer } from '@tenon/discovery'
import { chain, type Middleware, mapMethods, observe, timeout } from '@tenon/endpoint'
import type { Metrics } from '@tenon/metrics'
import { retry } from '@tenon/retry'
import { http } from '@tenon/transport-http'
import { Inventory } from './contracts.ts'

/** What this side knows of one instance: for the view. */
export interface Seen {
  readonly circuit: Breaker
  readonly address: string
  calls: number
  failed: number
  inFlight: number
}

const counting = (seen: Seen): Middleware =>
  observe(() => {
    seen.calls++
    seen.inFlight++
    return (outcome) => {
      seen.inFlight--
      if (outcome._tag === 'Left' && outcome.left._tag !== 'OutOfStock') seen.failed++
    }
  })

/** The inventory's client over all its instances. `seen` is filled by the instance's name. Dispose it. */
export function inventoryClient(instances: Instancer, measured: Metrics, seen: Map<string, Seen>) {
  const found = discovered(Inventory, instances, {
    connect: ({ id, address, url }) => {
      const circuit = breaker({
        name: `inventory ${id}`,
        detector: ratio({ window: 1_000, threshold: 0.5, minimum: 10 }),
        recovery: probes({ count: 1, wait: 1_000 }),
      })
      const before = seen.get(id)
      const now: Seen = { circuit, address, calls: before?.calls ?? 0, failed: before?.failed ?? 0, inFlight: 0 }
      seen.set(id, now)
      return mapMethods(http.client(Inventory, { url }), chain(circuit, counting(now), timeout(500)))
    },
  })
  return mapMethods(found, chain(measured.red({ side: 'client' }), retry({ attempts: 4 })))
}
