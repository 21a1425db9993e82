// Subset: only the instances with these labels, chosen among as another strategy does.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { choiceOption } from '@tenon/policy'
import type { Instance } from './instance.ts'
import type { Node } from './node.ts'
import { listening, Part } from './part.ts'
import { roundRobin } from './round-robin.ts'
import type { Strategy } from './strategy.ts'

/** Which instances: those with all of these labels, or those that a function answers true for. */
export type Selector = Readonly<Record<string, string>> | ((instance: Instance) => boolean)

/** Options of {@link subset}. */
export interface SubsetOptions {
  /**
   * When no instance is in the subset: `none` answers `NoEndpoints` (`unmatched`), `any` chooses among all. Default
   * `none`: what is meant for one version must not reach another by accident.
   */
  readonly otherwise?: 'none' | 'any'
}

const named: OptionNames<SubsetOptions> = { otherwise: true }

/**
 * Only the instances that the selector names: `subset({ version: '1.2.0', env: 'prod' }, p2c())`. `name`, `version` and
 * `zone` are the instance's fields, every other label is its metadata. Looked at when the set changes, not for a call;
 * a call that is tried again stays in the subset too.
 */
export function subset<A = unknown>(
  selector: Selector,
  strategy: Strategy<A> = roundRobin(),
  options: SubsetOptions = {},
): Strategy<A> {
  knownOptions('subset', options, named)
  const { otherwise = 'none' } = options
  choiceOption('subset', 'otherwise', otherwise, ['none', 'any'])
  const matches = typeof selector === 'function' ? selector : labelled(selector)
  return {
    name: `subset of ${strategy.name}`,
    balancer(home) {
      const inner = strategy.balancer(home)
      const part = new Part(inner)
      let list: readonly Node[] | undefined
      const changed = (nodes: readonly Node[]): void => {
        const all = [...nodes.keys()]
        const inside = all.filter((place) => matches((nodes[place] as Node).instance))
        part.become(nodes, inside.length === 0 && otherwise === 'any' ? all : inside)
        list = nodes
      }
      return {
        final: true,
        changed,
        pick(nodes, ctx, input) {
          if (nodes !== list) changed(nodes)
          return part.pick(ctx, input)
        },
        ...listening(inner),
      }
    },
  }
}

function labelled(selector: Readonly<Record<string, string>>): (instance: Instance) => boolean {
  const wanted = Object.entries(selector ?? {})
  if (typeof selector !== 'object' || selector === null || wanted.some(([, value]) => typeof value !== 'string'))
    throw new TypeError('subset: the selector must be a function or labels with their values')
  return (instance) => wanted.every(([label, value]) => labelOf(instance, label) === value)
}

const labelOf = (instance: Instance, label: string): string | undefined =>
  label === 'name' || label === 'version' || label === 'zone'
    ? instance[label]
    : Object.hasOwn(instance.metadata, label)
      ? instance.metadata[label]
      : undefined
