// Active health checks of our own, for registries that have none: an instancer of those instances of another one that answer
// when they are asked how they are.
import {
  type Clock,
  knownOptions,
  type OptionNames,
  type Random,
  report,
  systemClock,
  systemRandom,
  type TelemetryListener,
} from '@tenon/endpoint'
import { functionOption, numberOption } from '@tenon/policy'
import { checks, type HealthListener } from './checks.ts'
import { type Instancer, type InstanceSink, instancerOf } from './instancer.ts'
import type { Probe } from './probe.ts'

/** Options of {@link checked}. Times are milliseconds. */
export interface CheckedOptions {
  /** How an instance is asked: `httpProbe()`, `tcpProbe()`, a transport's, or yours. */
  readonly probe: Probe
  /** From the end of a probe to the next of the same instance. Above 0. Default 10,000. */
  readonly interval?: number
  /** The part of the interval by which it is longer or shorter, by chance: 0..1. Default 0.2: 8 to 12 s. */
  readonly jitter?: number
  /** How long a probe may take. Above 0. Default 2,000. */
  readonly timeout?: number
  /** Probes in a row that must go well until an instance that was unhealthy is healthy. 1 or more. Default 2. */
  readonly healthy?: number
  /** Probes in a row that must fail until an instance that was healthy is unhealthy. 1 or more. Default 3. */
  readonly unhealthy?: number
  /** Probes that run at once: 1 or more. Default 32. */
  readonly concurrency?: number
  /**
   * When the healthy part of the set is no more than this, 0..1, the checks are not believed and all instances serve: rather
   * is who checks cut off than that all are down at once. `false`: they are always believed, also when none is left.
   * Default 0: only when none is healthy.
   */
  readonly panic?: number | false
  readonly clock?: Clock
  readonly random?: Random
  /** Hears `discovery.health` and `discovery.panic`. Default: the diagnostics channel. */
  readonly onTelemetry?: TelemetryListener
}

const named: OptionNames<CheckedOptions> = {
  probe: true,
  interval: true,
  jitter: true,
  timeout: true,
  healthy: true,
  unhealthy: true,
  concurrency: true,
  panic: true,
  clock: true,
  random: true,
  onTelemetry: true,
}

/**
 * The healthy instances of `instances`. Each is asked on its own, in intervals that drift apart, while somebody
 * subscribes. One that is new serves once it was asked and is well; the first set of all is told when each of them was asked
 * once, or after `timeout`, as soon as one is well. What is unhealthy leaves the set, so that its connection is closed after
 * its calls. Errors of the registry pass through, and health is looked after meanwhile. Disposing leaves `instances` as it is.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function checked(instances: Instancer, options: CheckedOptions): Instancer {
  const { service } = instances
  const where = `checked ${service}`
  knownOptions(where, options, named)
  const { interval = 10_000, jitter = 0.2, timeout = 2_000, healthy = 2, unhealthy = 3, concurrency = 32 } = options
  const { panic = 0, clock = systemClock, random = systemRandom, onTelemetry } = options
  const probe = functionOption(where, 'probe', options.probe)
  numberOption(where, 'interval', interval, { above: 0, unit: 'milliseconds' })
  numberOption(where, 'jitter', jitter, { min: 0, max: 1 })
  numberOption(where, 'timeout', timeout, { above: 0, unit: 'milliseconds' })
  numberOption(where, 'healthy', healthy, { min: 1, whole: true })
  numberOption(where, 'unhealthy', unhealthy, { min: 1, whole: true })
  numberOption(where, 'concurrency', concurrency, { min: 1, whole: true })
  if (panic !== false) numberOption(where, 'panic', panic, { min: 0, max: 1 })

  function start(sink: InstanceSink): () => void {
    /** Until when the first set waits for those that have not answered. */
    let patience: number | undefined
    let told = false
    let panics = false
    /** Why the registry cannot be asked. */
    let error: unknown

    const tell: HealthListener = ({ id }, from, to, cause) => {
      const why = cause === undefined ? {} : { error: cause }
      report(onTelemetry, { kind: 'discovery.health', service, instance: id, from, to, ...why })
    }
    const rules = { probe, interval, jitter, timeout, healthy, unhealthy, concurrency, clock, random }
    const running = checks(rules, publish, tell)

    function publish(): void {
      const { all, well, unknown } = running.result()
      if (unknown > 0 && (well.length === 0 || (!told && clock.now() < (patience as number)))) return
      told = true
      const doubt = panic !== false && all.length > 0 && well.length <= all.length * panic
      if (doubt !== panics) {
        panics = doubt
        const state = doubt ? 'began' : 'ended'
        report(onTelemetry, { kind: 'discovery.panic', service, state, healthy: well.length, size: all.length })
      }
      sink.set(doubt ? all : well, error)
    }

    const timer = { cancel: (): void => {} }
    const subscription = instances.subscribe((state) => {
      error = state.error
      if (state.instances === undefined) {
        if (error !== undefined) sink.fail(error)
        return
      }
      if (patience === undefined) {
        patience = clock.now() + timeout
        timer.cancel = clock.at(patience, publish).cancel
      }
      running.become(state.instances)
      publish()
    })
    return () => {
      subscription[Symbol.dispose]()
      timer.cancel()
      running.stop()
    }
  }

  // Its sets are not what a registry says, and its errors are those of another: both are told there.
  return instancerOf({ service, start, onTelemetry: () => {} })
}
