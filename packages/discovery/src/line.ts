// A list of nodes standing in line: a queue for each weight and each number of calls that run on a node. All that is known
// of a node stands in 32 bytes of one buffer, since what a turn costs among thousands is the memory that it touches.
import type { Node } from './node.ts'
import { shares } from './shares.ts'

/** Those of one weight. */
interface Queues {
  /** The smallest number of calls that somebody has. */
  least: number
  /** By number of calls: the first and the last in line, -1 when nobody has so many. */
  readonly heads: number[]
  readonly tails: number[]
}

// Of a node: due and weight, then calls, next, previous, group as 32 bits each.
const doubles = 4
const weightAt = 1
const integers = 2 * doubles
const callsAt = 4
const nextAt = 5
const previousAt = 6
const groupAt = 7

export class Line {
  readonly nodes: readonly Node[]
  /** The indices of those who take part: weight 0 is nobody while others have more. */
  readonly places: ReadonlyMap<Node, number>
  readonly #doubles: Float64Array
  readonly #integers: Int32Array
  /** By group, which is a weight: its only member, -1 when there are several. */
  readonly #only: Int32Array
  /** By group: nothing where there is only one. */
  readonly #queues: readonly (Queues | undefined)[]

  /** Everybody has a group, and nobody stands in line yet. */
  constructor(nodes: readonly Node[]) {
    this.nodes = nodes
    this.#doubles = new Float64Array(nodes.length * doubles)
    this.#integers = new Int32Array(this.#doubles.buffer)
    const groups = new Map<number, number>()
    const only: number[] = []
    const places = new Map<Node, number>()
    const weights = shares(nodes)
    for (let index = 0; index < nodes.length; index++) {
      const weight = weights[index] as number
      if (weight === 0) continue
      const group = groups.get(weight)
      if (group === undefined) groups.set(weight, only.push(index) - 1)
      else only[group] = -1
      this.#doubles[index * doubles + weightAt] = weight
      this.#integers[index * integers + groupAt] = group ?? only.length - 1
      places.set(nodes[index] as Node, index)
    }
    this.places = places
    this.#only = Int32Array.from(only)
    this.#queues = only.map((index) => (index === -1 ? { least: 0, heads: [], tails: [] } : undefined))
  }

  get groups(): number {
    return this.#only.length
  }

  /** Who is first in a group: of those with the fewest calls, the one that has stood longest. */
  first(group: number): number {
    const only = this.#only[group] as number
    if (only !== -1) return only
    const { heads, least } = this.#queues[group] as Queues
    return heads[least] as number
  }

  group(index: number): number {
    return this.#integers[index * integers + groupAt] as number
  }

  weight(index: number): number {
    return this.#doubles[index * doubles + weightAt] as number
  }

  /** When its turn comes, in a time that goes on with the turns. */
  due(index: number): number {
    return this.#doubles[index * doubles] as number
  }

  delay(index: number, due: number): void {
    this.#doubles[index * doubles] = due
  }

  /** Calls that run on it, as far as was told. */
  calls(index: number): number {
    return this.#integers[index * integers + callsAt] as number
  }

  /** Comes into line, behind all who have so many calls. */
  join(index: number, calls: number): void {
    const queues = this.#queues[this.group(index)]
    if (queues === undefined) this.#integers[index * integers + callsAt] = calls
    else {
      queues.least = queues.heads.length === 0 ? calls : Math.min(queues.least, calls)
      this.#append(queues, index, calls)
    }
  }

  /** Has so many calls now, and stands behind all who have as many. */
  move(index: number, calls: number): void {
    const queues = this.#queues[this.group(index)]
    if (queues === undefined) this.#integers[index * integers + callsAt] = calls
    else {
      this.#remove(queues, index)
      this.#append(queues, index, calls)
      if (calls < queues.least) queues.least = calls
      else while (queues.heads[queues.least] === -1) queues.least++
    }
  }

  /** Calls `visit` with everybody, each group in its order. */
  each(visit: (index: number) => void): void {
    this.#queues.forEach((queues, group) => {
      if (queues === undefined) visit(this.#only[group] as number)
      else
        for (const head of queues.heads)
          for (let index = head; index !== -1; index = this.#integers[index * integers + nextAt] as number) visit(index)
    })
  }

  #append({ heads, tails }: Queues, index: number, calls: number): void {
    while (heads.length <= calls) {
      heads.push(-1)
      tails.push(-1)
    }
    const at = index * integers
    const tail = tails[calls] as number
    this.#integers[at + callsAt] = calls
    this.#integers[at + nextAt] = -1
    this.#integers[at + previousAt] = tail
    if (tail === -1) heads[calls] = index
    else this.#integers[tail * integers + nextAt] = index
    tails[calls] = index
  }

  #remove({ heads, tails }: Queues, index: number): void {
    const at = index * integers
    const calls = this.#integers[at + callsAt] as number
    const next = this.#integers[at + nextAt] as number
    const previous = this.#integers[at + previousAt] as number
    if (previous === -1) heads[calls] = next
    else this.#integers[previous * integers + nextAt] = next
    if (next === -1) tails[calls] = previous
    else this.#integers[next * integers + previousAt] = previous
  }
}
