// People who buy: orders arrive at random moments at a given rate, whether or not the ones before are answered.
import { type Clock, call, type Endpoint, type Failure, type Random } from '@tenon/endpoint'
import type { Order, PlaceOrder } from './contracts.ts'
import type { Tally } from './tally.ts'

export interface LoadOptions<E extends Failure> {
  readonly place: Endpoint<PlaceOrder, Order, E>
  /** Orders a second. */
  readonly rate: number
  /** What people buy: some things often, one of them scarce. */
  readonly skus: readonly string[]
  readonly random: Random
  readonly clock: Clock
  readonly tally: Tally
  /** Ends the arrivals; orders under way finish. */
  readonly signal: AbortSignal
}

/** Places orders until the signal aborts; resolves when the last of them is answered. */
export async function load<E extends Failure>({
  place,
  rate,
  skus,
  random,
  clock,
  tally,
  signal,
}: LoadOptions<E>): Promise<void> {
  const underWay = new Set<Promise<void>>()
  const pick = <A>(from: readonly A[]): A => from[Math.floor(random() * from.length)] as A
  let due = clock.now()
  for (let n = 1; !signal.aborted; n++) {
    // Poisson arrivals: exponential gaps.
    due += (-Math.log(1 - random()) * 1_000) / rate
    const wait = due - clock.now()
    if (wait > 0) await clock.sleep(wait, signal)
    if (signal.aborted) break
    const from = due
    const order = {
      requestId: `order-${n}`,
      sku: pick(skus),
      quantity: 1 + Math.floor(random() * 3),
      card: random() < 0.01 ? 'expired' : 'good',
    }
    const placed: Promise<void> = call(place, order, { timeout: 3_000 }).then((outcome) => {
      tally.add(outcome, clock.now() - from)
      underWay.delete(placed)
    })
    underWay.add(placed)
  }
  await Promise.all(underWay)
}
