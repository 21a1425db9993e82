// Two wires as one: a server of the first stands before a server of the second, and passes every call on.
import { implement } from '@tenon/contract'
import type { Served, Wire } from './wire.ts'

/** Calls go over `front` to an implementation that is a client over `back`. It lacks what either lacks. */
export function through(front: Wire, back: Wire): Wire {
  return {
    name: `${front.name} → ${back.name}`,
    lacks: { ...back.lacks, ...front.lacks },
    async serve(implementations, options) {
      const behind = await back.serve(implementations, options)
      const passing = implementations.map(({ contract }) =>
        // Every client is an implementation; what this one is of is not known here.
        implement(contract, behind.client(contract) as never),
      )
      const before = await front.serve(passing, options)
      const served: Served = {
        get inFlight() {
          return before.inFlight
        },
        drain: (how) => before.drain(how),
        client: (contract, how) => before.client(contract, how),
        async [Symbol.asyncDispose]() {
          await before[Symbol.asyncDispose]()
          await behind[Symbol.asyncDispose]()
        },
      }
      return served
    },
  }
}
