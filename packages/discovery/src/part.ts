// Some of a list's nodes, with a balancer of their own: what strategies that choose within others are made of.
import type { Context } from '@tenon/endpoint'
import type { Node } from './node.ts'
import type { Balancer } from './strategy.ts'
import { untried } from './untried.ts'

export class Part<in A> {
  readonly #balancer: Balancer<A>
  #nodes: readonly Node[] = []
  #places: readonly number[] = []

  constructor(balancer: Balancer<A>) {
    this.#balancer = balancer
  }

  get size(): number {
    return this.#nodes.length
  }

  /** The nodes at these places of the list are the part from now on. */
  become(nodes: readonly Node[], places: readonly number[]): void {
    this.#places = places
    this.#nodes = places.map((place) => nodes[place] as Node)
    this.#balancer.changed?.(this.#nodes)
  }

  /** A place in the whole list, of one that the call has not tried while the part has one; -1 when it has none at all. */
  pick(ctx: Context, input: A): number {
    if (this.#nodes.length === 0) return -1
    const at = untried(this.#balancer, this.#nodes, ctx, input)
    return at < 0 ? at : (this.#places[at] ?? Number.NaN)
  }
}

/** How a strategy around another one passes on what it is told of calls; nothing, when that does not listen. */
export const listening = <A>(inner: Balancer<A>): Pick<Balancer<A>, 'started' | 'ended'> => ({
  ...(inner.started && { started: (node, at) => inner.started?.(node, at) }),
  ...(inner.ended && { ended: (node, outcome, elapsed, at) => inner.ended?.(node, outcome, elapsed, at) }),
})
