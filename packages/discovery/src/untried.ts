// Where a call that is tried again goes: to another instance than before, while there is one.
import type { Context } from '@tenon/endpoint'
import type { Node } from './node.ts'
import type { Balancer } from './strategy.ts'

/** The balancer's pick, or the next one in the list that this call has not tried; its pick when all were tried. */
export function untried<A>(balancer: Balancer<A>, nodes: readonly Node[], ctx: Context, input: A): number {
  const at = balancer.pick(nodes, ctx, input)
  const tried = ctx.attempt?.tried
  if (tried === undefined || tried.size === 0 || balancer.final) return at
  for (let step = 0; at >= 0 && step < nodes.length; step++) {
    const next = (at + step) % nodes.length
    const node = nodes[next]
    if (node !== undefined && !tried.has(node.id)) return next
  }
  return at
}
