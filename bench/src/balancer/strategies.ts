// What the simulation compares: the package's strategies as they are, and one that knows what nobody can know.
import {
  consistentHash,
  leastRequests,
  type Node,
  outlierEjection,
  p2c,
  random,
  roundRobin,
  type Strategy,
  slowStart,
  weighted,
} from '@tenon/discovery'
import type { Random } from '@tenon/endpoint'
import type { Job, Server } from './server.ts'
import type { StrategyName } from './subjects.ts'

/** What a strategy of a run may draw from, and, for the oracle, the servers by id. */
export interface Means {
  readonly draws: Random
  readonly servers: ReadonlyMap<string, Server>
}

export type Simulated = (means: Means) => Strategy<Job>

const plain =
  (make: (draws: Random) => Strategy<Job>): Simulated =>
  ({ draws }) =>
    make(draws)

/** Each job to the server that will be done with it first: the limit of what choosing can do. */
const oracle = ({ servers }: Means): Strategy<Job> => ({
  name: 'oracle',
  balancer: () => ({
    pick(nodes: readonly Node[], _ctx, { demand }) {
      const ends = nodes.map(({ id }) => servers.get(id)?.expected(demand) ?? Number.POSITIVE_INFINITY)
      return ends.indexOf(Math.min(...ends))
    },
  }),
})

export const strategies: Readonly<Record<StrategyName, Simulated>> = {
  roundRobin: plain(() => roundRobin()),
  random: plain((draws) => random({ random: draws })),
  weighted: plain(() => weighted()),
  leastRequests: plain(() => leastRequests()),
  p2c: plain((draws) => p2c({ random: draws })),
  consistentHash: plain(() => consistentHash({ by: (_ctx, { key }) => key })),
  ejecting: plain(() => outlierEjection(roundRobin())),
  'ejecting-p2c': plain((draws) => outlierEjection(p2c({ random: draws }))),
  'slow-start': plain((draws) => slowStart(roundRobin(), { random: draws })),
  'slow-start-p2c': plain((draws) => slowStart(p2c({ random: draws }), { random: draws })),
  oracle,
}
