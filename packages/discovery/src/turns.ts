// Whose turn it is, by weight: every node is due again after 1 / weight, whoever is due first comes next.
//
// Nodes of one weight that are due in some order stay in it: who has had its turn is due after all the others. So they
// stand in a queue, and only the first of each queue is compared with those of other weights. With few weights a turn
// costs the same for ten nodes and for ten thousand; with as many weights as nodes it is O(log n).
import { Heap } from './heap.ts'
import { Line } from './line.ts'
import type { Node } from './node.ts'

// Multiples of it lie as evenly in 0..1 as can be: weights are spread over the round, not bunched.
const golden = (Math.sqrt(5) - 1) / 2

/** The turns of a changing list. */
export class Turns {
  readonly #byLoad: boolean
  readonly #heap = new Heap()
  #line = new Line([])
  #now = 0
  /** The index that was first when somebody asked last. */
  #picked = -1

  /** `byLoad`: those with the fewest calls for their weight first, turns among equals. */
  constructor(byLoad: boolean) {
    this.#byLoad = byLoad
  }

  /** The index of the first of this list. O(1), but for a list that is not the last one's. */
  first(nodes: readonly Node[]): number {
    if (nodes !== this.#line.nodes) this.#become(nodes)
    this.#picked = this.#line.first(this.#heap.top)
    return this.#picked
  }

  /** The list is another one. What is built for it is built when somebody asks: it may be another one again by then. */
  changed(nodes: readonly Node[]): void {
    if (nodes.length === 0) this.#become(nodes)
  }

  /** Another list. Whoever stays keeps its turn; whoever is new, or back, begins a round of its own. O(n log n). */
  #become(nodes: readonly Node[]): void {
    const line = new Line(nodes)
    const order = carried(this.#line, line, this.#now)
    // Where loads are compared, equals stay in the order in which they came to be equal.
    if (!this.#byLoad) order.sort((a, b) => line.due(a) - line.due(b) || a - b)
    for (const index of order) line.join(index, this.#byLoad ? (nodes[index] as Node).inFlight : 0)
    const firsts = Array.from({ length: line.groups }, (_, group) => line.first(group))
    this.#line = line
    this.#picked = -1
    this.#heap.reset(
      firsts.map((index) => line.calls(index) / line.weight(index)),
      firsts.map((index) => line.due(index)),
    )
  }

  /** The node at this index has its turn. Whoever was due for long, and was passed over, does not catch up. */
  taken(index: number): void {
    this.#later(index)
    this.#move(index, this.#line.calls(index))
  }

  /** A call to this node starts, and so many run on it now: it has its turn. */
  started(node: Node, calls: number): void {
    // Mostly the one that was first: that costs no look-up.
    const { nodes, places } = this.#line
    const index = nodes[this.#picked] === node ? this.#picked : places.get(node)
    if (index === undefined) return
    this.#later(index)
    this.#move(index, calls)
  }

  /** A call to this node has ended, and so many run on it now. */
  ended(node: Node, calls: number): void {
    const index = this.#line.places.get(node)
    if (index !== undefined) this.#move(index, calls)
  }

  #later(index: number): void {
    this.#now = Math.max(this.#now, this.#line.due(index))
    this.#line.delay(index, this.#now + 1 / this.#line.weight(index))
  }

  #move(index: number, calls: number): void {
    const line = this.#line
    const group = line.group(index)
    line.move(index, calls)
    const first = line.first(group)
    this.#heap.moved(group, line.calls(first) / line.weight(first), line.due(first))
  }
}

/** Sets when those of a list are due. The indices of those who take part: those that stay first, in their order. */
function carried(before: Line, line: Line, now: number): number[] {
  const stay = new Int32Array(before.nodes.length).fill(-1)
  const fresh: number[][] = Array.from({ length: line.groups }, () => [])
  for (const [node, index] of line.places) {
    const old = before.places.get(node)
    if (old === undefined) {
      fresh[line.group(index)]?.push(index)
      continue
    }
    line.delay(index, now + ((before.due(old) - now) * before.weight(old)) / line.weight(index))
    stay[old] = index
  }
  const order: number[] = []
  before.each((old) => {
    if (stay[old] !== -1) order.push(stay[old] as number)
  })
  fresh.forEach((some, number) => {
    // In order of the list, spread over a round; each weight begins at another moment of it.
    const offset = (number * golden) % 1
    some.forEach((index, at) => {
      line.delay(index, now + (at + offset) / some.length / line.weight(index))
      order.push(index)
    })
  })
  return order
}
