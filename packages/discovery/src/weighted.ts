// Weighted: in turn, as often as the weights say, and spread out: no instance gets its share in one go.
import type { Strategy } from './strategy.ts'
import { Turns } from './turns.ts'

/**
 * Each instance gets the share of its weight, exactly so in each round, spread over the round. Weight 0 gets nothing
 * while others have more. Whoever is new begins a round of its own and catches up on nothing. O(log w) for w different
 * weights.
 *
 * Source: earliest deadline first, as Envoy's scheduler; the smooth round robin of nginx has the same shares, at O(n).
 */
export const weighted = (): Strategy => ({
  name: 'weighted',
  balancer() {
    const turns = new Turns(false)
    return {
      changed: (nodes) => turns.changed(nodes),
      pick(nodes) {
        const index = turns.first(nodes)
        turns.taken(index)
        return index
      },
    }
  },
})
