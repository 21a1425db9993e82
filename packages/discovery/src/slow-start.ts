// Slow start: an instance that is new gets its share little by little, while its caches and compilers warm up.
import { clockOf, knownOptions, type OptionNames, type Random, systemRandom } from '@tenon/endpoint'
import { functionOption, numberOption } from '@tenon/policy'
import type { Node } from './node.ts'
import { listening } from './part.ts'
import { roundRobin } from './round-robin.ts'
import { shares } from './shares.ts'
import type { Balancer, Strategy } from './strategy.ts'
import { untried } from './untried.ts'

/** Options of {@link slowStart}. */
export interface SlowStartOptions {
  /** Milliseconds until a new instance has its whole share. Above 0. Default 30,000. */
  readonly window?: number
  /** The part of its share that it begins with, above 0 and up to 1. Default 0.1. */
  readonly from?: number
  /** Default: the platform's generator. */
  readonly random?: Random
}

const named: OptionNames<SlowStartOptions> = { window: true, from: true, random: true }

/** Milliseconds from the first call within which the first connections are made: who comes then was there before. */
const settling = 5_000

/** So often a strategy is asked for a pick. */
const picks = 4

/**
 * An instance that comes to a set that is known, or is back in it, gets at most a part of an equal share, by weight. The
 * part grows in a straight line from `from` to all of it within `window`, whatever the strategy: what would be too much
 * is picked again, and goes to the less loaded of two random others when the strategy stays with its pick. Whoever is
 * there within 5 s of the first call is not new, only the process is. Where all are new the oldest sets the measure.
 * Costs nothing while none is; O(1) a pick else.
 *
 * Goes inside of what leaves instances out: `subset(labels, slowStart(p2c()))`.
 */
export function slowStart<A = unknown>(
  strategy: Strategy<A> = roundRobin(),
  options: SlowStartOptions = {},
): Strategy<A> {
  knownOptions('slowStart', options, named)
  const { window = 30_000, from = 0.1, random = systemRandom } = options
  numberOption('slowStart', 'window', window, { above: 0, unit: 'milliseconds' })
  numberOption('slowStart', 'from', from, { above: 0, max: 1 })
  functionOption('slowStart', 'random', random)
  return {
    name: `slowStart ${strategy.name}`,
    balancer: (home) => slow(strategy.balancer(home), window, from, random),
  }
}

/** What a new instance has had, and may have. */
interface Newcomer {
  /** When it came; -1 until the first call after that. */
  came: number
  /** Its part of the weight of all. */
  share: number
  /** Calls that it may take; calls there had been when that was looked at. */
  credit: number
  seen: number
}

/** Calls that one with its whole share may save up: few enough that they do not come in a bunch, enough for chance. */
const mostCredit = 16

function slow<A>(inner: Balancer<A>, window: number, from: number, random: Random): Balancer<A> {
  let list: readonly Node[] | undefined
  let fresh = new Map<Node, Newcomer>()
  /** Not all of the list has been looked at. */
  let undated = false
  let calls = 0
  /** When the first call came. */
  let began: number | undefined
  /** When the oldest of the new ones came, and where those are that are not new. */
  let oldest = 0
  let grown: number[] = []

  function changed(nodes: readonly Node[]): void {
    const before = list === undefined || list.length === 0 ? undefined : new Set(list)
    const next = new Map<Node, Newcomer>()
    if (before !== undefined)
      for (const node of nodes) {
        const known = before.has(node) ? fresh.get(node) : { came: -1, share: 0, credit: 0, seen: calls }
        if (known !== undefined) next.set(node, known)
      }
    fresh = next
    list = nodes
    undated = true
    inner.changed?.(nodes)
  }

  /** Writes down when the new ones came, and forgets who is new no more. */
  function date(nodes: readonly Node[], now: number): void {
    undated = false
    began ??= now
    oldest = now
    const weights = shares(nodes)
    const whole = weights.reduce((sum, weight) => sum + weight, 0)
    grown = []
    for (let at = 0; at < nodes.length; at++) {
      const node = nodes[at] as Node
      const newcomer = fresh.get(node)
      if (newcomer?.came === -1) newcomer.came = now - began < settling ? Number.NEGATIVE_INFINITY : now
      if (newcomer !== undefined && now - newcomer.came < window) {
        newcomer.share = (weights[at] as number) / whole
        oldest = Math.min(oldest, newcomer.came)
      } else {
        fresh.delete(node)
        if ((weights[at] as number) > 0) grown.push(at)
      }
    }
  }

  const part = (age: number): number => Math.min(1, from + ((1 - from) * age) / window)

  /** Does it take this call? */
  function takes(node: Node, now: number): boolean {
    const newcomer = fresh.get(node)
    if (newcomer === undefined) return true
    if (now - newcomer.came >= window) {
      date(list as readonly Node[], now)
      return true
    }
    const grows = part(now - newcomer.came) / (grown.length > 0 ? 1 : part(now - oldest))
    newcomer.credit = Math.min(
      1 + mostCredit * grows,
      newcomer.credit + (calls - newcomer.seen) * newcomer.share * grows,
    )
    newcomer.seen = calls
    // A sum of n times 1 / n may be a little less than 1.
    if (newcomer.credit < 1 - 1e-9) return false
    newcomer.credit = Math.max(0, newcomer.credit - 1)
    return true
  }

  function another(nodes: readonly Node[], at: number): number {
    // A strategy that keeps to some of the list is not led out of them.
    if (grown.length === 0 || inner.final) return at
    const one = grown[Math.floor(random() * grown.length)] as number
    const two = grown[Math.floor(random() * grown.length)] as number
    return (nodes[one] as Node).inFlight > (nodes[two] as Node).inFlight ? two : one
  }

  return {
    ...(inner.final && { final: true }),
    changed,
    pick(nodes, ctx, input) {
      if (nodes !== list) changed(nodes)
      let at = untried(inner, nodes, ctx, input)
      if (fresh.size === 0 && !undated) return at
      const now = clockOf(ctx).now()
      if (undated) date(nodes, now)
      calls++
      for (let pick = 1; at >= 0 && !takes(nodes[at] as Node, now); pick++) {
        const next = pick === picks ? at : untried(inner, nodes, ctx, input)
        if (next === at) return another(nodes, at)
        at = next
      }
      return at
    },
    ...listening(inner),
  }
}
