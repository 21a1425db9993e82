// Least requests: whoever has the fewest calls in flight for its weight.
import type { Strategy } from './strategy.ts'
import { Turns } from './turns.ts'

/**
 * Each call goes to the instance with the fewest calls in flight for its weight: the least of all, not of a sample.
 * Equals take turns by weight. Calls that other strategies send over the same endpointer count once the instance is
 * called by this one. O(log n).
 */
export const leastRequests = (): Strategy => ({
  name: 'leastRequests',
  balancer() {
    const turns = new Turns(true)
    return {
      changed: (nodes) => turns.become(nodes),
      pick: (nodes) => turns.first(nodes).index,
      started(node) {
        const turn = turns.of(node)
        if (turn === undefined) return
        turns.taken(turn)
        turns.loaded(turn, node.inFlight + 1)
      },
      ended(node) {
        const turn = turns.of(node)
        if (turn !== undefined) turns.loaded(turn, node.inFlight)
      },
    }
  },
})
