// Consistent hash: calls with the same key go to the same instance, whichever process asks, unless that has too much to do.
import { type Context, knownOptions, type OptionNames } from '@tenon/endpoint'
import { functionOption, numberOption } from '@tenon/policy'
import type { Node } from './node.ts'
import { type Ring, ring } from './ring.ts'
import { shares } from './shares.ts'
import type { Balancer, Strategy } from './strategy.ts'

/** Options of {@link consistentHash}. */
export interface ConsistentHashOptions<in A> {
  /** The key of a call: `(ctx, order) => order.customer`. Calls without one go to the instances in turn. */
  readonly by: (ctx: Context, input: A) => string | undefined
  /**
   * How many calls an instance may have in flight, as a multiple of its share of all: what is above goes on to the next
   * ones on the ring. 1 or more, `Infinity` for no bound. Default 1.25.
   */
  readonly load?: number
  /** Points on the ring for a weight of 1: at 4, a weight is exact to a quarter. 1 to 1,000. Default 4. */
  readonly points?: number
}

const named: OptionNames<ConsistentHashOptions<unknown>> = { by: true, load: true, points: true }

/** The most points of one instance: a weight above is cut, so that a slip of the registry does not fill the memory. */
const most = 1_000

/**
 * Calls with the same key go to the same instance: in every process, whatever came and went before. When an instance
 * comes or goes only the keys that it gets or had move. No instance has more than `load` times its share of the calls
 * in flight; a call that would be too much, or has tried its instance, goes to the next one on the ring. O(1) a pick;
 * O(n log n) when the set changes.
 *
 * Sources: Appleton and O'Reilly, "Multi-probe consistent hashing" (2015); Mirrokni, Thorup and Zadimoghaddam,
 * "Consistent Hashing with Bounded Loads" (2016).
 */
export function consistentHash<A = unknown>(options: ConsistentHashOptions<A>): Strategy<A> {
  knownOptions('consistentHash', options, named)
  const { load = 1.25, points = 4 } = options
  const by = functionOption('consistentHash', 'by', options.by)
  numberOption('consistentHash', 'load', load, { min: 1, max: Number.POSITIVE_INFINITY })
  numberOption('consistentHash', 'points', points, { min: 1, max: 1_000, whole: true })
  return { name: 'consistentHash', balancer: () => new Hashing(by, load, points) }
}

class Hashing<A> implements Balancer<A> {
  readonly #by: (ctx: Context, input: A) => string | undefined
  readonly #load: number
  readonly #points: number
  /** Calls in flight that were sent from here. */
  readonly #calls = new WeakMap<Node, number>()
  #all = 0
  #turn = 0
  #nodes: readonly Node[] | undefined
  #ring: Ring = ring([], [])
  #weights: readonly number[] = []
  #weight = 0

  constructor(by: (ctx: Context, input: A) => string | undefined, load: number, points: number) {
    this.#by = by
    this.#load = load
    this.#points = points
  }

  changed(nodes: readonly Node[]): void {
    this.#weights = shares(nodes)
    this.#weight = this.#weights.reduce((sum, weight) => sum + weight, 0)
    this.#ring = ring(
      nodes.map((node) => node.id),
      this.#weights.map((weight) => Math.min(most, weight === 0 ? 0 : Math.max(1, Math.round(weight * this.#points)))),
    )
    this.#nodes = nodes
  }

  pick(nodes: readonly Node[], ctx: Context, input: A): number {
    if (nodes !== this.#nodes) this.changed(nodes)
    const around = this.#ring
    const key = this.#by(ctx, input)
    const home = key === undefined || key === '' ? this.#turn++ % around.size : around.find(String(key))
    const tried = ctx.attempt?.tried
    const share = (this.#load * (this.#all + 1)) / this.#weight
    let untried = -1
    for (let step = 0; step < around.size; step++) {
      const owner = around.owner((home + step) % around.size)
      const node = nodes[owner] as Node
      if (tried?.has(node.id)) continue
      if (untried < 0) untried = owner
      if ((this.#calls.get(node) ?? 0) < Math.ceil(share * (this.#weights[owner] as number))) return owner
    }
    // Those that are left have more than their share, or all were tried.
    return untried < 0 ? around.owner(home) : untried
  }

  started(node: Node): void {
    this.#all++
    this.#calls.set(node, (this.#calls.get(node) ?? 0) + 1)
  }

  ended(node: Node): void {
    this.#all--
    this.#calls.set(node, (this.#calls.get(node) ?? 1) - 1)
  }
}
