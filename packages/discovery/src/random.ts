// Random: any instance, each as likely as the others.
import { type Random, systemRandom } from '@tenon/endpoint'
import { functionOption } from '@tenon/policy'
import type { Strategy } from './strategy.ts'

/** Options of {@link random}. */
export interface RandomOptions {
  /** Default: the platform's generator. */
  readonly random?: Random
}

/** Each call goes to a random instance. O(1). */
export function random({ random: draw = systemRandom }: RandomOptions = {}): Strategy {
  functionOption('random', 'random', draw)
  return { name: 'random', balancer: () => ({ pick: (nodes) => Math.floor(draw() * nodes.length) }) }
}
