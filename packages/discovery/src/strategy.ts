// How a balancer is written: a strategy is a recipe without state, each endpointer makes one balancer of it.
import type { Context, Outcome, TelemetryListener } from '@tenon/endpoint'
import type { Node } from './node.ts'

/** A way to choose among instances. A recipe: one value may serve any number of endpointers. */
export interface Strategy<in A = unknown> {
  readonly name: string
  /** The state for one endpointer, shared by all its methods. A strategy around another one hands `home` on. */
  balancer(home?: BalancerHome): Balancer<A>
}

/** The endpointer that a balancer works for: for what it reports. */
export interface BalancerHome {
  readonly service: string
  readonly onTelemetry: TelemetryListener | undefined
}

/**
 * The state of a strategy. Synchronous and quick: `pick` runs for every call. Nodes are the same objects for as long as
 * their instance stays, so what is learned of one may be kept in a `WeakMap`.
 */
export interface Balancer<in A = unknown> {
  /**
   * The index of the node to call, of a list that is never empty and stays the same array until something changes; -1
   * when this strategy would call none of them: `NoEndpoints`, `unmatched`.
   * When the call has tried that node before ({@link Context.attempt}), the next one in the list that it has not tried
   * takes its place; a balancer that knows better looks at `ctx.attempt?.tried` itself.
   */
  pick(nodes: readonly Node[], ctx: Context, input: A): number
  /**
   * A call keeps to what this balancer picks, also when it has tried that before: for strategies that leave out some of
   * the list for good. They see to it themselves that a call comes to another of theirs.
   */
  readonly final?: boolean
  /** The list is another one from now on, also an empty one. For what is built once a set: a ring, a table of weights. */
  changed?(nodes: readonly Node[]): void
  /** A call to this node starts; `at` in milliseconds of the call's clock. */
  started?(node: Node, at: number): void
  /**
   * It ended, a stream when its last item was read. `at` as above, `elapsed` from its start until it answered: of a
   * stream, until that was opened.
   */
  ended?(node: Node, outcome: Outcome, elapsed: number, at: number): void
}
