// Who takes part in a weighted choice: weight 0 is nobody while others have more, and everybody when nobody has.
import type { Node } from './node.ts'

/** The weight of each node as it counts among these. */
export function shares(nodes: readonly Node[]): readonly number[] {
  const weights = nodes.map((node) => node.instance.weight)
  return weights.some((weight) => weight > 0) ? weights : weights.fill(1)
}
