// An endpoint that goes to one of a service's instances for each call: an ordinary endpoint, so everything wraps it.
import {
  type Context,
  clockOf,
  type Endpoint,
  endpoint,
  type Failure,
  fail,
  isStream,
  knownOptions,
  type MethodInfo,
  type OptionNames,
  type Outcome,
  run,
  whenEnds,
} from '@tenon/endpoint'
import { functionOption, numberOption } from '@tenon/policy'
import type { Endpointer } from './endpointer.ts'
import { type NoEndpoints, noEndpoints } from './no-endpoints.ts'
import type { Node } from './node.ts'
import type { Strategy } from './strategy.ts'
import { untried } from './untried.ts'

/** Options of {@link balanced}. */
export interface BalancedOptions {
  /**
   * Milliseconds that a call may wait while the set is not known yet, or its first connections are being made: the first
   * calls of a process. Never longer than the call's deadline, and only once however often it is repeated; 0 answers
   * `NoEndpoints` at once. A set that is known to be empty is never waited for. Default 1,000.
   */
  readonly wait?: number
  /** What is called: carried as the endpoint's `method`. */
  readonly method?: MethodInfo
}

/** How a resource that is no endpoint itself becomes one. */
export interface Through<T, I, O, E extends Failure, R> extends BalancedOptions {
  /** The endpoint of a connection: `(client) => client.place`. Asked for each call. */
  readonly endpoint: (resource: T) => Endpoint<I, O, E, R>
}

type AnyEndpoint = Endpoint<unknown, unknown, Failure>

const named: OptionNames<Through<unknown, unknown, unknown, Failure, unknown>> = {
  wait: true,
  method: true,
  endpoint: true,
}

/** An attempt before this one found nobody to call, although it waited: three attempts would wait three times as long. */
const hasWaited = ({ attempt }: Context): boolean =>
  attempt !== undefined && attempt.number > 1 && attempt.tried.size === 0

/**
 * Each call goes to the instance that the strategy picks, but for one that this call has tried before while there are
 * others. Adds `NoEndpoints`. Close the endpointer when done.
 */
export function balanced<T, I, O, E extends Failure, R>(
  endpointer: Endpointer<T>,
  strategy: Strategy<NoInfer<I>>,
  options: Through<T, I, O, E, R>,
): Endpoint<I, O, E | NoEndpoints, R>
export function balanced<I, O, E extends Failure, R>(
  endpointer: Endpointer<Endpoint<I, O, E, R>>,
  strategy: Strategy<NoInfer<I>>,
  options?: BalancedOptions,
): Endpoint<I, O, E | NoEndpoints, R>
export function balanced(
  endpointer: Endpointer<unknown>,
  strategy: Strategy<unknown>,
  options: BalancedOptions & { readonly endpoint?: (resource: unknown) => AnyEndpoint } = {},
): Endpoint<unknown, unknown, Failure> {
  const { wait = 1_000, endpoint: through = (resource) => resource as AnyEndpoint, method } = options
  knownOptions('balanced', options, named)
  numberOption('balanced', 'wait', wait, { min: 0, unit: 'milliseconds' })
  functionOption('balanced', 'endpoint', through)
  const balancer = endpointer.balancer(strategy)
  const timed = balancer.started !== undefined || balancer.ended !== undefined

  function go(nodes: readonly Node[], input: unknown, ctx: Context): Outcome | Promise<Outcome> {
    const place = untried(balancer, nodes, ctx, input)
    if (place === -1) return fail(noEndpoints(endpointer.service, 'unmatched'))
    const node = nodes[place]
    if (node === undefined)
      throw new TypeError(`the strategy "${strategy.name}" picked ${place} among ${nodes.length} instances`)
    ctx.attempt?.tried.add(node.id)
    const target = through(node.resource)
    const from = timed ? clockOf(ctx).now() : 0
    balancer.started?.(node, from)
    node.enter()
    const end = (outcome: Outcome, answered?: number): void => {
      node.leave()
      if (balancer.ended === undefined) return
      const at = clockOf(ctx).now()
      balancer.ended(node, outcome, (answered ?? at) - from, at)
    }
    return run(target, input, ctx).then((outcome) => {
      if (outcome._tag === 'Right' && isStream(outcome.right)) {
        const opened = timed ? clockOf(ctx).now() : 0
        return { _tag: 'Right', right: whenEnds(outcome.right, (last) => end(last, opened)) }
      }
      end(outcome)
      return outcome
    })
  }

  const answer = (input: unknown, ctx: Context): Outcome | Promise<Outcome> => {
    const nodes = endpointer.nodes()
    return nodes.length === 0 ? fail(endpointer.missing()) : go(nodes, input, ctx)
  }
  return endpoint((input: unknown, ctx: Context) => {
    const nodes = endpointer.nodes()
    if (nodes.length > 0) return go(nodes, input, ctx)
    return wait === 0 || hasWaited(ctx)
      ? answer(input, ctx)
      : endpointer.settled(ctx, wait).then(() => answer(input, ctx))
  }, method)
}
