// Round robin: one after the other, in order of their ids.
import type { Strategy } from './strategy.ts'

/** Each call goes to the next instance. The place in the round outlives changes of the set. O(1). */
export const roundRobin = (): Strategy => ({
  name: 'roundRobin',
  balancer() {
    let calls = 0
    return { pick: (nodes) => calls++ % nodes.length }
  },
})
