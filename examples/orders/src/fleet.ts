// The three inventory instances: gRPC servers that register, can be killed, drained, and started again.
import type { Middleware, Random } from '@tenon/endpoint'
import { grpc, type Running } from '@tenon/transport-grpc'
import { type Flakiness, inventory } from './inventory.ts'
import type { Entry, ShopRegistry } from './registry.ts'
import type { State } from './restartable.ts'
import type { Stock } from './stock.ts'

export interface FleetOptions {
  readonly registry: ShopRegistry
  readonly stock: Stock
  readonly random: Random
  /** What every server wraps its methods in. */
  readonly around: Middleware
}

/** One instance of the fleet. */
export interface Member {
  readonly name: string
  readonly state: State | 'flaky'
  /** Its flakiness, to be turned up and down. */
  readonly flakiness: Flakiness
  /** Listens on a free port, then registers. */
  start(): Promise<void>
  /** Ends as a crash does: connections are cut, and the registry is not told. */
  kill(): Promise<void>
  /** What a registry does some time after a crash, where it cannot do so by itself. */
  evict(): Promise<void>
  /** Ends as a deployment does: deregisters, finishes its calls, closes. */
  retire(signal?: AbortSignal): Promise<void>
}

const aborted = AbortSignal.abort()

/** An instance of this name, not started yet. */
export function member(name: string, { registry, stock, random, around }: FleetOptions): Member {
  const flakiness: Flakiness = { refused: 0, late: 0, by: 250 }
  let server: Running | undefined
  let entry: Entry | undefined
  let state: State = 'gone'
  return {
    name,
    flakiness,
    get state() {
      return state === 'up' && flakiness.refused > 0 ? 'flaky' : state
    },
    async start() {
      if (state === 'up') return
      server = await grpc.serve(inventory(name, stock, flakiness, random, around), { health: true, reflection: true })
      try {
        entry = await registry.entry({ service: 'inventory', id: name, address: server.address })
        await entry.enter()
      } catch (cause) {
        await server.drain({ signal: aborted })
        throw cause
      }
      state = 'up'
    },
    async kill() {
      state = 'killed'
      await server?.drain({ signal: aborted })
      await entry?.cut()
    },
    async evict() {
      await entry?.evict()
      state = 'gone'
    },
    async retire(signal = AbortSignal.timeout(5_000)) {
      if (state === 'killed' || state === 'gone') return
      state = 'draining'
      await entry?.leave(signal)
      await server?.drain({ signal })
      state = 'gone'
    },
  }
}
