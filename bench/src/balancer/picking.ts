// What a strategy costs: picks over real nodes, with calls in flight, as an endpointer's calls would make them.
import assert from 'node:assert/strict'
import { type Balancer, endpointer, fixed, type Node, type Strategy } from '@tenon/discovery'
import { background, type Context, ok } from '@tenon/endpoint'
import type { Subject } from '../harness/suite.ts'

/** Calls that are in flight while others are picked. */
const inFlight = 64
/** Picks in one call of the subject: awaiting each would cost as much as the pick. */
const together = 64
/** Different inputs, and times that calls take. A power of two. */
const keys = 65_536
/** Picks that the proof takes at most. */
const proofs = 20_000

export type Keyed = { readonly key: string }
const inputs: readonly Keyed[] = Array.from({ length: keys }, (_, at) => ({ key: `customer ${at}` }))
/** Milliseconds. */
const elapsed = Array.from({ length: keys }, (_, at) => 1 + (at % 37))

const done = ok()

/** Weights 1 to 3, three zones, two versions. */
const instances = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    address: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}:80`,
    weight: 1 + (at % 3),
    zone: `zone ${Math.floor(at / 3) % 3}`,
    version: `${1 + (at % 2)}`,
  }))

/** One call after the other: each picked, started and counted in, and the one that was started `inFlight` before ended. */
class Picking {
  readonly #nodes: readonly Node[]
  readonly #balancer: Balancer<Keyed>
  readonly #ctx: Context = background()
  readonly #running: Node[] = []
  #calls = 0

  constructor(nodes: readonly Node[], balancer: Balancer<Keyed>) {
    this.#nodes = nodes
    this.#balancer = balancer
  }

  pick(): Node {
    const call = this.#calls++ & (keys - 1)
    const balancer = this.#balancer
    const node = this.#nodes[balancer.pick(this.#nodes, this.#ctx, inputs[call] as Keyed)] as Node
    const at = performance.now()
    balancer.started?.(node, at)
    node.enter()
    const slot = call & (inFlight - 1)
    const former = this.#running[slot]
    this.#running[slot] = node
    if (former !== undefined) {
      former.leave()
      balancer.ended?.(former, done, elapsed[call] as number, at)
    }
    return node
  }
}

export type MayPick = (node: Pick<Node, 'instance'>) => boolean

export interface PickingOptions {
  readonly count: number
  /** The instances that the strategy is to choose among. Default: all. */
  readonly mayPick?: MayPick | undefined
  /** It looks through all instances for each pick. */
  readonly linear?: boolean | undefined
}

export async function picking(strategy: Strategy<Keyed>, options: PickingOptions): Promise<Subject> {
  const { count, mayPick = () => true, linear } = options
  const times = linear ? Math.ceil((10 * together) / count) : together
  // Its connections are nothing, and it lives as long as the process.
  const endpoints = endpointer(fixed(instances(count)), { connect: ({ id }) => id })
  await endpoints.ready({ atLeast: count })
  const nodes: readonly Node[] = endpoints.nodes()
  const run = new Picking(nodes, endpoints.balancer(strategy))
  return {
    times,
    call() {
      for (let n = 0; n < times; n++) run.pick()
    },
    async check() {
      const allowed = nodes.filter(mayPick)
      const picked = new Map<Node, number>()
      for (let n = 0; n < Math.min(40 * count, proofs); n++) {
        const node = run.pick()
        picked.set(node, (picked.get(node) ?? 0) + 1)
      }
      assert.ok(
        [...picked.keys()].every((node) => allowed.includes(node)),
        `${strategy.name} picks only whom it may`,
      )
      assert.ok(picked.size >= 0.6 * allowed.length, `${strategy.name} picks most: ${picked.size} of ${allowed.length}`)
    },
  }
}
