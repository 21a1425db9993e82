// Power of two choices over peak EWMA: of two random instances the one that will be done sooner.
import { clockOf, knownOptions, type OptionNames, type Random, systemRandom } from '@tenon/endpoint'
import { ewma, functionOption, numberOption } from '@tenon/policy'
import type { Node } from './node.ts'
import { PeakEwma } from './peak-ewma.ts'
import { shares } from './shares.ts'
import type { Balancer, Strategy } from './strategy.ts'
import { verdict } from './verdict.ts'

/** Options of {@link p2c}. */
export interface P2cOptions {
  /** Milliseconds in which what was measured of an instance fades to 37 %. Above 0. Default 10,000. */
  readonly tau?: number
  /**
   * Milliseconds after which an instance that lost every comparison is called all the same, once; and after which a
   * first call that has not come back may be followed by a second. Above 0. Default 3,000.
   */
  readonly forced?: number
  /** Default: the platform's generator. */
  readonly random?: Random
}

const named: OptionNames<P2cOptions> = { tau: true, forced: true, random: true }

/**
 * Of two random instances the one where time x calls in flight / (weight x health²) is less. Time is an average that
 * takes a worse value at once and forgets it slowly; health falls with failures of the instance, never to nothing. An
 * instance of which nothing is known, or nothing new for `tau`, counts as a typical one and gets one call at a time
 * until that has come back. What is known of an instance stays while it stays. A weight tilts the comparison: an
 * instance gets at most twice an equal share. Weight 0 gets nothing while others have more. O(1).
 *
 * Sources: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing" (2001); finagle's peak EWMA (tau 10 s,
 * one probe); Kratos' forced pick (3 s).
 */
export function p2c(options: P2cOptions = {}): Strategy {
  knownOptions('p2c', options, named)
  const { tau = 10_000, forced = 3_000, random = systemRandom } = options
  numberOption('p2c', 'tau', tau, { above: 0, unit: 'milliseconds' })
  numberOption('p2c', 'forced', forced, { above: 0, unit: 'milliseconds' })
  functionOption('p2c', 'random', random)
  const known = { tau, forced }

  function balancer(): Balancer {
    const typical = ewma({ timeConstant: tau })
    const records = new WeakMap<Node, PeakEwma>()
    let list: readonly Node[] | undefined
    /** Those of the list that take part: where they stand, their weights, what is known of them. */
    let places: number[] = []
    let weights: number[] = []
    let peaks: PeakEwma[] = []

    const recordOf = (node: Node, at: number): PeakEwma => {
      let record = records.get(node)
      if (record === undefined) {
        record = new PeakEwma(known, typical, at)
        records.set(node, record)
      }
      return record
    }

    function become(nodes: readonly Node[], at: number): void {
      const all = shares(nodes)
      places = [...nodes.keys()].filter((index) => (all[index] as number) > 0)
      weights = places.map((index) => all[index] as number)
      peaks = places.map((index) => recordOf(nodes[index] as Node, at))
      list = nodes
    }

    const placeOf = (which: number): number => places[which] as number
    const neglected = (which: number, at: number): boolean => (peaks[which] as PeakEwma).neglected(at)
    const loadAt = (nodes: readonly Node[], which: number, at: number): number =>
      (peaks[which] as PeakEwma).load((nodes[placeOf(which)] as Node).inFlight, weights[which] as number, at)

    return {
      pick(nodes, ctx) {
        const at = clockOf(ctx).now()
        if (nodes !== list) become(nodes, at)
        const count = places.length
        const one = Math.floor(random() * count)
        if (count === 1) return placeOf(one)
        const draw = Math.floor(random() * (count - 1))
        const two = draw < one ? draw : draw + 1
        if (loadAt(nodes, one, at) <= loadAt(nodes, two, at)) return placeOf(neglected(two, at) ? two : one)
        return placeOf(neglected(one, at) ? one : two)
      },
      started: (node, at) => recordOf(node, at).started(at),
      ended: (node, outcome, elapsed, at) => recordOf(node, at).ended(verdict(outcome), elapsed, at),
    }
  }
  return { name: 'p2c', balancer }
}
