// What is written where there is no library: the floor of a pick, and the two that look through all instances.
import type { Node, Strategy } from '@tenon/discovery'

/** The next one, and nothing else. */
export const next = (): Strategy => ({
  name: 'next',
  balancer() {
    let turn = 0
    return { pick: (nodes) => turn++ % nodes.length }
  },
})

/** The fewest calls in flight, by looking at all of them. */
export const scanning = (): Strategy => ({
  name: 'scanning',
  balancer() {
    let turn = 0
    return {
      pick(nodes) {
        // Equals take turns: from another one on each time.
        const from = turn++
        let best = from % nodes.length
        for (let step = 1; step < nodes.length; step++) {
          const at = (from + step) % nodes.length
          if ((nodes[at] as Node).inFlight < (nodes[best] as Node).inFlight) best = at
        }
        return best
      },
    }
  },
})

/** nginx's smooth weighted round robin, as it is usually written: all weights grow, the largest is taken and pays. */
export const smooth = (): Strategy => ({
  name: 'smooth',
  balancer() {
    let current: number[] = []
    let weights: number[] = []
    let all = 0
    return {
      changed(nodes) {
        weights = nodes.map(({ instance }) => instance.weight)
        current = nodes.map(() => 0)
        all = weights.reduce((sum, weight) => sum + weight, 0)
      },
      pick(nodes) {
        let best = 0
        for (let at = 0; at < nodes.length; at++) {
          current[at] = (current[at] as number) + (weights[at] as number)
          if ((current[at] as number) > (current[best] as number)) best = at
        }
        current[best] = (current[best] as number) - all
        return best
      },
    }
  },
})
