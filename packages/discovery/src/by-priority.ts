// Priorities, as SRV records have them (RFC 2782): the lowest number that can be reached. Who stands by is called only when all of
// the better ones are gone, or were tried.
import { type Context, knownOptions, type OptionNames, type Outcome } from '@tenon/endpoint'
import { functionOption } from '@tenon/policy'
import type { Instance } from './instance.ts'
import type { Node } from './node.ts'
import { Part } from './part.ts'
import { roundRobin } from './round-robin.ts'
import type { Balancer, Strategy } from './strategy.ts'

/** Options of {@link byPriority}. */
export interface ByPriorityOptions {
  /** An instance's priority: lower is better. Default: `priority` of its metadata; 0 where there is none, or no number. */
  readonly of?: (instance: Instance) => number
}

const named: OptionNames<ByPriorityOptions> = { of: true }

const inMetadata = ({ metadata }: Instance): number => Number(Object.hasOwn(metadata, 'priority') && metadata.priority)

/**
 * Calls go to the instances of the lowest priority, among which `strategy` chooses. When there is none of them, they go to
 * the next; when a call has tried all of them it goes there when it is repeated. O(priorities) a pick, 1 as a rule.
 *
 * Goes outside of what looks at calls, so that each priority is looked at by itself: `byPriority(outlierEjection(p2c()))`.
 */
export function byPriority<A = unknown>(
  strategy: Strategy<A> = roundRobin(),
  options: ByPriorityOptions = {},
): Strategy<A> {
  knownOptions('byPriority', options, named)
  const { of = inMetadata } = options
  functionOption('byPriority', 'of', of)
  const priorityOf = ({ instance }: Node): number => {
    const priority = of(instance)
    return Number.isFinite(priority) ? priority : 0
  }
  return {
    name: `byPriority ${strategy.name}`,
    balancer: (home) => new ByPriority(priorityOf, () => strategy.balancer(home)),
  }
}

interface Group<A> {
  readonly inner: Balancer<A>
  readonly part: Part<A>
}

class ByPriority<A> implements Balancer<A> {
  readonly final = true
  readonly #of: (node: Node) => number
  readonly #make: () => Balancer<A>
  /** In order of their priorities. */
  #groups = new Map<number, Group<A>>()
  #home = new Map<string, Group<A>>()
  #list: readonly Node[] | undefined

  constructor(of: (node: Node) => number, make: () => Balancer<A>) {
    this.#of = of
    this.#make = make
  }

  changed(nodes: readonly Node[]): void {
    this.#list = nodes
    const places = new Map<number, number[]>()
    for (const [place, node] of nodes.entries()) {
      const priority = this.#of(node)
      const before = places.get(priority)
      if (before === undefined) places.set(priority, [place])
      else before.push(place)
    }
    // What a group has learned stays while it has somebody.
    const groups = [...places].sort(([a], [b]) => a - b).map(([priority]) => [priority, this.#group(priority)] as const)
    this.#groups = new Map(groups)
    this.#home = new Map()
    for (const [priority, inside] of places) {
      const group = this.#groups.get(priority) as Group<A>
      for (const place of inside) this.#home.set((nodes[place] as Node).id, group)
      group.part.become(nodes, inside)
    }
  }

  pick(nodes: readonly Node[], ctx: Context, input: A): number {
    if (nodes !== this.#list) this.changed(nodes)
    const tried = ctx.attempt?.tried
    let first = -1
    for (const group of this.#groups.values()) {
      const spent = tried !== undefined && tried.size > 0 && this.#triedIn(group, tried) >= group.part.size
      if (spent && first >= 0) continue
      const at = group.part.pick(ctx, input)
      if (at < 0) continue
      if (!spent) return at
      first = at
    }
    return first
  }

  started(node: Node, at: number): void {
    this.#home.get(node.id)?.inner.started?.(node, at)
  }

  ended(node: Node, outcome: Outcome, elapsed: number, at: number): void {
    this.#home.get(node.id)?.inner.ended?.(node, outcome, elapsed, at)
  }

  #group(priority: number): Group<A> {
    const known = this.#groups.get(priority)
    if (known !== undefined) return known
    const inner = this.#make()
    return { inner, part: new Part(inner) }
  }

  #triedIn(group: Group<A>, tried: ReadonlySet<string>): number {
    let count = 0
    for (const id of tried) if (this.#home.get(id) === group) count++
    return count
  }
}
