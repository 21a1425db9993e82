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

/** What a strategy of a run may draw from, and, for the oracle, the servers by id. */
export interface Means {
  readonly draws: Random
  readonly servers: ReadonlyMap<string, Server>
}

export interface Simulated {
  readonly subject: string
  readonly make: (means: Means) => Strategy<Job>
}

const plain = (subject: string, make: (draws: Random) => Strategy<Job>): Simulated => ({
  subject,
  make: ({ draws }) => make(draws),
})

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

export const strategies: Readonly<Record<string, Simulated>> = {
  roundRobin: plain('roundRobin()', () => roundRobin()),
  random: plain('random()', (draws) => random({ random: draws })),
  weighted: plain('weighted()', () => weighted()),
  leastRequests: plain('leastRequests()', () => leastRequests()),
  p2c: plain('p2c()', (draws) => p2c({ random: draws })),
  consistentHash: plain('consistentHash({ by })', () => consistentHash({ by: (_ctx, { key }) => key })),
  ejecting: plain('outlierEjection(roundRobin())', () => outlierEjection(roundRobin())),
  'ejecting-p2c': plain('outlierEjection(p2c())', (draws) => outlierEjection(p2c({ random: draws }))),
  'slow-start': plain('slowStart(roundRobin())', (draws) => slowStart(roundRobin(), { random: draws })),
  'slow-start-p2c': plain('slowStart(p2c())', (draws) => slowStart(p2c({ random: draws }), { random: draws })),
  oracle: { subject: 'oracle: knows every queue', make: oracle },
}
