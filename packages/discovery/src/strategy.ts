// How a balancer is written: a strategy is a recipe without state, each endpointer makes one balancer of it.
import type { Context, Outcome } from '@tenon/endpoint'
import type { Node } from './node.ts'

/** A way to choose among instances. A recipe: one value may serve any number of endpointers. */
export interface Strategy<in A = unknown> {
  readonly name: string
  /** The state for one endpointer, shared by all its methods. */
  balancer(): Balancer<A>
}

/**
 * The state of a strategy. Synchronous and quick: `pick` runs for every call. Nodes are the same objects for as long as
 * their instance stays, so what is learned of one may be kept in a `WeakMap`.
 */
export interface Balancer<in A = unknown> {
  /**
   * The index of the node to call, of a list that is never empty and stays the same array until something changes.
   * When the call has tried that node before ({@link Context.attempt}), the next one in the list that it has not tried
   * takes its place; a balancer that knows better looks at `ctx.attempt?.tried` itself.
   */
  pick(nodes: readonly Node[], ctx: Context, input: A): number
  /** The list is another one from now on, also an empty one. For what is built once a set: a ring, a table of weights. */
  changed?(nodes: readonly Node[]): void
  /** A call to this node starts; `at` in milliseconds of the call's clock. */
  started?(node: Node, at: number): void
  /** It ended, a stream when its last item was read. `at` as above, `elapsed` since it started. */
  ended?(node: Node, outcome: Outcome, elapsed: number, at: number): void
}
