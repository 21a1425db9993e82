// The state of an outlier ejection: what was seen of each instance, who is out, and when they are back.
import { type Context, clockOf, type Outcome, report } from '@tenon/endpoint'
import type { Node } from './node.ts'
import type { Outliers, Seen } from './outliers.ts'
import { Part } from './part.ts'
import type { Balancer, BalancerHome } from './strategy.ts'
import type { Verdict } from './verdict.ts'

/** By what instances are ejected, and for how long. Times are milliseconds. */
export interface EjectionRules {
  readonly consecutive: number
  readonly outliers: Outliers
  readonly interval: number
  readonly base: number
  readonly longest: number
  readonly share: number
  readonly judge: (outcome: Outcome) => Verdict
}

type Why = 'consecutive' | 'successRate' | 'latency'

class Watched implements Seen {
  readonly node: Node
  fine = 0
  faults = 0
  time = 0
  /** Failures since it last did its work. */
  row = 0
  /** Ejections that count: how long the next one is. */
  times = 0
  /** When it is back, while it is out. */
  until: number | undefined
  /** When it was back last: calls from before say nothing any more. */
  back: number = Number.NEGATIVE_INFINITY

  constructor(node: Node) {
    this.node = node
  }

  /** Forgets what was counted in an interval. */
  clear(): void {
    this.fine = 0
    this.faults = 0
    this.time = 0
  }
}

export class Ejecting<A> implements Balancer<A> {
  readonly final = true
  readonly #inner: Balancer<A>
  readonly #rules: EjectionRules
  readonly #home: BalancerHome | undefined
  readonly #part: Part<A>
  readonly #watched = new WeakMap<Node, Watched>()
  #list: readonly Node[] | undefined
  #out = new Set<Watched>()
  /** When the first of those that are out is back. */
  #next: number = Number.POSITIVE_INFINITY
  /** When the interval ends. */
  #ends: number | undefined

  constructor(inner: Balancer<A>, rules: EjectionRules, home: BalancerHome | undefined) {
    this.#inner = inner
    this.#rules = rules
    this.#home = home
    this.#part = new Part(inner)
  }

  changed(nodes: readonly Node[]): void {
    this.#list = nodes
    const here = new Set(nodes)
    for (const watched of this.#out) if (!here.has(watched.node)) this.#return(watched)
    // A smaller set has room for fewer: those that would be back first are.
    const first = [...this.#out].sort((a, b) => (a.until as number) - (b.until as number))
    for (const watched of first.slice(0, Math.max(0, first.length - this.#room(nodes)))) this.#return(watched)
    this.#divide(nodes)
  }

  pick(nodes: readonly Node[], ctx: Context, input: A): number {
    if (nodes !== this.#list) this.changed(nodes)
    if (this.#out.size > 0) {
      const now = clockOf(ctx).now()
      if (now >= this.#next) {
        for (const watched of this.#out) if (now >= (watched.until as number)) this.#return(watched, now)
        this.#divide(nodes)
      }
    }
    return this.#part.pick(ctx, input)
  }

  started(node: Node, at: number): void {
    this.#inner.started?.(node, at)
  }

  ended(node: Node, outcome: Outcome, elapsed: number, at: number): void {
    this.#inner.ended?.(node, outcome, elapsed, at)
    this.#ends ??= at + this.#rules.interval
    if (at >= this.#ends) this.#sweep(at)
    const verdict = this.#rules.judge(outcome)
    const watched = this.#watch(node)
    if (verdict === 'silent' || watched.until !== undefined || at - elapsed < watched.back) return
    if (verdict === 'fine') {
      watched.fine++
      watched.time += elapsed
      watched.row = 0
      return
    }
    watched.faults++
    if (++watched.row >= this.#rules.consecutive) this.#eject([watched], 'consecutive', at)
  }

  /** Looks at the interval that has ended, and begins another. */
  #sweep(at: number): void {
    this.#ends = at + this.#rules.interval
    const all = (this.#list ?? []).map((node) => this.#watch(node))
    const inside = all.filter((watched) => watched.until === undefined)
    const { failing, slow } = this.#rules.outliers(inside)
    this.#eject(failing, 'successRate', at)
    this.#eject(slow, 'latency', at)
    for (const watched of inside) {
      if (watched.until === undefined && watched.times > 0) watched.times--
      watched.clear()
    }
  }

  #eject(worst: readonly Watched[], why: Why, at: number): void {
    const nodes = this.#list ?? []
    const before = this.#out.size
    for (const watched of worst) {
      if (this.#out.size >= this.#room(nodes)) break
      // It may be ejected already, or have left the set while the call ran.
      if (watched.until !== undefined || !nodes.includes(watched.node)) continue
      const { base, longest } = this.#rules
      const ms = Math.min(base * ++watched.times, longest)
      watched.until = at + ms
      this.#out.add(watched)
      this.#tell({ instance: watched.node.id, state: 'ejected', why, duration: ms })
    }
    if (this.#out.size > before) this.#divide(nodes)
  }

  #return(watched: Watched, at: number = watched.back): void {
    this.#out.delete(watched)
    watched.until = undefined
    watched.back = at
    watched.row = 0
    watched.clear()
    this.#tell({ instance: watched.node.id, state: 'returned' })
  }

  /** How many of them may be out at once: never all. */
  #room({ length }: readonly Node[]): number {
    const { share } = this.#rules
    return share === 0 || length < 2 ? 0 : Math.min(length - 1, Math.max(1, Math.floor(length * share)))
  }

  /** The inner balancer goes on with those that are not out. */
  #divide(nodes: readonly Node[]): void {
    this.#next = Math.min(...Array.from(this.#out, (watched) => watched.until as number))
    const places: number[] = []
    for (let place = 0; place < nodes.length; place++)
      if (this.#watched.get(nodes[place] as Node)?.until === undefined) places.push(place)
    this.#part.become(nodes, places)
  }

  #watch(node: Node): Watched {
    let watched = this.#watched.get(node)
    if (watched === undefined) {
      watched = new Watched(node)
      this.#watched.set(node, watched)
    }
    return watched
  }

  #tell(what: { instance: string } & ({ state: 'ejected'; why: Why; duration: number } | { state: 'returned' })): void {
    const { service = '', onTelemetry } = this.#home ?? {}
    report(onTelemetry, { kind: 'discovery.outlier', service, ...what })
  }
}
