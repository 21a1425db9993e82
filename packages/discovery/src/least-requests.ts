// Least requests: whoever has the fewest calls in flight for its weight.
import type { Strategy } from './strategy.ts'
import { Turns } from './turns.ts'

/**
 * Each call goes to the instance with the fewest calls in flight for its weight: the least of all, not of a sample.
 * Equals take turns by weight. Calls that other strategies send over the same endpointer count once the instance is
 * called by this one. O(log w) for w different weights.
 */
export const leastRequests = (): Strategy => ({
  name: 'leastRequests',
  balancer() {
    const turns = new Turns(true)
    return {
      changed: (nodes) => turns.changed(nodes),
      pick: (nodes) => turns.first(nodes),
      started: (node) => turns.started(node, node.inFlight + 1),
      ended: (node) => turns.ended(node, node.inFlight),
    }
  },
})
