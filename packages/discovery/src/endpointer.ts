// Turns instances into connections: one for each, kept while its instance stays, made again when that failed, closed
// after its calls. What balancers choose from.
import {
  type Clock,
  type Context,
  type Fail,
  fail,
  knownOptions,
  type Ok,
  type OptionNames,
  ok,
  type Random,
  report,
  systemClock,
  systemRandom,
  type TelemetryListener,
} from '@tenon/endpoint'
import { type Backoff, exponential, functionOption, numberOption } from '@tenon/policy'
import { connections } from './connections.ts'
import type { Instancer, InstanceState } from './instancer.ts'
import { type NoEndpoints, noEndpoints } from './no-endpoints.ts'
import type { Connect, Node, NodeState } from './node.ts'
import type { Balancer, Strategy } from './strategy.ts'
import { waiting } from './waiting.ts'

/** Options of {@link endpointer}. Times are milliseconds. */
export interface EndpointerOptions<T> {
  /**
   * Makes what connects to an instance, at once or later. Called again for an instance when its address or URL changed.
   * What it makes is closed through its `Symbol.asyncDispose` or `Symbol.dispose`, if it has one.
   */
  readonly connect: Connect<T>
  /** How long a promise of `connect` may take, and that of closing what it made. Default 5,000. */
  readonly connectTimeout?: number
  /** Waits between attempts to connect an instance whose factory failed. Default: exponential from 100 to 30,000 with jitter. */
  readonly reconnect?: Backoff
  /** How long calls may go on on an instance that is gone before its connection is closed. Default 30,000. */
  readonly grace?: number
  /**
   * How long the last good set is served while the registry fails; after it there are no endpoints until the registry is
   * back. Looked at when a call comes, without a timer. Default: for ever, so that a registry's outage is not yours.
   */
  readonly invalidateAfter?: number
  readonly clock?: Clock
  readonly random?: Random
  /** Hears `discovery.connection` and `discovery.outlier`. Default: the diagnostics channel. */
  readonly onTelemetry?: TelemetryListener
}

/** How long to wait, and for what. */
export interface ReadyOptions {
  /** Milliseconds. Default 10,000. */
  readonly timeout?: number
  /** How many instances must be connected. Default 0: it is enough to know that there is none. */
  readonly atLeast?: number
}

/** One instance in a {@link EndpointerView}. */
export interface NodeView {
  readonly id: string
  readonly address: string
  readonly state: NodeState
  readonly inFlight: number
  /** Why its factory failed last. */
  readonly error?: unknown
}

/** What an endpointer looks like at one moment: for pages, logs and tests. */
export interface EndpointerView {
  readonly service: string
  /** `stale`: the registry fails and the last good set is served. `invalid`: it has failed for too long. */
  readonly status: 'unknown' | 'known' | 'stale' | 'invalid' | 'closed'
  /** What the registry fails with. */
  readonly error?: unknown
  /** Every instance, those that cannot be called too, in order of their ids; then those that are leaving. */
  readonly nodes: readonly NodeView[]
}

/** The connections of a service. Disposing closes them all, each after its calls in flight or the grace. */
export interface Endpointer<out T> extends AsyncDisposable {
  readonly service: string
  /** Those that can be called, in order of their ids: the same array until something changes. */
  nodes(): readonly Node<T>[]
  /** Why `nodes()` is empty. */
  missing(): NoEndpoints
  /**
   * Waits until the set is known and each of its instances was connected, or failed once. How many can be called, or
   * why it did not come to that in time.
   */
  ready(options?: ReadyOptions): Promise<Ok<number> | Fail<NoEndpoints>>
  /** Waits until there is something to call, or nothing to hope for; at most `ms`, and no longer than the call lasts. */
  settled(ctx: Context, ms: number): Promise<void>
  /** This endpointer's state of a strategy: the same one for the same strategy. */
  balancer<A>(strategy: Strategy<A>): Balancer<A>
  view(): EndpointerView
}

/** How many calls may wait for a first set at once; the others are told at once that there is none. */
const waitersLimit = 10_000

/** What an endpointer takes, by name. */
export const endpointerOptions: OptionNames<EndpointerOptions<unknown>> = {
  connect: true,
  connectTimeout: true,
  reconnect: true,
  grace: true,
  invalidateAfter: true,
  clock: true,
  random: true,
  onTelemetry: true,
}

/** The connections to a service's instances, kept up to date until disposed. Disposing leaves the instancer as it is. */
export function endpointer<T>(instancer: Instancer, options: EndpointerOptions<T>): Endpointer<T> {
  const { service } = instancer
  const { connectTimeout = 5_000, grace = 30_000, invalidateAfter, onTelemetry } = options
  const { clock = systemClock, random = systemRandom } = options
  const { reconnect = exponential({ from: 100, to: 30_000, jitter: 'equal' }) } = options
  const where = `endpointer of ${service}`
  knownOptions(where, options, endpointerOptions)
  const connect = functionOption(where, 'connect', options.connect)
  numberOption(where, 'connectTimeout', connectTimeout, { above: 0, unit: 'milliseconds' })
  numberOption(where, 'grace', grace, { min: 0, unit: 'milliseconds' })
  if (invalidateAfter !== undefined)
    numberOption(where, 'invalidateAfter', invalidateAfter, { min: 0, unit: 'milliseconds' })

  let state: InstanceState = { instances: undefined, error: undefined }
  /** The first error since the registry last answered, and when it makes what is known too old. */
  let outage: { readonly error: unknown; readonly until: number } | undefined
  let invalid = false
  let closing: Promise<void> | undefined
  const balancers = new Map<Strategy<never>, Balancer<never>>()
  const waiters = waiting(clock, waitersLimit)
  const links = connections<T>(
    { service, connect, connectTimeout, reconnect, grace, clock, random, onTelemetry },
    (swapped) => {
      if (swapped) for (const balancer of balancers.values()) tell(balancer)
      waiters.look()
    },
  )

  function tell(balancer: Balancer<never>): void {
    try {
      balancer.changed?.(links.callable())
    } catch (cause) {
      report(undefined, { kind: 'defect', method: undefined, cause })
    }
  }

  function hear(next: InstanceState): void {
    state = next
    if (next.error === undefined) {
      outage = undefined
      invalid = false
    } else if (outage === undefined && invalidateAfter !== undefined)
      outage = { error: next.error, until: clock.now() + invalidateAfter }
    if (next.instances !== undefined && !invalid) links.update(next.instances)
  }

  const isStale = (): boolean => outage !== undefined && clock.now() >= outage.until

  function nodes(): readonly Node<T>[] {
    if (outage !== undefined && !invalid && isStale()) {
      invalid = true
      links.drop()
    }
    return links.callable()
  }

  function missing(): NoEndpoints {
    if (closing !== undefined) return noEndpoints(service, 'closed')
    if (invalid) return noEndpoints(service, 'stale', outage?.error)
    if (state.instances === undefined) return noEndpoints(service, 'unknown', state.error)
    if (state.instances.length === 0) return noEndpoints(service, 'empty', state.error)
    return noEndpoints(service, 'unconnected', links.current().find((node) => node.error !== undefined)?.error)
  }

  const hopeless = (): boolean => closing !== undefined || invalid
  /** Is it known, and was every connection made, or failed once? */
  const settled = (): boolean =>
    state.instances !== undefined && !links.current().some((node) => node.state === 'connecting')

  const subscription = instancer.subscribe(hear)

  return {
    service,
    nodes,
    missing,
    async ready({ timeout = 10_000, atLeast = 0 } = {}) {
      numberOption('ready', 'timeout', timeout, { min: 0, unit: 'milliseconds' })
      numberOption('ready', 'atLeast', atLeast, { min: 0, whole: true })
      const enough = (): boolean => settled() && nodes().length >= atLeast
      await waiters.until(() => enough() || hopeless(), timeout)
      return enough() && !hopeless() ? ok(nodes().length) : fail(missing())
    },
    settled: (ctx, ms) => waiters.until(() => links.callable().length > 0 || settled() || hopeless(), ms, ctx),
    balancer<A>(strategy: Strategy<A>) {
      let balancer = balancers.get(strategy) as Balancer<A> | undefined
      if (balancer === undefined) {
        balancer = strategy.balancer({ service, onTelemetry })
        balancers.set(strategy, balancer)
        tell(balancer)
      }
      return balancer
    },
    view() {
      const { error } = state
      return {
        service,
        status:
          closing !== undefined
            ? 'closed'
            : invalid || isStale()
              ? 'invalid'
              : state.instances === undefined
                ? 'unknown'
                : error === undefined
                  ? 'known'
                  : 'stale',
        ...(error === undefined ? {} : { error }),
        nodes: [...links.current(), ...links.former()].map(({ id, instance: { address }, state, inFlight, error }) => ({
          id,
          address,
          state,
          inFlight,
          ...(error === undefined ? {} : { error }),
        })),
      }
    },
    [Symbol.asyncDispose]() {
      if (closing === undefined) {
        const { promise, resolve } = Promise.withResolvers<void>()
        closing = promise
        subscription[Symbol.dispose]()
        links.drop()
        links.closed().then(resolve)
      }
      return closing
    },
  }
}
