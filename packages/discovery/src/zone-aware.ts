// Zone-aware: calls stay in the caller's zone as far as its instances can take them, the rest spills over.
import { knownOptions, type OptionNames, type Random, systemRandom } from '@tenon/endpoint'
import { functionOption, numberOption } from '@tenon/policy'
import type { Node } from './node.ts'
import { Part } from './part.ts'
import { roundRobin } from './round-robin.ts'
import { shares } from './shares.ts'
import type { Balancer, Strategy } from './strategy.ts'

/** Options of {@link zoneAware}. */
export interface ZoneAwareOptions {
  /** The caller's own zone, as instances name theirs. */
  readonly zone: string
  /**
   * The share of all callers that are in this zone, above 0 and up to 1. Default: callers are spread evenly over the
   * zones that have instances, and this one.
   */
  readonly callers?: number
  /** Default: the platform's generator. */
  readonly random?: Random
}

const named: OptionNames<ZoneAwareOptions> = { zone: true, callers: true, random: true }

/**
 * Calls go to the caller's zone when its share of the instances, by weight, is at least its share of the callers. When
 * it is less, so much of the calls stays as the zone can take, and the rest spills over to the zones that have more
 * than their share, by how much more they have: all instances get the same then, whichever zone they are in. Within
 * zones `strategy` chooses. A call that has tried all of a zone goes to another. O(zones) a pick, looked at when the set changes.
 *
 * Source: Envoy's zone aware routing.
 */
export function zoneAware<A = unknown>(options: ZoneAwareOptions, strategy: Strategy<A> = roundRobin()): Strategy<A> {
  knownOptions('zoneAware', options, named)
  const { zone, callers, random = systemRandom } = options
  if (typeof zone !== 'string' || zone === '') throw new TypeError('zoneAware: "zone" must be the name of a zone')
  if (callers !== undefined) numberOption('zoneAware', 'callers', callers, { above: 0, max: 1 })
  functionOption('zoneAware', 'random', random)
  return {
    name: `zoneAware ${strategy.name}`,
    balancer: (home) => new Zones(zone, callers, random, () => strategy.balancer(home)),
  }
}

/** One zone: its instances, and the share of this caller's calls that it gets. */
interface Zone<A> {
  readonly balancer: Balancer<A>
  readonly part: Part<A>
  share: number
}

class Zones<A> implements Balancer<A> {
  readonly #own: string
  readonly #callers: number | undefined
  readonly #random: Random
  readonly #make: () => Balancer<A>
  readonly #zones = new Map<string, Zone<A>>()
  /** Where each node was last, so that the end of a call is told where its start was. */
  readonly #homes = new WeakMap<Node, Zone<A>>()
  /** Those that get calls, the own one first. */
  #open: readonly Zone<A>[] = []
  #nodes: readonly Node[] | undefined

  constructor(own: string, callers: number | undefined, random: Random, make: () => Balancer<A>) {
    this.#own = own
    this.#callers = callers
    this.#random = random
    this.#make = make
  }

  changed(nodes: readonly Node[]): void {
    const places = new Map<string, number[]>([[this.#own, []]])
    nodes.forEach((node, place) => {
      const zone = node.instance.zone ?? ''
      const there = places.get(zone)
      if (there === undefined) places.set(zone, [place])
      else there.push(place)
    })
    for (const zone of this.#zones.keys()) if (!places.has(zone)) this.#zones.delete(zone)
    const weights = shares(nodes)
    const whole = weights.reduce((sum, weight) => sum + weight, 0)
    const fair = 1 / places.size
    const capacity = (of: readonly number[]): number =>
      whole === 0 ? 0 : of.reduce((sum, place) => sum + (weights[place] as number), 0) / whole
    for (const [name, there] of places) {
      const zone = this.#zone(name)
      zone.part.become(nodes, there)
      for (const place of there) this.#homes.set(nodes[place] as Node, zone)
      const has = capacity(there)
      const callers = this.#callers ?? fair
      // The others' callers are spread evenly over the other zones.
      zone.share =
        name === this.#own
          ? Math.min(1, has / callers)
          : Math.max(0, has - (places.size > 1 ? (1 - callers) / (places.size - 1) : 0))
    }
    const own = this.#zone(this.#own)
    const others = [...this.#zones.values()].filter((zone) => zone !== own)
    const over = others.reduce((sum, zone) => sum + zone.share, 0)
    for (const zone of others) zone.share = over === 0 ? 0 : (zone.share / over) * (1 - own.share)
    // All that nobody else has room for stays.
    if (over === 0 && own.part.size > 0) own.share = 1
    this.#open = [own, ...others].filter((zone) => zone.share > 0)
    this.#nodes = nodes
  }

  pick(nodes: readonly Node[], ctx: Parameters<Balancer<A>['pick']>[1], input: A): number {
    if (nodes !== this.#nodes) this.changed(nodes)
    const zones = this.#open
    if (zones.length === 1) return (zones[0] as Zone<A>).part.pick(ctx, input)
    let left = this.#random()
    for (const zone of zones) {
      left -= zone.share
      if (left < 0) return zone.part.pick(ctx, input)
    }
    // Rounding: the shares are 1 but for the last bits.
    return (zones.at(-1) as Zone<A>).part.pick(ctx, input)
  }

  started(node: Node, at: number): void {
    this.#homes.get(node)?.balancer.started?.(node, at)
  }

  ended(...[node, outcome, elapsed, at]: Parameters<NonNullable<Balancer<A>['ended']>>): void {
    this.#homes.get(node)?.balancer.ended?.(node, outcome, elapsed, at)
  }

  #zone(name: string): Zone<A> {
    let zone = this.#zones.get(name)
    if (zone === undefined) {
      const balancer = this.#make()
      zone = { balancer, part: new Part(balancer), share: 0 }
      this.#zones.set(name, zone)
    }
    return zone
  }
}
