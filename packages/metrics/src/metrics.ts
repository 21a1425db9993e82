// One value that holds what a service measures: the middleware that counts calls, the listener that counts what
// policies report, and the page that a scraper reads.
import { knownOptions, type Middleware, type OptionNames, subscribe, type TelemetryListener } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'
import client from 'prom-client'
import type { MetricRegistry } from './family.ts'
import { type MetricsHandler, metricsHandler } from './handler.ts'
import { defaultBuckets, type RedOptions, red } from './red.ts'
import { telemetryMetrics } from './telemetry.ts'

/** Options of {@link metrics}. Everything is optional. */
export interface MetricsOptions {
  /**
   * Where the metrics live. Default: a new registry. Several `metrics` on one registry share what has the same name;
   * where they disagree (labels, buckets) or the name is somebody else's, that is a TypeError.
   */
  readonly registry?: MetricRegistry
  /** What all names begin with. Default `tenon_`. */
  readonly prefix?: string
  /** Upper bounds of the durations in seconds, ascending. Default: 13 bounds from 0.001 to 10. */
  readonly buckets?: readonly number[]
  /** How many keys of one breaker, peers and reasons of one transport get a series of their own; later ones are counted as `other`. Default 100. */
  readonly keys?: number
  /** Answer in OpenMetrics 1.0 where the `Accept` header prefers it, as Prometheus' does? Default false. */
  readonly openMetrics?: boolean
}

/** What a service measures. */
export interface Metrics {
  readonly registry: MetricRegistry
  /**
   * Counts calls by outcome, measures how long they took, and how many are in flight. Adds no failure. A stream counts
   * when it ends. Labels come from the method that is wrapped and are looked up once, when it wraps.
   */
  red(options: RedOptions): Middleware
  /** Counts what it hears: for the policies that are given a listener of their own. */
  readonly onTelemetry: TelemetryListener
  /**
   * Counts what all policies without a listener of their own report, until it is disposed. Once a registry: who calls it
   * again shares the first subscription, which ends when the last is disposed.
   */
  listen(): Disposable
  /**
   * prom-client's metrics of the process and of Node, under their usual names without a prefix. Once a registry; it can
   * not be undone: a timer every 10 ms and an observer of garbage collections run from now on. The README has the costs.
   */
  runtime(): void
  /** Answers GET and HEAD with all metrics of the registry, and errors as 500 in plain text. Never throws. */
  readonly handler: MetricsHandler
}

interface Subscription {
  readonly stop: Disposable
  users: number
}

const subscriptions = new WeakMap<MetricRegistry, Map<string, Subscription>>()
const withRuntime = new WeakSet<MetricRegistry>()

const named: OptionNames<MetricsOptions> = {
  registry: true,
  prefix: true,
  buckets: true,
  keys: true,
  openMetrics: true,
}

/**
 * ```ts
 * import { createServer } from 'node:http'
 * import { endpoint, ok } from '@tenon/endpoint'
 * import { metrics } from '@tenon/metrics'
 *
 * const measured = metrics()
 * using listening = measured.listen()
 * const wrapped = measured.red({ side: 'server' })(endpoint(() => ok()))
 * createServer(measured.handler).listen(9100)
 * ```
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function metrics(options: MetricsOptions = {}): Metrics {
  knownOptions('metrics', options, named)
  const { registry = new client.Registry(), prefix = 'tenon_', openMetrics = false } = options
  if (!/^([a-zA-Z_:][a-zA-Z0-9_:]*)?$/.test(prefix))
    throw new TypeError(
      `metrics: "prefix" must be letters, digits, _ and :, not beginning with a digit, but was ${JSON.stringify(prefix)}`,
    )
  const buckets = bounds(options.buckets ?? defaultBuckets)
  const keys = numberOption('metrics', 'keys', options.keys ?? 100, { min: 0, max: 10_000, whole: true })
  let listener: TelemetryListener | undefined
  // Made when first asked for: who measures calls alone has no page full of empty metrics.
  const hear = (): TelemetryListener => {
    listener ??= telemetryMetrics(registry, prefix, keys)
    return listener
  }
  return {
    registry,
    red: (of) => red(registry, prefix, buckets, of),
    get onTelemetry() {
      return hear()
    },
    listen: () => sharing(registry, prefix, hear),
    runtime() {
      if (withRuntime.has(registry)) return
      client.collectDefaultMetrics({ register: registry as typeof client.register })
      withRuntime.add(registry)
    },
    handler: metricsHandler(registry, openMetrics),
  }
}

/** Two subscriptions for the same metrics would count everything twice. */
function sharing(registry: MetricRegistry, prefix: string, listener: () => TelemetryListener): Disposable {
  const here = subscriptions.get(registry) ?? new Map<string, Subscription>()
  subscriptions.set(registry, here)
  const subscription = here.get(prefix) ?? { stop: subscribe(listener()), users: 0 }
  here.set(prefix, subscription)
  subscription.users++
  let over = false
  return {
    [Symbol.dispose]() {
      if (over) return
      over = true
      if (--subscription.users > 0) return
      here.delete(prefix)
      subscription.stop[Symbol.dispose]()
    },
  }
}

function bounds(buckets: readonly number[]): readonly number[] {
  if (!Array.isArray(buckets) || buckets.length === 0 || buckets.length > 100)
    throw new TypeError('metrics: "buckets" must be 1 to 100 upper bounds in seconds')
  buckets.forEach((bound, at) => {
    numberOption('metrics', `buckets[${at}]`, bound, { above: buckets[at - 1] ?? 0, unit: 'seconds, ascending' })
  })
  return [...buckets]
}
