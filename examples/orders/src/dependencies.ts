// What the orders service calls, with its policies. The inventory: three instances found through discovery, each behind its
// own breaker, and a retry around them all that goes to another instance.
import { type Breaker, breaker, probes, ratio } from '@tenon/breaker'
import { discovered, type Instancer } from '@tenon/discovery'
import { chain, type Middleware, mapMethods, observe, timeout } from '@tenon/endpoint'
import type { Metrics } from '@tenon/metrics'
import { exponential } from '@tenon/policy'
import { retry } from '@tenon/retry'
import { grpc } from '@tenon/transport-grpc'
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
    connect: ({ id, address }) => {
      const circuit = breaker({
        name: `inventory ${id}`,
        detector: ratio({ window: 1_000, threshold: 0.5, minimum: 10 }),
        recovery: probes({ count: 1, wait: 1_000 }),
      })
      const before = seen.get(id)
      const now: Seen = { circuit, address, calls: before?.calls ?? 0, failed: before?.failed ?? 0, inFlight: 0 }
      seen.set(id, now)
      return mapMethods(grpc.client(Inventory, { address }), chain(circuit, counting(now), timeout(500)))
    },
  })
  // An attempt that took too long may have reserved. To ask again is one reservation, and there is time for it.
  return mapMethods(
    found,
    chain(measured.red({ side: 'client' }), retry({ attempts: 4, when: ['unavailable', 'deadline_exceeded'] })),
  )
}

/**
 * For what has one place only, payments and JetStream: whoever waits for an order waits for them, as long as there is time.
 * Both may be asked twice: payments by its contract, and JetStream knows all attempts of a call by one id.
 */
export const patient = () => retry({ attempts: Number.POSITIVE_INFINITY, backoff: exponential({ from: 100, to: 500 }) })
