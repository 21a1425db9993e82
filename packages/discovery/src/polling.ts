// An instancer that asks every so often: for registries that cannot be watched.
import {
  type Clock,
  knownOptions,
  type OptionNames,
  type Random,
  systemClock,
  systemRandom,
  type TelemetryListener,
} from '@tenon/endpoint'
import { functionOption, numberOption } from '@tenon/policy'
import type { InstanceFields } from './instance.ts'
import { type Instancer, type InstanceSink, instancerOf } from './instancer.ts'
import type { Steadiness } from './steady.ts'

/** Options of {@link polling}. Times are milliseconds. */
export interface PollingOptions extends Steadiness {
  readonly service: string
  /**
   * Asks once for all instances: addresses, URLs or fields. What it throws or rejects with is told beside the last good set.
   * `signal` aborts when nobody waits for the answer any more: time up, or nobody listens.
   */
  readonly ask: (options: { readonly signal: AbortSignal }) => PollingAnswer | Promise<PollingAnswer>
  /** From an answer, or its failure, until the next question. Above 0. Default 5,000. */
  readonly every?: number | undefined
  /** The part of `every` by which each wait is longer or shorter by chance, so that clients do not ask together. 0 to 1. Default 0.1. */
  readonly jitter?: number | undefined
  /** What an answer may take. Above 0. Default 5,000. */
  readonly timeout?: number | undefined
  /** Default: the platform's generator. */
  readonly random?: Random | undefined
  /** Hears `discovery.set` and `discovery.error`. Default: the diagnostics channel. */
  readonly onTelemetry?: TelemetryListener | undefined
}

/** What a registry answers: the complete set, in any order. */
export type PollingAnswer = Iterable<string | InstanceFields>

const named: OptionNames<PollingOptions> = {
  service: true,
  ask: true,
  every: true,
  jitter: true,
  timeout: true,
  random: true,
  onTelemetry: true,
  coalesce: true,
  protectEmpty: true,
  clock: true,
}

/**
 * Asks at once when somebody subscribes, and then again and again until nobody does. One question at a time: a registry that is
 * slow is not asked more often. A change is heard `every` later at worst, half of that on average; a registry that can be
 * watched costs less and tells sooner.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function polling(options: PollingOptions): Instancer {
  const { service, ask, every = 5_000, jitter = 0.1, timeout = 5_000, random = systemRandom, onTelemetry } = options
  const { coalesce, protectEmpty, clock = systemClock } = options
  const where = `polling of ${service}`
  knownOptions(where, options, named)
  functionOption(where, 'ask', ask)
  functionOption(where, 'random', random)
  numberOption(where, 'every', every, { above: 0, unit: 'milliseconds' })
  numberOption(where, 'jitter', jitter, { min: 0, max: 1 })
  numberOption(where, 'timeout', timeout, { above: 0, unit: 'milliseconds' })
  const wait = (): number => every * (1 + jitter * (2 * random() - 1))
  return instancerOf({
    service,
    coalesce,
    protectEmpty,
    clock,
    onTelemetry,
    start: (sink) => poll({ ask, wait, timeout, clock }, sink),
  })
}

interface Asking {
  readonly ask: PollingOptions['ask']
  readonly wait: () => number
  readonly timeout: number
  readonly clock: Clock
}

function poll({ ask, wait, timeout, clock }: Asking, sink: InstanceSink): () => void {
  const stopping = new AbortController()

  /** Settles in time, whatever `ask` does. */
  async function once(): Promise<void> {
    const one = new AbortController()
    const { promise: late, reject } = Promise.withResolvers<never>()
    late.catch(() => {})
    const stop = (): void => one.abort(stopping.signal.reason)
    const timer = clock.at(clock.now() + timeout, () => {
      const error = new Error(`no answer within ${timeout} ms`)
      reject(error)
      one.abort(error)
    })
    stopping.signal.addEventListener('abort', stop)
    stopping.signal.addEventListener('abort', reject)
    try {
      sink.set(await Promise.race([ask({ signal: one.signal }), late]))
    } catch (error) {
      sink.fail(error)
    } finally {
      timer.cancel()
      stopping.signal.removeEventListener('abort', stop)
      stopping.signal.removeEventListener('abort', reject)
    }
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await once()
      await clock.sleep(wait(), stopping.signal)
    }
  }

  void loop()
  return () => stopping.abort()
}
