// Whose turn it is, by weight: every node is due again after 1 / weight, whoever is due first comes next.
import { Heap, type Placed } from './heap.ts'
import type { Node } from './node.ts'
import { shares } from './shares.ts'

/** A node's place among the turns. */
export interface Turn extends Placed {
  readonly node: Node
  /** Where it stands in the list. */
  index: number
  weight: number
  /** When its turn comes, in a time that goes on with the turns. */
  due: number
  /** Calls that run on it, for its weight: what comes before turns where loads are compared. */
  load: number
  /** The number of the list that it was last in. */
  list: number
}

// Multiples of it lie as evenly in 0..1 as can be: equal weights are spread over the round, not bunched.
const golden = (Math.sqrt(5) - 1) / 2

/** The turns of a changing list. */
export class Turns {
  readonly #turns = new WeakMap<Node, Turn>()
  readonly #queue: Heap<Turn>
  #nodes: readonly Node[] | undefined
  #list = 0
  #now = 0

  /** `byLoad`: the least loaded first, turns among equals. */
  constructor(byLoad: boolean) {
    const earlier = (a: Turn, b: Turn): boolean => a.due < b.due || (a.due === b.due && a.index < b.index)
    this.#queue = new Heap<Turn>(byLoad ? (a, b) => a.load < b.load || (a.load === b.load && earlier(a, b)) : earlier)
  }

  /** The first of this list. O(1), but for a list that is not the last one's. */
  first(nodes: readonly Node[]): Turn {
    if (nodes !== this.#nodes) this.become(nodes)
    return this.#queue.top as Turn
  }

  /** Another list. Whoever stays keeps its turn; whoever is new, or back, begins a round of its own. O(n). */
  become(nodes: readonly Node[]): void {
    const before = this.#list++
    const weights = shares(nodes)
    const queue: Turn[] = []
    for (let index = 0; index < nodes.length; index++) {
      const node = nodes[index] as Node
      const weight = weights[index] as number
      if (weight === 0) continue
      const turn = this.#turns.get(node) ?? { node, index, weight, due: 0, load: 0, list: -1, place: 0 }
      if (turn.list === before) turn.due = this.#now + ((turn.due - this.#now) * turn.weight) / weight
      else turn.due = this.#now + ((index * golden) % 1) / weight
      turn.index = index
      turn.weight = weight
      turn.load = node.inFlight / weight
      turn.list = this.#list
      this.#turns.set(node, turn)
      queue.push(turn)
    }
    this.#queue.reset(queue)
    this.#nodes = nodes
  }

  /** This one has had its turn. Whoever was due for long, and was passed over, does not catch up. O(log n). */
  taken(turn: Turn): void {
    this.#now = Math.max(this.#now, turn.due)
    turn.due = this.#now + 1 / turn.weight
    this.#queue.moved(turn)
  }

  /** The turn of a node of the list. */
  of(node: Node): Turn | undefined {
    const turn = this.#turns.get(node)
    return turn?.list === this.#list ? turn : undefined
  }

  /** So many calls run on it now. O(log n). */
  loaded(turn: Turn, calls: number): void {
    turn.load = calls / turn.weight
    this.#queue.moved(turn)
  }
}
